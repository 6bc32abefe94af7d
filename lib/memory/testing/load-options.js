'use strict';

const { invalid } = require('../../errors.js');
const { BOOLEAN, FUNCTION, LONGEST_DELAY_MS, NAME, OBJECT, POSITIVE, SIGNAL, checkArgument, integer } = require('../rules.js');

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The address; one that leaves this machine only when that was allowed. */
function urlOf({ endpoint, baseUrl, allowRemote }, from) {
  checkArgument(NAME, endpoint, 'option "endpoint"', from);
  checkArgument(NAME, baseUrl, 'option "baseUrl"', from);
  let url;
  try {
    url = new URL(endpoint, baseUrl);
  } catch {
    throw invalid('a path or URL', 'option "endpoint"', `${endpoint} (baseUrl ${baseUrl})`, { range: true, from });
  }
  if (!['http:', 'https:'].includes(url.protocol)) throw invalid('an http or https URL', 'option "endpoint"', url.href, { range: true, from });
  if (!allowRemote && !LOOPBACK.test(url.hostname)) {
    throw invalid('a URL of this machine (localhost, 127.0.0.1 or [::1]), unless allowRemote is true,', 'option "endpoint"', url.href, { range: true, from });
  }
  return url;
}

function expectedBy(expectStatus, from) {
  if (expectStatus === undefined) return (status) => status >= 200 && status < 400;
  checkArgument(integer(100, 599), expectStatus, 'option "expectStatus"', from);
  return (status) => status === expectStatus;
}

const DEFAULTS = {
  concurrent: 10, duration: 10000, method: 'GET', headers: {}, requestTimeout: 10000, allowRemote: false,
};

/** The options of loadTestWithMemoryMonitoring, checked and completed. */
function loadOptions(options, from) {
  checkArgument(OBJECT, options, 'options', from);
  const how = { baseUrl: `http://127.0.0.1:${process.env.PORT || 10000}`, ...DEFAULTS };
  for (const [name, value] of Object.entries(options)) if (value !== undefined) how[name] = value;
  checkArgument(integer(1, 10000), how.concurrent, 'option "concurrent"', from);
  checkArgument(integer(1, LONGEST_DELAY_MS), how.duration, 'option "duration"', from);
  checkArgument(integer(1, LONGEST_DELAY_MS), how.requestTimeout, 'option "requestTimeout"', from);
  checkArgument(BOOLEAN, how.allowRemote, 'option "allowRemote"', from);
  checkArgument(NAME, how.method, 'option "method"', from);
  checkArgument(OBJECT, how.headers, 'option "headers"', from);
  checkArgument(SIGNAL, how.signal ?? null, 'option "signal"', from);
  if (how.memoryThreshold !== undefined) checkArgument(POSITIVE, how.memoryThreshold, 'option "memoryThreshold"', from);
  if (how.memory !== undefined) checkArgument(FUNCTION, how.memory, 'option "memory"', from);
  if (how.body !== undefined && typeof how.body !== 'string' && !(how.body instanceof Uint8Array)) {
    throw invalid('a string or Uint8Array', 'option "body"', how.body, { from });
  }
  return { ...how, url: urlOf(how, from), expected: expectedBy(how.expectStatus, from) };
}

module.exports = { loadOptions };
