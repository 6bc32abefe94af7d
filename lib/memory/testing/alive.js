'use strict';

const { GCProfiler, getHeapSpaceStatistics, getHeapStatistics } = require('node:v8');

const { PgTapError } = require('../../errors.js');
const { collect } = require('../collect.js');

/** What is young is mostly garbage that no collection has looked at yet. */
const YOUNG = 'new_space';

/** Bytes of V8's heap and beside it that are in use, without what was allocated in small pieces just now. */
function inUse() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === YOUNG);
  return heap - (young?.space_used_size ?? 0) + external;
}

/** Bytes that are alive: what a full collection leaves. */
function alive() {
  const { ran, why } = collect();
  if (!ran) throw new PgTapError('ERR_PGTAP_NO_COLLECTION', `Memory cannot be measured without a collection: ${why}`);
  return inUse();
}

function afterCollection({ afterGC: { heapStatistics: heap, heapSpaceStatistics: spaces } }) {
  const young = spaces.find(({ spaceName: name }) => name === YOUNG);
  return heap.usedHeapSize - (young?.spaceUsedSize ?? 0) + heap.externalMemory;
}

/**
 * Runs `work` and answers with the most bytes that were in use at once: after each collection that V8 ran meanwhile, and
 * at the end, while the result is still held. What small objects take between two collections does not count.
 *
 * @returns {Promise<number>}
 */
async function highest(work) {
  const profiler = new GCProfiler();
  profiler.start();
  let collections;
  let atEnd;
  try {
    const result = await work();
    atEnd = inUse();
    // Named here, so that it lives until memory was measured.
    void result;
  } finally {
    collections = profiler.stop().statistics;
  }
  return Math.max(atEnd, ...collections.map(afterCollection));
}

module.exports = { alive, highest };
