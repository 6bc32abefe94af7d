'use strict';

const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { writeWhole } = require('../whole-file.js');
const { Failure, USAGE } = require('./failure.js');

const CHUNK = 64 * 1024;

/** Joins small pieces, so that each write is worth its while. */
async function* chunks(pieces) {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length >= CHUNK) {
      yield held;
      held = '';
      // Writes to a pipe or file return at once: without a pause no signal would be heard before the end.
      await nextTurn();
    }
  }
  if (held) yield held;
}

/** Writes to stdout at the reader's pace. A reader that has gone away (`| head`) ends it quietly. */
async function print(pieces, signal) {
  try {
    await pipeline(Readable.from(chunks(pieces)), process.stdout, { signal, end: false });
  } catch (error) {
    if (error.code !== 'EPIPE') throw error;
  }
}

/** Writes an output file, whole or not at all; what keeps it from being written is told without a stack. */
async function save(file, text, signal) {
  try {
    await writeWhole(file, text, signal);
  } catch (error) {
    if (!error.syscall) throw error;
    throw new Failure(`Cannot write ${file}: ${error.message}`, USAGE);
  }
}

module.exports = { print, save };
