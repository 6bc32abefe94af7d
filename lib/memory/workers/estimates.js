'use strict';

/** Types of tasks that are remembered; of more, the one that was not seen for longest is forgotten. */
const MOST_TYPES = 100;
/** Latest tasks of a type that count. */
const MOST_TASKS = 64;
const SHARE = 0.95;

/** How much memory tasks of each type took. */
class Estimates {
  #peaks = new Map();

  learn(type, bytes) {
    const peaks = this.#peaks.get(type) ?? [];
    peaks.push(bytes);
    if (peaks.length > MOST_TASKS) peaks.shift();
    this.#peaks.delete(type);
    this.#peaks.set(type, peaks);
    if (this.#peaks.size > MOST_TYPES) this.#peaks.delete(this.#peaks.keys().next().value);
  }

  /** What 95 of 100 tasks of this type do not exceed, in bytes; `null` when none was seen. */
  of(type) {
    const peaks = this.#peaks.get(type);
    if (peaks === undefined) return null;
    return peaks.toSorted((a, b) => a - b)[Math.ceil(peaks.length * SHARE) - 1];
  }
}

module.exports = { Estimates };
