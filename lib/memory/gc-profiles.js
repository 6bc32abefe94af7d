'use strict';

const { GCProfiler } = require('node:v8');
const { MessageChannel } = require('node:worker_threads');

const { YOUNG, kindOfType } = require('./gc-kinds.js');

// Node takes a stopped profiler's callbacks off V8 only when V8 collects the object, and until then it writes about 5 KB
// and takes about 25 us at every collection. One that saw no more than one collection is still young, and the next minor
// collection takes it; an older one stays until the next major. So old ones are counted, and so is what they write.

/** Stopped profilers that may wait for a major collection. */
const MOST_OLD = 4;
/** Stopped profilers that saw no collection and wait for the next one. */
const MOST_EMPTY = 8;
/** Records that one profiler keeps; reading as many takes about 2 ms. */
const MOST_RECORDS = 128;
/** Records that may be written, by all, before a major collection is asked for: about 5 MB. */
const MOST_WRITTEN = 1000;
/** Milliseconds without profiler after that: so many for each of the pause that asking caused, within bounds. */
const REST_PER_PAUSE = 1000;
const SHORTEST_REST_MS = 1000;
const LONGEST_REST_MS = 30_000;
/** V8 begins incremental marking when memory beside its heap grew by 64 MB. */
const ENOUGH_TO_MARK = 80 * 1024 * 1024;

/**
 * Has V8 begin an incremental major collection, which stops the program for a few milliseconds only. The buffer's pages are
 * never touched, so nothing becomes resident, and its transfer takes it off V8's account at once.
 */
function askForMajor() {
  const { port1 } = new MessageChannel();
  try {
    const buffer = new ArrayBuffer(ENOUGH_TO_MARK);
    port1.postMessage(null, [buffer]);
  } catch (error) {
    // No room in the address space: V8 collects by itself before long.
    if (!(error instanceof RangeError)) throw error;
  } finally {
    port1.close();
  }
}

function started() {
  const profiler = new GCProfiler();
  profiler.start();
  return profiler;
}

function measured({ gcType, cost, beforeGC, afterGC }) {
  const heapBeforeBytes = beforeGC.heapStatistics.usedHeapSize;
  const heapAfterBytes = afterGC.heapStatistics.usedHeapSize;
  const youngBytes = beforeGC.heapSpaceStatistics.find(({ spaceName }) => spaceName === YOUNG)?.spaceSize ?? 0;
  return { kind: kindOfType(gcType), pauseMs: cost / 1000, heapBeforeBytes, heapAfterBytes, youngBytes };
}

/** Bytes before and after collections, from a V8 profiler that is exchanged no oftener than is cheap. */
class GcProfiles {
  #live = null;
  /** Collections that were noted since the live one started. */
  #seen = 0;
  #sawMajor = false;
  #old = 0;
  #empty = 0;
  #written = 0;
  #restUntil = -Infinity;

  start() {
    this.#live ??= started();
  }

  stop() {
    this.#live?.stop();
    this.#live = null;
    this.#seen = 0;
    this.#sawMajor = false;
  }

  /** Whether collections are being measured. */
  get measures() {
    return this.#live !== null;
  }

  /**
   * A collection was seen, in order.
   *
   * @param {{ kind: string, start: number, pauseMs: number }} collection `start` in milliseconds of `performance.now()`
   */
  note({ kind, start, pauseMs }) {
    this.#empty = 0;
    if (kind === 'major') {
      this.#old = 0;
      this.#written = 0;
      this.#sawMajor = true;
      const rest = Math.max(SHORTEST_REST_MS, pauseMs * REST_PER_PAUSE);
      this.#restUntil = Math.min(this.#restUntil, start + rest);
    }
    if (!this.#live && this.#old === 0 && start >= this.#restUntil) this.start();
    else if (this.#live) this.#seen += 1;
    this.#written += this.#old + (this.#live ? 1 : 0);
  }

  /** Whether records should be taken without anybody asking: it is free, or they are many. */
  get isDue() {
    return this.#seen === 1 || (this.#seen > 0 && this.#sawMajor) || this.#seen >= MOST_RECORDS;
  }

  /** Whether too much was written since the last major collection. */
  get isSpent() {
    return this.#written >= MOST_WRITTEN;
  }

  #mayStop(certain) {
    if (!certain && this.#empty >= MOST_EMPTY) return false;
    return this.#old < MOST_OLD || this.#seen === 1 || this.#sawMajor;
  }

  /**
   * The records since the last call, in order; `null` when they cannot be had before V8 took old profilers away.
   *
   * @param {boolean} certain there is a record for sure
   */
  take(certain) {
    if (!this.#live || !this.#mayStop(certain)) return null;
    const stopped = this.#live;
    // The next one starts first, and nothing is allocated between the two calls, so that no collection is missed or counted twice.
    this.#live = started();
    return this.#read(stopped);
  }

  /** The last records; then rests, and asks V8 to take the stopped profilers away. */
  rest(now) {
    const stopped = this.#live;
    this.#live = null;
    this.#written = 0;
    this.#restUntil = now + LONGEST_REST_MS;
    askForMajor();
    return stopped ? this.#read(stopped) : [];
  }

  #read(stopped) {
    const { statistics } = stopped.stop();
    this.#seen = 0;
    this.#sawMajor = false;
    if (statistics.length > 1) this.#old += 1;
    this.#empty = statistics.length === 0 ? this.#empty + 1 : 0;
    return statistics.map(measured);
  }
}

module.exports = { GcProfiles };
