'use strict';

const { MemoryMonitor, inMB } = require('./memory-monitor.js');

/** A collection frees nothing worth its pause until this part of the budget was added since the last. */
const WORTHWHILE = 0.05;

/** Cleans up for one owner, and knows when it would be in vain. */
class Cleanup {
  #afterMB = -Infinity;

  /** Whether memory is above the threshold and the last cleanup is no answer to it. */
  isDue(currentMB, maxMB) {
    if (!MemoryMonitor.shouldTriggerCleanup(currentMB, maxMB)) {
      this.#afterMB = -Infinity;
      return false;
    }
    return currentMB - this.#afterMB >= maxMB * WORTHWHILE;
  }

  /** The payload of a `cleanup` event: what was freed. `besideMB` is memory of the owner's outside V8's heap. */
  run(type, enableGC, besideMB = 0) {
    const before = process.memoryUsage().heapUsed;
    const gcPerformed = enableGC && MemoryMonitor.forceGC();
    const memoryUsage = MemoryMonitor.getMemoryUsage();
    const freedMB = Math.max(0, inMB(before) - memoryUsage.heapUsed);
    this.#afterMB = memoryUsage.heapUsed + besideMB;
    return { type, message: `Cleaned up, ${freedMB} MB freed`, memoryUsage, gcPerformed, freedMB };
  }
}

module.exports = { Cleanup };
