'use strict';

const { WorkerPool } = require('./pool.js');
const { WorkerMemoryLimitError } = require('./task-errors.js');

/** A pool of workers that run the tasks of `file`; documented in index.d.ts. */
function createWorkerPool(file, options = {}) {
  return new WorkerPool(file, options, { from: createWorkerPool });
}

/** The public names of the worker pool. Written out, so that an ES module can import each. */
module.exports = { createWorkerPool, WorkerMemoryLimitError };
