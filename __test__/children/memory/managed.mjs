// A cache grows until the manager has it cleared; prints what the manager told, as JSON.
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { MemoryManagerService } = require('../../../lib/memory/manager/service.js');
const { PARTS } = require('../../../lib/memory/parts.js');

const totals = () => ({ collections: 0, efficiency: null, averagePauseMs: null, longestPauseMs: null });
const manager = new MemoryManagerService({
  ...PARTS, openGcStatistics: () => ({ totals, close() {} }), topConsumers: () => [], trimNativeMemory: () => ({ ran: false, why: 'not here' }),
});
const told = [];
for (const event of ['warning', 'critical', 'emergency', 'recovered', 'alert', 'cleanup', 'gc', 'gc-skipped']) {
  manager.on(event, (payload) => told.push([event, payload.type ?? payload.to, payload.percentBefore ?? null]));
}
await manager.initialize({ profile: 'local', intervalMs: 20, warningPercent: 50, criticalPercent: 70, emergencyPercent: 80 });

const cache = [];
let clearedAt = null;
manager.registerCleanup('cache', 200, 65, () => {
  clearedAt ??= cache.length;
  cache.length = 0;
});
const until = performance.now() + 20000;
while (!told.some(([event]) => event === 'recovered') && performance.now() < until) {
  if (clearedAt === null) cache.push(new Array(131072).fill(0.5));
  // Garbage, so that V8 goes on collecting.
  else await setTimeout(10, new Array(200000).fill(0.5));
  await setTimeout(60);
}
const pressure = await manager.checkMemoryPressure();
const { status, trend, currentUsage } = manager.getHealthMetrics();
console.log(JSON.stringify({ told, clearedAt, level: pressure.level, status, trend, currentUsage, history: manager.getHistory().length }));
await manager.shutdown();
