'use strict';

const { readdir, rm } = require('node:fs/promises');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');

/** What builds leave behind in a workspace. */
const FOLDERS = ['build', 'dist'];
const FILES = /\.tsbuildinfo$/;

/** Removes what builds left in a workspace. A link is removed, what it leads to stays. */
async function cleanWorkspace(folder, { signal }) {
  const begin = performance.now();
  const removed = [];
  for (const { name } of await readdir(folder, { withFileTypes: true })) {
    if (!FOLDERS.includes(name) && !FILES.test(name)) continue;
    signal.throwIfAborted();
    await rm(join(folder, name), { recursive: true });
    removed.push(name);
  }
  return { success: true, removed: removed.sort(), durationMs: performance.now() - begin };
}

module.exports = { cleanWorkspace };
