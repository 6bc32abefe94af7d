'use strict';

/** How long after its last sign rapid growth counts as over. */
const RAPID_GROWTH_MS = 10 * 60 * 1000;

/** The alerts that are not resolved. Each is raised once until it is. */
class Alerts {
  #active = new Map();
  #onRaised;

  /** @param {(alert: object) => void} onRaised */
  constructor(onRaised) {
    this.#onRaised = onRaised;
  }

  /** Raises `alert` under `key`; when that is raised already, this is another sign of it. */
  raise(key, alert) {
    const raised = this.#active.get(key);
    this.#active.set(key, { alert: raised?.alert ?? alert, lastAt: alert.at });
    if (!raised) this.#onRaised(alert);
  }

  /** The conditions under these keys are over. */
  resolve(...keys) {
    for (const key of keys) this.#active.delete(key);
  }

  /** Resolves rapid growth when it had no sign for ten minutes before `at`. */
  settle(at) {
    const growth = this.#active.get('rapid_growth');
    if (growth && at - growth.lastAt > RAPID_GROWTH_MS) this.resolve('rapid_growth');
  }

  clear() {
    this.#active.clear();
  }

  active() {
    return [...this.#active.values()].map(({ alert }) => alert);
  }
}

module.exports = { Alerts };
