'use strict';

const MB = 1024 * 1024;
/** Cleanup begins above this part of the budget. */
const THRESHOLD = 0.8;

const inMB = (bytes) => Math.round(bytes / MB);

/** `process.memoryUsage()` in whole MB. */
function memoryUsageMB() {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return { rss: inMB(rss), heapUsed: inMB(heapUsed), heapTotal: inMB(heapTotal), external: inMB(external) };
}

/** Watches the memory of one scanner while it works. Its timer never keeps the process alive. */
class MemoryWatch {
  #scanner;
  #timer;
  #high = 0;
  #thrown;

  constructor(scanner) {
    this.#scanner = scanner;
  }

  /** @param {() => void} onThrown called when a listener of ours throws while the timer runs */
  start(onThrown) {
    const { cleanupInterval } = this.#scanner.options;
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

  /** Native bytes as `getMemoryStats()` tells them; the limit is the whole budget. */
  native(current) {
    this.#high = Math.max(this.#high, current);
    return { current, high: this.#high, limit: this.#scanner.options.maxMemoryMB * MB };
  }

  check() {
    const { memoryState: state, options } = this.#scanner;
    const current = inMB(process.memoryUsage().heapUsed);
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
    this.cleanup('memory_cleanup');
  }

  /** Turns streaming mode on and says why. */
  stream(why, data = {}) {
    const state = this.#scanner.memoryState;
    if (state.streamingMode) return;
    state.streamingMode = true;
    const reason = why === 'files' ? 'there are more than 1,000 files' : 'memory is above its threshold';
    this.#emit('warning', { type: 'memory_threshold', message: `Switching to streaming mode: ${reason}`, data: { why, ...data } });
  }

  /** The native side made room: `freed` bytes, of which `onDisk` compressed ones lie in the temporary file. */
  moved(freed, onDisk) {
    if (this.#scanner.options.enableStreaming) this.stream('memory', { freedMB: inMB(freed) });
    this.#scanner.memoryState.lastCleanup = Date.now();
    const message = `Moved ${inMB(freed)} MB of records to disk, where all of them take ${inMB(onDisk)} MB`;
    const freedMB = inMB(freed);
    this.#emit('cleanup', { type: 'memory_cleanup', message, step: 'spill', memoryUsage: memoryUsageMB(), gcPerformed: false, freedMB });
  }

  cleanup(type) {
    const state = this.#scanner.memoryState;
    const before = process.memoryUsage().heapUsed;
    // Only with --expose-gc: `gc` is V8's own.
    const gcPerformed = this.#scanner.options.enableGC && typeof globalThis.gc === 'function';
    if (gcPerformed) {
      globalThis.gc();
      state.gcCount += 1;
    }
    state.lastCleanup = Date.now();
    const freedMB = Math.max(0, inMB(before - process.memoryUsage().heapUsed));
    this.#emit('cleanup', { type, message: `Cleaned up, ${freedMB} MB freed`, memoryUsage: memoryUsageMB(), gcPerformed, freedMB });
  }

  shutdown() {
    clearInterval(this.#timer);
    if (this.#scanner.listenerCount('cleanup') > 0) this.cleanup('shutdown');
  }

  #emit(name, payload) {
    if (this.#scanner.listenerCount(name) > 0) this.#scanner.emit(name, { ...payload, timestamp: new Date() });
  }
}

module.exports = { MemoryWatch, memoryUsageMB };
