// Opens a black box, says how the last run ended, and what its samples are: `node black-box.cjs MODE FOLDER`.
//
// A line with the time of each sample follows its recording. The modes: `tick` goes on for ever; `heap` and `blocked`
// grow V8's heap, `buffers` memory outside of it, until something ends that; the others end in their own way.
'use strict';

const { writeSync } = require('node:fs');
const { openBlackBox, readBlackBox } = require('../../lib/memory/black-box.js');

const [mode, dir] = process.argv.slice(2);
const box = openBlackBox({ dir });
writeSync(1, `${JSON.stringify(box.previous && { ...box.previous, samples: box.previous.samples.length })}\n`);

let told = 0;

/** Prints the times of samples that came since. */
function tell() {
  const { lastSample } = readBlackBox(box.file);
  if (!lastSample || lastSample.at <= told) return;
  told = lastSample.at;
  writeSync(1, `${told}\n`);
}

const held = [];
const ends = {
  buffers: () => held.push(Buffer.alloc(1 << 20, 1)),
  heap: () => held.push(Array.from({ length: 1_500 }, (_, at) => ({ at }))),
  throw: () => { throw new Error('nobody catches this'); },
  three: () => process.exit(3),
  nothing: () => clearInterval(timer),
  abort: () => process.abort(),
  blocked: () => {
    for (;;) ends.heap();
  },
  closed: () => {
    box.close('done');
    box.close('again');
    process.kill(process.pid, 'SIGKILL');
  },
};
const timer = setInterval(() => {
  tell();
  if (told > 0) ends[mode]?.();
}, 5);
