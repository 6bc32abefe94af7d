'use strict';

const { inMB } = require('../log-result.js');

/** `245.67MB`; `null` stays. */
const size = (bytes) => (bytes === null || bytes === undefined ? null : inMB(bytes));

/** `48.0%` of a share in percent; `null` stays. */
const percent = (value) => (value === null ? null : `${value.toFixed(1)}%`);

/** `48.0%` for a part of a whole. */
const part = (some, whole) => (some === null || !(whole > 0) ? null : percent((some / whole) * 100));

/** A moment in ISO 8601; `null` stays. */
const moment = (at) => (at === null || at === undefined ? null : new Date(at).toISOString());

/** A sample for display. `utilization` is of what V8 committed, `usage` of the limit that is nearest. */
function usage(sample) {
  const { heapUsedBytes, heapTotalBytes } = sample;
  return {
    heapUsed: size(heapUsedBytes),
    heapTotal: size(heapTotalBytes),
    utilization: part(heapUsedBytes, heapTotalBytes),
    usage: percent(sample.percent),
    limit: size(sample.limitBytes),
    limitOf: sample.of,
    rss: size(sample.rssBytes),
    external: size(sample.externalBytes),
  };
}

module.exports = { moment, part, percent, size, usage };
