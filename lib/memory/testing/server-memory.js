'use strict';

const { invalid } = require('../../errors.js');
const { floorBytes, usedBytes } = require('./floor.js');

// Fewer than four a second, so that an endpoint that is asked adds no load of its own.
const ASK_EVERY_MS = 250;

const highest = (a, b) => (a === null ? b : Math.max(a, b));

/** The memory of a server in this process: read after each answer, its floor after full collections. */
class OwnMemory {
  peakUsedBytes = null;
  peakRssBytes = null;
  #timer;

  start() {
    this.#resident();
    this.#timer = setInterval(() => this.#resident(), ASK_EVERY_MS);
    this.#timer.unref();
  }

  #resident() {
    this.peakRssBytes = highest(this.peakRssBytes, process.memoryUsage.rss());
  }

  answered() {
    this.peakUsedBytes = highest(this.peakUsedBytes, usedBytes());
  }

  async floor() {
    this.answered();
    this.#resident();
    return floorBytes();
  }

  stop() {
    clearInterval(this.#timer);
  }
}

/** The memory that the caller's function tells of; its floor is the lowest reading of the part that ended. */
class ToldMemory {
  peakUsedBytes = null;
  peakRssBytes = null;
  #ask;
  #timer;
  #lowest = Infinity;
  #asking;
  #fault;

  constructor(ask) {
    this.#ask = ask;
  }

  start() {
    this.#timer = setInterval(() => { this.#asking ??= this.#read().finally(() => { this.#asking = undefined; }); }, ASK_EVERY_MS);
    this.#timer.unref();
  }

  answered() {}

  async #read() {
    try {
      const told = await this.#ask();
      const { heapUsed, rss, external = 0 } = told ?? {};
      if (![heapUsed, rss, external].every(Number.isFinite)) throw invalid('{ heapUsed, rss } in bytes', 'what option "memory" answers', told);
      this.peakUsedBytes = highest(this.peakUsedBytes, heapUsed + external);
      this.peakRssBytes = highest(this.peakRssBytes, rss);
      this.#lowest = Math.min(this.#lowest, heapUsed + external);
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  async floor() {
    await this.#asking;
    await this.#read();
    if (this.#fault) throw this.#fault.error;
    const lowest = this.#lowest;
    this.#lowest = Infinity;
    return lowest;
  }

  stop() {
    clearInterval(this.#timer);
  }
}

module.exports = { serverMemory: (ask) => (ask ? new ToldMemory(ask) : new OwnMemory()) };
