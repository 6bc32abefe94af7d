'use strict';

const { EventEmitter } = require('node:events');
const { pathToFileURL } = require('node:url');

const { PgTapError } = require('../../errors.js');
const { readOptions } = require('../../options.js');
const { MB } = require('../figures.js');
const { callSafely, emitSafely } = require('../listeners.js');
const { PARTS } = require('../parts.js');
const { Admission } = require('./admission.js');
const { EXEC_OPTIONS, SHUTDOWN_OPTIONS, readPoolOptions, readTask, scriptPath } = require('./options.js');
const { ProcessWorker } = require('./process-worker.js');
const { QueuedTask } = require('./queued-task.js');
const { startError } = require('./task-errors.js');
const { ThreadWorker } = require('./thread-worker.js');
const { WorkerStore } = require('./worker-store.js');

/** Starts in a row that fail before everything that waits is refused. */
const MOST_FAILED_STARTS = 3;

/** The part of the limit above which a worker is replaced when its task is done. */
const SOFT_SHARE = 0.8;

const closedError = () => new PgTapError('ERR_PGTAP_CLOSED', 'This worker pool is shut down; make a new one');
const transferError = () => new PgTapError('ERR_PGTAP_WORKER_TRANSFER', "Nothing can be transferred to another process; use isolation: 'thread'");

/** Runs tasks in workers; documented in index.d.ts. */
class WorkerPool extends EventEmitter {
  #file;
  #options;
  #softBytes;
  #log;
  #admission;
  #store;
  #queue = new Set();
  #running = new Set();
  /** Worker -> the tasks that it took. */
  #workers = new Map();
  /** Workers that reached their limit. */
  #blamed = new WeakSet();
  /** The worker that follows one that will be replaced. */
  #next = null;
  #failedStarts = 0;
  #recheck = null;
  #isClosed = false;
  #ending = null;
  #drained = () => {};
  #counts = { totalTasksCompleted: 0, totalTasksFailed: 0, workersStarted: 0, workersRecycled: 0, memoryLimitsReached: 0 };

  /** @param {object} [parts] those of parts.js, or others like them */
  constructor(file, options, { from = WorkerPool, parts = PARTS } = {}) {
    super();
    this.#file = scriptPath(file, from);
    this.#options = readPoolOptions(options, from);
    const { onLimit, maxWorkerMemoryMB, logger } = this.#options;
    this.#softBytes = onLimit === 'recycle' && maxWorkerMemoryMB !== null ? maxWorkerMemoryMB * MB * SOFT_SHARE : Infinity;
    this.#log = logger.log.bind(logger);
    this.#admission = new Admission(this.#options, () => parts.engine().read());
    this.#store = new WorkerStore(this.#options, { create: () => this.#take(), destroy: (worker) => worker.end() });
  }

