'use strict';

const { readFile } = require('node:fs/promises');

const { Failure, USAGE } = require('./failure.js');

const FORMAT = 'pgtap-scanner-coverage';
const VERSION = 1;
const MADE_BY = "'pgtap-scanner coverage --report json:FILE' writes one";

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a document is no coverage, in words; undefined when it is one. */
function fault(found) {
  if (!isObject(found) || found.format !== FORMAT) return `is no coverage of a schema; ${MADE_BY}`;
  if (found.version !== VERSION) return `is of version ${JSON.stringify(found.version)}; this program reads version ${VERSION}`;
  const whole = isObject(found.summary) && isObject(found.kinds) && Array.isArray(found.objects);
  return whole ? undefined : `is damaged: it has no summary, no kinds or no objects; ${MADE_BY}`;
}

/** The coverage that was saved as JSON in `file`. */
async function readCoverage(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`Cannot read the coverage ${file}: ${error.message}`, USAGE);
  }
  let found;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new Failure(`${file} is not JSON: ${error.message}`, USAGE);
  }
  const wrong = fault(found);
  if (wrong) throw new Failure(`${file} ${wrong}.`, USAGE);
  return found;
}

module.exports = { readCoverage };
