// Runs one load and prints what the leak detector says of each window: `node leak-load.mjs NAME SEED WINDOWS`.
//
// The detector's clock is virtual: a tick is two and a half seconds of a program's time, and a window five minutes.
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { randomFrom } from '../../../benchmark/random.mjs';
import { CLEAN, LEAKS } from './loads.mjs';

const require = createRequire(import.meta.url);
const { NativeLeaks } = require('../../../lib/native.js');
const { countListeners, startCounting } = require('../../../lib/memory/listener-counts.js');

export const TICK_MS = 2_500;
export const WINDOW_MS = 300_000;

/** All collections since the last call, fed to the detector. */
function collections(leaks) {
  let profiler;
  const begin = () => {
    profiler = new GCProfiler();
    profiler.start();
  };
  begin();
  return (at) => {
    for (const { gcType, beforeGC, afterGC } of profiler.stop().statistics) {
      const [before, after] = [beforeGC, afterGC].map(({ heapStatistics }) => heapStatistics.usedHeapSize);
      leaks.collection(at, gcType === 'MarkSweepCompact', before, after);
    }
    begin();
  };
}

function sample(leaks, at) {
  const { used_heap_size: heap, total_heap_size: total, external_memory: external, heap_size_limit: limit, number_of_detached_contexts: detached } = getHeapStatistics();
  leaks.feed(at, heap, total, external, process.memoryUsage.rss(), (heap / limit) * 100, process.getActiveResourcesInfo().length, detached, countListeners());
}

async function main([name, seed, windows]) {
  const leaks = new NativeLeaks(WINDOW_MS, 70, 95);
  const context = { windowTicks: WINDOW_MS / TICK_MS };
  startCounting();
  const tick = (CLEAN[name] ?? LEAKS[name].start)(randomFrom(Number(seed)), context);
  const collect = collections(leaks);
  const reports = [];
  for (let n = 0; reports.length < Number(windows); n += 1) {
    await tick(n);
    await setImmediate();
    collect(n * TICK_MS);
    sample(leaks, n * TICK_MS);
    if (leaks.windows() > reports.length) reports.push(JSON.parse(leaks.report()));
  }
  process.stdout.write(JSON.stringify(reports));
}

await main(process.argv.slice(2));
process.exit();
