'use strict';

const { GCProfiler, getHeapSpaceStatistics, getHeapStatistics } = require('node:v8');

/** What is young is mostly garbage that no collection has looked at yet. */
const YOUNG = 'new_space';

/** The heap in use and what hangs on it, without the young generation. */
function usedNow() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === YOUNG);
  return heap - (young?.space_used_size ?? 0) + external;
}

/** The same as V8 found it after a collection. */
function usedAfter({ afterGC: { heapStatistics: heap, heapSpaceStatistics: spaces } }) {
  const young = spaces.find(({ spaceName: name }) => name === YOUNG);
  return heap.usedHeapSize - (young?.spaceUsedSize ?? 0) + heap.externalMemory;
}

/**
 * The most bytes that were in use during a call: after each collection that V8 ran meanwhile, and at the end, while the
 * result is still held. Small objects that lived between two collections only do not count.
 */
async function peakOf(call) {
  const profiler = new GCProfiler();
  profiler.start();
  let statistics = [];
  let atEnd;
  try {
    const result = await call();
    atEnd = usedNow();
    // Named here, so that it lives until memory was measured.
    void result;
  } finally {
    ({ statistics } = profiler.stop());
  }
  return Math.max(atEnd, ...statistics.map(usedAfter));
}

module.exports = { peakOf, usedNow };
