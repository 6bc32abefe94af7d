'use strict';

const { fork } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { join } = require('node:path');

const { MB, toMB } = require('../figures.js');
const { Opening } = require('./opening.js');
const { WorkerMemoryLimitError, decodeError, exitError, spareError } = require('./task-errors.js');
const { GRACE_MS } = require('./thread-worker.js');

const ENTRY = join(__dirname, 'process-entry.js');
/** The end of what a process wrote to stderr that is kept, in characters: V8 says there why it gives up. */
const KEPT_CHARACTERS = 16384;
/** How V8 says that memory, or the size that an object can have, ran out. */
const OUT_OF_MEMORY = /heap out of memory|Fatal JavaScript (?:out of memory|invalid size)/;
/** Beyond the time that the thread in it has to end. */
const SLOW_MS = 1000;

/** The flags of this process for another; a debugger's port can be held by one alone. */
function inheritedFlags() {
  const { execArgv } = process;
  return execArgv.some((flag) => flag.startsWith('--inspect')) ? { execArgv: execArgv.filter((flag) => !flag.startsWith('--inspect')) } : {};
}

/** A worker in a thread of a process of its own; the members of ThreadWorker. */
class ProcessWorker extends EventEmitter {
  #child;
  #limitMB;
  #opening;
  #running = null;
  /** Settled when the process told how its thread is after a task. */
  #resting = Promise.resolve();
  #rested = () => {};
  #isAlive = true;
  #isWorn = false;
  #why = null;
  #failure;
  /** The thread in it ended; soon the process will. */
  #isOver = false;
  /** Why it did. */
  #gone = null;
  #exited;
  #errorOutput = '';
  usedBytes = null;
  peakBytes = null;

  /** @param {{ url: string, limitMB: number | null, softBytes: number, checkMs: number | null }} how */
  constructor(how) {
    super();
    this.#limitMB = how.limitMB;
    this.#child = fork(ENTRY, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'pipe', 'ipc'], ...inheritedFlags() });
    this.#listen();
    this.#child.send({ open: how });
    this.#opening = new Opening(() => this.end());
  }

  get id() {
    return this.#child.pid;
  }

  get isUsable() {
    return this.#isAlive && !this.#isWorn && !this.#isOver && this.#why === null;
  }

  get isWorn() {
    return this.#isWorn;
  }

  opened() {
    return this.#opening.promise;
  }

  run(task) {
    this.#hold(true);
    this.peakBytes = this.usedBytes;
    return new Promise((resolve, reject) => {
      this.#running = { type: task.type, resolve, reject, grace: null };
      this.#resting = new Promise((rested) => {
        this.#rested = rested;
      });
      try {
        this.#child.send({ task });
      } catch (error) {
        this.#rested();
        this.#settle()?.reject(error);
      }
    });
  }

  cancel(reason) {
    if (this.#running === null || !this.#isAlive) return;
    this.#running.grace = setTimeout(() => void this.end(reason), GRACE_MS + SLOW_MS);
    this.#child.send({ cancel: { reason: reason?.message ?? 'The task was cancelled' } });
  }

  async rest() {
    await this.#resting;
  }

  async end(why) {
    this.#why ??= why ?? spareError();
    if (this.#isAlive) {
      this.#hold(true);
      this.#child.kill('SIGKILL');
    }
    await this.#exited;
  }

  #listen() {
    const child = this.#child;
    child.on('message', (message) => this.#told(message));
    this.#exited = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#failure = error;
        // A process that could not be made tells no end.
        if (child.pid === undefined) resolve(this.#onExit(null, null));
      });
      // Behind 'exit': when everything that it wrote was read.
      child.on('close', (exitCode, signal) => resolve(this.#onExit(exitCode, signal)));
    });
    child.stderr.on('data', (chunk) => {
      process.stderr.write(chunk);
      this.#errorOutput = (this.#errorOutput + chunk.toString('latin1')).slice(-KEPT_CHARACTERS);
    });
  }

  #told({ ready, usedBytes, said, answer, isOver, rested, gone }) {
    if (ready) this.#ready();
    else if (usedBytes !== undefined) this.#used(usedBytes);
    else if (answer) this.#answered(answer, isOver);
    else if (rested) this.#restedAs(rested);
    else if (gone) this.#leaves(gone);
    else this.emit('message', said);
  }

  #ready() {
    this.#hold(false);
    this.#opening.done();
  }

  #used(bytes) {
    this.usedBytes = bytes;
    this.peakBytes = Math.max(this.peakBytes ?? 0, bytes);
    this.emit('usage', bytes);
  }

  #answered({ success, result, error }, isOver) {
    this.#isOver = isOver;
    const task = this.#settle();
    if (success) task?.resolve(result);
    else task?.reject(decodeError(error));
  }

  #restedAs({ isWorn, peakBytes }) {
    this.#isWorn = isWorn;
    this.peakBytes = peakBytes;
    this.#hold(false);
    this.#rested();
  }

  #leaves(gone) {
    this.#isOver = true;
    this.#gone = decodeError(gone);
  }

  #settle() {
    const task = this.#running;
    this.#running = null;
    clearTimeout(task?.grace);
    return task;
  }

  /** Whether the process keeps this one alive. */
  #hold(on) {
    const how = on ? 'ref' : 'unref';
    this.#child[how]();
    this.#child.channel?.[how]();
    this.#child.stderr?.[how]();
  }

  #onExit(exitCode, signal) {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    const error = this.#gone ?? this.#why ?? this.#exitReason(exitCode, signal);
    this.#opening.failed(error);
    this.#settle()?.reject(error);
    this.#rested();
    this.emit('exit', error);
  }

  #exitReason(exitCode, signal) {
    const error = exitError({ exitCode, signal, cause: this.#failure });
    if (!OUT_OF_MEMORY.test(this.#errorOutput)) return error;
    const bytes = Math.max(this.usedBytes ?? 0, (this.#limitMB ?? 0) * MB);
    const taskType = this.#running?.type ?? null;
    return new WorkerMemoryLimitError({ usedMB: bytes === 0 ? null : toMB(bytes), limitMB: this.#limitMB, taskType, cause: error });
  }
}

module.exports = { ProcessWorker };
