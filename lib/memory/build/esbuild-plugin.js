'use strict';

const { readMonitorOptions } = require('../heap-monitor.js');
const { monitorFunctions } = require('../monitor-functions.js');
const { PARTS } = require('../parts.js');

/** A plugin for esbuild that monitors memory while it builds; documented in esbuild-plugin.d.ts. */
function memoryMonitorPlugin(config = {}) {
  readMonitorOptions(config, memoryMonitorPlugin);
  // A monitor of its own: the program may have one, too.
  const { startMemoryMonitor, stopMemoryMonitor } = monitorFunctions(PARTS);
  const running = new Set();
  const begin = (build) => {
    if (running.size === 0) startMemoryMonitor(config);
    running.add(build);
  };
  const end = (build) => {
    if (running.delete(build) && running.size === 0) stopMemoryMonitor();
  };
  return {
    name: 'memory-monitor',
    setup(build) {
      build.onStart(() => begin(build));
      build.onEnd(() => end(build));
      build.onDispose(() => end(build));
    },
  };
}

module.exports = { memoryMonitorPlugin };
