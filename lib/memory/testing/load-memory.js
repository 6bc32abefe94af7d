'use strict';

const { collect } = require('../collect.js');
const { engine } = require('../engine.js');

/** Milliseconds between two readings. */
const EVERY_MS = 250;
/** Floors that the load's time is divided into. */
const PARTS = 10;

const own = () => {
  const { heapUsedBytes, rssBytes } = engine().read();
  return { heapUsed: heapUsedBytes, rss: rssBytes };
};

/** Follows the memory of a server while a load runs: peaks, and the lowest of each tenth of the time. */
class LoadMemory {
  peak = { heapUsed: 0, rss: 0 };
  #read;
  #timer;
  #begin;
  #duration;
  #floors = [];
  #pending = null;
  /** What the program's own `memory` function threw first. */
  #failed;
  #onHigh;

  /** @param {{ memory: Function | null, duration: number, onHigh: (heapUsed: number) => void }} how */
  constructor({ memory, duration, onHigh }) {
    this.#read = memory ?? own;
    this.#duration = duration;
    this.#onHigh = onHigh;
  }

  async start() {
    this.#begin = performance.now();
    await this.take();
    this.#timer = setInterval(() => {
      // One question at a time: a server under load may answer late.
      this.#pending ??= this.take().catch((error) => (this.#failed ??= { error })).finally(() => (this.#pending = null));
    }, EVERY_MS);
  }

  async take() {
    const { heapUsed, rss } = await this.#read();
    this.peak.heapUsed = Math.max(this.peak.heapUsed, heapUsed);
    this.peak.rss = Math.max(this.peak.rss, rss ?? 0);
    const part = Math.min(PARTS - 1, Math.floor(((performance.now() - this.#begin) / this.#duration) * PARTS));
    this.#floors[part] = Math.min(this.#floors[part] ?? Infinity, heapUsed);
    this.#onHigh(heapUsed);
  }

  async stop() {
    clearInterval(this.#timer);
    await this.#pending;
    if (this.#failed) throw this.#failed.error;
  }

  /** The lowest heap in use of each tenth of the time, bytes; a tenth that had no reading is left out. */
  get floors() {
    return this.#floors.filter((floor) => floor !== undefined);
  }
}

/** Heap in use without garbage: of this process after a collection, of another as it says. */
async function settled(memory) {
  if (memory) return (await memory()).heapUsed;
  collect();
  return own().heapUsed;
}

module.exports = { LoadMemory, settled };
