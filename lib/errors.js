'use strict';

const { resolve } = require('node:path');
const { inspect } = require('node:util');

/** An error with a stable `code` (`ERR_PGTAP_…`); docs/errors.md has a paragraph for each. */
class PgTapError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = 'PgTapError';
    this.code = code;
  }
}

/** The value as a message shows it: short, on one line, without running code of its own. */
function shown(value) {
  const text = inspect(value, {
    depth: 1, breakLength: Infinity, maxArrayLength: 4, maxStringLength: 60, customInspect: false,
  });
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function typeName(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * The error for a value that is not what is allowed.
 *
 * @param {string} expected what is allowed, with its article: 'a boolean'
 * @param {string} name what the value was given for: 'option "batchSize"'
 * @param {unknown} received the value
 * @param {{ code?: string, range?: boolean, from?: Function }} [how] `range`: the type is right, the value is not;
 *   `from`: the stack begins with the caller of this function
 */
function invalid(expected, name, received, how = {}) {
  const { code = 'ERR_PGTAP_INVALID_ARGUMENT', range = false, from = invalid } = how;
  const Kind = range ? RangeError : TypeError;
  const of = received === undefined || received === null ? '' : ` of type ${typeName(received)}`;
  const error = new Kind(`Expected ${expected} for ${name} but received ${shown(received)}${of}`);
  error.code = code;
  Error.captureStackTrace(error, from);
  return error;
}

/** The full path that `value` names, or the error that says what is wrong with it. */
function filePath(value, name, from) {
  if (typeof value === 'string' && value !== '') return resolve(value);
  throw invalid('a path (a string that is not empty)', name, value, { from });
}

module.exports = { PgTapError, filePath, invalid };