  async exec(task, options = {}) {
    const message = readTask(task, this.exec);
    const { signal, ...how } = readOptions(options, this.exec, EXEC_OPTIONS);
    if (how.transferList.length > 0 && this.#options.isolation === 'process') throw transferError();
    if (this.#isClosed) throw closedError();
    signal?.throwIfAborted();
    const queued = new QueuedTask(message, how);
    queued.watch(signal, (reason) => this.#cancel(queued, reason));
    this.#queue.add(queued);
    this.#pump();
    return queued.promise;
  }

  getStats() {
    const totalWorkers = [...this.#workers.keys()].filter(({ isUsable }) => isUsable).length;
    const busyWorkers = [...this.#running].filter(({ state, worker }) => state === 'running' && worker.isUsable).length;
    const { totalTasksCompleted, ...more } = this.#counts;
    return {
      totalWorkers,
      busyWorkers,
      idleWorkers: totalWorkers - busyWorkers,
      queuedTasks: this.#queue.size + [...this.#running].filter(({ state, isSettled }) => state === 'waiting' && !isSettled).length,
      totalTasksCompleted,
      ...more,
      usedBytes: this.#usedBytes(),
    };
  }

  async shutdown(options = {}) {
    const { force } = readOptions(options, this.shutdown, SHUTDOWN_OPTIONS);
    this.#isClosed = true;
    if (force) for (const task of [...this.#queue, ...this.#running]) this.#cancel(task, closedError());
    this.#ending ??= this.#end();
    return this.#ending;
  }

  [Symbol.asyncDispose]() {
    return this.shutdown();
  }

  async #end() {
    await new Promise((resolve) => {
      this.#drained = resolve;
      this.#pump();
    });
    await this.#dropNext();
    await this.#store.destroy();
    await Promise.all([...this.#workers.keys()].map((worker) => worker.end()));
  }

  /** Begins what can begin. */
  #pump() {
    clearTimeout(this.#recheck);
    for (const task of this.#queue) {
      if (this.#running.size >= this.#options.maxWorkers) break;
      if (!this.#admits(task)) {
        this.#recheck = setTimeout(() => this.#pump(), this.#options.memoryCheckMs);
        break;
      }
      this.#queue.delete(task);
      task.estimateBytes = this.#admission.estimate(task);
      this.#running.add(task);
      void this.#dispatch(task);
    }
    if (this.#running.size + this.#queue.size === 0) this.#drained();
  }

  /** Memory decides only beside others: a task that is alone is always begun. */
  #admits(task) {
    if (this.#running.size === 0) return true;
    const busy = new Set([...this.#running].map(({ worker }) => worker));
    const idle = [...this.#workers.keys()].filter((worker) => !busy.has(worker));
    return this.#admission.admits(task, this.#running, idle.reduce((sum, { usedBytes }) => sum + (usedBytes ?? 0), 0));
  }

  async #dispatch(task) {
    try {
      const worker = await this.#store.acquire().promise;
      if (!task.isSettled) await this.#use(worker, task);
      this.#store.release(worker);
    } catch (error) {
      this.#fail(task, error);
    }
    this.#running.delete(task);
    if (this.#queue.size === 0) void this.#dropNext();
    this.#pump();
  }

  async #use(worker, task) {
    task.begin(worker);
    const tasks = this.#workers.get(worker) + 1;
    this.#workers.set(worker, tasks);
    const isLast = tasks >= (this.#options.maxTasksPerWorker ?? Infinity);
    if (isLast) this.#prepare();
    task.limit(this.#options.taskTimeout, (error) => this.#cancel(task, error));
    const settle = await worker.run(task.message, task.transferList).then((result) => () => this.#complete(task, result), (error) => () => this.#fail(task, error));
    task.state = 'done';
    settle();
    await worker.rest();
    this.#admission.learn(task.type, worker.peakBytes);
    if (worker.isWorn || (isLast && worker.isUsable)) await this.#recycle(worker, isLast ? 'tasks' : 'memory');
  }

  #complete(task, result) {
    // A task that was cancelled may yet answer.
    if (!task.isSettled) this.#counts.totalTasksCompleted += 1;
    task.resolve(result);
  }

  #fail(task, error) {
    if (task.worker !== null) this.#blame(task.worker, error);
    this.#reject(task, error);
  }

  /** Counts a worker that reached its limit: when its task rejects, or when it ends without one. */
  #blame(worker, error) {
    if (error?.code !== 'ERR_PGTAP_WORKER_MEMORY' || this.#blamed.has(worker)) return;
    this.#blamed.add(worker);
    this.#counts.memoryLimitsReached += 1;
    this.#tell('memory-limit', { error }, error.message);
  }

  #reject(task, error) {
    if (!task.isSettled) this.#counts.totalTasksFailed += 1;
    task.reject(error);
  }

  #cancel(task, reason) {
    this.#reject(task, reason);
    if (this.#queue.delete(task)) this.#pump();
    if (task.state === 'running') task.worker.cancel(reason);
  }

  /** A worker for the store: the one that was begun for this, else a new one. */
  #take() {
    const next = this.#next ?? this.#start();
    this.#next = null;
    return next;
  }

  async #start() {
    const { isolation } = this.#options;
    const worker = this.#make();
    this.#workers.set(worker, 0);
    this.#counts.workersStarted += 1;
    const { id } = worker;
    worker.on('message', (message) => emitSafely(this, 'message', { id, message }));
    worker.on('usage', (bytes) => this.#onUsage(bytes));
    worker.on('exit', (error) => {
      this.#workers.delete(worker);
      this.#blame(worker, error);
      this.#tell('worker-exit', { id }, `Worker ${id} ended: ${error.message}`);
    });
    try {
      await worker.opened();
    } catch (error) {
      throw this.#startFailed(error);
    }
    this.#failedStarts = 0;
    this.#tell('worker-start', { id }, `Worker ${id} started as a ${isolation}`);
    return worker;
  }

  #make() {
    const { isolation, maxWorkerMemoryMB: limitMB, maxPoolMemoryMB, maxPoolMemoryPercent, memoryCheckMs } = this.#options;
    const isWatched = (limitMB ?? maxPoolMemoryMB ?? maxPoolMemoryPercent) !== null;
    const Kind = isolation === 'process' ? ProcessWorker : ThreadWorker;
    return new Kind({ url: pathToFileURL(this.#file).href, limitMB, softBytes: this.#softBytes, checkMs: isWatched ? memoryCheckMs : null });
  }

  #startFailed(cause) {
    const error = cause.code === 'ERR_PGTAP_WORKER_MEMORY' ? cause : startError(this.#file, cause);
    this.#failedStarts += 1;
    if (this.#failedStarts >= MOST_FAILED_STARTS) {
      for (const task of this.#queue) this.#fail(task, error);
      this.#queue.clear();
    }
    return error;
  }

  /** A worker above the soft limit will be replaced when its task is done. */
  #onUsage(bytes) {
    if (bytes > this.#softBytes) this.#prepare();
  }

  /** Starts the worker that follows, so that tasks which wait need not wait for its start. */
  #prepare() {
    if (this.#next !== null || this.#queue.size === 0) return;
    this.#next = this.#start();
    // Whoever takes it gets the error.
    this.#next.catch(() => {});
  }

  async #dropNext() {
    const next = this.#next;
    this.#next = null;
    await next?.then((worker) => worker.end(), () => {});
  }

  async #recycle(worker, why) {
    const { id } = worker;
    this.#counts.workersRecycled += 1;
    this.#tell('worker-recycle', { id, why }, `Worker ${id} is replaced: ${why === 'memory' ? 'it holds too much memory' : 'it did its tasks'}`);
    await worker.end();
  }

  #usedBytes() {
    const figures = [...this.#workers.keys()].map(({ usedBytes }) => usedBytes).filter((bytes) => bytes !== null);
    return figures.length === 0 ? null : figures.reduce((sum, bytes) => sum + bytes, 0);
  }

  #tell(event, payload, text) {
    emitSafely(this, event, payload);
    if (this.#options.verbose) callSafely(this.#log, 'log() of the logger', text);
  }
}

module.exports = { WorkerPool };
