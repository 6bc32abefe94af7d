'use strict';

const { readOptions, rule } = require('../../options.js');
const { BOOLEAN, DURATION_MS, FUNCTION, LOGGER, NAME, POSITIVE, optional } = require('../rules.js');
const { snapshotsEnabled } = require('../snapshots/snapshot-schedule.js');
const { DEFAULT_FOLDER } = require('../snapshots/files.js');

/** What can be turned on and off. */
const GROUPS = ['reads', 'actions', 'snapshot', 'dashboard'];

const BASE_PATH = rule("a path such as '/api/memory', of letters, digits and . _ ~ -, without a slash at its end", (value) => {
  if (typeof value !== 'string') return 'type';
  return /^(?:\/[\w.~-]+)+$/.test(value) && !/\/\.{1,2}(?:\/|$)/.test(value) ? undefined : 'range';
});
const SOME_GROUPS = rule(`an array of ${GROUPS.map((name) => `'${name}'`).join(', ')}, or null`, (value) => {
  if (value === null) return undefined;
  if (!Array.isArray(value)) return 'type';
  return value.every((name) => GROUPS.includes(name)) ? undefined : 'range';
});
const REGISTER = rule('a registry of prom-client', (value) => (typeof value?.metrics === 'function' && typeof value.contentType === 'string' ? undefined : 'type'));

const ROUTER_OPTIONS = {
  authorize: { default: null, ...optional(FUNCTION), meaning: 'answers true for requests that may read and act' },
  basePath: { default: '/api/memory', ...BASE_PATH, meaning: 'what all routes begin with' },
  enable: { default: null, ...SOME_GROUPS, meaning: 'what is served' },
  loopback: { default: true, ...BOOLEAN, meaning: 'this machine may read without authorize' },
  snapshotDir: { default: DEFAULT_FOLDER, ...NAME, meaning: 'the folder of heap snapshots' },
  snapshotMaxPauseMs: { default: 2000, ...POSITIVE, meaning: 'no heap snapshot that may stop the program for longer' },
  actionIntervalMs: { default: 30_000, ...DURATION_MS, meaning: 'milliseconds before an action may be taken again' },
  prometheus: { default: null, ...optional(REGISTER), meaning: 'what GET prometheus serves' },
  logger: { default: console, ...LOGGER, meaning: 'where refusals are logged' },
};

/** Everything, but in production heap snapshots only where the environment asks for them. */
function standardGroups() {
  const snapshots = snapshotsEnabled(process.env.NODE_ENV === 'production');
  return GROUPS.filter((name) => name !== 'snapshot' || snapshots);
}

/** The complete options; `enable` as a list. */
function readRouterOptions(given, from) {
  const options = readOptions(given, from, ROUTER_OPTIONS);
  return { ...options, enable: options.enable ?? standardGroups() };
}

module.exports = { ROUTER_OPTIONS, readRouterOptions };
