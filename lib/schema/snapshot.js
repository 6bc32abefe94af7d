'use strict';

const { readFile } = require('node:fs/promises');
const { filePath, invalid } = require('../errors.js');
const { writeWhole } = require('../whole-file.js');
const { catalogFault, catalogText } = require('./catalog-shape.js');
const { FORMAT, VERSION } = require('./read-catalog.js');
const { inside, schemaError } = require('./schema-error.js');

const shownValue = (value) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60));

/** Throws when `catalog` is none that this version reads; `name` says where it comes from. */
function checkCatalog(catalog, name) {
  const again = 'write it again with pgtap-scanner catalog';
  if (catalog?.format !== FORMAT) {
    const found = shownValue(catalog?.format);
    throw schemaError('ERR_PGTAP_SCHEMA_CATALOG', `${name} is no catalog: its "format" is ${found}, not "${FORMAT}"; ${again}`);
  }
  if (Number.isInteger(catalog.version) && catalog.version > VERSION) {
    const advice = 'update pgtap-scanner, or write the catalog with this version';
    const text = `${name} is a catalog of version ${catalog.version}; this version reads up to ${VERSION}: ${advice}`;
    throw schemaError('ERR_PGTAP_SCHEMA_CATALOG_VERSION', text);
  }
  const { version } = catalog;
  const fault = version === VERSION ? catalogFault(catalog) : { at: 'version', allowed: String(VERSION), value: version };
  if (fault === null) return;
  const text = `${name}: ${fault.at} is ${shownValue(fault.value)}; expected ${fault.allowed}; ${again}`;
  throw schemaError('ERR_PGTAP_SCHEMA_CATALOG', text);
}

/**
 * Writes a catalog for review and for later runs: pretty, in a fixed order. The file is whole or untouched.
 *
 * @param {object} catalog
 * @param {string} file
 */
async function writeCatalog(catalog, file) {
  const path = filePath(file, 'the file', writeCatalog);
  if (typeof catalog !== 'object' || catalog === null) {
    throw invalid('a catalog', 'the catalog', catalog, { from: writeCatalog });
  }
  checkCatalog(catalog, 'The catalog to write');
  try {
    await writeWhole(path, catalogText(catalog));
  } catch (cause) {
    const message = `Cannot write the catalog to ${path} (${inside(cause.message)}); check the folder`;
    throw schemaError('ERR_PGTAP_SCHEMA_CATALOG_WRITE', message, cause);
  }
}

/** The catalog in a file that `writeCatalog` wrote. */
async function readCatalogFile(file) {
  const path = filePath(file, 'the file', readCatalogFile);
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw schemaError('ERR_PGTAP_SCHEMA_FILES', `Cannot read ${path} (${cause.message}); check the path`, cause);
  }
  let catalog;
  try {
    catalog = JSON.parse(text);
  } catch (cause) {
    const message = `${path} is no JSON (${inside(cause.message)}); write it again with pgtap-scanner catalog`;
    throw schemaError('ERR_PGTAP_SCHEMA_CATALOG', message, cause);
  }
  checkCatalog(catalog, path);
  return catalog;
}

module.exports = { readCatalogFile, writeCatalog };
