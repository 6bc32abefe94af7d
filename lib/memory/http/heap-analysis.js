'use strict';

const { basename, isAbsolute, relative } = require('node:path');
const { fileURLToPath } = require('node:url');

const { topAllocators } = require('../snapshots/sampling.js');
const { leakText } = require('./displays.js');
const { heapSpaces } = require('./reads.js');
const { milliseconds, moment, size, usage } = require('./text.js');

const MOST_ALLOCATORS = 10;

/** A script as an answer may name it: below node_modules, or the working directory; of others only the file. */
function shownScript(url) {
  if (!url.startsWith('file:') && !isAbsolute(url)) return url;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const [, inPackage] = /^.*[\\/]node_modules[\\/](.+)$/.exec(path) ?? [];
  if (inPackage) return inPackage;
  const below = relative(process.cwd(), path);
  return below.startsWith('..') || isAbsolute(below) ? basename(path) : below;
}

/** What holds most memory; `null` when nobody samples allocations. */
function allocators() {
  try {
    return topAllocators(MOST_ALLOCATORS).map(({ functionName, url, line, column, selfBytes }) => ({
      functionName, script: shownScript(url), line, column, memory: size(selfBytes),
    }));
  } catch (error) {
    if (error.code === 'ERR_PGTAP_SAMPLING') return null;
    throw error;
  }
}

/** A snapshot that was written, without its folder. */
function shownSnapshot(info) {
  return {
    file: basename(info.file), size: size(info.bytes), reason: info.reason, at: moment(info.at), heapUsed: size(info.heapUsedBytes),
    pause: milliseconds(info.pauseMs),
  };
}

const shownSpace = ({ name, sizeBytes, usedBytes, availableBytes }) => (
  { name, size: size(sizeBytes), used: size(usedBytes), available: size(availableBytes) });

/** What is known of the heap without stopping the program: no snapshot is taken, and the heap is not walked. */
function heapAnalysis({ manager, parts }) {
  const { latest } = parts.snapshotEvents;
  return {
    current: usage(manager.getStatus().sample),
    spaces: heapSpaces().map(shownSpace),
    leak: leakText(manager.getLeakReport()),
    allocators: allocators(),
    latestSnapshot: latest === null ? null : shownSnapshot(latest),
  };
}

module.exports = { heapAnalysis, shownScript, shownSnapshot };
