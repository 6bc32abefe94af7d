'use strict';

const { randomBytes } = require('node:crypto');
const fs = require('node:fs/promises');
const { basename, dirname, join } = require('node:path');

/** The file that a link leads to, and whether it can be replaced: a device or a pipe can only be written to. */
async function targetOf(file) {
  try {
    const path = await fs.realpath(file);
    return { path, replaceable: (await fs.stat(path)).isFile() };
  } catch (error) {
    if (error.code === 'ENOENT') return { path: file, replaceable: true };
    throw error;
  }
}

async function replace(path, text, signal) {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await fs.writeFile(beside, text, { signal, flag: 'wx' });
    signal?.throwIfAborted();
    await fs.rename(beside, path);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw error;
  }
}

/**
 * Writes a file that is there as a whole or not at all: readers see the old one until the new one is complete. What no
 * file can replace, as a device or a pipe, is written to.
 */
async function writeWhole(file, text, signal) {
  const { path, replaceable } = await targetOf(file);
  await (replaceable ? replace(path, text, signal) : fs.writeFile(path, text, { signal }));
}

module.exports = { writeWhole };
