'use strict';

const { Refusal } = require('./refusal.js');

/** Lets each action run one at a time, and not again until some time after it began. */
class Turns {
  #intervalMs;
  #now;
  #running = new Set();
  #begunAt = new Map();

  /** @param {() => number} now milliseconds of a clock that never goes back */
  constructor(intervalMs, now) {
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** Runs `act` as the action `name`, or refuses. */
  async take(name, act) {
    if (this.#running.has(name)) throw new Refusal(409, 'busy', 'This action is running already');
    this.#checkRest(name);
    this.#running.add(name);
    this.#begunAt.set(name, this.#now());
    try {
      return await act();
    } finally {
      this.#running.delete(name);
    }
  }

  #checkRest(name) {
    const leftMs = (this.#begunAt.get(name) ?? -Infinity) + this.#intervalMs - this.#now();
    if (leftMs <= 0) return;
    const seconds = Math.ceil(leftMs / 1000);
    throw new Refusal(429, 'too_many_requests', `This action may run again in ${seconds} s`, { 'Retry-After': String(seconds) });
  }
}

module.exports = { Turns };
