// Opens a black box, says how the last run ended, and records: `node black-box.cjs MODE FOLDER`.
//
// A line with the time of each sample follows its recording. The modes: `tick` records for ever; `heap` grows V8's heap,
// `buffers` memory outside of it, until something ends that; the others end in their own way.
'use strict';

const { writeSync } = require('node:fs');
const { getHeapStatistics } = require('node:v8');
const { openBlackBox, nativeOf } = require('../../lib/memory/black-box.js');
const { systemMemory } = require('../../lib/native.js');

const [mode, dir] = process.argv.slice(2);
const box = openBlackBox({ dir });
writeSync(1, `${JSON.stringify(box.previous && { ...box.previous, samples: box.previous.samples.length })}\n`);

function record() {
  const { residentBytes, peakBytes, availableBytes, container, pressure, events } = JSON.parse(systemMemory());
  const heap = getHeapStatistics();
  const at = Date.now();
  nativeOf(box).record(JSON.stringify({
    at, level: 'healthy', rssBytes: residentBytes, peakRssBytes: peakBytes, availableBytes, container, pressure,
    heapUsedBytes: heap.used_heap_size, heapTotalBytes: heap.total_heap_size, heapLimitBytes: heap.heap_size_limit,
    externalBytes: heap.external_memory, arrayBuffersBytes: 0, oomKill: events?.oom_kill ?? null,
  }));
  writeSync(1, `${at}\n`);
}

const held = [];
const ends = {
  buffers: () => held.push(Buffer.alloc(1 << 20, 1)),
  heap: () => held.push(Array.from({ length: 20_000 }, (_, at) => ({ at }))),
  throw: () => { throw new Error('nobody catches this'); },
  three: () => process.exit(3),
  nothing: () => clearInterval(timer),
  abort: () => process.abort(),
  closed: () => {
    box.close('done');
    box.close('again');
    process.kill(process.pid, 'SIGKILL');
  },
};
record();
const timer = setInterval(() => {
  record();
  ends[mode]?.();
}, 2);
