'use strict';

const { getHeapSpaceStatistics } = require('node:v8');

const { limitsOf, watchOptions } = require('../manager/settings.js');
const { Counts, OperationCounts } = require('./counts.js');

const SEVERITIES = ['medium', 'high', 'critical'].map((severity) => ({ severity }));
const MODES = ['reject', 'probabilistic'].map((mode) => ({ mode }));
/** Our kinds of collections by the names that metrics have for them. */
const GC_KINDS = { weak: 'weakcb' };

/** What the metrics of one registration tell: what is now, and what was counted since it began. */
class Source {
  spikes = new Counts(SEVERITIES);
  sheds = new Counts(MODES);
  operations;
  /** Answers with another engine after a failure inside of one. */
  #engine;
  #limits;
  #watch;
  #statistics;
  #undo;
  #reading = null;

  /**
   * @param {object} parts those of parts.js, or others like them
   * @param {object} settings
   * @param {(kind: string, seconds: number) => void} onCollection told of every collection
   */
  constructor(parts, settings, onCollection) {
    this.#engine = parts.engine;
    this.#limits = limitsOf(settings, this.#engine().read().container);
    this.#watch = this.#engine().watch(watchOptions(settings, this.#limits));
    this.#statistics = parts.openGcStatistics(({ kind, pauseMs }) => onCollection(GC_KINDS[kind] ?? kind, pauseMs / 1000));
    this.operations = new OperationCounts(settings.mostOperations);
    this.#undo = [
      parts.onSpike(({ severity }) => this.spikes.add({ severity })),
      parts.onShed((mode) => this.sheds.add({ mode })),
      parts.onOperation((result) => this.operations.add(result)),
    ];
  }

  /** Memory now; one reading for all metrics of a scrape, which asks for them in one go. */
  get sample() {
    if (this.#reading === null) {
      this.#reading = this.#engine().read(this.#limits);
      queueMicrotask(() => { this.#reading = null; });
    }
    return this.#reading;
  }

  get level() {
    return this.#watch.level;
  }

  get leakReport() {
    return this.#engine().leakReport();
  }

  get heapSpaces() {
    return getHeapSpaceStatistics();
  }

  /** Has the collections told that happened until now. */
  countCollections() {
    this.#statistics.totals();
  }

  close() {
    for (const undo of this.#undo) undo();
    this.#statistics.close();
    this.#watch.stop();
  }
}

module.exports = { Source };
