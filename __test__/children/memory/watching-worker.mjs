// A worker under a watch of its own that holds as many MB of heap as it is told, and says what its samples say.

import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const { engine } = createRequire(import.meta.url)('../../../lib/memory/engine.js');

const held = Array.from({ length: workerData.megabytes }, () => Array.from({ length: 131_072 }, (_, i) => i + 0.5));
const samples = [];
const watch = engine().watch({ intervalMs: 50 });
watch.on('sample', (sample) => {
  samples.push(sample);
  if (samples.length < 4) return;
  watch.stop();
  parentPort.postMessage({ samples: samples.slice(-2), held: held.length });
});
// Its watch does not keep it alive.
const alive = setInterval(() => {}, 1_000);
parentPort.on('message', () => {
  clearInterval(alive);
  parentPort.close();
});
