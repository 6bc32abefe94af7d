'use strict';

const { EventEmitter } = require('node:events');
const { join } = require('node:path');
const { MessageChannel, Worker } = require('node:worker_threads');

const { MB, toMB } = require('../figures.js');
const { Governor } = require('./governor.js');
const { heapLimits, releaseHeapFlags } = require('./heap-limits.js');
const { openInspection } = require('./inspection.js');
const { Opening } = require('./opening.js');
const { WorkerMemoryLimitError, decodeError, exitError, spareError } = require('./task-errors.js');

const ENTRY = join(__dirname, 'thread-entry.js');
/** How long a function may take to end by itself when its task was cancelled, in milliseconds. */
const GRACE_MS = 1000;

const isAnswer = (message) => typeof message === 'object' && message !== null && typeof message.success === 'boolean';

/**
 * A worker in a thread. Emits `message` (what the script posts beside answers), `usage` (bytes) and `exit`.
 * process-worker.js has the same members.
 */
class ThreadWorker extends EventEmitter {
  #thread;
  #control;
  #limitMB;
  #governor = null;
  #inspection = openInspection();
  #opening;
  /** 'functions' or 'port': who answers. */
  #kind = null;
  #running = null;
  #isAlive = true;
  #isWorn = false;
  #failure;
  /** Why it is ended from here. */
  #why = null;
  #exited;

  /** @param {{ url: string, limitMB: number | null, softBytes: number, checkMs: number | null }} how `checkMs`: `null` to not look at its memory */
  constructor({ url, limitMB, softBytes, checkMs }) {
    super();
    this.#limitMB = limitMB;
    const { port1, port2 } = new MessageChannel();
    this.#control = port1;
    if (limitMB !== null) releaseHeapFlags();
    this.#thread = new Worker(ENTRY, {
      workerData: { url, control: port2 },
      transferList: [port2],
      ...(limitMB === null ? {} : { resourceLimits: heapLimits(limitMB) }),
    });
    this.#listen();
    if (checkMs !== null) this.#govern(softBytes, checkMs);
    this.#opening = new Opening(() => this.end());
  }

  get id() {
    return this.#thread.threadId;
  }

  /** It can take a task. */
  get isUsable() {
    return this.#isAlive && !this.#isWorn && this.#why === null;
  }

  /** It holds too much memory to take another task. */
  get isWorn() {
    return this.#isWorn;
  }

  get usedBytes() {
    return this.#governor?.usedBytes ?? null;
  }

  /** The highest use of memory that was seen since the latest task began. */
  get peakBytes() {
    return this.#governor?.peakBytes ?? null;
  }

  /** Resolves when it takes tasks. */
  opened() {
    return this.#opening.promise;
  }

  /** What the script answers; rejects with its error, or with why the worker ended. */
  run(task, transferList = []) {
    this.#thread.ref();
    this.#governor?.begin();
    return new Promise((resolve, reject) => {
      this.#running = { type: task.type, resolve, reject, grace: null };
      const [port, message] = this.#kind === 'functions' ? [this.#control, { task }] : [this.#thread, task];
      try {
        port.postMessage(message, transferList);
      } catch (error) {
        this.#settle()?.reject(error);
      }
    });
  }

  /** Ends the running task: a function is told and has a second to end, a script is ended with its thread. */
  cancel(reason) {
    if (this.#running === null) return;
    if (this.#kind === 'port') return void this.end(reason);
    this.#running.grace = setTimeout(() => void this.end(reason), GRACE_MS);
    this.#control.postMessage({ cancel: { reason: reason?.message ?? 'The task was cancelled' } });
  }

  /** To be called behind each task; until then it keeps the program alive. Resolves when it can take the next task, or when it cannot (`isUsable`) for it holds too much memory. */
  async rest() {
    if (this.#governor !== null && this.isUsable) this.#isWorn = await this.#governor.rest();
    if (this.#isAlive) this.#thread.unref();
  }

  /** Ends it with what it runs, which rejects with `why`. */
  async end(why) {
    this.#why ??= why ?? spareError();
    if (this.#isAlive) await this.#thread.terminate();
    await this.#exited;
  }

  #listen() {
    this.#thread.on('message', (message) => this.#heard(message));
    this.#thread.on('messageerror', (error) => this.#settle()?.reject(error));
    this.#thread.on('error', (error) => {
      this.#failure = error;
    });
    this.#exited = new Promise((resolve) => {
      this.#thread.on('exit', (exitCode) => resolve(this.#onExit(exitCode)));
    });
    this.#control.on('message', (message) => this.#told(message));
    this.#control.unref();
  }

  #govern(softBytes, checkMs) {
    const ask = (method) => this.#inspection.ask(this.#thread.threadId, method);
    this.#governor = new Governor({ measure: () => this.#measure(ask), collect: () => ask('collectedBytes') }, {
      limitBytes: this.#limitMB === null ? Infinity : this.#limitMB * MB,
      softBytes,
      checkMs,
      onUsage: (bytes) => this.emit('usage', bytes),
      onOver: (bytes) => void this.end(this.#memoryError(bytes)),
    });
  }

  /** From Node.js 22.16 on threads tell of their heap themselves. */
  async #measure(ask) {
    if (typeof this.#thread.getHeapStatistics !== 'function') return ask('usedBytes');
    try {
      const { used_heap_size: heap, external_memory: external } = await this.#thread.getHeapStatistics();
      return heap + external;
    } catch {
      // A thread that ends has no figures any more.
      return null;
    }
  }

  /** A message of the script's own. */
  #heard(message) {
    if (this.#kind !== 'port' || this.#running === null || !isAnswer(message)) return this.emit('message', message);
    return this.#answered(message);
  }

  /** A message of our entry. */
  #told({ ready, said, answer }) {
    if (ready) this.#ready(ready);
    else if (answer) this.#answered(answer);
    else this.emit('message', said);
  }

  #ready(kind) {
    this.#kind = kind;
    this.#thread.unref();
    this.#opening.done();
  }

  #answered({ success, result, error }) {
    const task = this.#settle();
    if (success) task?.resolve(result);
    else task?.reject(decodeError(error));
  }

  /** The running task, which ends now. */
  #settle() {
    const task = this.#running;
    this.#running = null;
    clearTimeout(task?.grace);
    return task;
  }

  #onExit(exitCode) {
    this.#isAlive = false;
    this.#governor?.stop();
    this.#inspection.close();
    this.#control.close();
    const error = this.#why ?? this.#exitReason(exitCode);
    this.#opening.failed(error);
    this.#settle()?.reject(error);
    this.emit('exit', error);
  }

  #exitReason(exitCode) {
    const cause = this.#failure;
    if (cause?.code === 'ERR_WORKER_OUT_OF_MEMORY') return this.#memoryError(Math.max(this.usedBytes ?? 0, (this.#limitMB ?? 0) * MB), cause);
    return exitError({ exitCode, cause });
  }

  #memoryError(bytes, cause) {
    const usedMB = bytes === 0 ? null : toMB(bytes);
    return new WorkerMemoryLimitError({ usedMB, limitMB: this.#limitMB, taskType: this.#running?.type ?? null, cause });
  }
}

module.exports = { GRACE_MS, ThreadWorker };
