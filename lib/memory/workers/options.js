'use strict';

const { existsSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { resolve } = require('node:path');
const { fileURLToPath } = require('node:url');
const { isMainThread } = require('node:worker_threads');

const { PgTapError, invalid } = require('../../errors.js');
const { BOOLEAN, COUNT, readOptions } = require('../../options.js');
const { DELAY_MS, INTERVAL_MS, LOGGER, MEGABYTES, NAME, OBJECT, PERCENT, SIGNAL, checkArgument, integer, oneOf, optional } = require('../rules.js');

/** More workers than a machine has use for. */
const MOST_WORKERS = 256;
/** Node.js itself takes 5 to 10 MB of a thread's heap. */
const LEAST_WORKER_MB = 16;
const LARGEST_WORKER_MB = 2 ** 20;

const WORKERS = integer(1, MOST_WORKERS);

/** The options of createWorkerPool. */
const POOL_OPTIONS = {
  maxWorkers: { default: Math.max(1, Math.min(4, availableParallelism() - 1)), ...WORKERS, meaning: 'workers at most' },
  minWorkers: { default: 0, ...integer(0, MOST_WORKERS), meaning: 'workers that are kept when they are idle' },
  idleTimeout: { default: 60000, ...DELAY_MS, meaning: 'milliseconds after which an idle worker is ended' },
  verbose: { default: false, ...BOOLEAN, meaning: 'log what happens to workers' },
  isolation: { default: null, ...optional(oneOf('thread', 'process')), meaning: 'what a worker is; null for a process when maxWorkerMemoryMB is set, else a thread' },
  maxWorkerMemoryMB: { default: null, ...optional(integer(LEAST_WORKER_MB, LARGEST_WORKER_MB)), meaning: 'memory that a worker may take, in MB' },
  maxPoolMemoryMB: { default: null, ...optional(MEGABYTES), meaning: 'memory that tasks of the pool may take together, in MB' },
  maxPoolMemoryPercent: { default: null, ...optional(PERCENT), meaning: "the same, in percent of the container's or machine's memory" },
  memoryCheckMs: { default: 250, ...INTERVAL_MS, meaning: 'milliseconds between two looks at the memory of a worker' },
  onLimit: { default: 'recycle', ...oneOf('recycle', 'terminate'), meaning: 'what happens before the limit is reached' },
  maxTasksPerWorker: { default: null, ...optional(COUNT), meaning: 'tasks after which a worker is replaced' },
  taskTimeout: { default: null, ...optional(DELAY_MS), meaning: 'milliseconds that a task may run' },
  logger: { default: console, ...LOGGER, meaning: 'where verbose logs' },
};

const TRANSFER_LIST = { allowed: 'an array', check: (value) => (Array.isArray(value) ? undefined : { allowed: 'an array', value, at: '', range: false }) };

/** The options of exec. */
const EXEC_OPTIONS = {
  signal: { default: null, ...SIGNAL, meaning: 'ends the task' },
  transferList: { default: [], ...TRANSFER_LIST, meaning: 'what is moved to the worker instead of copied' },
  estimateMB: { default: null, ...optional(MEGABYTES), meaning: 'memory that the task will take, in MB' },
};

const SHUTDOWN_OPTIONS = { force: { default: false, ...BOOLEAN, meaning: 'end what runs' } };

function refuse(expected, name, options, from) {
  throw invalid(expected, `option "${name}"`, options[name], { code: 'ERR_PGTAP_INVALID_OPTION', range: true, from });
}

/** The complete options of a pool, or the error that says which is wrong. */
function readPoolOptions(given, from) {
  const options = readOptions(given, from, POOL_OPTIONS);
  // A pool of fewer workers than asked to keep is one of that many.
  if (options.minWorkers > options.maxWorkers) refuse(`at most maxWorkers (${options.maxWorkers})`, 'minWorkers', options, from);
  if (options.maxPoolMemoryMB !== null && options.maxPoolMemoryPercent !== null) {
    refuse('null beside maxPoolMemoryMB', 'maxPoolMemoryPercent', options, from);
  }
  options.isolation ??= options.maxWorkerMemoryMB === null ? 'thread' : 'process';
  if (options.isolation === 'thread' && options.maxWorkerMemoryMB !== null && !isMainThread) {
    refuse("'process' for a limit of memory in a pool that is not made in the main thread", 'isolation', options, from);
  }
  return options;
}

/** The path of a worker's script, which must exist. */
function scriptPath(file, from) {
  const isUrl = file instanceof URL || (typeof file === 'string' && file.startsWith('file:'));
  if (!isUrl) checkArgument(NAME, file, 'file', from);
  const path = isUrl ? fileOf(file, from) : resolve(file);
  if (existsSync(path)) return path;
  const error = new PgTapError('ERR_PGTAP_WORKER_SCRIPT', `There is no worker script ${path}; a relative path is taken from the working directory`);
  Error.captureStackTrace(error, from);
  throw Object.assign(error, { file: path });
}

function fileOf(url, from) {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid('a path or a file: URL', 'file', String(url), { range: true, from });
  }
}

/** A task as it is sent. */
function readTask(task, from) {
  checkArgument(OBJECT, task, 'task', from);
  checkArgument(NAME, task.type, 'task.type', from);
  return { type: task.type, data: task.data };
}

module.exports = { EXEC_OPTIONS, SHUTDOWN_OPTIONS, readPoolOptions, readTask, scriptPath };
