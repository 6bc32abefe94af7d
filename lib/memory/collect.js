'use strict';

const { performance } = require('node:perf_hooks');
const { GCProfiler, getHeapStatistics, setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

let found;

/** V8's `gc`: the program's own with `--expose-gc`, else from a context that is made while the flag is on. */
function collector() {
  if (typeof globalThis.gc === 'function') return globalThis.gc;
  if (found === undefined) {
    setFlagsFromString('--expose-gc');
    try {
      found = runInNewContext('typeof gc === "function" ? gc : null');
    } finally {
      // Contexts that others make later get no `gc` that they did not ask for.
      setFlagsFromString('--no-expose-gc');
    }
  }
  return found;
}

function inUse() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** How many collections `gc` ran: a program may have put a function of its own in its place. */
function count(gc, kind) {
  const profiler = new GCProfiler();
  profiler.start();
  let ran = [];
  try {
    // Without an argument V8 collects everything and at once, also where it knows no options.
    if (kind === 'minor') gc({ type: 'minor' });
    else gc();
  } finally {
    ran = profiler.stop().statistics;
  }
  return ran.length;
}

/**
 * Collects garbage now, with and without `--expose-gc`. The JavaScript thread stands still meanwhile: some 70 ms for a
 * heap of 50 MB, 0.7 s for 500 MB; a minor collection (young objects only) takes a few milliseconds.
 *
 * @param {{ kind?: 'major' | 'minor' }} [how]
 * @returns {{ ran: boolean, why?: string, freedBytes: number, durationMs: number }} `why` when none ran; what was freed
 *   of V8's heap and of what hangs on it (Buffers), never below 0
 */
function collect({ kind = 'major' } = {}) {
  const gc = collector();
  if (!gc) return { ran: false, why: 'this build of Node.js has no gc()', freedBytes: 0, durationMs: 0 };
  const before = inUse();
  const begin = performance.now();
  const collections = count(gc, kind);
  const durationMs = performance.now() - begin;
  if (collections === 0) return { ran: false, why: 'globalThis.gc collected nothing', freedBytes: 0, durationMs };
  return { ran: true, freedBytes: Math.max(0, before - inUse()), durationMs };
}

module.exports = { collect };
