// Parts of the toolkit that a test drives: an engine that samples when it is told to, a collector that frees what it is
// told to, a clock that is set by hand.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { ForcedCollections } = require('../../lib/memory/garbage-collection.js');

export const MB = 1024 * 1024;

/** A sample with `percent` of a heap limit of 1000 MB in use. */
export function sample(percent, more = {}) {
  const heapUsedBytes = percent * 10 * MB;
  return {
    at: 0, blocked: false, rssBytes: heapUsedBytes + 50 * MB, peakRssBytes: heapUsedBytes + 50 * MB, heapUsedBytes,
    heapTotalBytes: heapUsedBytes * 1.25, heapLimitBytes: 1000 * MB, externalBytes: 5 * MB, arrayBuffersBytes: MB, container: null,
    availableBytes: 4000 * MB, pressure: null, percent, of: 'heap', limitBytes: 1000 * MB, effectiveLimitBytes: 1000 * MB, ...more,
  };
}

class FakeWatch extends EventEmitter {
  level = 'healthy';
  stopped = false;

  constructor(engine, options) {
    super();
    this.engine = engine;
    this.options = options;
  }

  /** A sample as the engine would emit it, of `percent`. */
  feed(percent, more) {
    this.engine.percent = percent;
    this.emit('sample', sample(percent, more));
  }

  /** A change of the level, before the sample that made it. */
  change(to, percent) {
    const from = this.level;
    this.level = to;
    this.engine.percent = percent;
    this.emit('level', { from, to, sample: sample(percent) });
    this.emit('sample', sample(percent));
  }

  check() {
    this.emit('sample', this.engine.read());
    return this.engine.read();
  }

  stop() {
    this.stopped = true;
  }
}

class FakeEngine {
  percent = 10;
  /** Overrides of every sample that is read. */
  more = {};
  watches = [];
  reads = [];
  trendFigures = {
    timeWindow: 30, samples: 12, averageUsage: 65.23, peakUsage: 72.06, growthRate: 0.51234, growthRateMBPerHour: 4.567, isIncreasing: false,
  };
  report = { score: 3, suspected: false, pattern: null, series: 'heap', growthMBPerHour: 0.5, atMs: null, recommendations: [] };

  watch(options) {
    const watch = new FakeWatch(this, options);
    this.watches.push(watch);
    return watch;
  }

  read(of) {
    this.reads.push(of);
    return sample(this.percent, this.more);
  }

  history = (of) => [sample(1), sample(2)].map((each) => ({ ...each, asked: of }));
  trend = (minutes) => ({ ...this.trendFigures, timeWindow: minutes });
  leakReport = () => this.report;
}

/** Everything that a face works on. `heap` and `collected` are what the next collection sees and answers; `at` is the clock. */
export function fakeParts() {
  const engine = new FakeEngine();
  const state = {
    at: 1000,
    heap: { usedBytes: 100 * MB, externalBytes: 0, youngBytes: 0 },
    collected: () => ({ ran: true, freedBytes: 50 * MB, durationMs: 20 }),
    kinds: [],
    followers: new Set(),
    trimmed: 0,
    trim: { ran: true, why: null, rssBeforeBytes: 90 * MB, rssAfterBytes: 60 * MB, allocator: 'glibc' },
  };
  const collect = ({ kind }) => {
    state.kinds.push(kind);
    return state.collected(kind);
  };
  const collections = new ForcedCollections({ collect, heap: () => ({ ...state.heap }), now: () => state.at });
  const totals = { collections: 15, major: 3, minor: 12, pauseMs: 184.5, freedBytes: 7 * MB, efficiency: 0.7846, averagePauseMs: 12.34, longestPauseMs: 40 };
  const openGcStatistics = (listener) => {
    if (listener) state.followers.add(listener);
    return { totals: () => totals, close: () => state.followers.delete(listener) };
  };
  const spikes = new EventEmitter();
  const following = (name) => (listener) => {
    spikes.on(name, listener);
    return () => spikes.off(name, listener);
  };
  const parts = {
    engine: () => engine,
    collections: () => collections,
    openGcStatistics,
    trimNativeMemory: () => {
      state.trimmed += 1;
      return state.trim;
    },
    topConsumers: () => [],
    onSpike: following('spike'),
    onShed: following('shed'),
    onOperation: following('operation'),
    /** Emits `spike`, `shed` and `operation`. */
    spikes,
    snapshotEvents: new EventEmitter(),
  };
  return { engine, state, parts, collections, now: () => state.at };
}

/** What a program logs. */
export function lines() {
  const logged = [];
  return { logged, logger: { log: (line) => logged.push(line) } };
}

/** The process warnings that `run` causes, with their codes. */
export async function warningsOf(run) {
  const seen = [];
  const onWarning = ({ code, message }) => seen.push({ code, message });
  process.on('warning', onWarning);
  await run();
  // Node hands warnings round on the next tick.
  await new Promise((settle) => setImmediate(settle));
  process.off('warning', onWarning);
  return seen;
}
