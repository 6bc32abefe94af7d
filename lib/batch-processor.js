'use strict';

const { BATCH_OPTIONS, CALL_OPTIONS } = require('./batch-options.js');
const { BatchSource, checkItems } = require('./batch-source.js');
const { invalid, PgTapError } = require('./errors.js');
const { Cleanup } = require('./memory-cleanup.js');
const { MemoryMonitor } = require('./memory-monitor.js');
const { readOptions } = require('./options.js');

function checkScanner(scanner) {
  if (scanner === undefined || scanner === null) return;
  if (typeof scanner.emit === 'function' && typeof scanner.listenerCount === 'function') return;
  throw invalid('an EventEmitter, null or undefined', 'scanner', scanner, { from: BatchProcessor });
}

/** Writes on an error which batch it came from; what cannot be written on (a string, a frozen object) stays as it is. */
function noteBatch(error, index) {
  if (typeof error !== 'object' || error === null) return;
  try {
    Reflect.defineProperty(error, 'batchIndex', { value: index, writable: true, enumerable: true, configurable: true });
  } catch {
    // A proxy that refuses: the error itself is what must arrive.
  }
}

/** The results of a batch: an array's elements, nothing for `undefined`, else the one value. */
function listed(results) {
  if (results === undefined) return [];
  return Array.isArray(results) ? results : [results];
}

/** Works on items in batches, within a memory budget; documented in index.d.ts. */
class BatchProcessor {
  #scanner;
  #options;
  #cleanup = new Cleanup();
  #busy = false;
  #processedBatches = 0;
  #totalItems = 0;
  #size;
  #scarce = false;

  constructor(scanner, options = {}) {
    checkScanner(scanner);
    this.#scanner = scanner;
    this.#options = readOptions(options, BatchProcessor, BATCH_OPTIONS);
    this.#size = this.#options.batchSize;
  }

  async processBatches(items, processor, options = {}) {
    const signals = this.#checked(items, processor, options, this.processBatches);
    const all = [];
    for await (const results of this.#run(items, processor, signals)) {
      for (const result of results) all.push(result);
    }
    return all;
  }

  streamBatches(items, processor, options = {}) {
    return this.#results(items, processor, this.#checked(items, processor, options, this.streamBatches));
  }

  async* #results(items, processor, signals) {
    for await (const results of this.#run(items, processor, signals)) yield* results;
  }

  /** The signals that may end the call. */
  #checked(items, processor, options, from) {
    checkItems(items, from);
    if (typeof processor !== 'function') throw invalid('a function', 'processor', processor, { from });
    const { signal } = readOptions(options, from, CALL_OPTIONS);
    return [this.#options.signal, signal].filter((each) => each !== null);
  }

  /** The results of each batch, in order. */
  async* #run(items, processor, signals) {
    if (this.#busy) throw new PgTapError('ERR_PGTAP_BUSY', 'This processor is at work already; wait for it or make another one');
    const stopped = () => signals.forEach((signal) => signal.throwIfAborted());
    stopped();
    const run = { items: 0, started: 0, failed: false, flying: [], source: new BatchSource(items, signals), processor };
    this.#busy = true;
    try {
      for (;;) {
        await this.#fill(run, stopped);
        const next = run.flying[0];
        if (!next) return;
        const outcome = await next.outcome;
        run.flying.shift();
        stopped();
        if (outcome.failed) throw outcome.error;
        this.#finished(run, next);
        yield outcome.results;
        stopped();
      }
    } catch (error) {
      run.failed = true;
      throw error;
    } finally {
      await this.#end(run);
    }
  }

