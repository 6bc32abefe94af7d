'use strict';

const { tmpdir } = require('node:os');
const { resolve } = require('node:path');

const { invalid } = require('./errors.js');
const { BOOLEAN, OPTIONS, integer, readOptions } = require('./options.js');

const MB = 1024 * 1024;

/** The options of `StreamingCoverageDatabase`; those that the scanner has, too, are the scanner's. */
const STREAMING_OPTIONS = {
  maxObjectsPerType: OPTIONS.maxObjectsPerType,
  enableCompression: OPTIONS.enableCompression,
  batchSize: OPTIONS.batchSize,
  maxMemoryMB: OPTIONS.maxMemoryMB,
  spill: { default: true, ...BOOLEAN, meaning: 'move what is not in use to disk at a limit; else it is dropped' },
  tempDir: OPTIONS.tempDir,
  maxDiskMB: OPTIONS.maxDiskMB,
};

/** The options of `CoverageDatabase`. */
const COVERAGE_OPTIONS = {
  maxMemory: {
    default: 100 * MB, ...integer(1, Number.MAX_SAFE_INTEGER), meaning: 'bytes of records in memory; above it all go to disk',
  },
  streaming: { default: false, ...BOOLEAN, meaning: 'write records to disk soon, and hold less than 1 MB in memory' },
  tempDir: OPTIONS.tempDir,
  maxDiskMB: OPTIONS.maxDiskMB,
};

/** The complete options of a store. `tempDir` is a full path: it stays the same when the program changes its folder. */
function readStoreOptions(given, from, table) {
  const options = readOptions(given, from, table);
  options.tempDir = resolve(options.tempDir ?? tmpdir());
  return options;
}

/** `maxDiskMB` in bytes; `null` for no limit. */
const diskBytes = (megabytes) => (megabytes === null ? null : Math.floor(megabytes * MB));

/** A type or name as a store takes it; `what` says which of the two it is. */
function checkName(value, what, from) {
  if (typeof value !== 'string' || !value.isWellFormed()) {
    throw invalid('a string without lone surrogates', what, value, { range: typeof value === 'string', from });
  }
}

module.exports = { COVERAGE_OPTIONS, MB, STREAMING_OPTIONS, checkName, diskBytes, readStoreOptions };
