// Takes memory until the monitor has warned and become critical; prints what was called back, as JSON.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { getMemoryStats, startMemoryMonitor, triggerGarbageCollection } = require('../../../lib/memory/monitor.js');
const { simulation } = require('../../../lib/memory/pressure-simulation.js');
const { PARTS } = require('../../../lib/memory/parts.js');

const called = [];
const seen = [];
startMemoryMonitor({
  intervalMs: 20,
  // Near the limit V8 itself may end the process.
  warningPercent: 60,
  criticalPercent: 80,
  onWarning: (message) => called.push(['warning', message]),
  onCritical: (message) => called.push(['critical', message]),
  verbose: true,
  logger: { log: (line) => seen.push(line) },
});
const simulate = simulation(PARTS);
for (const percent of [70, 87]) {
  triggerGarbageCollection();
  const { heapLimitMB, heapUsedMB } = getMemoryStats();
  await simulate(Math.floor((heapLimitMB * percent) / 100 - heapUsedMB), { holdMs: 3000, force: true });
}
console.log(JSON.stringify({ called, samples: seen.filter((line) => line.startsWith('Memory: ')).length, stats: getMemoryStats() }));
