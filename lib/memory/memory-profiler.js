'use strict';

const { readOptions, rule } = require('../options.js');
const { LOG_OPTIONS, resultLog } = require('./log-result.js');
const { operations } = require('./operations.js');
const { checkFunction, settled } = require('./track-operation.js');

const CONTEXT = rule('an object', (value) => (
  value === undefined || (typeof value === 'object' && value !== null) ? undefined : 'type'));

const OPTIONS = {
  ...LOG_OPTIONS,
  context: { default: undefined, ...CONTEXT, meaning: 'given with the result' },
};

/** Documented in memory-profiler.d.ts. */
const memoryProfiler = {
  profileFunction(name, fn, options) {
    const from = memoryProfiler.profileFunction;
    const read = readOptions(options, from, OPTIONS);
    checkFunction(fn, from);
    const operation = operations.begin(name, read.context, from);
    operation.onResult = resultLog(read);
    return settled(operation, fn);
  },
};

module.exports = { memoryProfiler };
