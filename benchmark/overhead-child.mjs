// An idle program: prints what it took, as JSON. Its arguments: a way of watching, and for how many seconds.
import 'node:events';
import 'node:perf_hooks';
import 'node:util';
import 'node:v8';
import 'node:vm';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { median } from './measure.mjs';

const [way, seconds] = [process.argv[2], Number(process.argv[3])];
const toolkit = () => createRequire(import.meta.url)('../lib/memory/index.js');

const start = {
  without: () => {},
  monitor: () => toolkit().startMemoryMonitor(),
  manager: () => toolkit().MemoryManagerService.getInstance().initialize(),
  often: () => toolkit().startMemoryMonitor({ intervalMs: 1_000 }),
};
await start[way]();
// Until the sampler has found that all is calm.
await wait(10_000);

const from = process.cpuUsage();
const began = performance.now();
await wait(seconds * 1_000);
const { user, system } = process.cpuUsage(from);
const cpuPercent = (user + system) / 1_000 / (performance.now() - began) * 100;

/** MB that are no pages of a file, whether other processes use those or not; null where the system does not tell. */
function anonymousMB() {
  try {
    return Number(/^Anonymous:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))[1]) / 1024;
  } catch {
    return null;
  }
}

const rss = [];
for (let i = 0; i < 30; i += 1) {
  globalThis.gc();
  rss.push(process.memoryUsage.rss() / 2 ** 20);
  await wait(20);
}
console.log(JSON.stringify({ cpuPercent, rssMB: median(rss), anonymousMB: anonymousMB() }));
process.exit();
