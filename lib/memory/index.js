'use strict';

const monitor = require('./monitor.js');
const { MemoryManagerService } = require('./manager/service.js');
const { memoryMonitorUtil } = require('./memory-monitor-util.js');

/** The public names of the memory toolkit; documented in index.d.ts. */
module.exports = {
  startMemoryMonitor: monitor.startMemoryMonitor,
  stopMemoryMonitor: monitor.stopMemoryMonitor,
  getMemoryStats: monitor.getMemoryStats,
  checkMemoryUsage: monitor.checkMemoryUsage,
  formatMemoryUsage: monitor.formatMemoryUsage,
  triggerGarbageCollection: monitor.triggerGarbageCollection,
  autoGarbageCollection: monitor.autoGarbageCollection,
  MemoryManagerService,
  memoryMonitorUtil,
};
