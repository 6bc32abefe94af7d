// Allocates as many MB as it is told, and lets them go or not, and blocks meanwhile or not; prints the spikes.

import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';

const { memorySpikeDetector } = createRequire(import.meta.url)('../../../lib/memory/index.js');

const [megabytes, fate, how] = process.argv.slice(2);
const spikes = [];
memorySpikeDetector.onSpike((spike) => spikes.push(spike));
// What the program itself takes while it starts is no part of the test.
await wait(1_500);
globalThis.held = Buffer.alloc(Number(megabytes) * 2 ** 20, 1);
const until = Date.now() + 1_200;
if (how === 'blocking') while (Date.now() < until);
else await wait(1_200);
if (fate === 'transient') globalThis.held = null;
await wait(4_500);
console.log(JSON.stringify(spikes));
process.exit();
