'use strict';

const { invalid } = require('../errors.js');
const { ofMB } = require('./figures.js');
const { HeapMonitor, readMonitorOptions } = require('./heap-monitor.js');
const { checkArgument, oneOf } = require('./rules.js');

const KIND = oneOf('major', 'minor');
const PRINTED = ['heapUsedMB', 'heapLimitMB', 'heapUsagePercent'];

function checkStats(stats, from) {
  const isObject = typeof stats === 'object' && stats !== null;
  if (isObject && PRINTED.every((name) => Number.isFinite(stats[name]))) return;
  throw invalid(`an object with the numbers ${PRINTED.join(', ')}`, 'stats', stats, { from });
}

/**
 * The functions of the monitor, over one HeapMonitor; documented in monitor.d.ts.
 *
 * @param {object} parts those of parts.js, or others like them
 */
function monitorFunctions(parts) {
  const monitor = new HeapMonitor(parts);
  const getMemoryStats = () => monitor.stats();
  return {
    startMemoryMonitor: function startMemoryMonitor(config = {}) {
      return monitor.start(readMonitorOptions(config, startMemoryMonitor));
    },
    stopMemoryMonitor: () => monitor.stop(),
    getMemoryStats,
    checkMemoryUsage: () => monitor.check(),
    formatMemoryUsage: function formatMemoryUsage(stats = getMemoryStats()) {
      checkStats(stats, formatMemoryUsage);
      return `${ofMB(stats.heapUsedMB, stats.heapLimitMB)} (${stats.heapUsagePercent}%)`;
    },
    triggerGarbageCollection: function triggerGarbageCollection(kind = 'major') {
      checkArgument(KIND, kind, 'kind', triggerGarbageCollection);
      return parts.collections().run({ reason: 'triggerGarbageCollection', kind }).success;
    },
    autoGarbageCollection: () => monitor.collectIfCritical(),
  };
}

module.exports = { monitorFunctions };
