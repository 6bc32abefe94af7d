'use strict';

const fs = require('node:fs/promises');
const { join } = require('node:path');

const { fileName, folderError, makeFolder, rotate, writeWhole } = require('./files.js');

// A summary has some 20 kB, so more of them are kept than of snapshots.
const KEEP = 48;
const MOST_ALLOCATORS = 30;

/**
 * Saves what the program's live objects were allocated by: some kB, no pause, no content of any object.
 *
 * @param {import('./sampling.js').AllocationSampling} sampling one that runs
 * @param {{ dir: string, reason: string, why: string }} how `why` there is no snapshot instead
 */
async function saveSummary(sampling, { dir: wanted, reason, why }) {
  const at = new Date();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const summary = {
    at: at.toISOString(), reason, why, rssBytes: rss, heapUsedBytes: heapUsed, heapTotalBytes: heapTotal, externalBytes: external,
    intervalBytes: sampling.intervalBytes, allocators: sampling.topAllocators(MOST_ALLOCATORS),
  };
  try {
    const dir = await makeFolder(wanted);
    const newest = fileName(at, reason, 'allocations.json');
    const file = join(dir, newest);
    await writeWhole(dir, file, (temporary) => fs.writeFile(temporary, `${JSON.stringify(summary, null, 1)}\n`));
    const removed = await rotate(dir, { extension: 'allocations\\.json', keep: KEEP, newest });
    return { file, at, reason, why, allocators: summary.allocators, removed };
  } catch (error) {
    throw folderError(error, wanted);
  }
}

module.exports = { saveSummary };
