'use strict';

const { operate } = require('./operation.js');
const { OPTIONS } = require('./options.js');

/** Milliseconds after a scan before its objects move. */
const CALM_MS = 250;

/**
 * Keeps to the default of `maxObjectsPerType`: objects beyond it leave memory when a scan has been over for a while, so
 * that a program that asks at once does not wait for it, and one that ends pays nothing. The scan itself keeps to a limit
 * of the caller's own.
 */
class ObjectLimit {
  #watch;
  #isBusy;
  #timer;

  /**
   * @param {import('./memory-watch.js').MemoryWatch} watch tells what moved
   * @param {() => boolean} isBusy whether to wait once more
   */
  constructor(watch, isBusy) {
    this.#watch = watch;
    this.#isBusy = isBusy;
  }

  /** The limit of the last scan of `native`, which keeps no program alive. */
  start(native, { spill, maxObjectsPerType }) {
    this.stop();
    if (!spill || maxObjectsPerType !== OPTIONS.maxObjectsPerType.default || !native.hasObjectsBeyond(maxObjectsPerType)) return;
    this.#wait(native, maxObjectsPerType);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(native, most) {
    const timer = setTimeout(() => (this.#isBusy() ? this.#wait(native, most) : this.#move(native, most, timer)), CALM_MS).unref();
    this.#timer = timer;
  }

  async #move(native, most, timer) {
    const told = await operate((callback) => native.moveObjects(most, callback), {}).catch((failed) => ({ failed }));
    // Another scan may have taken the place of this one, or the scanner was closed.
    if (told === null || this.#timer !== timer) return;
    if (told.failed) return this.#watch.stayed(told.failed);
    native.account();
    this.#watch.moved(told);
  }
}

module.exports = { ObjectLimit };
