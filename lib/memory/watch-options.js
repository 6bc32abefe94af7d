'use strict';

const { invalid } = require('../errors.js');

const BASES = ['effective', 'heapLimit', 'heapTotal'];
/** What `setTimeout` can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** The shortest interval, in milliseconds. */
const SHORTEST = 10;

const DEFAULTS = { intervalMs: 1000, thresholds: { warning: 70, critical: 85, emergency: 95 }, basis: 'effective', leaks: false };

function checkThresholds(thresholds, from) {
  if (typeof thresholds !== 'object' || thresholds === null) {
    throw invalid('an object { warning, critical, emergency }', 'option "thresholds"', thresholds, { from });
  }
  let below = 0;
  for (const name of ['warning', 'critical', 'emergency']) {
    const value = thresholds[name];
    if (name === 'emergency' && value === undefined) continue;
    const number = typeof value === 'number';
    if (!number || !(value > below && value <= 100)) {
      const expected = `a percentage above ${below} and up to 100`;
      throw invalid(expected, `option "thresholds.${name}"`, value, { range: number, from });
    }
    below = value;
  }
}

/** The options of a watch, with their defaults; an error for what is not allowed. */
function readWatchOptions(given, from) {
  if (typeof given !== 'object' || given === null) throw invalid('an object', 'the options', given, { from });
  const options = { ...DEFAULTS, ...given };
  const { intervalMs, basis, limitBytes, thresholds, leaks } = options;
  if (!Number.isInteger(intervalMs) || intervalMs < SHORTEST || intervalMs > LONGEST) {
    const range = typeof intervalMs === 'number';
    throw invalid(`an integer from ${SHORTEST} to ${LONGEST}`, 'option "intervalMs"', intervalMs, { range, from });
  }
  if (!BASES.includes(basis)) throw invalid(`one of ${BASES.join(', ')}`, 'option "basis"', basis, { from });
  if (limitBytes !== undefined && !(Number.isSafeInteger(limitBytes) && limitBytes > 0)) {
    const range = typeof limitBytes === 'number';
    throw invalid('a number of bytes above 0', 'option "limitBytes"', limitBytes, { range, from });
  }
  if (typeof leaks !== 'boolean') throw invalid('a boolean', 'option "leaks"', leaks, { from });
  checkThresholds(thresholds, from);
  return { intervalMs, thresholds, basis, limitBytes };
}

module.exports = { readWatchOptions, SHORTEST };
