// Many collections in a few turns of the loop; prints how many V8's profiler saw, how many our metrics have, and how many
// those of prom-client. It ends by itself: no metric keeps it alive. Run it with --expose-gc.

import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { GCProfiler } from 'node:v8';
import client from 'prom-client';

const require = createRequire(import.meta.url);
const { registerPrometheus } = require('../../../lib/memory/metrics/index.js');

const KINDS = { Scavenge: 'minor', MarkSweepCompact: 'major' };
const TURNS = 10;

async function countOf(register, name) {
  const { values } = await register.getSingleMetric(name).get();
  const counts = { minor: 0, major: 0 };
  for (const { metricName, labels, value } of values) if (metricName === `${name}_count` && labels.kind in counts) counts[labels.kind] = value;
  return counts;
}

/** Objects that die young, some 40 MB of them. */
function garbage() {
  for (let at = 0; at < 400_000; at += 1) held[at % 100] = { at, text: `${at}`, rest: [at, at, at] };
}

const held = [];
const [register, defaults] = [new client.Registry(), new client.Registry()];
const profiler = new GCProfiler();

/** Leaves the young space empty, so that V8 collects nothing while the counters are read; then the entries of all before it come. */
async function settle() {
  global.gc({ type: 'minor' });
  await setTimeout(200);
}

client.collectDefaultMetrics({ register: defaults });
registerPrometheus(register);
await settle();
const loaded = await countOf(register, 'nodejs_memory_gc_duration_seconds');
profiler.start();
for (let turn = 0; turn < TURNS; turn += 1) {
  for (let round = 0; round < 4; round += 1) garbage();
  await setTimeout(1);
}
await settle();
const all = await countOf(register, 'nodejs_memory_gc_duration_seconds');
const profiled = { minor: 0, major: 0 };
for (const { gcType } of profiler.stop().statistics) if (KINDS[gcType]) profiled[KINDS[gcType]] += 1;
const theirs = await countOf(defaults, 'nodejs_gc_duration_seconds');
const ours = { minor: all.minor - loaded.minor, major: all.major - loaded.major };
console.log(JSON.stringify({ ours, theirs, profiled, loaded }));
