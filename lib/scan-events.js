'use strict';

const { PgTapError } = require('./errors.js');
const { MemoryMonitor } = require('./memory-monitor.js');

/** Problems of a file of which not all was read, expanded or listed, because it is beyond a limit. */
const FILE_LIMITS = new Set([
  'ERR_PGTAP_TOO_LARGE', 'ERR_PGTAP_TOO_DEEP', 'ERR_PGTAP_TOO_LONG', 'ERR_PGTAP_TOO_MANY_ROWS',
  'ERR_PGTAP_TOO_MANY_EXPANDED', 'ERR_PGTAP_MORE_PROBLEMS',
]);

/** Words the native side's events as callers of the replaced class know them. */
class ScanEvents {
  #scanner;
  #watch;

  /** @param {object} scanner @param {import('./memory-watch.js').MemoryWatch} [watch] told what the native side did */
  constructor(scanner, watch) {
    this.#scanner = scanner;
    this.#watch = watch;
  }

  emitAll(events) {
    for (const event of events) this[event.event](event);
  }

  #emit(name, payload) {
    if (this.#scanner.listenerCount(name) === 0) return;
    this.#scanner.emit(name, { ...payload, timestamp: new Date() });
  }

  directory({ path }) {
    this.#emit('directory', { type: 'directory', message: `Scanning ${path}`, data: { path } });
  }

  progress({ filePath, filesProcessed, totalFiles }) {
    this.#emit('progress', {
      type: 'progress',
      message: `Read ${filesProcessed} of ${totalFiles} files`,
      percentage: Math.round((filesProcessed / totalFiles) * 100),
      data: { filePath, filesProcessed, totalFiles },
    });
  }

  batch({ batch, totalBatches, itemsProcessed }) {
    this.#emit('progress', {
      type: 'batch_processed',
      message: `Batch ${batch} of ${totalBatches} is done`,
      batch,
      totalBatches,
      itemsProcessed,
      memoryUsage: MemoryMonitor.getMemoryUsage(),
    });
  }

  problem({ event, ...problem }) {
    if (problem.severity === 'error' && this.#scanner.listenerCount('error') > 0) {
      const error = new PgTapError(problem.code, problem.message);
      this.#emit('error', { type: 'error', message: problem.message, error, data: { filePath: problem.filePath } });
      return;
    }
    const type = FILE_LIMITS.has(problem.code) ? 'file_limit' : 'warning';
    this.#emit('warning', { type, message: problem.message, data: problem });
  }

  /** Records were moved to disk, because memory ran short. */
  moved(event) {
    this.#watch?.moved(event);
  }

  /** The cache is of no use. */
  cache({ path, message }) {
    this.#emit('warning', { type: 'warning', message, data: { cache: path } });
  }

  /** They take too much, and `spill` is off. */
  beyond(event) {
    this.#watch?.beyond(event);
  }

  finish(root, { files, assertions, cached }) {
    if (files === 0) {
      this.#emit('warning', { type: 'warning', message: 'No test files found', data: { path: root } });
    }
    this.#emit('success', {
      type: 'success',
      message: `Scanned ${files} test files and found ${assertions} assertions`,
      data: { path: root, files, assertions, cached },
    });
  }
}

module.exports = { ScanEvents };
