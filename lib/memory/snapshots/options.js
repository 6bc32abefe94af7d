'use strict';

const { invalid } = require('../../errors.js');

/** More would make an answer that nobody reads, and that has to fit into memory. */
const MOST = 10000;

const isWhole = (value) => Number.isInteger(value) && value >= 1 && value <= MOST;

/** What each option may be. */
const CHECKS = {
  topN: { allows: isWhole, expected: `an integer from 1 to ${MOST}`, range: (value) => typeof value === 'number' },
  dominators: { allows: (value) => typeof value === 'boolean', expected: 'a boolean' },
  by: {
    allows: (value) => value === 'class' || value === 'retained',
    expected: "'class' or 'retained'",
    range: (value) => typeof value === 'string',
  },
  onProgress: { allows: (value) => typeof value === 'function', expected: 'a function' },
  signal: { allows: (value) => value instanceof AbortSignal, expected: 'an AbortSignal' },
};

/**
 * Options with defaults filled in.
 *
 * @param {unknown} given
 * @param {Record<string, unknown>} defaults every option that there is; `undefined` for those that may be left out
 * @param {Function} from errors begin their stack at the caller of this function
 */
function snapshotOptions(given, defaults, from) {
  if (given === undefined) return defaults;
  if (given === null || typeof given !== 'object') throw invalid('an object', 'options', given, { from });
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(defaults, name));
  if (unknown) throw invalid(Object.keys(defaults).join(', '), 'the name of an option', unknown, { range: true, from });
  const options = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const { allows, expected, range } = CHECKS[name];
    if (!allows(value)) throw invalid(expected, `option "${name}"`, value, { range: range?.(value), from });
    options[name] = value;
  }
  return options;
}

module.exports = { snapshotOptions };
