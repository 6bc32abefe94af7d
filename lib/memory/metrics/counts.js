'use strict';

/** Stands for all operations that have no series of their own. */
const OTHERS = '(other)';

/** Sums by labels. */
class Counts {
  #byKey = new Map();
  #initial;

  /** @param {object[]} [initial] labels that are there from the beginning, with 0: a rate needs a first value */
  constructor(initial = []) {
    this.#initial = initial;
    this.reset();
  }

  add(labels, by = 1) {
    const key = JSON.stringify(labels);
    const found = this.#byKey.get(key);
    if (found) found.value += by;
    else this.#byKey.set(key, { labels, value: by });
  }

  reset() {
    this.#byKey.clear();
    for (const labels of this.#initial) this.add(labels, 0);
  }

  /** Labels and sum of each. */
  list() {
    return [...this.#byKey.values()].map(({ labels, value }) => [{ ...labels }, value]);
  }
}

/** What finished operations were and took. The first names have series of their own, so that their number is bounded. */
class OperationCounts {
  finished = new Counts();
  allocated = new Counts();
  #names = new Set();
  #most;

  /** @param {number} most names with series of their own */
  constructor(most) {
    this.#most = most;
  }

  add({ name, confidence, adjustedBytes }) {
    if (this.#names.size < this.#most) this.#names.add(name);
    const operation = this.#names.has(name) ? name : OTHERS;
    this.finished.add({ operation, confidence });
    // What ran beside others may have allocated nothing of what was measured. A counter never falls.
    if (confidence === 'exclusive') this.allocated.add({ operation }, Math.max(0, adjustedBytes));
  }
}

module.exports = { Counts, OTHERS, OperationCounts };
