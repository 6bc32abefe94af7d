'use strict';

const { Cleanup } = require('./memory-cleanup.js');
const { MB, THRESHOLD, inMB } = require('./memory-monitor.js');

/** Watches the memory of one scanner while it works. Its timer never keeps the process alive. */
class MemoryWatch {
  #scanner;
  #cleanup = new Cleanup();
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
    if (options.enableStreaming && current > threshold) this.stream('memory', { current, threshold });
    if (this.#cleanup.isDue(current, options.maxMemoryMB)) this.cleanup('memory_cleanup');
  }

  /** Turns streaming mode on and says why. */
  stream(why, data = {}) {
    const state = this.#scanner.memoryState;
    if (state.streamingMode) return;
    state.streamingMode = true;
    const reason = why === 'files' ? 'there are more than 1,000 files' : 'memory is above its threshold';
    this.#emit('warning', { type: 'memory_threshold', message: `Switching to streaming mode: ${reason}`, data: { why, ...data } });
  }

  cleanup(type) {
    const { memoryState: state, options } = this.#scanner;
    const done = this.#cleanup.run(type, options.enableGC);
    if (done.gcPerformed) state.gcCount += 1;
    state.lastCleanup = Date.now();
    this.#emit('cleanup', done);
  }

  shutdown() {
    clearInterval(this.#timer);
    if (this.#scanner.listenerCount('cleanup') > 0) this.cleanup('shutdown');
  }

  #emit(name, payload) {
    if (this.#scanner.listenerCount(name) > 0) this.#scanner.emit(name, { ...payload, timestamp: new Date() });
  }
}

module.exports = { MemoryWatch };
