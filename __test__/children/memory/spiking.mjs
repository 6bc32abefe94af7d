// Allocates as many MB as it is told, and lets them go or not, and blocks meanwhile or not; prints the spikes.

import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { memorySpikeDetector } = require('../../../lib/memory/index.js');
const { engine } = require('../../../lib/memory/engine.js');

const [megabytes, fate, how] = process.argv.slice(2);
const spikes = [];
memorySpikeDetector.onSpike((spike) => spikes.push(spike));
/** Waits until so many samples were taken from now on. */
async function samples(count) {
  const since = Date.now();
  while (engine().history({ sinceMs: since }).length < count) await wait(50);
}
// What the program itself takes while it starts is no part of the test.
await samples(3);
globalThis.held = Buffer.alloc(Number(megabytes) * 2 ** 20, 1);
const until = Date.now() + 1_200;
if (how === 'blocking') while (Date.now() < until);
else await wait(1_200);
if (fate === 'transient') globalThis.held = null;
// Where nothing is told there is nothing to wait for.
for (let turn = 0; turn < 5 || (spikes.length === 0 && turn < 200 && Number(megabytes) > 25); turn += 1) await samples(1);
console.log(JSON.stringify(spikes));
process.exit();
