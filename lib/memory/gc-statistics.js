'use strict';

const { PerformanceObserver, performance } = require('node:perf_hooks');
const { getHeapSpaceStatistics, getHeapStatistics } = require('node:v8');

const { ListenerList } = require('./listener-list.js');
const { GcProfiles } = require('./gc-profiles.js');
const { YOUNG, kindOfEntry } = require('./gc-kinds.js');
const { oldGeneration } = require('./old-generation.js');

/** Collections that are remembered for operations that ran beside them. */
const MOST_RECENT = 1024;
/** Milliseconds that a record waits for more to be read with it. */
const LONGEST_WAIT_MS = 5000;

/** What the last collection counts for in a mean of what collections freed lately. */
const WEIGHT_OF_LAST = 0.2;

/** From this part of the old generation on, observing collections brings on more of them. */
const NEARLY_FULL = 0.65;
/** Milliseconds between two looks meanwhile. */
const DEAF_MS = 1000;

function isNearlyFull() {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  const { usedBytes, limitBytes } = oldGeneration(limit, used);
  return usedBytes > NEARLY_FULL * limitBytes;
}

/** Sums over collections. */
class Sums {
  collections = 0;
  byKind = { minor: 0, major: 0, incremental: 0, weak: 0, other: 0 };
  pauseMs = 0;
  longestPauseMs = 0;
  freedBytes = 0;
  measured = 0;
  majorBeforeBytes = 0;
  majorFreedBytes = 0;
  /** What collections freed lately, of the young space and of the whole heap: means in which the last count most. */
  #minorShare = null;
  #majorBytes = null;

  count({ kind, pauseMs }) {
    this.collections += 1;
    this.byKind[kind] += 1;
    this.pauseMs += pauseMs;
    this.longestPauseMs = Math.max(this.longestPauseMs, pauseMs);
  }

  /** The profiler called it another kind than its entry. */
  recount(from, to) {
    this.byKind[from] -= 1;
    this.byKind[to] += 1;
  }

  measure({ kind, freedBytes, heapBeforeBytes, youngBytes }) {
    this.freedBytes += freedBytes;
    if (kind === 'minor') {
      this.measured += 1;
      if (youngBytes > 0) this.#minorShare = lately(this.#minorShare, freedBytes / youngBytes);
    } else if (kind === 'major') {
      this.measured += 1;
      this.#majorBytes = lately(this.#majorBytes, freedBytes);
      this.majorBeforeBytes += heapBeforeBytes;
      this.majorFreedBytes += freedBytes;
    }
  }

  /** What a collection that was not measured may have freed; 0 where none of its kind was measured. */
  estimate({ kind, youngBytes }) {
    if (kind === 'minor') return (this.#minorShare ?? 0) * youngBytes;
    return kind === 'major' ? (this.#majorBytes ?? 0) : 0;
  }
}

const lately = (mean, value) => (mean === null ? value : mean + (value - mean) * WEIGHT_OF_LAST);

/** How large the young space is; V8 makes it grow and shrink. */
const youngSize = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === YOUNG)?.space_size ?? 0;

function setBytes(collection, { heapBeforeBytes, heapAfterBytes, youngBytes }) {
  collection.youngBytes = youngBytes;
  collection.heapBeforeBytes = heapBeforeBytes;
  collection.heapAfterBytes = heapAfterBytes;
  collection.freedBytes = Math.max(0, heapBeforeBytes - heapAfterBytes);
}

/** Every collection of this environment: performance entries tell when, V8's profiler tells the bytes. */
class GcStatistics {
  #listeners = new ListenerList('A listener of collections');
  #profiles = new GcProfiles();
  #observer = null;
  /** The timer in place of the observer. */
  #deaf = null;
  #sums = new Sums();
  /** The last collections by time, as `#remember` makes them. */
  #recent = [];
  /** Of these, those whose bytes are not known yet. */
  #waiting = [];
  /** And those whose record came before their entry. */
  #early = [];
  #timer = null;
  /** How large the young space was when entries came last. */
  #youngBytes = 0;
  /** Up to when entries came. */
  #toldUntil = 0;
  /** Up to when all was measured. */
  #knownUntil = 0;

  get listeners() {
    return this.#listeners;
  }

