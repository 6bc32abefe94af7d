'use strict';

const path = require('node:path');

/** Ends the program with a message and no stack trace. */
class Failure extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Bad usage, or a folder that cannot be read. */
const USAGE = 2;

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

module.exports = { Failure, USAGE, folderFailure };
