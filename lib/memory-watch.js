'use strict';

const { collectGarbage } = require('./garbage.js');

const MB = 1024 * 1024;
/** Cleanup begins above this part of the budget. */
const THRESHOLD = 0.8;

/** Full collections stop the program: there is at most one in so many milliseconds. */
const BETWEEN_COLLECTIONS = 5000;

const inMB = (bytes) => Math.round(bytes / MB);

/** `process.memoryUsage()` in whole MB. */
function memoryUsageMB() {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return { rss: inMB(rss), heapUsed: inMB(heapUsed), heapTotal: inMB(heapTotal), external: inMB(external) };
}

/** Watches the memory of one scanner while it works. Its timer never keeps the process alive. */
class MemoryWatch {
  #scanner;
  #trim;
  #native;
  #timer;
  #thrown;
  /** Records of the scan that runs lie on disk. */
  #moving = false;
  #collected = -Infinity;

  /**
   * @param {object} scanner
   * @param {() => number} trim forgets what the scanner keeps for speed alone; how many bytes that freed
   */
  constructor(scanner, trim) {
    this.#scanner = scanner;
    this.#trim = trim;
  }

  /**
   * @param {object} native the native scanner whose memory counts
   * @param {() => void} onThrown called when a listener of ours throws while the timer runs
   */
  start(native, onThrown) {
    const { cleanupInterval } = this.#scanner.options;
    this.#native = native;
    this.#moving = false;
    this.#thrown = undefined;
    if (cleanupInterval === 0) return;
    this.#timer = setInterval(() => {
      try {
        this.check();
      } catch (error) {
        // Out of a timer it would end the process; stop() throws it where the caller can catch it.
        clearInterval(this.#timer);
        this.#thrown = { error };
        onThrown();
      }
    }, cleanupInterval).unref();
  }

  /** The last check of a scan. */
  finish() {
    if (this.#scanner.options.cleanupInterval > 0 && !this.#thrown) this.check();
  }

  stop() {
    clearInterval(this.#timer);
    if (this.#thrown) throw this.#thrown.error;
  }

  /** Native bytes: in use, the most that ever was, the whole budget. */
  native(native = this.#native) {
    const [current, high, limit] = native?.budget() ?? [0, 0, this.#scanner.options.maxMemoryMB * MB];
    return { current, high, limit };
  }

  check() {
    const { memoryState: state, options } = this.#scanner;
    const current = inMB(process.memoryUsage().heapUsed + this.native().current);
    const threshold = options.maxMemoryMB * THRESHOLD;
    state.currentUsageMB = current;
    state.maxUsageMB = Math.max(state.maxUsageMB, current);
    this.#emit('memory_status', {
      type: 'memory_status',
      message: `${current} of ${options.maxMemoryMB} MB used`,
      current,
      max: options.maxMemoryMB,
      threshold,
      streamingMode: state.streamingMode,
    });
    if (current > threshold) this.#overThreshold(current, threshold);
  }

  #overThreshold(current, threshold) {
    if (this.#scanner.options.enableStreaming) this.stream('memory', { current, threshold });
    this.cleanup();
  }

  /** Turns streaming mode on and says why. */
  stream(why, data = {}) {
    const state = this.#scanner.memoryState;
    if (state.streamingMode) return;
    state.streamingMode = true;
    state.mode = 'streaming';
    const reason = why === 'files' ? 'there are more than 1,000 files' : 'memory is above its threshold';
    this.#emit('warning', { type: 'memory_threshold', message: `Switching to streaming mode: ${reason}`, data: { why, ...data } });
  }

  /** Records were moved to disk: `freed` bytes; all that lies there takes `onDisk`. */
  moved({ freed, onDisk, objects }) {
    const { options } = this.#scanner;
    const freedMB = inMB(freed);
    if (!this.#moving) {
      this.#moving = true;
      const limit = objects ? `maxObjectsPerType (${options.maxObjectsPerType}) is reached` : `Half of maxMemoryMB (${options.maxMemoryMB}) is full`;
      const message = `${limit}: records move to disk from now on; nothing is lost`;
      this.#emit('warning', { type: objects ? 'object_limit' : 'memory_limit', message, data: { action: 'spilling' } });
    }
    if (options.enableStreaming) this.stream('memory', { freedMB });
    this.#scanner.memoryState.lastCleanup = Date.now();
    const message = `Moved ${freedMB} MB of records to disk, where all of them take ${inMB(onDisk)} MB`;
    this.#cleaned('memory_cleanup', { step: 'spill', message, freedMB });
  }

  /** Records take more than half of the budget, and `spill` is off. */
  beyond({ used, most }) {
    const message = `The scan takes ${inMB(used)} MB, more than half of maxMemoryMB (${inMB(most)} MB), and spill is off; it goes on`;
    this.#emit('warning', { type: 'memory_limit', message, data: { action: 'none', usedMB: inMB(used), mostMB: inMB(most) } });
  }

  /** Kinds of which a database dropped the oldest objects, because `spill` is off. */
  pruned(kinds, most) {
    for (const [objectType, dropped, kept] of kinds) {
      const message = `maxObjectsPerType is ${most} and spill is off: the ${dropped} oldest of ${dropped + kept} ${objectType} were dropped`;
      this.#emit('warning', { type: 'object_limit', message, data: { objectType, limit: most, dropped, kept } });
    }
  }

  /** In this order: what is kept for speed alone, then a collection. Records move to disk by themselves. */
  cleanup() {
    this.#scanner.memoryState.lastCleanup = Date.now();
    const trimmed = inMB(this.#trim());
    this.#cleaned('memory_cleanup', { step: 'caches', message: `Emptied caches, ${trimmed} MB freed`, freedMB: trimmed });
    const before = process.memoryUsage().heapUsed;
    const gcPerformed = this.#collect();
    const freedMB = Math.max(0, inMB(before - process.memoryUsage().heapUsed));
    const message = gcPerformed ? `Collected garbage, ${freedMB} MB freed` : 'Collected no garbage';
    this.#cleaned('memory_cleanup', { step: 'gc', message, freedMB, gcPerformed });
  }

  #collect() {
    const due = performance.now() - this.#collected > BETWEEN_COLLECTIONS;
    if (!this.#scanner.options.enableGC || !due || !collectGarbage()) return false;
    this.#collected = performance.now();
    this.#scanner.memoryState.gcCount += 1;
    return true;
  }

  shutdown() {
    clearInterval(this.#timer);
    this.#native = undefined;
    this.#cleaned('shutdown', { message: 'Everything was let go', freedMB: inMB(this.#trim()) });
  }

  #cleaned(type, payload) {
    if (this.#scanner.listenerCount('cleanup') === 0) return;
    this.#emit('cleanup', { type, memoryUsage: memoryUsageMB(), gcPerformed: false, ...payload });
  }

  #emit(name, payload) {
    if (this.#scanner.listenerCount(name) > 0) this.#scanner.emit(name, { ...payload, timestamp: new Date() });
  }
}

module.exports = { MemoryWatch, memoryUsageMB };
