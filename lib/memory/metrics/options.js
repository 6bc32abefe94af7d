'use strict';

const { integer, rule } = require('../../options.js');
const { LEVEL_OPTIONS, MANAGER_OPTIONS } = require('../manager/settings.js');

/** Series that one metric may have because of operations' names. */
const MOST_NAMES = 1000;

const isBound = (value) => typeof value === 'number' && value > 0 && Number.isFinite(value);
const BOUNDS = rule('an array of growing numbers of seconds above 0', (value) => {
  if (!Array.isArray(value)) return 'type';
  return value.every((bound, at) => isBound(bound) && (at === 0 || value[at - 1] < bound)) ? undefined : 'range';
});
const PREFIX = rule('letters, digits, _ and :, not beginning with a digit', (value) => {
  if (typeof value !== 'string') return 'type';
  return /^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(value) ? undefined : 'range';
});

const SHARED_OPTIONS = {
  ...LEVEL_OPTIONS,
  leakDetection: MANAGER_OPTIONS.leakDetection,
  mostOperations: { default: 100, ...integer(0, MOST_NAMES), meaning: 'operations with series of their own' },
};
const bounds = (standard) => ({ gcDurationBuckets: { default: standard, ...BOUNDS, meaning: 'upper bounds of the durations of collections, in seconds' } });

const PROMETHEUS_OPTIONS = {
  ...SHARED_OPTIONS,
  ...bounds([0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]),
  prefix: { default: '', ...PREFIX, meaning: "what all names begin with, before 'nodejs_memory_'" },
};
// The bounds are those that the semantic conventions ask for.
const OTEL_OPTIONS = { ...SHARED_OPTIONS, ...bounds([0.01, 0.1, 1, 10]) };

module.exports = { OTEL_OPTIONS, PROMETHEUS_OPTIONS };
