'use strict';

const { BOOLEAN, COUNT, OPTIONS, readOptions, rule } = require('./options.js');

const MOST_AT_ONCE = 1024;

const SIGNAL = rule('an AbortSignal', (value) => (value === null || value instanceof AbortSignal ? undefined : 'type'));
const AT_ONCE = rule(`an integer from 1 to ${MOST_AT_ONCE}`, (value) => {
  if (typeof value !== 'number') return 'type';
  return Number.isInteger(value) && value >= 1 && value <= MOST_AT_ONCE ? undefined : 'range';
});

/** The options of a BatchProcessor. */
const BATCH_OPTIONS = {
  batchSize: { default: 100, ...COUNT, meaning: 'items per batch' },
  maxMemoryMB: OPTIONS.maxMemoryMB,
  enableGC: OPTIONS.enableGC,
  concurrency: { default: 1, ...AT_ONCE, meaning: 'batches that are worked on at once' },
  adaptive: { default: false, ...BOOLEAN, meaning: 'smaller batches while memory is scarce' },
  signal: { default: null, ...SIGNAL, meaning: 'ends the processing' },
};

/** What one call takes. */
const CALL_OPTIONS = { signal: BATCH_OPTIONS.signal };

/** The signal among the options of a call; `undefined` where there is none. */
const signalOf = (options, from) => readOptions(options, from, CALL_OPTIONS).signal ?? undefined;

module.exports = { BATCH_OPTIONS, CALL_OPTIONS, signalOf };
