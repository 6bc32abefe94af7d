'use strict';

/** Requests of a second that are measured, however many come. Each costs 2 to 20 us of processor time with all that is done for it. */
const PER_SECOND = 300;
const SECOND_MS = 1000;

/**
 * Chooses requests by chance: by that with which as many as in the last second come to PER_SECOND, and at most twice that of
 * the second before, so that bursts that come again find it low. When more come than that allows for, it falls with their
 * square: then twice PER_SECOND are the most that are to be expected, whatever comes.
 */
class SamplingBudget {
  #random;
  #chance = 1;
  /** As many requests of a second come to PER_SECOND. */
  #expected = PER_SECOND;
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
    const fits = Math.min(1, this.#expected / this.#seen);
    return this.#random() < this.#chance * fits * fits;
  }

  #adapt = () => {
    this.#chance = Math.min(1, 2 * this.#chance, PER_SECOND / this.#seen);
    this.#expected = PER_SECOND / this.#chance;
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
