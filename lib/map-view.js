'use strict';

/** Keys fetched in one call. */
const PAGE = 1024;

/**
 * A Map whose entries stay where they are until they are asked for. `instanceof Map` holds and all that reads a
 * Map works; what is written is kept on top.
 */
class MapView extends Map {
  #source;
  #own;

  /**
   * @param {object} source `size()`, `has(key)`, `get(key)`, `page(from, to)`: keys, and where fetching entries one by
   *   one would take long `rows(from)`: pairs of key and value from there on, at least one unless there are no more
   */
  constructor(source) {
    super();
    this.#source = source;
  }

  /** The first write copies everything: views are for reading. */
  #written() {
    this.#own ??= new Map(this.#entries());
    return this.#own;
  }

  * #keys() {
    const size = this.#source.size();
    for (let from = 0; from < size; from += PAGE) yield* this.#source.page(from, from + PAGE);
  }

  * #entries() {
    if (!this.#source.rows) {
      for (const key of this.#keys()) yield [key, this.#source.get(key)];
      return;
    }
    for (let from = 0, rows; (rows = this.#source.rows(from)).length > 0; from += rows.length) yield* rows;
  }

  get size() {
    return this.#own ? this.#own.size : this.#source?.size() ?? 0;
  }

  has(key) {
    return this.#own ? this.#own.has(key) : typeof key === 'string' && this.#source.has(key);
  }

  get(key) {
    if (this.#own) return this.#own.get(key);
    return typeof key === 'string' && this.#source.has(key) ? this.#source.get(key) : undefined;
  }

  set(key, value) {
    this.#written().set(key, value);
    return this;
  }

  delete(key) {
    return this.#written().delete(key);
  }

  clear() {
    this.#own = new Map();
  }

  keys() {
    return this.#own ? this.#own.keys() : this.#keys();
  }

  entries() {
    return this.#own ? this.#own.entries() : this.#entries();
  }

  * values() {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(callback, thisArgument) {
    for (const [key, value] of this.entries()) callback.call(thisArgument, value, key, this);
  }

  [Symbol.iterator]() {
    return this.entries();
  }
}

module.exports = { MapView };
