'use strict';

const { Pool } = require('tarn');

const { LONGEST_DELAY_MS } = require('../rules.js');

/** Idle workers are looked for at least this often, in milliseconds. */
const REAP_MS = 1000;

/** Holds workers: makes them when they are wanted and ends them when they were idle for long. */
class WorkerStore extends Pool {
  /**
   * @param {object} options those of the pool
   * @param {{ create: () => Promise<object>, destroy: (worker: object) => Promise<void> }} how
   */
  constructor({ minWorkers, maxWorkers, idleTimeout }, { create, destroy }) {
    super({
      create,
      destroy,
      validate: (worker) => worker.isUsable,
      min: minWorkers,
      max: maxWorkers,
      idleTimeoutMillis: idleTimeout,
      reapIntervalMillis: Math.min(REAP_MS, idleTimeout),
      // A worker limits its own start, and a task waits for its worker as long as that takes.
      acquireTimeoutMillis: LONGEST_DELAY_MS,
      createTimeoutMillis: LONGEST_DELAY_MS,
      propagateCreateError: true,
    });
  }

  /** Idle workers do not keep the program alive, so the timer that ends them does not either. */
  _startReaping() {
    super._startReaping();
    this.interval?.unref();
  }
}

module.exports = { WorkerStore };
