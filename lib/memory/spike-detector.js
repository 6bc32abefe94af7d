'use strict';

const { invalid } = require('../errors.js');
const { NativeSpikes } = require('../native.js');
const { ListenerList } = require('./listener-list.js');
const { callSafely } = require('./listeners.js');
const { feedSpikes, snapshotOfSpike } = require('./spike-feed.js');

const MB = 1024 * 1024;
/** Spikes that are kept; the oldest go first. */
const KEPT = 100;

const DEFAULTS = Object.freeze({
  mediumThresholdMB: 25,
  highThresholdMB: 50,
  criticalThresholdMB: 100,
  consecutiveSpikesLimit: 3,
  enableHeapSnapshots: false,
});

const isPositive = (value) => typeof value === 'number' && value > 0 && Number.isFinite(value);
const isCount = (value) => Number.isInteger(value) && value > 0 && value < 2 ** 32;
const isBoolean = (value) => typeof value === 'boolean';

/** What each option allows. */
const ALLOWED = {
  mediumThresholdMB: ['a number of MB above 0', isPositive],
  highThresholdMB: ['a number of MB above 0', isPositive],
  criticalThresholdMB: ['a number of MB above 0', isPositive],
  consecutiveSpikesLimit: ['a whole number above 0', isCount],
  enableHeapSnapshots: ['a boolean', isBoolean],
};

function checkOptions(options, from) {
  if (typeof options !== 'object' || options === null) throw invalid('an object', 'the options of configure()', options, { from });
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(ALLOWED, name)) {
      throw invalid(`one of ${Object.keys(ALLOWED).join(', ')}`, 'the name of an option of configure()', name, { range: true, from });
    }
    const [expected, test] = ALLOWED[name];
    if (value === undefined || test(value)) continue;
    throw invalid(expected, `option "${name}"`, value, { range: typeof value === typeof DEFAULTS[name], from });
  }
}

function checkOrder({ mediumThresholdMB: medium, highThresholdMB: high, criticalThresholdMB: critical }, from) {
  if (high < medium) throw invalid(`${medium} (mediumThresholdMB) or more`, 'option "highThresholdMB"', high, { range: true, from });
  if (critical < high) throw invalid(`${high} (highThresholdMB) or more`, 'option "criticalThresholdMB"', critical, { range: true, from });
}

function checkNumber(value, name, from) {
  if (typeof value === 'number' && Number.isFinite(value)) return;
  throw invalid('a finite number', name, value, { range: typeof value === 'number', from });
}

const noCounts = () => ({ critical: 0, high: 0, medium: 0 });

/** Finds sudden rises of memory; documented in spike-detector.d.ts. */
class MemorySpikeDetector {
  #options = DEFAULTS;
  #native;
  #listeners = new ListenerList('A callback of onSpike()');
  #spikes = [];
  #counts = noCounts();
  #takeSnapshot;
  #feed;
  #stopFeeding = null;
  /** Somebody configured it, and may ask for its spikes without listening. */
  #wanted = false;

  constructor({ takeSnapshot = null, feed = null } = {}) {
    if (takeSnapshot !== null && typeof takeSnapshot !== 'function') {
      throw invalid('a function', 'option "takeSnapshot"', takeSnapshot, { from: MemorySpikeDetector });
    }
    this.#takeSnapshot = takeSnapshot;
    this.#feed = feed;
    this.#begin();
  }

  /** It is fed as long as somebody listens, or configured it. */
  #tend() {
    const needed = this.#wanted || this.#listeners.size > 0;
    if (needed) this.#stopFeeding ??= this.#feed?.(this) ?? null;
    else {
      this.#stopFeeding?.();
      this.#stopFeeding = null;
    }
  }

  #begin() {
    const { mediumThresholdMB, highThresholdMB, criticalThresholdMB, consecutiveSpikesLimit } = this.#options;
    this.#native = new NativeSpikes(mediumThresholdMB * MB, highThresholdMB * MB, criticalThresholdMB * MB, consecutiveSpikesLimit);
  }

  configure(options = {}) {
    const from = MemorySpikeDetector.prototype.configure;
    checkOptions(options, from);
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    const next = { ...this.#options, ...Object.fromEntries(given) };
    checkOrder(next, from);
    if (next.enableHeapSnapshots && this.#takeSnapshot === null) {
      throw invalid('false (this detector was made without takeSnapshot)', 'option "enableHeapSnapshots"', true, { range: true, from });
    }
    this.#options = Object.freeze(next);
    this.#begin();
    this.#wanted = true;
    this.#tend();
  }

  get options() {
    return this.#options;
  }

  onSpike(callback) {
    if (typeof callback !== 'function') {
      throw invalid('a function', 'callback', callback, { from: MemorySpikeDetector.prototype.onSpike });
    }
    const off = this.#listeners.add(callback);
    this.#tend();
    return () => {
      off();
      this.#tend();
    };
  }

  getSpikes() {
    return [...this.#spikes];
  }

  get active() {
    return this.#stopFeeding !== null;
  }

  getCounts() {
    return { ...this.#counts };
  }

  reset() {
    this.#spikes = [];
    this.#counts = noCounts();
    this.#begin();
    this.#wanted = false;
    this.#tend();
  }

  feedSample(sample) {
    const from = MemorySpikeDetector.prototype.feedSample;
    if (typeof sample !== 'object' || sample === null) throw invalid('a sample', 'sample', sample, { from });
    const { at, rssBytes, peakRssBytes } = sample;
    checkNumber(at, 'sample.at', from);
    // Where the system does not tell, nothing can be found.
    if (rssBytes === null || rssBytes === undefined) return null;
    checkNumber(rssBytes, 'sample.rssBytes', from);
    const peak = peakRssBytes ?? rssBytes;
    checkNumber(peak, 'sample.peakRssBytes', from);
    // The peak lies before the sample: what rises and falls between two samples is a rise, too.
    const found = peak > rssBytes ? [this.#native.feed(at, peak), this.#native.feed(at, rssBytes)] : [this.#native.feed(at, rssBytes)];
    const spikes = found.filter((text) => text !== null).map((text) => this.#tell(JSON.parse(text), null));
    return spikes.at(-1) ?? null;
  }

  feedOperation(done) {
    const from = MemorySpikeDetector.prototype.feedOperation;
    if (typeof done !== 'object' || done === null) throw invalid('an operation', 'operation', done, { from });
    const { operation, bytes, at = Date.now() } = done;
    if (typeof operation !== 'string') throw invalid('a string', 'operation', operation, { from });
    checkNumber(bytes, 'bytes', from);
    checkNumber(at, 'at', from);
    const text = this.#native.feedOperation(at, bytes);
    return text === null ? null : this.#tell(JSON.parse(text), operation);
  }

  /** Keeps a spike, counts it, and calls whoever listens. */
  #tell({ atMs, ...found }, operation) {
    const spike = Object.freeze({ ...found, operation, timestamp: new Date(atMs) });
    this.#spikes.push(spike);
    if (this.#spikes.length > KEPT) this.#spikes.shift();
    this.#counts[spike.severity] += 1;
    this.#listeners.tell(spike);
    const wantsSnapshot = spike.severity === 'critical' && this.#options.enableHeapSnapshots;
    if (wantsSnapshot) callSafely(this.#takeSnapshot, 'The snapshot of a spike', spike);
    return spike;
  }
}

const memorySpikeDetector = new MemorySpikeDetector({ feed: feedSpikes, takeSnapshot: snapshotOfSpike });

module.exports = { MemorySpikeDetector, memorySpikeDetector };
