'use strict';

const { basename } = require('node:path');

const { watchOptions } = require('../manager/settings.js');
const { operations } = require('../operations.js');

const SAMPLE_MS = 1000;
const COLLECTIONS_MS = 1000;
const TABLES_MS = 5000;
/** How far back the first event reaches. */
const HISTORY_MS = 3 * 60 * 60 * 1000;
/** What a row of the first event's history is. */
const FIELDS = ['at', 'heapUsedBytes', 'externalBytes', 'rssBytes', 'heapLimitBytes', 'effectiveLimitBytes', 'percent'];
/** Collections that one event lists, the last ones; all are in its totals. */
const MOST_COLLECTIONS = 20;
/** Operations that ended and are listed. */
const MOST_OPERATIONS = 20;
const MOST_CONSUMERS = 10;

/** Of a result what a page shows: never the context, which is the program's own. */
const shown = ({ name, at, durationMs, adjustedBytes, externalDeltaBytes, gcCount, confidence, overlapped }) => ({
  name, at, durationMs, adjustedBytes, externalDeltaBytes, gcCount, confidence, overlapped,
});

/** What a watch needs to see the levels that the manager sees. */
function asTheManager(manager) {
  const { basis, limitBytes, ...settings } = manager.getSettings();
  return watchOptions({ ...settings, intervalMs: SAMPLE_MS }, { basis, limitBytes });
}

/** The last `most` values. */
class Last {
  #values = [];

  constructor(most) {
    this.most = most;
  }

  add(value) {
    this.#values.push(value);
    if (this.#values.length > this.most) this.#values.shift();
  }

  get values() {
    return [...this.#values];
  }

  take() {
    return this.#values.splice(0);
  }
}

/**
 * What happens to memory, as events that all streams share: one watch, one observer of collections, one listener of each
 * kind, however many streams there are. The events are documented in stream.d.ts.
 */
class Live {
  #parts;
  #manager;
  #tracker;
  #spikes;
  #collectionsMs;
  #tablesMs;
  #tell = null;
  #undo = [];
  #watch;
  #statistics;
  #collections = new Last(MOST_COLLECTIONS);
  /** Collections since the last event. */
  #collected = 0;
  #operations = new Last(MOST_OPERATIONS);
  #leak = '';

  /** @param {object} sources those of sources.js, or others like them */
  constructor({ parts, manager, tracker, spikes, collectionsMs = COLLECTIONS_MS, tablesMs = TABLES_MS }) {
    this.#parts = parts;
    this.#manager = manager;
    this.#tracker = tracker;
    this.#spikes = spikes;
    this.#collectionsMs = collectionsMs;
    this.#tablesMs = tablesMs;
  }

  /** Begins to call `tell(event, data)`. */
  start(tell) {
    this.#tell = tell;
    this.#watchMemory();
    this.#statistics = this.#parts.openGcStatistics((record) => this.#collect(record));
    this.#undo.push(() => this.#statistics.close());
    this.#undo.push(this.#spikes.onSpike((spike) => tell('spike', spike)));
    this.#undo.push(operations.on((result) => this.#operations.add(shown(result))));
    // An error's text is the program's own: its warnings have it.
    this.#listen(this.#manager, { cleanup: ({ error, ...action }) => tell('cleanup', action) });
    this.#listen(this.#parts.snapshotEvents, {
      taken: ({ file, at, reason, bytes, pauseMs }) => tell('snapshot', { file: basename(file), at, reason, bytes, pauseMs }),
      failed: ({ code = null }) => tell('snapshot', { failed: true, code }),
    });
    this.#every(this.#collectionsMs, () => this.#tellCollections());
    this.#every(this.#tablesMs, () => this.#tellTables());
  }

  /** Ends all that `start` began. */
  stop() {
    for (const undo of this.#undo.splice(0)) undo();
    this.#collections.take();
    this.#operations.take();
    this.#collected = 0;
  }

  #watchMemory() {
    const watch = this.#parts.engine().watch(asTheManager(this.#manager));
    this.#watch = watch;
    this.#undo.push(() => watch.stop());
    const tellLeak = (report) => this.#tellLeak(report);
    this.#listen(watch, {
      sample: (sample) => this.#tell('sample', this.#levelled(sample)),
      level: ({ from, to, sample: { at, percent } }) => this.#tell('level', { from, to, at, percent }),
      leak: tellLeak,
      'leak-resolved': tellLeak,
    });
  }

  #levelled(sample) {
    return { ...sample, level: this.#watch.level };
  }

  #listen(emitter, listeners) {
    for (const [event, listener] of Object.entries(listeners)) {
      emitter.on(event, listener);
      this.#undo.push(() => emitter.off(event, listener));
    }
  }

  #every(ms, run) {
    const timer = setInterval(run, ms).unref();
    this.#undo.push(() => clearInterval(timer));
  }

  #collect({ at, kind, pauseMs, freedBytes }) {
    this.#collected += 1;
    this.#collections.add({ at, kind, pauseMs, freedBytes });
  }

  /** A busy program collects hundreds of times a second: one event tells of all of them. */
  #tellCollections() {
    if (this.#collected === 0) return;
    const records = this.#collections.take();
    const event = { records, left: this.#collected - records.length, totals: this.#statistics.totals() };
    this.#collected = 0;
    this.#tell('gc', event);
  }

  #tellTables() {
    this.#tell('consumers', this.#tracker.getTopConsumers(MOST_CONSUMERS));
    this.#tell('operations', this.#operationsNow());
    this.#tellLeak(this.#manager.getLeakReport());
  }

  #operationsNow() {
    return { running: operations.running, names: this.#tracker.names, last: this.#operations.values };
  }

  /** A report that says what the last one said is not told again. */
  #tellLeak(report) {
    const text = JSON.stringify(report);
    if (text === this.#leak) return;
    this.#leak = text;
    this.#tell('leak', report);
  }

  /** All that a stream begins with; of the history what is later than `sinceMs`. */
  state(sinceMs) {
    const { thresholds } = asTheManager(this.#manager);
    return {
      process: { pid: process.pid, node: process.version, platform: process.platform, upMs: Math.round(process.uptime() * 1000) },
      thresholds,
      sample: this.#levelled(this.#watch.read()),
      history: this.#history(sinceMs),
      totals: this.#statistics.totals(),
      spikes: this.#spikes.getSpikes(),
      leak: this.#manager.getLeakReport(),
      consumers: this.#tracker.getTopConsumers(MOST_CONSUMERS),
      operations: this.#operationsNow(),
    };
  }

  /** Rows in place of objects: they are a fifth of the size. */
  #history(sinceMs) {
    const samples = this.#watch.history({ sinceMs: Math.max(sinceMs, Date.now() - HISTORY_MS) });
    return { fields: FIELDS, rows: samples.map((sample) => FIELDS.map((field) => sample[field])) };
  }
}

module.exports = { Live };
