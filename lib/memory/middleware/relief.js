'use strict';

const { performance } = require('node:perf_hooks');

const { callSafely } = require('../listeners.js');

/** Milliseconds from a refused request to the first attempt, and at least between two. */
const FIRST_MS = 100;
const EVERY_MS = 1_000;
/** Milliseconds between two collections while nobody is refused yet: with the longest pause a twentieth of the time. */
const AHEAD_EVERY_MS = 10_000;
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
  /** The rest after a collection ahead. */
  #rest = null;
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

  /** Requests will be refused if memory goes on to fill: they should not be for garbage. */
  ahead() {
    if (this.#timer !== null || this.#rest !== null || this.#closed) return;
    this.#rest = setTimeout(() => { this.#rest = null; }, AHEAD_EVERY_MS);
    this.#rest.unref();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      callSafely(this.#collect, 'Looking for memory before requests are refused', 'memory is nearly short', AHEAD_EVERY_MS);
    }, FIRST_MS);
    this.#timer.unref();
  }

  #wait(ms) {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#isShort()) return;
      const began = performance.now();
      // A timer has no caller: what fails here must not end the server.
      callSafely(this.#collectAgain, 'Looking for memory while requests are refused');
      this.#wait(Math.max(EVERY_MS, (performance.now() - began) / SHARE));
    }, ms);
    this.#timer.unref();
  }

  #collectAgain = () => {
    // Requests ended since the last one: what that freed says nothing about this.
    this.#parts.collections().reconsider();
    this.#collect('requests are refused', EVERY_MS / 2);
  };

  #collect = (reason, cooldownMs) => {
    const { success } = this.#parts.collections().request({ reason, cooldownMs, maxPauseMs: MAX_PAUSE_MS });
    if (success) this.#parts.trimNativeMemory();
  };

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#rest);
    this.#timer = null;
  }
}

module.exports = { Relief };
