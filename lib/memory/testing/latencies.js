'use strict';

/** Steps of a factor of two: a figure is at most 3 % above the truth. */
const STEPS = 32;
/** From 2^-10 ms to 2^22 ms, more than an hour. */
const LOWEST = -10;
const OCTAVES = 32;

/** Milliseconds by how often they came, in a fixed 8 KB. */
class Latencies {
  #counts = new Float64Array(STEPS * OCTAVES);
  #count = 0;

  add(ms) {
    const step = Math.floor((Math.log2(Math.max(ms, Number.MIN_VALUE)) - LOWEST) * STEPS);
    this.#counts[Math.min(Math.max(step, 0), this.#counts.length - 1)] += 1;
    this.#count += 1;
  }

  /** The value that a share of all do not exceed, 0 to 1; `null` without any. */
  at(share) {
    if (this.#count === 0) return null;
    let left = Math.max(1, Math.ceil(share * this.#count));
    const step = this.#counts.findIndex((count) => (left -= count) <= 0);
    return Number((2 ** ((step + 1) / STEPS + LOWEST)).toPrecision(3));
  }
}

module.exports = { Latencies };
