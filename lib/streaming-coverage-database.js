'use strict';

const { EventEmitter } = require('node:events');

const { toJson } = require('./json-value.js');
const { MapView } = require('./map-view.js');
const { NativeObjects } = require('./native.js');
const { operate } = require('./operation.js');
const { MB, STREAMING_OPTIONS, checkName, diskBytes, readStoreOptions } = require('./store-options.js');
const { closed, tellNews } = require('./store-events.js');

// What the native put() answers, by bits.
const TAKEN = 1;
const NEWS = 2;

function nativeOptions({ maxMemoryMB, maxDiskMB, ...options }) {
  return JSON.stringify({ ...options, maxMemoryBytes: Math.round(maxMemoryMB * MB), maxDiskBytes: diskBytes(maxDiskMB) });
}

/** Objects by type and name, off V8's heap; documented in index.d.ts. */
class StreamingCoverageDatabase extends EventEmitter {
  #native;
  #closed = false;

  constructor(options = {}) {
    super();
    this.options = readStoreOptions(options, StreamingCoverageDatabase, STREAMING_OPTIONS);
    this.#native = new NativeObjects(nativeOptions(this.options));
  }

  addObject(type, name, data) {
    const native = this.#of(this.addObject, type);
    checkName(name, 'the name of an object', this.addObject);
    const answer = native.put(type, name, toJson(data, type, name, this.addObject));
    if (answer & NEWS) tellNews(this, JSON.parse(native.news()));
    return (answer & TAKEN) !== 0;
  }

  getObject(type, name) {
    const native = this.#of(this.getObject, type);
    checkName(name, 'the name of an object', this.getObject);
    const text = native.get(type, name);
    return text === null ? null : JSON.parse(text);
  }

  getObjectsByType(type) {
    this.#of(this.getObjectsByType, type);
    const native = () => this.#open(MapView);
    return new MapView({
      size: () => native().size(type),
      has: (name) => name.isWellFormed() && native().has(type, name),
      get: (name) => JSON.parse(native().get(type, name)),
      page: (from, to) => JSON.parse(native().names(type, from, to)),
    });
  }

  compress(type) {
    return this.#of(this.compress, type).compress(type);
  }

  isAtCapacity(type) {
    return this.#of(this.isAtCapacity, type).isAtCapacity(type);
  }

  getStats() {
    return JSON.parse(this.#open(this.getStats).stats());
  }

  async* [Symbol.asyncIterator]() {
    for (let from = 0; from !== null;) {
      const native = this.#open(this[Symbol.asyncIterator]);
      const { next, objects } = await operate((callback) => native.page(from, callback), {});
      for (const [type, name, data] of objects) {
        this.#open(this[Symbol.asyncIterator]);
        yield { type, name, data };
      }
      from = next;
    }
  }

  clear() {
    this.#open(this.clear).clear();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.clear();
  }

  [Symbol.dispose]() {
    this.close();
  }

  async [Symbol.asyncDispose]() {
    this.close();
  }

  #open(from) {
    if (this.#closed) throw closed('StreamingCoverageDatabase', from);
    return this.#native;
  }

  #of(from, type) {
    const native = this.#open(from);
    checkName(type, 'the type of an object', from);
    return native;
  }
}

module.exports = { StreamingCoverageDatabase };
