'use strict';

const { PgTapError } = require('../../errors.js');

/** How long a script may take to load, in milliseconds. */
const LONGEST_START_MS = 30000;

/** The start of a worker: ends well, badly, or after too long. */
class Opening {
  #resolve;
  #reject;
  #timer;

  /** @param {() => void} giveUp ends the worker that does not start */
  constructor(giveUp) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => {
      this.failed(new PgTapError('ERR_PGTAP_WORKER_EXIT', `The worker's script did not load within ${LONGEST_START_MS / 1000} s`));
      giveUp();
    }, LONGEST_START_MS);
  }

  done() {
    clearTimeout(this.#timer);
    this.#resolve();
  }

  failed(error) {
    clearTimeout(this.#timer);
    this.#reject(error);
  }
}

module.exports = { LONGEST_START_MS, Opening };
