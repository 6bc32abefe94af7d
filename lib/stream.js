'use strict';

const { NativeStream } = require('./native.js');
const { operate } = require('./operation.js');
const { ScanEvents } = require('./scan-events.js');
const { parsedFile } = require('./test-file.js');

/** Files read ahead of the caller. */
const AHEAD = 16;

/** Yields files as they are parsed; while the caller is busy at most `AHEAD` wait. */
async function* stream(scanner, root, options, signal) {
  signal?.throwIfAborted();
  const native = new NativeStream(options, root);
  const events = new ScanEvents(scanner);
  for (let ended = false; !ended;) {
    const batch = await operate((callback) => native.next(AHEAD, callback), { signal });
    events.emitAll(batch.problems.map((problem) => ({ event: 'problem', ...problem })));
    for (const file of batch.files) {
      events.emitAll(file.problems.map((problem) => ({ event: 'problem', ...problem })));
      yield parsedFile(file);
      signal?.throwIfAborted();
    }
    ended = batch.ended;
  }
}

module.exports = { stream };
