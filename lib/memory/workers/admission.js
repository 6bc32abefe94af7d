'use strict';

const { totalmem } = require('node:os');
const { performance } = require('node:perf_hooks');

const { MB } = require('../figures.js');
const { Estimates } = require('./estimates.js');

/** How long a sample of memory counts, in milliseconds: what tasks take meanwhile is known from their estimates. */
const SAMPLE_MS = 100;

/** Decides whether there is memory for another task. */
class Admission {
  #read;
  #now;
  #sample = null;
  #sampledAt = -Infinity;
  #maxPoolMB;
  #maxPoolPercent;
  #estimates = new Estimates();

  /** @param {object} options those of the pool; @param {() => object} read a sample of memory; @param {() => number} [now] */
  constructor({ maxPoolMemoryMB, maxPoolMemoryPercent }, read, now = () => performance.now()) {
    this.#maxPoolMB = maxPoolMemoryMB;
    this.#maxPoolPercent = maxPoolMemoryPercent;
    this.#read = read;
    this.#now = now;
  }

  learn(type, peakBytes) {
    if (peakBytes !== null) this.#estimates.learn(type, peakBytes);
  }

  /** The bytes that a task will take: what it says, else what its like took; 0 when nobody knows. */
  estimate({ type, estimateMB }) {
    return estimateMB === null ? (this.#estimates.of(type) ?? 0) : estimateMB * MB;
  }

  /**
   * Whether `task` may run beside those that run. What these will yet take counts as taken.
   *
   * @param {Iterable<{ estimateBytes: number, usedBytes: number }>} running
   * @param {number} idleBytes what idle workers hold
   */
  admits(task, running, idleBytes) {
    const wanted = this.estimate(task);
    if (wanted === 0) return true;
    let used = idleBytes;
    let coming = 0;
    for (const { estimateBytes, usedBytes } of running) {
      used += usedBytes;
      coming += Math.max(0, estimateBytes - usedBytes);
    }
    return used + coming + wanted <= this.#poolBytes() && coming + wanted <= this.#freeBytes();
  }

  #poolBytes() {
    if (this.#maxPoolMB !== null) return this.#maxPoolMB * MB;
    if (this.#maxPoolPercent === null) return Infinity;
    return ((this.#memory().container?.limitBytes ?? totalmem()) * this.#maxPoolPercent) / 100;
  }

  #memory() {
    const now = this.#now();
    if (now - this.#sampledAt >= SAMPLE_MS) {
      this.#sample = this.#read();
      this.#sampledAt = now;
    }
    return this.#sample;
  }

  /** What the container, and the machine, have left. */
  #freeBytes() {
    const { container, availableBytes } = this.#memory();
    const inContainer = container === null ? Infinity : container.limitBytes - container.usedBytes;
    return Math.min(inContainer, availableBytes ?? Infinity);
  }
}

module.exports = { Admission };
