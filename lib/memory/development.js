'use strict';

const { HeapMonitor, readMonitorOptions } = require('./heap-monitor.js');
const { environment } = require('./environment.js');
const { simulation } = require('./pressure-simulation.js');
const { PROFILES } = require('./profiles.js');
const { INTERVAL_MS, checkArgument } = require('./rules.js');

const DEFAULT_INTERVAL_MS = 5000;

/** What a report says of the program and what it runs on. */
function about() {
  const { version, platform, arch, pid } = process;
  return { generatedAt: new Date().toISOString(), node: version, platform: `${platform}-${arch}`, pid, uptimeSeconds: Math.round(process.uptime()) };
}

/**
 * The tools for development, over `parts`; documented in memory-monitor-util.d.ts.
 *
 * @param {object} parts those of parts.js, or others like them
 * @param {{ stats: () => object, manager: () => object }} faces what reports are made from
 */
function developmentTools(parts, { stats, manager }) {
  const monitor = new HeapMonitor(parts);
  return {
    startDevelopmentMonitoring: function startDevelopmentMonitoring(intervalMs = DEFAULT_INTERVAL_MS) {
      checkArgument(INTERVAL_MS, intervalMs, 'intervalMs', startDevelopmentMonitoring);
      const { warningPercent, criticalPercent } = PROFILES.local;
      return monitor.start(readMonitorOptions({ intervalMs, warningPercent, criticalPercent, verbose: true }));
    },
    simulateMemoryPressure: simulation(parts),
    generateMemoryReport() {
      const health = manager().getHealthMetrics();
      return { ...about(), stats: stats(), health, leak: manager().getLeakReport(), environment: environment() };
    },
  };
}

module.exports = { developmentTools };
