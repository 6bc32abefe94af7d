'use strict';

const { invalid } = require('../errors.js');
const { callSafely } = require('./listeners.js');

/** Functions of the user's that are told of something. One that throws or rejects disturbs nobody, and is reported once. */
class ListenerList {
  #functions = new Map();
  #what;

  /** @param {string} what what they are, for the report: 'The logger' */
  constructor(what) {
    this.#what = what;
  }

  get size() {
    return this.#functions.size;
  }

  /** @returns {() => void} takes the listener off again */
  add(listener, from = this.add) {
    if (typeof listener !== 'function') throw invalid('a function', 'listener', listener, { from });
    // A key of its own: one function may be added twice, and taken off once.
    const key = {};
    this.#functions.set(key, listener);
    return () => { this.#functions.delete(key); };
  }

  tell(value) {
    for (const listener of [...this.#functions.values()]) callSafely(listener, this.#what, value);
  }
}

module.exports = { ListenerList };
