'use strict';

const { once } = require('node:events');

const { invalid } = require('./errors.js');

function checkItems(items, from) {
  const iterable = typeof items === 'object' && items !== null
    && (typeof items[Symbol.iterator] === 'function' || typeof items[Symbol.asyncIterator] === 'function');
  if (!iterable) throw invalid('an array, an iterable or an async iterable', 'items', items, { from });
}

/** Reads items batch by batch, never more than are asked for. */
class BatchSource {
  #iterator;
  #items;
  #taken = 0;
  #ended = false;
  #signals;

  /** @param {AbortSignal[]} signals end the wait for an item */
  constructor(items, signals) {
    this.#items = items;
    this.#signals = signals;
    this.#iterator = (items[Symbol.asyncIterator] ?? items[Symbol.iterator]).call(items);
  }

  /** How many items are left; `null` when only reading them would tell. */
  get left() {
    if (this.#ended) return 0;
    return Array.isArray(this.#items) ? this.#items.length - this.#taken : null;
  }

  /** The next `size` items, fewer at the end. */
  async take(size) {
    const batch = [];
    while (!this.#ended && batch.length < size) {
      const { done, value } = await this.#next();
      if (done) this.#ended = true;
      else batch.push(value);
    }
    this.#taken += batch.length;
    return batch;
  }

  /** An item. A source that throws has ended by itself. */
  async #next() {
    try {
      const next = this.#iterator.next();
      // Without waiting where there is nothing to wait for: arrays may be long.
      return typeof next?.then === 'function' ? await this.#unlessAborted(next) : next;
    } catch (error) {
      if (!this.#signals.some((signal) => signal.aborted)) this.#ended = true;
      throw error;
    }
  }

  async #unlessAborted(next) {
    if (this.#signals.length === 0) return next;
    const over = new AbortController();
    const aborted = this.#signals.map(async (signal) => {
      signal.throwIfAborted();
      await once(signal, 'abort', { signal: over.signal });
      throw signal.reason;
    });
    try {
      return await Promise.race([next, ...aborted]);
    } finally {
      // The losers of the race are heard, too: none of them is unhandled.
      [next, ...aborted].forEach((each) => Promise.resolve(each).catch(() => {}));
      over.abort();
    }
  }

  /** Tells a source that was not read to its end; one that is stuck is not waited for. */
  async close() {
    if (this.#ended) return;
    this.#ended = true;
    const returned = this.#iterator.return?.();
    if (this.#signals.some((signal) => signal.aborted)) Promise.resolve(returned).catch(() => {});
    else await returned;
  }
}

module.exports = { BatchSource, checkItems };
