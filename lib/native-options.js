'use strict';

const { NativeScanner } = require('./native.js');

const isPortable = ({ source, flags }) => NativeScanner.isPortable(source, flags);

/** The options as the native side reads them: JSON, regular expressions as source and flags. */
function nativeOptions(options) {
  const ignorePatterns = options.ignorePatterns.filter(isPortable).map(({ source, flags }) => ({ source, flags }));
  return JSON.stringify({ ...options, ignorePatterns });
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
