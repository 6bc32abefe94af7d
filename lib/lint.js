'use strict';

const { join } = require('node:path');

const { invalid } = require('./errors.js');
const { NativeScanner } = require('./native.js');
const { operate } = require('./operation.js');

const VERSIONS = ['1.2', '1.3'];
const CATALOG = 'pgtap-scanner-catalog';

/** Every rule: `{ code, severity, says }`. */
const lintRules = () => JSON.parse(NativeScanner.lintRules());

const wrong = (allowed, name, value, range, from) => invalid(allowed, `option "${name}"`, value, { code: 'ERR_PGTAP_INVALID_OPTION', range, from });

function readFix(fix = false, from) {
  if (typeof fix !== 'boolean') throw wrong('a boolean', 'fix', fix, false, from);
  return fix;
}

function readDisable(disable = [], from) {
  const codes = lintRules().map(({ code }) => code);
  if (!Array.isArray(disable)) throw wrong('an array of rule codes', 'disable', disable, false, from);
  disable.forEach((code, at) => {
    if (!codes.includes(code)) throw wrong(`one of ${codes.join(', ')}`, `disable[${at}]`, code, typeof code === 'string', from);
  });
  return [...disable];
}

function readVersion(version = null, from) {
  if (version === null || VERSIONS.includes(version)) return version;
  throw wrong("'1.2', '1.3' or null", 'pgtapVersion', version, typeof version === 'string', from);
}

/** The names that a catalog (docs/lint.md) tells. */
function readCatalog(catalog = null, from) {
  if (catalog === null) return {};
  const names = (list) => (catalog[list] ?? []).map(({ name }) => String(name));
  if (typeof catalog !== 'object' || catalog.format !== CATALOG) {
    throw wrong(`a catalog ({ format: '${CATALOG}', … }) or null`, 'catalog', catalog, false, from);
  }
  return { schemas: names('schemas'), relations: names('relations'), functions: names('functions') };
}

/** The options of a call as the native side reads them. */
function readLintOptions(options, from) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw invalid('an object', 'the options of lint()', options, { from });
  const { fix, disable, pgtapVersion, catalog } = options;
  return {
    fix: readFix(fix, from),
    disable: readDisable(disable, from),
    pgtapVersion: readVersion(pgtapVersion, from),
    ...readCatalog(catalog, from),
  };
}

/**
 * Checks the files of the last scan. `dropped` tells paths that only JavaScript knows to be left out.
 *
 * @param {object} native
 * @param {object} settings see readLintOptions()
 * @param {{ root: string, dropped: (path: string) => boolean, signal?: AbortSignal }} how
 */
async function lintFiles(native, settings, { root, dropped, signal }) {
  const order = native.order().filter((number) => !dropped(native.filePath(number)));
  const start = (callback) => native.lint(order, JSON.stringify(settings), callback);
  const result = await operate(start, { signal, cancel: () => native.cancel() });
  result.findings = result.findings.filter(({ file }) => !dropped(join(root, file)));
  return result;
}

module.exports = { lintFiles, lintRules, readLintOptions };
