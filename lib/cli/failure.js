'use strict';

const path = require('node:path');

/** Ends the program with a message and no stack trace. */
class Failure extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The answer is there and is not good: coverage below a threshold, errors of the lint. */
const BAD = 1;
/** There is no answer: wrong usage, an input that is missing or wrong, a disk that is full, a bug of ours. */
const USAGE = 2;

// These are bugs of ours: the stack belongs into their report.
const BUGS = ['ERR_PGTAP_INTERNAL', 'ERR_PGTAP_POISONED'];

const WORDS = {
  ENOENT: (dir) =>
    `There is no folder ${dir}.\nLooked for ${path.resolve(dir)}. Check the spelling, and the folder you are in.`,
  ENOTDIR: (dir) => `${dir} is a file, not a folder.\nGive the folder that holds the tests.`,
  EACCES: (dir) => `No permission to read the folder ${dir}.\nSee who may with: ls -ld ${path.resolve(dir)}`,
};
WORDS.EPERM = WORDS.EACCES;

/** What to tell the user about an error while `dir` was opened or scanned; `undefined` when it is about something else. */
function folderFailure(error, dir) {
  const notFolder = String(error?.message).includes('Path is not a directory');
  const words = WORDS[notFolder ? 'ENOTDIR' : error?.code];
  return words && new Failure(words(dir), USAGE);
}

/** Whether the message of an error is all that its reader needs; what nobody foresaw needs the stack, too. */
function foreseen(error) {
  if (error instanceof Failure || error?.syscall) return true;
  return /^ERR_PGTAP_/.test(error?.code) && !BUGS.includes(error.code);
}

module.exports = { BAD, Failure, USAGE, folderFailure, foreseen };
