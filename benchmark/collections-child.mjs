// A program that makes garbage beside what it keeps: prints what collections cost and freed, as JSON. Its arguments: MB
// that it keeps, the level critical in percent, the KB of garbage of each turn, the milliseconds between two turns, and
// for how many seconds.
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { randomFrom } from './random.mjs';

const { openGcStatistics, startMemoryMonitor } = createRequire(import.meta.url)('../lib/memory/index.js');
const { PARTS } = createRequire(import.meta.url)('../lib/memory/parts.js');
const [keptMB, criticalPercent, turnKB, everyMs, seconds] = process.argv.slice(2).map(Number);
/** What a turn made is garbage so many milliseconds later: old objects by then, which minor collections do not free. */
const IN_USE_MS = 400;
const random = randomFrom(1);

/** About a KB of small objects. */
const row = () => ({ id: random.int(1e9), name: `name-${random.int(1e6)}`, values: Array.from({ length: 20 }, () => ({ at: random.int(1000) })) });

const kept = Array.from({ length: keptMB * 1024 }, row);

const statistics = openGcStatistics();
const forced = [];
const skipped = {};
PARTS.collections().on('gc', ({ kind, durationMs, freedBytes }) => {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  forced.push({ kind, atMs: performance.now() - began, pauseMs: durationMs, freedShare: freedBytes / (freedBytes + heap + external) });
});
PARTS.collections().on('gc-skipped', ({ skipped: why }) => { skipped[why] = (skipped[why] ?? 0) + 1; });
const [began, cpu] = [performance.now(), process.cpuUsage()];
startMemoryMonitor({ autoGC: true, intervalMs: 1000, warningPercent: criticalPercent - 5, criticalPercent });

while (performance.now() - began < seconds * 1000) {
  let rows = Array.from({ length: turnKB }, row);
  setTimeout(() => { rows = null; }, IN_USE_MS);
  await wait(everyMs);
}
const { user, system } = process.cpuUsage(cpu);
const wallMs = performance.now() - began;
const totals = statistics.totals();
console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, forced, skipped, totals, kept: kept.length }));
process.exit();
