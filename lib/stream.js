'use strict';

const { NativeStream } = require('./native.js');
const { nativeOptions, ignoredInJavaScript } = require('./native-options.js');
const { operate } = require('./operation.js');
const { ScanEvents } = require('./scan-events.js');
const { parsedFile } = require('./test-file.js');

/** Files read ahead of the caller. */
const AHEAD = 16;

/** Yields files as they are parsed; while the caller is busy at most `AHEAD` wait. */
async function* stream(scanner, root, signal) {
  signal?.throwIfAborted();
  const native = new NativeStream(nativeOptions(scanner.options), root);
  const dropped = ignoredInJavaScript(scanner.options);
  const events = new ScanEvents(scanner);
  const tell = (problems) => events.emitAll(problems
    .filter(({ filePath }) => !dropped(filePath))
    .map((problem) => ({ event: 'problem', ...problem })));
  for (let ended = false; !ended;) {
    const batch = await operate((callback) => native.next(AHEAD, callback), { signal });
    tell(batch.problems);
    for (const file of batch.files) {
      if (dropped(file.path)) continue;
      tell(file.mismatch ? [...file.problems, file.mismatch] : file.problems);
      yield parsedFile(file);
      signal?.throwIfAborted();
    }
    ended = batch.ended;
  }
}

module.exports = { stream };
