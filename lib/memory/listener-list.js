'use strict';

const { inspect, types } = require('node:util');

const { invalid } = require('../errors.js');

const CODE = 'PGTAP_MEMORY_LISTENER';

/** Functions of the user's that are told of something. One that throws or rejects stops nothing; the first failure of each is reported. */
class ListenerList {
  #functions = new Map();

  get size() {
    return this.#functions.size;
  }

  /** @returns {() => void} takes the listener off again */
  add(listener, from = this.add) {
    if (typeof listener !== 'function') throw invalid('a function', 'listener', listener, { from });
    // An object of its own: one function may be added twice, and taken off once.
    const key = {};
    this.#functions.set(key, { listener, failed: false });
    return () => { this.#functions.delete(key); };
  }

  tell(value) {
    for (const each of [...this.#functions.values()]) call(each, value);
  }
}

function call(each, value) {
  try {
    const answer = each.listener(value);
    if (typeof answer?.then === 'function') answer.then(undefined, (error) => report(each, error));
  } catch (error) {
    report(each, error);
  }
}

function report(each, error) {
  if (each.failed) return;
  each.failed = true;
  const [message, detail] = types.isNativeError(error) ? [error.message, error.stack] : [inspect(error, { customInspect: false }), undefined];
  process.emitWarning(`A listener of the memory toolkit failed: ${message}`, { code: CODE, detail });
}

module.exports = { ListenerList };
