'use strict';

const { performance } = require('node:perf_hooks');

const { MB } = require('../figures.js');

/** The shortest pause between two looks, in milliseconds. */
const SHORTEST_MS = 10;
/** How fast memory is taken to grow when the next look is set: about a gigabyte a second. */
const BYTES_PER_MS = MB;
/** Watches the memory of one worker: what is above the limit also after a collection ends it. */
class Governor {
  #measure;
  #collect;
  #limitBytes;
  #softBytes;
  #checkMs;
  #onUsage;
  #onOver;
  #timer = null;
  #stopped = false;
  #lookedAt = -Infinity;
  /** The latest figure, and the highest since `begin()`. */
  usedBytes = null;
  peakBytes = null;

  /**
   * @param {{ measure: () => Promise<number | null>, collect: () => Promise<number | null> }} worker
   * @param {{ limitBytes: number, softBytes: number, checkMs: number, onUsage: (bytes: number) => void, onOver: (bytes: number) => void }} how
   */
  constructor({ measure, collect }, { limitBytes, softBytes, checkMs, onUsage, onOver }) {
    this.#measure = measure;
    this.#collect = collect;
    this.#limitBytes = limitBytes;
    this.#softBytes = softBytes;
    this.#checkMs = checkMs;
    this.#onUsage = onUsage;
    this.#onOver = onOver;
  }

  /** A task begins: looks soon, as it may grow fast. */
  begin() {
    this.peakBytes = this.usedBytes;
    this.#schedule();
  }

  /**
   * A task is done; whether the worker is above the soft limit also after a collection. Short tasks are not looked at one by
   * one: what the latest look found far below it is found when the next is due.
   */
  async rest() {
    const isFresh = performance.now() - this.#lookedAt < this.#checkMs;
    if (!isFresh || this.usedBytes > this.#softBytes / 2) await this.#look();
    if (this.#stopped || this.usedBytes === null || this.usedBytes <= this.#softBytes) return false;
    const left = await this.#collect();
    if (left !== null) this.#note(left);
    return this.usedBytes > this.#softBytes;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The next look comes before the room that is left can be filled. */
  #schedule() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const roomMs = (this.#limitBytes - (this.usedBytes ?? 0)) / BYTES_PER_MS;
    const delayMs = Math.min(this.#checkMs, Math.max(SHORTEST_MS, roomMs));
    this.#timer = setTimeout(() => void this.#look().finally(() => this.#schedule()), delayMs);
    this.#timer.unref();
  }

  async #look() {
    const used = await this.#measure();
    if (this.#stopped || used === null) return;
    this.#note(used);
    if (used <= this.#limitBytes) return;
    const left = await this.#collect();
    if (this.#stopped) return;
    this.#note(left ?? used);
    if (this.usedBytes > this.#limitBytes) this.#onOver(this.usedBytes);
  }

  #note(bytes) {
    this.#lookedAt = performance.now();
    this.usedBytes = bytes;
    this.peakBytes = Math.max(this.peakBytes ?? 0, bytes);
    this.#onUsage(bytes);
  }
}

module.exports = { Governor };
