'use strict';

const { basename } = require('node:path');

const { PgTapError, filePath, invalid } = require('../errors.js');
const { NativeBlackBox, blackBoxStory, rotateBlackBoxes } = require('../native.js');

/** Milliseconds between samples that are kept. */
const INTERVAL_MS = 250;
/** Beyond it a file would have more than 1 MB. */
const MOST_MINUTES = 30;
const MOST_KEPT = 1000;
/** What the file has room for, in bytes. */
const LONGEST_REASON = 64;

const open = new Set();
const natives = new WeakMap();

/** What the native side throws, with a stack that begins in the caller's code. */
function translated(call, from) {
  try {
    return call();
  } catch (cause) {
    const error = new PgTapError(cause.code, cause.message);
    Error.captureStackTrace(error, from);
    throw error;
  }
}

let finish;

/** Closes all that are open when the program ends by itself. */
function onExit(code) {
  for (const box of [...open]) {
    try {
      finish(box, 'exit', code);
    } catch (error) {
      // Warnings are not printed any more, and an error would change the exit code.
      console.error(error.message);
    }
  }
}

/** An open black box; documented in black-box.d.ts. */
class BlackBox {
  #native;

  constructor(native, previous) {
    this.#native = native;
    this.file = native.file;
    this.previous = previous;
    natives.set(this, native);
    if (open.size === 0) process.on('exit', onExit);
    open.add(this);
  }

  static {
    /** Ends the recording once; later calls do nothing. */
    finish = (box, reason, exitCode) => {
      if (!open.delete(box)) return;
      if (open.size === 0) process.off('exit', onExit);
      translated(() => box.#native.close(reason, exitCode), box.close);
    };
  }

  close(reason = 'closed') {
    const isText = typeof reason === 'string';
    if (!isText || reason === '' || Buffer.byteLength(reason) > LONGEST_REASON) {
      throw invalid(`a string of 1 to ${LONGEST_REASON} bytes`, 'reason', reason, { range: isText, from: this.close });
    }
    finish(this, reason);
  }

  [Symbol.dispose]() {
    finish(this, 'disposed');
  }
}

function checkInteger(value, least, most, name, from) {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const how = { range: typeof value === 'number', from, code: 'ERR_PGTAP_INVALID_OPTION' };
  throw invalid(`an integer from ${least} to ${most}`, `option "${name}"`, value, how);
}

/** The program's name without folders and arguments, which may hold secrets. */
function programName() {
  return basename(process.argv[1] ?? 'node').replace(/[^\w.-]/g, '_');
}

function openBlackBox(options) {
  if (options === null || typeof options !== 'object') throw invalid('an object', 'options', options, { from: openBlackBox });
  const { dir, minutes = 10, keep = 3 } = options;
  const folder = filePath(dir, 'option "dir"', openBlackBox);
  checkInteger(minutes, 1, MOST_MINUTES, 'minutes', openBlackBox);
  checkInteger(keep, 0, MOST_KEPT, 'keep', openBlackBox);
  const { previous, problems } = JSON.parse(rotateBlackBoxes(folder, keep));
  const native = translated(() => new NativeBlackBox(JSON.stringify({
    dir: folder, minutes, intervalMs: INTERVAL_MS, name: programName(), nodeVersion: process.version,
  })), openBlackBox);
  for (const { code, message } of problems) process.emitWarning(message, { type: 'PgTapWarning', code });
  return new BlackBox(native, previous);
}

function readBlackBox(file) {
  const path = filePath(file, 'file', readBlackBox);
  return JSON.parse(translated(() => blackBoxStory(path), readBlackBox));
}

/** The native side, into which the sampler records. */
const nativeOf = (box) => natives.get(box);

module.exports = { openBlackBox, readBlackBox, nativeOf };
