'use strict';

const {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
} = require('./monitor.js');
const { MemoryManagerService } = require('./manager/service.js');
const { memoryMonitorUtil } = require('./memory-monitor-util.js');

/** The public names of the memory toolkit; documented in index.d.ts. Written out, so that an ES module can import each. */
module.exports = {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
  MemoryManagerService,
  memoryMonitorUtil,
};
