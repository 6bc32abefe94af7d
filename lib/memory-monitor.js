'use strict';

const { GCProfiler, getHeapStatistics, setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

const { invalid } = require('./errors.js');
const { systemMemory } = require('./native.js');

const MB = 1024 * 1024;
/** Cleanup begins above this part of the budget. */
const THRESHOLD = 0.8;

const inMB = (bytes) => Math.round(bytes / MB);

function checkMB(value, name, from, least = 0) {
  const found = typeof value === 'number';
  if (found && value >= least) return;
  throw invalid(`a number of MB${least > 0 ? ' above 0' : ', 0 or more'}`, name, value, { range: found, from });
}

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

/** Bytes that are left, each `null` where there is no limit or it is not known. */
function available() {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  const { container, availableBytes } = JSON.parse(systemMemory());
  return {
    heapBytes: Math.max(0, limit - used),
    containerBytes: container && Math.max(0, container.limitBytes - container.usedBytes),
    // Where the native side cannot tell (no Linux), Node's own answer.
    systemBytes: availableBytes ?? process.availableMemory(),
  };
}

/** Memory of this process; documented in index.d.ts. */
class MemoryMonitor {
  static getMemoryUsage() {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    return { rss: inMB(rss), heapUsed: inMB(heapUsed), heapTotal: inMB(heapTotal), external: inMB(external) };
  }

  static getSystemMemory() {
    return JSON.parse(systemMemory());
  }

  static getAvailableMemory() {
    return available();
  }

  static forceGC() {
    const gc = collector();
    if (!gc) return false;
    // What ran is counted, for a program may have put a function of its own in place of `gc`.
    const profiler = new GCProfiler();
    profiler.start();
    let ran = [];
    try {
      gc();
    } finally {
      ran = profiler.stop().statistics;
    }
    return ran.length > 0;
  }

  static shouldTriggerCleanup(currentMB, maxMB) {
    checkMB(currentMB, 'currentMB', MemoryMonitor.shouldTriggerCleanup);
    checkMB(maxMB, 'maxMB', MemoryMonitor.shouldTriggerCleanup, Number.MIN_VALUE);
    return currentMB > THRESHOLD * maxMB;
  }

  static logMemoryStats(label = 'Memory', logger = console) {
    const from = MemoryMonitor.logMemoryStats;
    if (typeof label !== 'string') throw invalid('a string', 'label', label, { from });
    if (typeof logger?.log !== 'function') throw invalid('an object with a method log()', 'logger', logger, { from });
    const { heapUsed, heapTotal, rss } = MemoryMonitor.getMemoryUsage();
    logger.log(`[${label}] Heap: ${heapUsed}/${heapTotal} MB, RSS: ${rss} MB`);
  }

  static hasSufficientMemory(requiredMB) {
    checkMB(requiredMB, 'requiredMB', MemoryMonitor.hasSufficientMemory);
    const { heapBytes, containerBytes, systemBytes } = available();
    return requiredMB * MB <= Math.min(heapBytes, containerBytes ?? Infinity, systemBytes);
  }
}

module.exports = { MemoryMonitor, MB, THRESHOLD, inMB };
