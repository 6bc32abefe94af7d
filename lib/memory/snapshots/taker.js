'use strict';

const { stat } = require('node:fs/promises');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');
const { getHeapSpaceStatistics, getHeapStatistics, writeHeapSnapshot } = require('node:v8');

const { filePath } = require('../../errors.js');
const { MemoryMonitor } = require('../../memory-monitor.js');
const { BOOLEAN, NAME, OBJECT, POSITIVE, SIGNAL, checkArgument, integer } = require('../rules.js');
const { MB, estimate, learn } = require('./estimate.js');
const { DEFAULT_FOLDER, fileName, folderError, freeBytes, makeFolder, rotate, writeWhole } = require('./files.js');

const KB = 1024;
const inMB = (bytes) => Math.ceil(bytes / MB);

/** What a taker asks of the machine; tests put others in their place. */
const MACHINE = {
  heap() {
    const large = getHeapSpaceStatistics().filter(({ space_name: name }) => name.includes('large_object'));
    return {
      usedBytes: getHeapStatistics().used_heap_size,
      largeBytes: large.reduce((sum, space) => sum + space.space_used_size, 0),
    };
  },
  availableBytes() {
    const { containerBytes, systemBytes } = MemoryMonitor.getAvailableMemory();
    return Math.min(systemBytes, containerBytes ?? Infinity);
  },
  freeBytes,
  residentBytes: () => process.memoryUsage.rss(),
  peakBytes: () => process.resourceUsage().maxRSS * KB,
  // Straight from V8 to the disk. The stream of getHeapSnapshot() fills its buffer with the whole text first.
  write: (path) => writeHeapSnapshot(path),
};

function optionsOf(options, from) {
  checkArgument(OBJECT, options, 'options', from);
  const { reason = 'manual', dir = DEFAULT_FOLDER, force = false, maxPauseMs = 2000, keep = 3, signal } = options;
  return {
    reason: checkArgument(NAME, reason, 'option "reason"', from),
    dir: filePath(dir, 'option "dir"', from),
    force: checkArgument(BOOLEAN, force, 'option "force"', from),
    maxPauseMs: checkArgument(POSITIVE, maxPauseMs, 'option "maxPauseMs"', from),
    keep: checkArgument(integer(1, 10000), keep, 'option "keep"', from),
    signal: checkArgument(SIGNAL, signal ?? null, 'option "signal"', from),
  };
}

function refused(why, needBytes, haveBytes, message) {
  return { refused: true, why, needBytes, haveBytes, message };
}

/** Takes snapshots of one heap, one at a time, and learns from each what the next one will take. */
class Taker {
  #machine;
  #learned;
  #busy = false;

  constructor(machine = {}) {
    this.#machine = { ...MACHINE, ...machine };
  }

  /** Documented as takeSnapshot in take.d.ts. */
  async take(options, from) {
    const how = optionsOf(options, from);
    how.signal?.throwIfAborted();
    // No answer for two: the one in flight has its own reason, folder and signal.
    if (this.#busy) return refused('busy', null, null, 'Another snapshot of this heap is being taken');
    this.#busy = true;
    try {
      const dir = await makeFolder(how.dir);
      return await this.#preflight(dir, how) ?? await this.#write(dir, how);
    } catch (error) {
      throw folderError(error, how.dir);
    } finally {
      this.#busy = false;
    }
  }

  /** Why no snapshot should be taken now; nothing when it may be. */
  async #preflight(dir, { force, maxPauseMs, signal }) {
    const freeOnDisk = await this.#machine.freeBytes(dir);
    signal?.throwIfAborted();
    if (force) return undefined;
    const needs = estimate(this.#machine.heap(), this.#learned);
    const available = this.#machine.availableBytes();
    if (needs.memoryBytes > available) {
      return refused('memory', needs.memoryBytes, available,
        `It may take ${inMB(needs.memoryBytes)} MB of memory; ${inMB(available)} MB are available`);
    }
    if (needs.diskBytes > freeOnDisk) {
      return refused('disk', needs.diskBytes, freeOnDisk,
        `It may take ${inMB(needs.diskBytes)} MB in ${dir}; ${inMB(freeOnDisk)} MB are free`);
    }
    if (needs.pauseMs > maxPauseMs) {
      return { ...refused('pause', null, null, `It may stop JavaScript for ${needs.pauseMs} ms; maxPauseMs is ${maxPauseMs}`), pauseMs: needs.pauseMs };
    }
    return undefined;
  }

  async #write(dir, { reason, keep, signal }) {
    const at = new Date();
    const started = performance.now();
    const newest = fileName(at, reason, 'heapsnapshot');
    const file = join(dir, newest);
    let took;
    await writeWhole(dir, file, (temporary) => {
      signal?.throwIfAborted();
      took = this.#measured(temporary);
    });
    const { heap, pauseMs } = took;
    const { size: bytes } = await stat(file);
    this.#learned = learn(heap, { ...took, diskBytes: bytes }, this.#learned);
    const removed = await rotate(dir, { extension: 'heapsnapshot', keep, newest });
    return { file, bytes, durationMs: performance.now() - started, pauseMs, heapUsedBytes: heap.usedBytes, reason, at, removed };
  }

  /** Writes the snapshot, while JavaScript stands still: the heap before it, and what it took. */
  #measured(path) {
    const { heap, residentBytes, peakBytes, write } = this.#machine;
    const before = { heap: heap(), resident: residentBytes(), peak: peakBytes() };
    const begun = performance.now();
    write(path);
    const pauseMs = performance.now() - begun;
    const peak = peakBytes();
    // A peak that did not rise is one of an earlier time, and may be far above what this one took.
    return { heap: before.heap, pauseMs, memoryBytes: peak > before.peak ? peak - before.resident : null };
  }
}

module.exports = { Taker };
