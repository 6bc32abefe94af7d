'use strict';

const { getHeapStatistics } = require('node:v8');

const { invalid } = require('../errors.js');
const { inMB } = require('./figures.js');
const { OperationTotals } = require('./operation-totals.js');
const { operations } = require('./operations.js');
const { OBJECT, checkArgument } = require('./rules.js');
const { memorySpikeDetector } = require('./spike-detector.js');

/** Names that are kept apart. */
const MOST_NAMES = 1000;
/** Stands for all names that were folded. */
const OTHERS = '(other)';

/** A string of its own: a slice would keep alive what it was cut from. */
const ownCopy = (name) => Buffer.from(name, 'utf16le').toString('utf16le');

/** What operations took, by name; documented in memory-tracker.d.ts. */
class MemoryTracker {
  /** In order of use, the least recently used first. */
  #byName = new Map();
  #others = null;
  #folded = 0;

  /** Counts a finished operation. */
  add(result) {
    const { name } = result;
    let totals = this.#byName.get(name);
    if (totals) this.#byName.delete(name);
    else totals = new OperationTotals(ownCopy(name));
    totals.add(result);
    this.#byName.set(totals.operation, totals);
    if (this.#byName.size > MOST_NAMES) this.#fold();
  }

  #fold() {
    const [[name, totals]] = this.#byName;
    this.#byName.delete(name);
    this.#others ??= new OperationTotals(OTHERS);
    this.#others.merge(totals);
    this.#folded += 1;
  }

  getTopConsumers(n = 10) {
    checkCount(n, 'n', this.getTopConsumers);
    operations.flush();
    const all = [...this.#byName.values(), ...(this.#others ? [this.#others] : [])];
    return all.map((totals) => totals.toJSON()).sort(heaviestFirst).slice(0, n);
  }

  getStats(name) {
    if (typeof name !== 'string') throw invalid('a string', 'name', name, { from: this.getStats });
    operations.flush();
    const totals = name === OTHERS ? this.#others : this.#byName.get(name);
    return totals?.toJSON() ?? null;
  }

  /** How many names are kept apart, and how often one was folded into the others. */
  get names() {
    return { kept: this.#byName.size, folded: this.#folded };
  }

  reset() {
    operations.flush();
    this.#byName.clear();
    this.#others = null;
    this.#folded = 0;
  }

  getReport(options = {}) {
    checkArgument(OBJECT, options, 'options', this.getReport);
    const { spikes = countedSpikes(), top = 10 } = options;
    checkCount(top, 'option "top"', this.getReport);
    const { used_heap_size: used, total_heap_size: total } = getHeapStatistics();
    return {
      current: { heapUsed: inMB(used), heapTotal: inMB(total), utilization: `${((used / total) * 100).toFixed(1)}%` },
      topMemoryConsumers: this.getTopConsumers(top).map(reported),
      spikes,
    };
  }
}

function checkCount(value, name, from) {
  if (Number.isInteger(value) && value >= 1) return;
  throw invalid('an integer of 1 or more', name, value, { range: typeof value === 'number', from });
}

/** The detector's counts; null when nothing looked for spikes, which is not the same as none. */
function countedSpikes() {
  const counts = memorySpikeDetector.getCounts();
  return memorySpikeDetector.active || Object.values(counts).some((count) => count > 0) ? counts : null;
}

/** By what all calls take as the exclusive ones tell; after them those that never ran alone, by what ran while they did. */
function heaviestFirst(a, b) {
  if (a.totalBytes !== null && b.totalBytes !== null) return b.totalBytes - a.totalBytes;
  if (a.totalBytes === null && b.totalBytes === null) return b.shared.totalBytes - a.shared.totalBytes;
  return a.totalBytes === null ? 1 : -1;
}

const reported = ({ operation, callCount, totalBytes, averageBytes }) => ({
  operation,
  totalMemory: totalBytes === null ? null : inMB(totalBytes),
  callCount,
  avgMemory: averageBytes === null ? null : inMB(averageBytes),
});

const memoryTracker = new MemoryTracker();
operations.on((result) => memoryTracker.add(result));

module.exports = { memoryTracker };
