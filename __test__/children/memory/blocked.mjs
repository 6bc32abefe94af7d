// Blocks JavaScript for 1.5 s with a transient 300 MB, under a watch, and prints what the watch and the kernel say.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { engine } = createRequire(import.meta.url)('../../../lib/memory/engine.js');

const highest = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;

const found = { blocked: [], samples: [] };
const watch = engine().watch({ intervalMs: 100 });
watch.on('blocked', (event) => found.blocked.push(event));
watch.on('sample', (sample) => found.samples.push(sample));

setTimeout(() => {
  const begin = Date.now();
  found.blockedFrom = begin;
  Buffer.alloc(300 << 20, 1);
  while (Date.now() - begin < 1_500);
  found.blockedTo = Date.now();
}, 500);

setTimeout(() => {
  watch.stop();
  console.log(JSON.stringify({ ...found, highest: highest(), history: engine().history() }));
}, 2_600);
