'use strict';

const { randomBytes } = require('node:crypto');
const fs = require('node:fs/promises');
const { join, resolve } = require('node:path');
const { threadId } = require('node:worker_threads');

const { PgTapError } = require('../../errors.js');

/** Where snapshots and summaries go that are given no folder: below the working directory. */
const DEFAULT_FOLDER = 'heap-snapshots';
const LONGEST_SLUG = 40;
// A file that a process left half written is removed when nobody has touched it for this long.
const ABANDONED_MS = 60 * 60 * 1000;
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const FOLDER = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'EEXIST', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EBUSY'];

/** The reason as a part of a file name: lower-case letters, digits and single hyphens, 40 at most, never empty. */
function slug(reason) {
  const words = reason.slice(0, 1000).toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return words.slice(0, LONGEST_SLUG + 1).replace(/^-|-$/g, '').slice(0, LONGEST_SLUG) || 'snapshot';
}

let made = 0;

/** A name that no other of ours has; names sort by time. */
function fileName(at, reason, extension) {
  made += 1;
  const stamp = at.toISOString().replace(/[-:.]/g, '');
  return `pgtap-heap-${stamp}-${process.pid}-${threadId}-${made}-${slug(reason)}.${extension}`;
}

const own = (extension) => new RegExp(`^pgtap-heap-\\d{8}T\\d{9}Z-\\d+-\\d+-\\d+-[a-z0-9-]{1,${LONGEST_SLUG}}\\.${extension}$`);
const UNFINISHED = /^\.pgtap-heap-[0-9a-f]{32}\.tmp$/;

/** The error of the file system with a code of ours; one that is none of its own stays as it is. */
function folderError(error, dir) {
  if (typeof error?.code !== 'string' || !/^E[A-Z0-9]+$/.test(error.code)) return error;
  if (FULL.includes(error.code)) {
    return new PgTapError('ERR_PGTAP_SNAPSHOT_FULL', `No room in ${dir} (${error.code}); nothing was kept. Free some, or set dir to another disk`, { cause: error });
  }
  if (FOLDER.includes(error.code)) {
    return new PgTapError('ERR_PGTAP_SNAPSHOT_FOLDER', `Cannot write into ${dir} (${error.code}). Set dir to a folder that this user may write to`, { cause: error });
  }
  return new PgTapError('ERR_PGTAP_SNAPSHOT_IO', `Writing into ${dir} failed (${error.code}); nothing was kept`, { cause: error });
}

/** Makes the folder where it is missing, for this user alone: what lies in a heap is as secret as the program's data. */
async function makeFolder(dir) {
  const folder = resolve(dir);
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Bytes that this user may still write into the folder. */
async function freeBytes(dir) {
  const { bavail, bsize } = await fs.statfs(dir);
  return bavail * bsize;
}

/**
 * Writes a file that is there as a whole or not at all.
 *
 * @param {string} file its path
 * @param {(temporary: string) => unknown} write fills the file of that name, which exists and is empty
 */
async function writeWhole(dir, file, write) {
  const temporary = join(dir, `.pgtap-heap-${randomBytes(16).toString('hex')}.tmp`);
  try {
    await fs.writeFile(temporary, '', { flag: 'wx', mode: 0o600 });
    await write(temporary);
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

async function remove(dir, name) {
  const path = join(dir, name);
  try {
    await fs.rm(path);
    return path;
  } catch (error) {
    // Another process that keeps its files here may have been first.
    if (error.code === 'ENOENT') return null;
    process.emitWarning(`Cannot remove the old file ${path}: ${error.message}`, { code: 'PGTAP_MEMORY_ROTATION' });
    return null;
  }
}

async function abandoned(dir, name, now) {
  const found = await fs.stat(join(dir, name)).catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return found !== null && now - found.mtimeMs > ABANDONED_MS;
}

/**
 * Removes the oldest files of our own naming beyond `keep`, of all processes that share the folder, and files that a
 * process left half written. `newest` always stays.
 *
 * @returns {Promise<string[]>} the paths of what was removed
 */
async function rotate(dir, { extension, keep, newest, now = Date.now() }) {
  const names = (await fs.readdir(dir, { withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
  const pattern = own(extension);
  const old = names.filter((name) => pattern.test(name) && name !== newest).sort();
  const gone = old.slice(0, Math.max(0, old.length - (keep - 1)));
  for (const name of names) if (UNFINISHED.test(name) && await abandoned(dir, name, now)) gone.push(name);
  const removed = [];
  for (const name of gone) removed.push(await remove(dir, name));
  return removed.filter((path) => path !== null);
}

module.exports = { DEFAULT_FOLDER, fileName, folderError, freeBytes, makeFolder, rotate, slug, writeWhole };
