'use strict';

const { EventEmitter } = require('node:events');
const { performance } = require('node:perf_hooks');
const { getHeapSpaceStatistics, getHeapStatistics } = require('node:v8');

const MB = 1024 * 1024;
/** A full collection that freed less than this part of the heap was not worth its pause. */
const WORTHWHILE = 0.1;
/** How long such a collection speaks against the next: by then old objects may have died, too. */
const FORGOTTEN_AFTER_MS = 5 * 60 * 1000;
/** Pause per MB of small live objects, measured on Node 20, where it is longest; it holds until one was observed. */
const PAUSE_MS_PER_MB = 1.4;

/** V8's heap: bytes in use, those of them in the young generation, and what objects hold outside. 1 to 3 microseconds. */
function readHeap() {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  const { used_heap_size: usedBytes, external_memory: externalBytes } = getHeapStatistics();
  return { usedBytes, externalBytes, youngBytes: young?.space_used_size ?? 0 };
}

/**
 * Collections that we ask V8 for, and whether asking is wise: a full one stops the program for as long as it takes.
 * One for all faces of an environment, so that they share the cooldown.
 *
 * Events: `gc` for each that ran or failed, `gc-skipped` for each that was not asked for.
 */
class ForcedCollections extends EventEmitter {
  #collect;
  #heap;
  #now;
  #lastAt = -Infinity;
  /** The last full collection that we asked for. */
  #forced = null;
  /** The last full collection that V8 ran by itself. */
  #observed = null;

  /**
   * @param {{ collect: Function, heap?: Function, now?: () => number }} parts `now`: milliseconds of a clock that never
   *   goes back
   */
  constructor({ collect, heap = readHeap, now = () => performance.now() }) {
    super();
    this.#collect = collect;
    this.#heap = heap;
    this.#now = now;
  }

  /**
   * Learns from a collection that V8 ran by itself. Its pause is shorter than that of a forced one, so it counts only until
   * there was one.
   */
  learn({ kind, pauseMs }) {
    if (kind === 'major') this.#observed = { pauseMs, usedBytes: this.#heap().usedBytes };
  }

  /** Somebody let go of memory: what the last collection freed says nothing about the next. */
  reconsider() {
    if (this.#forced) this.#forced.share = 1;
  }

  /** The pause of a full collection now: the last one's, and more if the heap has grown since. */
  predictedPauseMs(usedBytes = this.#heap().usedBytes) {
    const last = this.#forced ?? this.#observed;
    if (last === null) return (usedBytes / MB) * PAUSE_MS_PER_MB;
    return last.pauseMs * Math.max(1, usedBytes / last.usedBytes);
  }

  /**
   * Collects if that is wise. Where the young generation alone may give `needBytes`, it is tried first.
   *
   * @param {{ reason: string, cooldownMs: number, maxPauseMs: number, needBytes?: number, atOnce?: boolean }} how `atOnce`:
   *   whenever the last one was and whatever it freed
   */
  request({ reason, cooldownMs, maxPauseMs, needBytes = 0, atOnce = false }) {
    if (!atOnce && this.#now() - this.#lastAt < cooldownMs) {
      return this.#skip(reason, 'cooldown', `the last forced collection was less than ${cooldownMs} ms ago`);
    }
    if (needBytes > 0 && this.#heap().youngBytes >= needBytes) {
      const minor = this.run({ reason, kind: 'minor' });
      if (!minor.success || minor.freedBytes >= needBytes) return minor;
    }
    const { usedBytes } = this.#heap();
    const inVain = atOnce ? null : this.#inVain(reason, usedBytes);
    return inVain ?? this.#tooLong(reason, usedBytes, maxPauseMs) ?? this.run({ reason, kind: 'major' });
  }

  /** Collects in any case. */
  run({ reason, kind }) {
    const { usedBytes, externalBytes } = this.#heap();
    const { ran, why, freedBytes, durationMs } = this.#try(kind);
    this.#lastAt = this.#now();
    if (ran && kind === 'major') {
      const share = freedBytes / (usedBytes + externalBytes);
      this.#forced = { at: this.#lastAt, pauseMs: durationMs, usedBytes, afterBytes: this.#heap().usedBytes, share };
    }
    const action = { type: 'force_gc', kind, reason, success: ran, freedBytes, durationMs, ...(ran ? {} : { error: why }) };
    this.emit('gc', action);
    return action;
  }

  #try(kind) {
    try {
      return this.#collect({ kind });
    } catch (error) {
      // A program's own globalThis.gc may throw.
      return { ran: false, why: String(error?.message ?? error), freedBytes: 0, durationMs: 0 };
    }
  }

  #inVain(reason, usedBytes) {
    if (this.#forced === null || this.#forced.share >= WORTHWHILE) return null;
    if (this.#now() - this.#forced.at >= FORGOTTEN_AFTER_MS) return null;
    // What was allocated since may be garbage, whatever the last one found.
    if (usedBytes - this.#forced.afterBytes >= WORTHWHILE * usedBytes) return null;
    return this.#skip(reason, 'little-freed', `the last full collection freed ${(this.#forced.share * 100).toFixed(1)} % of the heap, less than 10 %`);
  }

  #tooLong(reason, usedBytes, maxPauseMs) {
    const predictedPauseMs = this.predictedPauseMs(usedBytes);
    if (predictedPauseMs <= maxPauseMs) return null;
    return this.#skip(reason, 'pause', `a pause of ${Math.round(predictedPauseMs)} ms is predicted, above ${maxPauseMs} ms`);
  }

  #skip(reason, skipped, detail) {
    const action = { type: 'force_gc', kind: 'major', reason, success: false, freedBytes: 0, durationMs: 0, skipped, detail };
    this.emit('gc-skipped', action);
    return action;
  }
}

module.exports = { ForcedCollections, readHeap };
