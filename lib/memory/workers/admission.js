'use strict';

const { totalmem } = require('node:os');

const { MB } = require('../figures.js');
const { Estimates } = require('./estimates.js');

/** Decides whether there is memory for another task. */
class Admission {
  #read;
  #maxPoolMB;
  #maxPoolPercent;
  #estimates = new Estimates();

  /** @param {object} options those of the pool; @param {() => object} read a sample of memory */
  constructor({ maxPoolMemoryMB, maxPoolMemoryPercent }, read) {
    this.#maxPoolMB = maxPoolMemoryMB;
    this.#maxPoolPercent = maxPoolMemoryPercent;
    this.#read = read;
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
    return ((this.#read().container?.limitBytes ?? totalmem()) * this.#maxPoolPercent) / 100;
  }

  /** What the container, and the machine, have left. */
  #freeBytes() {
    const { container, availableBytes } = this.#read();
    const inContainer = container === null ? Infinity : container.limitBytes - container.usedBytes;
    return Math.min(inContainer, availableBytes ?? Infinity);
  }
}

module.exports = { Admission };
