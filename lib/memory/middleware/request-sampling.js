'use strict';

/**
 * Requests of a second that are measured, however many come: each costs up to 20 us of processor time with all that is done
 * for it, so these cost 6 ms of a second at most.
 */
const PER_SECOND = 300;
const SECOND_MS = 1000;

/**
 * Chooses requests by chance. The chance is that by which the last second's requests would have fitted, and at most twice
 * what it was before, so that bursts that come again find it low; of a second with more requests than that the n-th is
 * measured with the chance PER_SECOND / n.
 */
class SamplingBudget {
  #random;
  #chance = 1;
  /** Requests of this second. */
  #seen = 0;
  #timer = null;

  /** @param {() => number} random a number from 0 to 1, without 1 */
  constructor(random) {
    this.#random = random;
  }

  /** Whether this request is measured. A timer in place of a clock: to read one for each request costs more than all else. */
  choose() {
    this.#timer ??= setTimeout(this.#adapt, SECOND_MS).unref();
    this.#seen += 1;
    return this.#random() < Math.min(this.#chance, PER_SECOND / this.#seen);
  }

  #adapt = () => {
    this.#chance = Math.min(1, 2 * this.#chance, PER_SECOND / this.#seen);
    this.#seen = 0;
    this.#timer = this.#chance < 1 ? setTimeout(this.#adapt, SECOND_MS).unref() : null;
  };
}

/** What says of each request whether it is measured: `sampleRate` of RequestMemoryOptions. */
function samplingOf(sampleRate, random) {
  if (sampleRate === 'auto') return new SamplingBudget(random);
  return { choose: () => random() < sampleRate };
}

module.exports = { PER_SECOND, samplingOf };