  /** Starts batches until `concurrency` are under way. */
  async #fill(run, stopped) {
    while (!run.failed && run.flying.length < this.#options.concurrency) {
      if (run.source.left === 0) return;
      if (run.started > 0) await this.yieldToEventLoop();
      await this.#checkMemory();
      stopped();
      const batch = await run.source.take(this.#size);
      stopped();
      if (batch.length === 0) return;
      run.flying.push({ count: batch.length, index: run.started, outcome: this.#work(run, batch, run.started) });
      run.started += 1;
    }
  }

  /** Never rejects: a failure is looked at when it is the batch's turn. */
  async #work(run, batch, index) {
    try {
      return { results: listed(await run.processor(batch, index)) };
    } catch (error) {
      run.failed = true;
      noteBatch(error, index);
      return { failed: true, error };
    }
  }

  #finished(run, { count, index }) {
    run.items += count;
    this.#processedBatches += 1;
    this.#totalItems += count;
    this.#emit('progress', () => ({
      type: 'batch_processed',
      message: `Batch ${index + 1} done, ${run.items} items in all`,
      batch: index + 1,
      totalBatches: this.#expected(run),
      itemsProcessed: run.items,
      memoryUsage: MemoryMonitor.getMemoryUsage(),
    }));
  }

  /** Started batches, and those that the rest will take at the size of now. */
  #expected({ started, source }) {
    return source.left === null ? null : started + Math.ceil(source.left / this.#size);
  }

  async #end(run) {
    try {
      await Promise.all(run.flying.map(({ outcome }) => outcome));
      await run.source.close();
    } catch (error) {
      // As in a loop over the items: a source that fails to close hides no earlier error.
      if (!run.failed) throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #checkMemory() {
    const { maxMemoryMB, batchSize, adaptive } = this.#options;
    const above = () => MemoryMonitor.shouldTriggerCleanup(MemoryMonitor.getMemoryUsage().heapUsed, maxMemoryMB);
    if (!above()) {
      this.#scarce = false;
      if (adaptive) this.#size = Math.min(batchSize, this.#size * 2);
      return;
    }
    if (this.#cleanup.isDue(MemoryMonitor.getMemoryUsage().heapUsed, maxMemoryMB)) await this.performCleanup();
    const still = above();
    if (adaptive) this.#size = still ? 1 : Math.max(1, Math.floor(this.#size / 2));
    if (still && !this.#scarce) this.#warn();
    this.#scarce = still;
  }

  /** Once for each time that memory gets scarce. */
  #warn() {
    const { maxMemoryMB } = this.#options;
    this.#emit('warning', () => {
      const current = MemoryMonitor.getMemoryUsage().heapUsed;
      return {
        type: 'memory_limit',
        message: `${current} of ${maxMemoryMB} MB used after cleaning up; the work goes on in batches of ${this.#size}`,
        data: { current, max: maxMemoryMB, batchSize: this.#size },
      };
    });
  }

  createBatches(items) {
    checkItems(items, this.createBatches);
    if (typeof items[Symbol.iterator] !== 'function') {
      throw invalid('an array or an iterable', 'items', items, { from: this.createBatches });
    }
    const all = Array.from(items);
    const { batchSize } = this.#options;
    return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, at) => all.slice(at * batchSize, (at + 1) * batchSize));
  }

  async performCleanup() {
    const done = this.#cleanup.run('memory_cleanup', this.#options.enableGC);
    const timestamp = new Date();
    this.#emit('cleanup', () => done, timestamp);
    return { ...done, timestamp };
  }

  yieldToEventLoop() {
    return new Promise((settle) => {
      setImmediate(settle);
    });
  }

  reset() {
    this.#processedBatches = 0;
    this.#totalItems = 0;
    this.#size = this.#options.batchSize;
    this.#scarce = false;
    this.#cleanup = new Cleanup();
  }

  getStats() {
    const { batchSize, maxMemoryMB, enableGC } = this.#options;
    return {
      processedBatches: this.#processedBatches,
      totalItems: this.#totalItems,
      batchSize,
      maxMemoryMB,
      enableGC,
    };
  }

  #emit(name, payload, timestamp = new Date()) {
    if (!(this.#scanner?.listenerCount(name) > 0)) return;
    this.#scanner.emit(name, { ...payload(), timestamp });
  }
}

module.exports = { BatchProcessor };
