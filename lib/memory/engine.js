'use strict';

const { EventEmitter } = require('node:events');
const { performance } = require('node:perf_hooks');
const { getHeapStatistics } = require('node:v8');

const { NativeEngine } = require('../native.js');
const { emitSafely } = require('./listeners.js');
const { oldGeneration } = require('./old-generation.js');
const { readWatchOptions } = require('./watch-options.js');

const LEVELS = ['healthy', 'warning', 'critical', 'emergency'];

/** A black box keeps native readings; it needs no samples of its own. Milliseconds. */
const RECORD_EVERY = 60_000;
/** Resources of the loop and listeners are counted at most this often, in milliseconds: a server may have many thousands. */
const COUNT_EVERY = 15_000;
let counted = { at: -Infinity };
/** Loaded by the first that looks for leaks. */
let listenerCounts;

function counts() {
  const at = performance.now();
  if (at - counted.at < COUNT_EVERY) return counted;
  counted = { at, resources: process.getActiveResourcesInfo().length, listeners: listenerCounts?.countListeners() };
  return counted;
}

/** V8's figures of this environment, in bytes. Costs about 10 microseconds. */
function heapFigures() {
  const heap = getHeapStatistics();
  const { resources, listeners } = counts();
  const old = oldGeneration(heap.heap_size_limit, heap.used_heap_size);
  return {
    used: heap.used_heap_size,
    total: heap.total_heap_size,
    limit: heap.heap_size_limit,
    oldUsed: old.usedBytes,
    oldLimit: old.limitBytes,
    external: heap.external_memory,
    arrayBuffers: process.memoryUsage().arrayBuffers,
    resources,
    listeners,
    detached: heap.number_of_detached_contexts,
  };
}

/**
 * Somebody who watches memory: an emitter of `sample`, `level`, `blocked`, `oom-imminent`, `leak` and `leak-resolved`.
 * What its listeners throw is reported as a process warning and goes nowhere else.
 */
class Watch extends EventEmitter {
  #engine;
  #id;
  #options;

  constructor(engine, id, options) {
    super();
    this.#engine = engine;
    this.#id = id;
    this.#options = options;
  }

  /** 'healthy', 'warning', 'critical' or 'emergency'; less than a microsecond. */
  get level() {
    return LEVELS[this.#engine.native.level(this.#id)];
  }

  /** Takes a sample now and judges it; its events are emitted before this returns. */
  check() {
    this.#engine.answer();
    return this.read();
  }

  /** A sample of now that changes no level. */
  read() {
    return this.#engine.read(this.#options);
  }

  /** As the engine's, with percentages of this watch's limits. */
  history(of) {
    return this.#engine.history({ ...this.#options, ...of });
  }

  /** As the engine's, of this watch's limits. */
  trend(minutes) {
    return this.#engine.trend(minutes, this.#options);
  }

  /** Ends the watch; twice is fine. */
  stop() {
    this.#engine.unwatch(this.#id);
  }

  [Symbol.dispose]() {
    this.stop();
  }
}

/** The memory of this environment (the main thread, or a worker): one sampler, one timeline, many watches. */
class Engine {
  native = new NativeEngine(() => this.#asked());
  #watches = new Map();
  #last = 0;
  /** Watches that want to hear of leaks, and the collections while there are any. */
  #leakWatches = new Set();
  #collections;
  /** Somebody was told that it failed. */
  #stopped = false;

  /** Begins to watch; nothing keeps the process alive. Options as in engine.d.ts. */
  watch(given = {}) {
    const { leaks, ...options } = readWatchOptions(given, Engine.prototype.watch);
    const id = (this.#last += 1);
    const watch = new Watch(this, id, { basis: options.basis, limitBytes: options.limitBytes ?? undefined });
    this.native.watch(id, JSON.stringify(options));
    this.#watches.set(id, watch);
    if (leaks) this.#countCollections(id);
    return watch;
  }

  /**
   * Keeps every reading in a native black box until that is closed.
   *
   * @returns {Watch} what keeps the readings coming
   */
  recordInto(blackBox) {
    const watch = this.watch({ intervalMs: RECORD_EVERY });
    this.native.recordInto(blackBox);
    return watch;
  }

  unwatch(id) {
    this.native.unwatch(id);
    this.#watches.delete(id);
    if (!this.#leakWatches.delete(id) || this.#leakWatches.size > 0) return;
    this.#collections.close();
    listenerCounts.stopCounting();
  }

  /** Leaks are found from what major collections leave; counting them costs something, so only who asks pays. */
  #countCollections(id) {
    this.#leakWatches.add(id);
    if (this.#leakWatches.size > 1) return;
    listenerCounts = require('./listener-counts.js');
    listenerCounts.startCounting();
    // Programs that only scan or monitor do without it.
    const { openGcStatistics } = require('./gc-statistics.js');
    this.#collections = openGcStatistics(({ at, kind, heapBeforeBytes: before, heapAfterBytes: after }) => {
      if (this.native.broken) return;
      if (after !== null && (kind === 'major' || kind === 'minor')) this.native.collection(at, kind === 'major', before, after);
    });
  }

  /** The sampler's thread asks. What is wrong here is nobody's call, and must not end the program. */
  #asked() {
    try {
      this.answer();
    } catch (error) {
      if (this.#stopped) return;
      this.#stopped = true;
      process.emitWarning('Memory is no longer watched: pgtap-scanner failed inside, which is a bug. Stop what watches it and start it again', {
        type: 'PgTapMemoryWarning', code: 'PGTAP_MEMORY_STOPPED', detail: error.stack,
      });
    }
  }

  /** Brings V8's figures and hands the events round. */
  answer() {
    for (const { type, watch, ...event } of JSON.parse(this.native.answer(heapFigures()))) {
      const payload = type === 'level' ? event : event.sample ?? event.report ?? event;
      const to = watch === undefined ? [...this.#watches.values()] : [this.#watches.get(watch)];
      // A listener before may have stopped it.
      for (const found of to) if (found) emitSafely(found, type, payload);
    }
  }

  /** A sample of now that nobody judges and no history keeps. */
  read({ basis = 'effective', limitBytes } = {}) {
    return JSON.parse(this.native.read(heapFigures(), basis, limitBytes));
  }

  /** Samples of the past, oldest first: the last 1,200, and one for every 15 seconds of 12 hours before them. */
  history({ sinceMs = 0, most = 0xffff_ffff, basis = 'effective', limitBytes } = {}) {
    return JSON.parse(this.native.history(sinceMs, most, basis, limitBytes));
  }

  /** How use of the limit that is nearest went over the last minutes. */
  trend(minutes, { basis = 'effective', limitBytes } = {}) {
    return JSON.parse(this.native.trend(minutes, basis, limitBytes));
  }

  /** What the leak detector says of its last window; empty before the first is full, some five minutes after the start. */
  leakReport() {
    return JSON.parse(this.native.leakReport());
  }

  /** Forgets samples before `sinceMs`; how many bytes that freed. */
  forget(sinceMs) {
    return this.native.forget(sinceMs);
  }
}

let made;

/**
 * The engine of this environment; made when it is first asked for, and anew after a panic. It costs nothing until
 * somebody watches.
 */
function engine() {
  if (made?.native.broken) made = undefined;
  made ??= new Engine();
  return made;
}

module.exports = { engine, heapFigures, LEVELS };
