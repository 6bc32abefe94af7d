'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');
const { getHeapStatistics } = require('node:v8');

const { PgTapError } = require('../../errors.js');
const { collect } = require('../collect.js');

const MB = 1024 * 1024;

/** The heap and what hangs on it outside: Buffers and strings that V8 does not hold itself. */
function usedBytes() {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return used + external;
}

/** One full collection. */
function collectAll() {
  const { ran, why } = collect({ kind: 'major' });
  if (ran) return;
  throw new PgTapError('ERR_PGTAP_GC_UNAVAILABLE', `No garbage can be collected here, so nothing can be measured (${why}): start node with --expose-gc`);
}

/** What is alive: bytes after full collections, and after what waits for them (finalizers) had its turn. */
async function floorBytes(collector = collectAll) {
  collector();
  await nextTurn();
  collector();
  return usedBytes();
}

/**
 * By how much a series of floors grows for good: twice the smaller growth of its two halves. A cache that fills once
 * grows in one half only; a leak grows in both.
 */
function lastingGrowth(series) {
  const middle = Math.floor(series.length / 2);
  const halves = [series[middle] - series[0], series[series.length - 1] - series[middle]];
  return Math.max(0, 2 * Math.min(...halves));
}

const inMB = (bytes) => (bytes / MB).toFixed(2);

module.exports = { MB, collectAll, floorBytes, inMB, lastingGrowth, usedBytes };
