'use strict';

const { openBlackBox, readBlackBox } = require('./black-box.js');
const monitor = require('./monitor.js');
const { MemoryManagerService } = require('./manager/service.js');
const { memoryMonitorUtil } = require('./memory-monitor-util.js');
const { trimNativeMemory } = require('./trim.js');

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
  openBlackBox,
  readBlackBox,
  trimNativeMemory,
};
