'use strict';

const { Cleanup } = require('./memory-cleanup.js');
const { MB, MemoryMonitor, THRESHOLD, inMB } = require('./memory-monitor.js');

/** Loaded by the first scan, while its threads begin to work. */
const engine = () => require('./memory/engine.js').engine();

/** Watches the memory of one scanner while it works. It never keeps the process alive. */
class MemoryWatch {
  #scanner;
  #cleanup = new Cleanup();
  #trim;
  #native;
  #samples;
  #thrown;
  /** Records of the scan that runs lie on disk. */
  #moving = false;

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
   * @param {() => void} onThrown called when a listener of the scanner's throws during a check
   */
  start(native, onThrown) {
    const { cleanupInterval } = this.#scanner.options;
    this.#native = native;
    this.#moving = false;
    this.#thrown = undefined;
    if (cleanupInterval === 0) return;
    const { SHORTEST_INTERVAL_MS } = require('./memory/rules.js');
    this.#samples = engine().watch({ intervalMs: Math.max(SHORTEST_INTERVAL_MS, cleanupInterval) });
    this.#samples.on('sample', (sample) => {
      if (sample.blocked) return;
      try {
        this.check(sample);
      } catch (error) {
        // The engine would report it; stop() throws it where the caller can catch it.
        this.#samples.stop();
        this.#thrown = { error };
        onThrown();
      }
    });
  }

  /** The last check of a scan. */
  finish() {
    if (this.#scanner.options.cleanupInterval > 0 && !this.#thrown) this.check();
  }

  stop() {
    this.#samples?.stop();
    if (this.#thrown) throw this.#thrown.error;
  }

  /** Native bytes: in use, the most that ever was, the whole budget. */
  native(native = this.#native) {
    const [current, high, limit] = native?.budget() ?? [0, 0, this.#scanner.options.maxMemoryMB * MB];
    return { current, high, limit };
  }

  check({ heapUsedBytes } = engine().read()) {
    const { memoryState: state, options } = this.#scanner;
    const current = inMB(heapUsedBytes + this.native().current);
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
    if (this.#cleanup.isDue(current, options.maxMemoryMB)) this.cleanup();
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
      const message = objects
        ? `maxObjectsPerType (${options.maxObjectsPerType}) is reached: labels of the objects beyond it move to disk; nothing is lost`
        : `Half of maxMemoryMB (${options.maxMemoryMB}) is full: records move to disk from now on; nothing is lost`;
      this.#emit('warning', { type: objects ? 'object_limit' : 'memory_limit', message, data: { action: 'spilling' } });
    }
    if (options.enableStreaming && !objects) this.stream('memory', { freedMB });
    this.#scanner.memoryState.lastCleanup = Date.now();
    const what = objects ? 'labels of objects' : `${freedMB} MB of records`;
    const message = `Moved ${what} to disk, where all of them take ${inMB(onDisk)} MB`;
    this.#cleaned('memory_cleanup', { step: 'spill', message, freedMB });
  }

  /** Objects beyond `maxObjectsPerType` could not be moved to disk: they stay in memory. */
  stayed({ code, message: why }) {
    const message = `maxObjectsPerType (${this.#scanner.options.maxObjectsPerType}) is reached, and the objects beyond it stay in memory: ${why}`;
    this.#emit('warning', { type: 'object_limit', message, data: { action: 'none', code } });
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
    const trimmed = this.#trim();
    if (trimmed > 0) {
      this.#cleaned('memory_cleanup', { step: 'caches', message: `Emptied caches, ${inMB(trimmed)} MB freed`, freedMB: inMB(trimmed) });
    }
    const collected = this.#cleanup.run('memory_cleanup', this.#scanner.options.enableGC, inMB(this.native().current));
    if (collected.gcPerformed) this.#scanner.memoryState.gcCount += 1;
    this.#cleaned('memory_cleanup', { step: 'gc', ...collected });
  }

  shutdown() {
    this.#samples?.stop();
    this.#native = undefined;
    this.#cleaned('shutdown', { message: 'Everything was let go', freedMB: inMB(this.#trim()) });
  }

  #cleaned(type, payload) {
    if (this.#scanner.listenerCount('cleanup') === 0) return;
    this.#emit('cleanup', { type, memoryUsage: MemoryMonitor.getMemoryUsage(), gcPerformed: false, ...payload });
  }

  #emit(name, payload) {
    if (this.#scanner.listenerCount(name) > 0) this.#scanner.emit(name, { ...payload, timestamp: new Date() });
  }
}

module.exports = { MemoryWatch };
