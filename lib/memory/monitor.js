'use strict';

const { monitorFunctions } = require('./monitor-functions.js');
const { PARTS } = require('./parts.js');

const {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
} = monitorFunctions(PARTS);

/** The monitor of this environment; documented in monitor.d.ts. Written out, so that an ES module can import each. */
module.exports = {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
};
