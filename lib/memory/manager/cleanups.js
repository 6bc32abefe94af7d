'use strict';

const { performance } = require('node:perf_hooks');

const { report } = require('../listeners.js');

/**
 * Settles as `run(signal)` does, or rejects after `limitMs`; then `signal` is aborted, for what cannot be stopped
 * otherwise.
 */
async function withinTime(run, { limitMs, byHand, signal }) {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let timer;
  const late = new Promise((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
    timer = setTimeout(() => controller.abort(new Error(`it took longer than ${limitMs} ms`)), limitMs);
    // Somebody waits for one that was called for.
    if (!byHand) timer.unref();
  });
  try {
    return await Promise.race([run(controller.signal), late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Cleanups in the order of their priority, highest first; of equals the one registered first. */
class Cleanups {
  #list = [];

  names() {
    return this.#list.map(({ name }) => name);
  }

  /** Adds a cleanup, `own` of which is the user's function if it is one; answers the function that removes it. */
  add(cleanup) {
    this.#list.push({ ...cleanup, lastAt: -Infinity });
    this.#list.sort((a, b) => b.priority - a.priority);
    const added = this.#list.find(({ name }) => name === cleanup.name);
    return () => {
      this.#list = this.#list.filter((each) => each !== added);
    };
  }

  all() {
    return [...this.#list];
  }

  /** Those whose percentage is passed and that rested for `cooldownMs`. */
  due(percent, now, cooldownMs) {
    const isDue = ({ emergencyOnly, atPercent, lastAt }) => !emergencyOnly && percent > atPercent && now - lastAt >= cooldownMs;
    return this.#list.filter(isDue);
  }

  /**
   * Runs `list` in its order, each within its time, while `goesOn(cleanup)`. One that fails does not stop the others.
   *
   * @param {object[]} list
   * @param {{ reason: string, goesOn: (cleanup: object) => boolean, now: () => number, onDone: (action: object, cleanup: object) => void,
   *   limitMs: number, byHand: boolean, signal: AbortSignal }} how
   */
  async run(list, { goesOn, onDone, now, ...how }) {
    const actions = [];
    for (const cleanup of list) {
      if (how.signal.aborted || !goesOn(cleanup)) break;
      cleanup.lastAt = now();
      const action = await runOne(cleanup, how);
      actions.push(action);
      onDone(action, cleanup);
    }
    return actions;
  }
}

/** Runs one cleanup; what came of it, whatever that is. */
async function runOne({ name, priority, run, own }, { reason, ...time }) {
  const began = performance.now();
  const outcome = await withinTime(async (signal) => run({ reason, signal, byHand: time.byHand }), time).then(
    (answer) => ({ success: true, ...answer }),
    (error) => {
      // One that was told to end did not fail.
      if (own && !time.signal.aborted) report(own, `The cleanup "${name}"`, error);
      return { success: false, error: String(error?.message ?? error) };
    },
  );
  return { type: name, priority, reason, freedBytes: null, durationMs: performance.now() - began, ...outcome };
}

module.exports = { Cleanups };
