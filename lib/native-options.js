'use strict';

const { resolve } = require('node:path');

const { NativeScanner } = require('./native.js');
const { OPTIONS } = require('./options.js');

const isPortable = ({ source, flags }) => NativeScanner.isPortable(source, flags);

/**
 * How many objects of a kind stay in memory when a scan ends, and beyond how many a database drops the oldest. The default
 * of `maxObjectsPerType` is kept to a while after the scan; see object-limit.js.
 */
function objectLimits({ spill, maxObjectsPerType }) {
  const standard = maxObjectsPerType === OPTIONS.maxObjectsPerType.default;
  return spill ? { mostObjects: standard ? 0 : maxObjectsPerType, prune: null } : { mostObjects: 0, prune: maxObjectsPerType };
}

/** The options as the native side reads them: JSON, regular expressions as source and flags. */
function nativeOptions(options) {
  const ignorePatterns = options.ignorePatterns.filter(isPortable).map(({ source, flags }) => ({ source, flags }));
  const shard = options.shard === null ? null : options.shard.split('/').map(Number);
  const cache = options.cache === null ? null : resolve(options.cache);
  return JSON.stringify({ ...options, ...objectLimits(options), ignorePatterns, shard, cache });
}

const never = () => false;

/** Tells the paths that a regular expression takes which only JavaScript can run; `never` where there is none. */
function ignoredInJavaScript(options) {
  const patterns = options.ignorePatterns.filter((pattern) => !isPortable(pattern));
  if (patterns.length === 0) return never;
  // Without the flags g and y, test() keeps no position between calls.
  const stateless = patterns.map((pattern) => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')));
  return (path) => stateless.some((pattern) => pattern.test(path));
}

module.exports = { nativeOptions, ignoredInJavaScript, never };