  start() {
    this.#knownUntil = performance.now();
    this.#youngBytes = youngSize();
    this.#listen();
    this.#profiles.start();
  }

  #listen() {
    this.#observer = new PerformanceObserver((list) => this.#observe(list.getEntries()));
    this.#observer.observe({ type: 'gc' });
  }

  /**
   * Does without entries until there is room again. Near the heap's limit each entry, and the turn of the loop that brings
   * it, makes V8 collect again at once; it takes that for collections in vain and gives up at 80 % of the limit.
   */
  #stopListening() {
    this.#observer.disconnect();
    this.#observer = null;
    this.#deaf = setInterval(() => {
      this.rotate(true);
      // Their entries will never come.
      this.#early.length = 0;
      if (isNearlyFull()) return;
      clearInterval(this.#deaf);
      this.#listen();
    }, DEAF_MS).unref();
  }

  stop() {
    clearInterval(this.#deaf);
    this.#observer?.disconnect();
    this.#observer = null;
    this.#profiles.stop();
    this.#giveUp();
    this.#early.length = 0;
  }

  #observe(entries) {
    // Entries that were on their way when listening ended.
    if (this.#observer === null) return;
    const size = youngSize();
    // It may have grown at any of them.
    const youngBytes = (this.#youngBytes + size) / 2;
    this.#youngBytes = size;
    for (const entry of entries) this.#add(entry, youngBytes);
    const now = performance.now();
    if (this.#profiles.isSpent) {
      this.#match(this.#profiles.rest(now), now);
      this.#giveUp();
    } else if (this.#profiles.isDue) this.rotate(true);
    if (isNearlyFull()) this.#stopListening();
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.rotate(true), LONGEST_WAIT_MS).unref();
  }

  #add(entry, youngBytes) {
    const { startTime: start, duration: pauseMs } = entry;
    const kind = kindOfEntry(entry);
    this.#profiles.note({ kind, start, pauseMs });
    this.#toldUntil = start + pauseMs;
    // What was taken before this collection had its entries by now.
    if (start > this.#knownUntil) this.#early.length = 0;
    const early = this.#early.shift();
    if (early) {
      this.#sums.recount(early.kind, kind);
      early.start = start;
      early.kind = kind;
      early.isGuessed = false;
      return;
    }
    const collection = this.#remember({ start, kind, pauseMs, youngBytes });
    if (this.#profiles.measures) this.#waiting.push(collection);
    else this.#tell(collection);
  }

  #remember({ start, kind, pauseMs, youngBytes }) {
    const sequence = this.#sums.collections;
    const collection = {
      sequence, start, kind, pauseMs, youngBytes, heapBeforeBytes: null, heapAfterBytes: null, freedBytes: null, isGuessed: false,
    };
    this.#sums.count(collection);
    this.#recent.push(collection);
    if (this.#recent.length > 2 * MOST_RECENT) this.#recent.splice(0, MOST_RECENT);
    return collection;
  }

  /**
   * Delivers what can be known now.
   *
   * @param {boolean} [certain] there was a collection since the last time
   * @param {number} [until] no collection was later
   */
  rotate(certain = false, until = performance.now()) {
    clearTimeout(this.#timer);
    this.#timer = null;
    const records = this.#profiles.take(certain);
    if (!records) return;
    this.#match(records, until);
    // The profiler saw all until now: what it has no record of, it did not see.
    this.#giveUp();
  }

  /** Both come in V8's order, so the first record is that of the first entry. */
  #match(records, until) {
    const early = records.length - this.#waiting.length;
    records.forEach((record, at) => {
      const known = this.#waiting.shift();
      const collection = known ?? this.#remember({ ...record, start: this.#guess(at + 1 + early - records.length, early, until) });
      if (!known) this.#expect(collection);
      setBytes(collection, record);
      this.#sums.measure(collection);
      this.#tell(collection);
    });
    this.#knownUntil = performance.now();
  }

  /** Its entry is yet to come, unless nobody listens. */
  #expect(collection) {
    collection.isGuessed = this.#observer !== null;
    this.#early.push(collection);
  }

  /** Before its entry comes, a collection is taken to lie where it would if all came at equal distances. */
  #guess(at, of, until) {
    const since = Math.max(this.#knownUntil, this.#toldUntil);
    return since + (until - since) * (at / (of + 1));
  }

  #giveUp() {
    for (const collection of this.#waiting.splice(0)) this.#tell(collection);
  }

  #tell({ start, kind, pauseMs, heapBeforeBytes, heapAfterBytes, freedBytes }) {
    if (this.#listeners.size === 0) return;
    this.#listeners.tell({ at: performance.timeOrigin + start, kind, pauseMs, heapBeforeBytes, heapAfterBytes, freedBytes });
  }

  /** What was counted so far, to give to `between`. */
  mark() {
    const { byKind, measured, freedBytes } = this.#sums;
    return { count: byKind.minor + byKind.major + byKind.other, measured, freedBytes };
  }

  /**
   * Learns the bytes of collections from `start` to `end`, as far as they can be had.
   *
   * @param {boolean} early the turn of the loop that `end` lies in may not be over, so that Node has not told of its collections
   * @param {boolean} certain there was one
   */
  know(start, end, early, certain) {
    const waits = this.#waiting.length > 0 && this.#waiting[0].start <= end && this.#waiting.at(-1).start >= start;
    if (early || waits) this.rotate(certain || waits, early ? end : undefined);
  }

  /**
   * What was collected from `start` to `end` (`performance.now()`). A collection that was not measured counts with what
   * those of its kind freed lately.
   *
   * @param {object} mark what `mark()` answered at `start`
   * @param {boolean} early as for `know`; else Node has told of all of them, and one whose time is a guess was later
   */
  between(start, end, mark, early) {
    const oldest = this.#recent[0];
    if (oldest && oldest.sequence > 0 && oldest.start > start) return this.#sinceMark(mark);
    const sum = { gcCount: 0, gcFreedBytes: 0, gcEstimated: 0 };
    for (let at = this.#recent.length - 1; at >= 0 && this.#recent[at].start >= start; at -= 1) {
      const collection = this.#recent[at];
      if (collection.start <= end && (early || !collection.isGuessed)) this.#include(sum, collection);
    }
    return sum;
  }

  /** For an operation that has seen more collections than are remembered one by one. */
  #sinceMark(mark) {
    const { count, measured, freedBytes } = this.mark();
    const gcCount = count - mark.count;
    const gcEstimated = Math.max(0, gcCount - (measured - mark.measured));
    return { gcCount, gcEstimated, gcFreedBytes: freedBytes - mark.freedBytes + gcEstimated * this.#sums.estimate({ kind: 'minor', youngBytes: youngSize() }) };
  }

  #include(sum, collection) {
    const { kind, freedBytes } = collection;
    if (kind === 'incremental' || kind === 'weak') return;
    sum.gcCount += 1;
    sum.gcFreedBytes += freedBytes ?? this.#sums.estimate(collection);
    if (freedBytes === null) sum.gcEstimated += 1;
  }

  totals() {
    this.rotate();
    const { collections, byKind, pauseMs, longestPauseMs, freedBytes, measured, majorBeforeBytes, majorFreedBytes } = this.#sums;
    return {
      collections,
      ...byKind,
      measured,
      pauseMs,
      averagePauseMs: collections > 0 ? pauseMs / collections : null,
      longestPauseMs: collections > 0 ? longestPauseMs : null,
      freedBytes,
      efficiency: majorBeforeBytes > 0 ? majorFreedBytes / majorBeforeBytes : null,
    };
  }
}

// One per environment: a worker thread loads this module anew.
const statistics = new GcStatistics();
let users = 0;

/**
 * Begins to use the statistics of this environment's collections; documented in gc-statistics.d.ts.
 *
 * @param {(record: object) => void} [listener]
 */
function openGcStatistics(listener) {
  const off = listener === undefined ? undefined : statistics.listeners.add(listener, openGcStatistics);
  users += 1;
  if (users === 1) statistics.start();
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    statistics.rotate();
    users -= 1;
    if (users === 0) statistics.stop();
    off?.();
  };
  return {
    totals: () => statistics.totals(),
    rotate: () => statistics.rotate(),
    close,
    [Symbol.dispose]: close,
  };
}

module.exports = { openGcStatistics, statistics };
