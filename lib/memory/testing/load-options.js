'use strict';

const { isIP } = require('node:net');

const { invalid } = require('../../errors.js');
const { BOOLEAN, readOptions, rule } = require('../../options.js');
const { DELAY_MS, FUNCTION, NAME, SIGNAL, optional } = require('../rules.js');

const MOST_AT_ONCE = 10_000;

function integer(least, most) {
  return rule(`an integer from ${least} to ${most}`, (value) => {
    if (typeof value !== 'number') return 'type';
    return Number.isInteger(value) && value >= least && value <= most ? undefined : 'range';
  });
}

const BYTES = rule('a number of bytes above 0', (value) => {
  if (typeof value !== 'number') return 'type';
  return value > 0 && Number.isFinite(value) ? undefined : 'range';
});
const HEADERS = rule('an object of strings', (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'type';
  return Object.values(value).every((each) => typeof each === 'string') ? undefined : 'range';
});
const BODY = rule('a string or a Buffer', (value) => (typeof value === 'string' || Buffer.isBuffer(value) ? undefined : 'type'));

const LOAD_OPTIONS = {
  endpoint: { default: undefined, ...NAME, meaning: 'a path of `baseUrl`, or a whole URL' },
  baseUrl: { default: 'http://127.0.0.1:3000', ...NAME, meaning: 'the server' },
  concurrent: { default: 10, ...integer(1, MOST_AT_ONCE), meaning: 'requests at a time' },
  duration: { default: 10_000, ...DELAY_MS, meaning: 'milliseconds' },
  memoryThreshold: { default: null, ...optional(BYTES), meaning: 'bytes of heap in use that the load must not exceed' },
  method: { default: 'GET', ...NAME, meaning: 'of the requests' },
  headers: { default: {}, ...HEADERS, meaning: 'of the requests' },
  body: { default: null, ...optional(BODY), meaning: 'of the requests' },
  expectStatus: { default: null, ...optional(integer(100, 599)), meaning: 'another status is a failure; by default 400 and above is' },
  memory: { default: null, ...optional(FUNCTION), meaning: 'tells the memory of a server in another process: { heapUsed, rss } in bytes' },
  allowRemote: { default: false, ...BOOLEAN, meaning: 'put load on another machine' },
  signal: { default: null, ...SIGNAL, meaning: 'ends the test early' },
};

const isLoopback = (host) => host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

function urlOf({ endpoint, baseUrl, allowRemote }, from) {
  const shown = `option "${URL.canParse(endpoint) ? 'endpoint' : 'baseUrl'}"`;
  if (!URL.canParse(endpoint, baseUrl)) throw invalid('a URL such as http://127.0.0.1:3000', shown, baseUrl, { range: true, from });
  const url = new URL(endpoint, baseUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid('a URL of http or https', shown, url.href, { range: true, from });
  if (!allowRemote && !isLoopback(url.hostname)) {
    throw invalid('an address of this machine (127.0.0.1, [::1], localhost), or allowRemote: true,', shown, url.href, { range: true, from });
  }
  return url;
}

/** The complete options with `url`, or the error that says which is wrong. */
function readLoadOptions(given, from) {
  const options = readOptions(given, from, LOAD_OPTIONS);
  return { ...options, url: urlOf(options, from) };
}

module.exports = { LOAD_OPTIONS, readLoadOptions };
