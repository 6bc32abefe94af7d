'use strict';

const { getHeapSpaceStatistics, getHeapStatistics } = require('node:v8');
const { isMainThread, resourceLimits } = require('node:worker_threads');

const MB = 1024 * 1024;
const YOUNG_SPACES = new Set(['new_space', 'new_large_object_space']);
/** What V8 reserves for the young generation by default, in MB, by Node's major version; measured. */
const YOUNG_MB = { 20: 48, 22: 48, 24: 192, 26: 96 };
/** Of versions that were not measured. */
const UNKNOWN_YOUNG_MB = 96;
/** The young generation is three semi-spaces. */
const SEMI_SPACES = 3;

/** The value in MB of a flag of V8's, given on the command line or in NODE_OPTIONS; the last one counts. */
function flagMB(name) {
  const given = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv];
  const pattern = new RegExp(`^--${name.replaceAll('-', '[-_]')}=(\\d+)$`);
  const values = given.flatMap((flag) => pattern.exec(flag)?.[1] ?? []);
  return values.length > 0 ? Number(values.at(-1)) : undefined;
}

/** How much of V8's heap limit is for the young generation, in MB. */
function youngMB(limitMB) {
  if (!isMainThread && resourceLimits.maxYoungGenerationSizeMb > 0) return resourceLimits.maxYoungGenerationSizeMb;
  const old = flagMB('max-old-space-size');
  if (old !== undefined && old > 0 && old < limitMB) return limitMB - old;
  const semi = flagMB('max-semi-space-size');
  if (semi !== undefined && semi > 0) return SEMI_SPACES * semi;
  return YOUNG_MB[process.versions.node.split('.')[0]] ?? UNKNOWN_YOUNG_MB;
}

let youngBytes;

/**
 * The old generation: V8 gives up when it is full, however much of the young one's part of the heap limit is free.
 *
 * @param {number} heapLimitBytes V8's limit for the whole heap
 * @param {number} heapUsedBytes
 */
function oldGeneration(heapLimitBytes, heapUsedBytes) {
  youngBytes ??= youngMB(getHeapStatistics().heap_size_limit / MB) * MB;
  const young = getHeapSpaceStatistics().filter(({ space_name: name }) => YOUNG_SPACES.has(name));
  const youngUsed = young.reduce((sum, { space_used_size: used }) => sum + used, 0);
  return { usedBytes: Math.max(0, heapUsedBytes - youngUsed), limitBytes: Math.max(0, heapLimitBytes - youngBytes) };
}

module.exports = { flagMB, oldGeneration };
