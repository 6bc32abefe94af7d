'use strict';

const { toJson } = require('./json-value.js');
const { NativeLog } = require('./native.js');
const { operate } = require('./operation.js');
const { closed } = require('./store-events.js');
const { COVERAGE_OPTIONS, checkName, diskBytes, readStoreOptions } = require('./store-options.js');

/** Coverage records in the order they came: the class that `lib/index.js` calls CoverageDatabase; documented in index.d.ts. */
class CoverageDatabase {
  #native;
  #closed = false;
  /** Settles when all calls so far are done: they take effect in the order they were made. */
  #turns = Promise.resolve();

  constructor(options = {}) {
    this.options = readStoreOptions(options, CoverageDatabase, COVERAGE_OPTIONS);
    const { maxMemory, streaming, tempDir, maxDiskMB } = this.options;
    this.#native = new NativeLog(maxMemory, streaming, tempDir, diskBytes(maxDiskMB));
  }

  async addCoverage(type, name, coverage) {
    this.#check(this.addCoverage);
    checkName(type, 'the type of an object', this.addCoverage);
    checkName(name, 'the name of an object', this.addCoverage);
    const text = toJson(coverage, type, name, this.addCoverage);
    await this.#inTurn(this.addCoverage, async () => {
      while (!this.#native.add(type, name, text)) await this.#flush();
    });
  }

  async flushToDisk() {
    await this.#inTurn(this.flushToDisk, () => this.#flush());
  }

  async* iterate() {
    for (let position = 0; ;) {
      this.#check(this.iterate);
      await this.#turns;
      const { first, records } = await operate((callback) => this.#native.read(position, callback), {});
      if (records.length === 0) return;
      for (const [type, name, coverage] of records.slice(Math.max(0, position - first))) {
        this.#check(this.iterate);
        yield { type, name, coverage };
      }
      position = first + records.length;
    }
  }

  getStats() {
    this.#check(this.getStats);
    return JSON.parse(this.#native.stats());
  }

  async clear() {
    await this.#inTurn(this.clear, () => this.#native.clear());
  }

  async close() {
    this.#closed = true;
    await this.#turns;
    this.#native.clear();
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  #check(from) {
    if (this.#closed) throw closed('CoverageDatabase', from);
  }

  async #inTurn(from, work) {
    this.#check(from);
    const turn = this.#turns.then(work);
    this.#turns = turn.catch(() => {});
    await turn;
  }

  async #flush() {
    try {
      await operate((callback) => this.#native.flush(callback), {});
    } finally {
      this.#native.account();
    }
  }
}

module.exports = { CoverageDatabase };
