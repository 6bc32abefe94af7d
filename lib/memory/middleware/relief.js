'use strict';

const { performance } = require('node:perf_hooks');

const { callSafely } = require('../listeners.js');

/** Milliseconds from a refused request to the first attempt, and at least between two. */
const FIRST_MS = 100;
const EVERY_MS = 1_000;
/** What it takes is at most this part of the time. */
const SHARE = 0.1;
/** No collection whose predicted pause is longer; V8 itself collects some 8 s after a program has become idle. */
const MAX_PAUSE_MS = 500;

/**
 * Gives a server that refuses requests its memory back. What ended requests held is garbage until V8 collects; V8 collects
 * when a program allocates, and one that only refuses hardly does: it would go on refusing for want of memory that
 * nobody needs.
 */
class Relief {
  #parts;
  #isShort;
  #timer = null;
  #closed = false;

  /** @param {object} parts those of parts.js; @param {() => boolean} isShort whether requests are refused now */
  constructor(parts, isShort) {
    this.#parts = parts;
    this.#isShort = isShort;
  }

  /** A request was refused: while any would be, memory is looked for now and then. */
  begin() {
    if (this.#timer === null && !this.#closed) this.#wait(FIRST_MS);
  }

  #wait(ms) {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#isShort()) return;
      const began = performance.now();
      // A timer has no caller: what fails here must not end the server.
      callSafely(this.#collect, 'Looking for memory while requests are refused');
      this.#wait(Math.max(EVERY_MS, (performance.now() - began) / SHARE));
    }, ms);
    this.#timer.unref();
  }

  #collect = () => {
    const collections = this.#parts.collections();
    // Requests ended since the last one: what that freed says nothing about this.
    collections.reconsider();
    const { success } = collections.request({ reason: 'requests are refused', cooldownMs: EVERY_MS / 2, maxPauseMs: MAX_PAUSE_MS });
    if (success) this.#parts.trimNativeMemory();
  };

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}

module.exports = { Relief };
