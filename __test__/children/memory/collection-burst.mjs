// Many collections in a few turns of the loop; prints how many V8's profiler saw, how many our metrics have, and how many
// those of prom-client. It ends by itself: no metric keeps it alive.

import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { GCProfiler } from 'node:v8';
import client from 'prom-client';

const require = createRequire(import.meta.url);
const { registerPrometheus } = require('../../../lib/memory/metrics/index.js');

const KINDS = { Scavenge: 'minor', MarkSweepCompact: 'major' };
const TURNS = 10;

function countOf(register, name) {
  return register.getSingleMetric(name).get().then(({ values }) => Object.fromEntries(
    values.filter(({ metricName, labels }) => metricName === `${name}_count` && ['minor', 'major'].includes(labels.kind)).map(({ labels, value }) => [labels.kind, value]),
  ));
}

/** Objects that die young, some 40 MB of them. */
function garbage() {
  for (let at = 0; at < 400_000; at += 1) held[at % 100] = { at, text: `${at}`, rest: [at, at, at] };
}

const held = [];
const [register, defaults] = [new client.Registry(), new client.Registry()];
const profiler = new GCProfiler();
client.collectDefaultMetrics({ register: defaults });
registerPrometheus(register);
profiler.start();
for (let turn = 0; turn < TURNS; turn += 1) {
  for (let round = 0; round < 4; round += 1) garbage();
  await setTimeout(1);
}
// Entries come with a later turn.
await setTimeout(200);
const profiled = { minor: 0, major: 0 };
const ours = await countOf(register, 'nodejs_memory_gc_duration_seconds');
for (const { gcType } of profiler.stop().statistics) if (KINDS[gcType]) profiled[KINDS[gcType]] += 1;
const theirs = await countOf(defaults, 'nodejs_gc_duration_seconds');
console.log(JSON.stringify({ ours: { minor: 0, major: 0, ...ours }, theirs: { minor: 0, major: 0, ...theirs }, profiled }));
