'use strict';

const { getHeapSpaceStatistics } = require('node:v8');

// Answers in numbers, whose names say bytes, milliseconds or percent.

/** What is said of alerts whose own message holds an error's, which may name a folder or anything else. */
const FAILURES = {
  gc_failure: () => 'No collection could be forced',
  snapshot_failure: ({ code }) => `A heap snapshot failed (${code ?? 'no code'})`,
};

/** An alert without its figures, which stand in other answers. */
function shownAlert({ type, severity, message, at, ...more }) {
  return { type, severity, message: FAILURES[type]?.(more) ?? message, at };
}

function health({ manager }) {
  const metrics = manager.getHealthMetrics();
  return { ...metrics, alerts: metrics.alerts.map(shownAlert) };
}

/** V8's spaces, in V8's order. */
function heapSpaces() {
  return getHeapSpaceStatistics().map((space) => ({
    name: space.space_name,
    sizeBytes: space.space_size,
    usedBytes: space.space_used_size,
    availableBytes: space.space_available_size,
    physicalBytes: space.physical_space_size,
  }));
}

function metrics({ manager }) {
  const { level, sample } = manager.getStatus();
  const { currentUsage, gcStats } = manager.getHealthMetrics();
  return {
    status: level,
    platform: currentUsage.platform,
    uptimeSeconds: Math.round(process.uptime()),
    sample,
    trend: manager.getTrend(),
    gcStats,
    heapSpaces: heapSpaces(),
  };
}

const leakDetection = ({ manager }) => manager.getLeakReport();

module.exports = { health, heapSpaces, leakDetection, metrics };
