'use strict';

const { BOOLEAN, readOptions, rule } = require('../options.js');
const { INTERVAL_MS, oneOf, optional } = require('./rules.js');

const isPercent = (value) => typeof value === 'number' && value > 0 && value <= 100;
const THRESHOLDS = rule('{ warning, critical, emergency? }, growing percentages above 0 and up to 100', (value) => {
  if (typeof value !== 'object' || value === null) return 'type';
  const { warning, critical, emergency } = value;
  const given = emergency === undefined ? [warning, critical] : [warning, critical, emergency];
  return given.every(isPercent) && given.every((percent, at) => at === 0 || percent > given[at - 1]) ? undefined : 'range';
});
const BYTES = rule('a whole number of bytes above 0', (value) => {
  if (typeof value !== 'number') return 'type';
  return Number.isSafeInteger(value) && value > 0 ? undefined : 'range';
});

/** The options of a watch. */
const WATCH_OPTIONS = {
  intervalMs: { default: 1000, ...INTERVAL_MS, meaning: 'milliseconds between two `sample` events' },
  thresholds: { default: { warning: 70, critical: 85, emergency: 95 }, ...THRESHOLDS, meaning: 'where levels begin' },
  basis: { default: 'effective', ...oneOf('effective', 'heapLimit', 'heapTotal'), meaning: 'what percentages are of' },
  limitBytes: { default: null, ...optional(BYTES), meaning: 'resident memory that the program should stay within' },
  leaks: { default: false, ...BOOLEAN, meaning: 'look for leaks, for which collections are counted' },
};

/** The complete options of a watch; an error for what is not allowed. */
const readWatchOptions = (given, from) => readOptions(given, from, WATCH_OPTIONS);

module.exports = { THRESHOLDS, readWatchOptions };
