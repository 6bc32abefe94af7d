'use strict';

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

/** Bytes that are left, each `null` where there is no limit or it is not known. */
function available() {
  // Loaded when it is needed: it takes as long as the addon.
  const { getHeapStatistics } = require('node:v8');
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
    return require('./memory/collect.js').collect().ran;
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
