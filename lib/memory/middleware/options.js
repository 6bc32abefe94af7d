'use strict';

const { BOOLEAN, TEXT, arrayOf, readOptions, rule } = require('../../options.js');
const { LOGGER, THRESHOLD } = require('../log-result.js');
const { FUNCTION, INTERVAL_MS, MEGABYTES, integer, oneOf, optional } = require('../rules.js');
const { THRESHOLDS } = require('../watch-options.js');
const { isPlainPath } = require('./exempt-paths.js');

/** A day: who should come back later than that is not overloaded but gone. */
const LONGEST_RETRY_S = 86400;

const ALL_THRESHOLDS = rule('{ warning, critical, emergency }, growing percentages above 0 and up to 100', (value) => {
  const fault = THRESHOLDS.check(value);
  if (fault) return fault.range ? 'range' : 'type';
  return value.emergency === undefined ? 'range' : undefined;
});
const PATH = rule("a path as it stands in a request, such as '/health', without a slash at its end, '.', '..' or escapes", (value) => {
  if (TEXT.check(value)) return typeof value === 'string' ? 'range' : 'type';
  return isPlainPath(value) ? undefined : 'range';
});
const SHARE = rule("'auto' or a number from 0 to 1", (value) => {
  if (value === 'auto') return undefined;
  if (typeof value !== 'number') return typeof value === 'string' ? 'range' : 'type';
  return value >= 0 && value <= 1 ? undefined : 'range';
});
const CONTEXT = rule("'auto', true or false", (value) => {
  if (typeof value === 'boolean' || value === 'auto') return undefined;
  return typeof value === 'string' ? 'range' : 'type';
});
const PART = rule('true, false or an object of options', (value) => {
  if (typeof value === 'boolean') return undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'type';
});

const EXEMPT = {
  default: ['/health', '/api/memory'], ...arrayOf(PATH, "an array of paths such as '/health'"),
  meaning: 'paths that are left alone, with all below them',
};

/** How memory is watched. Where `null` is the default, the environment decides, else the profile. */
const GAUGE_OPTIONS = {
  thresholds: { default: null, ...optional(ALL_THRESHOLDS), meaning: 'where levels begin, in percent' },
  limitMB: { default: null, ...optional(MEGABYTES), meaning: 'a limit of resident memory beside those of V8 and the container' },
  intervalMs: { default: 500, ...INTERVAL_MS, meaning: 'milliseconds between two samples' },
};

const HEADER_OPTIONS = {
  enabled: { default: null, ...optional(BOOLEAN), meaning: 'null for everywhere but in production' },
};

const REQUEST_OPTIONS = {
  sampleRate: { default: 'auto', ...SHARE, meaning: 'part of the requests that is measured' },
  slowMB: { default: 10, ...THRESHOLD, meaning: 'requests that took more are told' },
  als: { default: 'auto', ...CONTEXT, meaning: 'know what a request does after an await as its own' },
  name: { default: null, ...optional(FUNCTION), meaning: 'what a request is called' },
  exempt: EXEMPT,
  onSlow: { default: null, ...optional(FUNCTION), meaning: 'told of requests that took more than slowMB' },
  logger: { default: console, ...LOGGER, meaning: 'where they are logged when there is no onSlow' },
};

const PRESSURE_OPTIONS = {
  at: { default: 'emergency', ...oneOf('warning', 'critical', 'emergency'), meaning: 'level from which on requests are refused' },
  retryAfter: { default: 10, ...integer(0, LONGEST_RETRY_S), meaning: 'seconds after which a client may come back' },
  exempt: EXEMPT,
  mode: { default: 'reject', ...oneOf('reject', 'probabilistic'), meaning: 'refuse all, or more and more of them' },
  onShed: { default: null, ...optional(FUNCTION), meaning: 'told of each request that was refused' },
};

/** What a whole server's face takes. */
const SERVER_OPTIONS = {
  ...GAUGE_OPTIONS,
  headers: { default: true, ...PART, meaning: 'headers that tell of memory' },
  requests: { default: true, ...PART, meaning: 'the memory of requests' },
  pressure: { default: true, ...PART, meaning: 'requests are refused when memory is short' },
};

/** The options of a part that is on; `null` for one that is off. */
function partOptions(given, from, table) {
  return given === false ? null : readOptions(given === true ? {} : given, from, table);
}

/** The complete options of a whole server, those of parts that are off as `null`. */
function readServerOptions(given, from) {
  const { headers, requests, pressure, ...gauge } = readOptions(given, from, SERVER_OPTIONS);
  return {
    gauge,
    headers: partOptions(headers, from, HEADER_OPTIONS),
    requests: partOptions(requests, from, REQUEST_OPTIONS),
    pressure: partOptions(pressure, from, PRESSURE_OPTIONS),
  };
}

module.exports = { GAUGE_OPTIONS, HEADER_OPTIONS, PRESSURE_OPTIONS, REQUEST_OPTIONS, readServerOptions };
