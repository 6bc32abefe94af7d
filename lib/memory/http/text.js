'use strict';

const { inMB } = require('../figures.js');

/** The function of a value that is known; what is not known is `null`. */
const known = (worded) => (value) => (value === null || value === undefined ? null : worded(value));

/** `245.67MB`. */
const size = known(inMB);

/** `48.0%` of a number from 0 to 100. */
const percent = known((value) => `${value.toFixed(1)}%`);

/** `12.3ms`. */
const milliseconds = known((value) => `${value.toFixed(1)}ms`);

/** `4.57MB/h`. */
const megabytesAnHour = known((value) => `${value.toFixed(2)}MB/h`);

/** ISO 8601, of a date or of milliseconds since the epoch. */
const moment = known((at) => new Date(at).toISOString());

/** `48.0%` for a part of a whole. */
const part = (some, whole) => (some === null ? null : percent((some / whole) * 100));

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

module.exports = { megabytesAnHour, milliseconds, moment, percent, size, usage };
