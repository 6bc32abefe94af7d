'use strict';

const { rule } = require('../options.js');
const { MB, inMB } = require('./figures.js');
const { ListenerList } = require('./listener-list.js');
const { operations } = require('./operations.js');

const LEVELS = ['debug', 'info', 'warn', 'error'];

const LEVEL = rule(`one of ${LEVELS.join(', ')}, or null`, (value) => {
  if (value === null) return undefined;
  if (typeof value !== 'string') return 'type';
  return LEVELS.includes(value) ? undefined : 'range';
});
const LOGGER = rule(`an object with the methods ${LEVELS.map((level) => `${level}()`).join(', ')}`, (value) => (
  LEVELS.every((level) => typeof value?.[level] === 'function') ? undefined : 'type'));
const THRESHOLD = rule('a number of MB, 0 or more', (value) => {
  if (typeof value !== 'number') return 'type';
  return value >= 0 && value < Infinity ? undefined : 'range';
});

/** Options of everything that logs results. */
const LOG_OPTIONS = {
  logLevel: { default: null, ...LEVEL, meaning: 'level at which each result is logged; null for no log' },
  thresholdMB: { default: 0, ...THRESHOLD, meaning: 'results below this are not logged' },
  logger: { default: console, ...LOGGER, meaning: 'where to log' },
};

function log(result, { logLevel, thresholdMB, logger }) {
  if (Math.abs(result.adjustedBytes) < thresholdMB * MB) return undefined;
  const { name, adjustedBytes, heapDeltaBytes, gcFreedBytes, durationMs, confidence, context } = result;
  const text = `[memory] ${name}: ${inMB(adjustedBytes)} allocated (${confidence}), heap ${inMB(heapDeltaBytes)},`
    + ` collected ${inMB(gcFreedBytes)}, ${durationMs.toFixed(1)} ms`;
  return context === undefined ? logger[logLevel](text) : logger[logLevel](text, context);
}

/** What to do with results under these options: a function of the result. A logger that throws is reported once. */
function resultLog(options) {
  if (options.logLevel === null) return (result) => operations.tell(result);
  const listeners = new ListenerList('The logger');
  listeners.add((result) => log(result, options));
  return (result) => {
    operations.tell(result);
    listeners.tell(result);
  };
}

module.exports = { LOGGER, LOG_OPTIONS, THRESHOLD, resultLog };
