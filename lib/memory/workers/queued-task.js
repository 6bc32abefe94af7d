'use strict';

const { PgTapError } = require('../../errors.js');

/** A task from `exec` to its end. */
class QueuedTask {
  #resolve;
  #reject;
  #undo = [];
  isSettled = false;
  /** 'waiting', 'running' or 'done'. It may be settled before it is done: when it was cancelled. */
  state = 'waiting';
  /** Who runs it. */
  worker = null;
  estimateBytes = 0;

  constructor(message, { transferList, estimateMB }) {
    this.message = message;
    this.type = message.type;
    this.transferList = transferList;
    this.estimateMB = estimateMB;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  begin(worker) {
    this.worker = worker;
    this.state = 'running';
  }

  get usedBytes() {
    return this.worker?.usedBytes ?? 0;
  }

  /** Calls back with the reason when the signal is aborted before the end. */
  watch(signal, onAbort) {
    if (signal === null) return;
    const listener = () => onAbort(signal.reason);
    signal.addEventListener('abort', listener, { once: true });
    this.#undo.push(() => signal.removeEventListener('abort', listener));
  }

  /** Calls back with the error when it runs for longer than `limitMs`. */
  limit(limitMs, onTimeout) {
    if (limitMs === null) return;
    const timer = setTimeout(() => {
      const error = new PgTapError('ERR_PGTAP_WORKER_TIMEOUT', `The task of type "${this.type}" did not end within ${limitMs} ms`);
      onTimeout(Object.assign(error, { taskType: this.type, timeoutMs: limitMs }));
    }, limitMs);
    this.#undo.push(() => clearTimeout(timer));
  }

  resolve(result) {
    this.#settle(() => this.#resolve(result));
  }

  reject(error) {
    this.#settle(() => this.#reject(error));
  }

  #settle(how) {
    if (this.isSettled) return;
    this.isSettled = true;
    for (const undo of this.#undo.splice(0)) undo();
    how();
  }
}

module.exports = { QueuedTask };
