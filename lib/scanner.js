'use strict';

const { EventEmitter } = require('node:events');

const { signalOf } = require('./batch-options.js');
const { NativeScanner } = require('./native.js');
const { CoverageDatabaseView } = require('./coverage-database.js');
const { filePath, invalid, PgTapError } = require('./errors.js');
const { MemoryMonitor } = require('./memory-monitor.js');
const { MemoryWatch } = require('./memory-watch.js');
const { readOptions } = require('./options.js');
const { nativeOptions, ignoredInJavaScript, never } = require('./native-options.js');
const { ObjectLimit } = require('./object-limit.js');
const { operate } = require('./operation.js');
const { ScanEvents } = require('./scan-events.js');
const { closed } = require('./store-events.js');
const { scannedFiles, parsedFile, indexFiles, indexFilesLater } = require('./test-file.js');

/** What many programs never use is loaded by the first that does. */
const parts = {
  get gaps() { return require('./gaps.js'); },
  get lint() { return require('./lint.js'); },
  get map() { return require('./coverage-map.js'); },
  get object() { return require('./object-coverage.js'); },
  get reports() { return require('./reports.js'); },
  get stream() { return require('./stream.js'); },
};

/** Suites larger than this are always read in streaming mode. */
const STREAMING_FILES = 1000;
/** Suites of fewer files are read in one go. */
const STANDARD_FILES = 100;

/** Begins the database while JavaScript makes the files; a program that does not ask for it at once gets its memory back. */
function buildAhead(native) {
  if (native.fileCount() < STANDARD_FILES) return;
  native.buildAhead();
  setImmediate(() => native.forgetAhead());
}

/** Scans folders of pgTAP tests; documented in index.d.ts. */
class PgTapScanner extends EventEmitter {
  #native;
  /** The scan that runs: { native, done } */
  #running;
  #closed = false;
  /** The folder of the last scan. */
  #root = '';
  #coverageMap;
  #watch;
  #objectLimit;
  /** Databases that are being built. */
  #building = 0;
  /** Indexes that were built and may still be in use. */
  #indexes = new Set();

  constructor(options = {}) {
    super();
    this.options = readOptions(options, PgTapScanner);
    this.#native = new NativeScanner(nativeOptions(this.options));
    this.#watch = new MemoryWatch(this, () => this.#trim());
    this.#objectLimit = new ObjectLimit(this.#watch, () => this.#building > 0);
    this.#clear();
  }

  #clear() {
    this.testFiles = [];
    this.problems = [];
    this.helpers = [];
    this.filesProcessed = 0;
    this.filesCached = 0;
    this.totalAssertions = 0;
    this.coverageDatabase = null;
    this.#coverageMap = undefined;
    this.memoryState = {
      currentUsageMB: 0,
      maxUsageMB: 0,
      lastCleanup: Date.now(),
      gcCount: 0,
      batchesProcessed: 0,
      objectsProcessed: 0,
      streamingMode: false,
      mode: 'standard',
    };
  }

  #open(from) {
    if (this.#closed) throw closed('scanner', from);
  }

  /** What the tests are about, by kind and name; made when it is first looked at. */
  get coverageMap() {
    this.#open(PgTapScanner);
    this.#coverageMap ??= this.filesProcessed || this.testFiles.length ? this.#buildMap() : parts.map.emptyCoverageMap();
    return this.#coverageMap;
  }

  set coverageMap(map) {
    this.#coverageMap = map;
  }

  async scanDirectory(directory, options) {
    this.#open(this.scanDirectory);
    const root = this.#folder(directory, 'scanDirectory');
    const signal = signalOf(options, this.scanDirectory);
    signal?.throwIfAborted();
    if (this.#running) throw new PgTapError('ERR_PGTAP_BUSY', 'This scanner is scanning already; wait for it or make another one');
    // A scanner of its own for each scan: files of earlier scans stay readable.
    const native = new NativeScanner(nativeOptions(this.options));
    const done = this.#watched(native, root, signal);
    this.#running = { native, done };
    try {
      await done;
      return this.testFiles;
    } finally {
      this.#running = undefined;
    }
  }

  async #watched(native, root, signal) {
    try {
      await this.#scan(native, root, signal);
      this.#watch.finish();
    } finally {
      this.#watch.stop();
    }
  }

  async #scan(native, root, signal) {
    const events = new ScanEvents(this, this.#watch);
    const dropped = ignoredInJavaScript(this.options);
    const kept = ({ event, filePath }) => event !== 'problem' || !dropped(filePath);
    const cancel = () => native.cancel();
    const start = (callback) => {
      native.scan(root, this.listenerCount('progress') > 0, callback);
      try {
        this.#watch.start(native, cancel);
      } catch (error) {
        cancel();
        throw error;
      }
    };
    await operate(start, {
      signal,
      cancel,
      onEvents: (batch) => events.emitAll(batch.filter(kept)),
    });
    this.#open(this.scanDirectory);
    this.#adopt(native, root, events);
  }

  #adopt(native, root, events) {
    const dropped = ignoredInJavaScript(this.options);
    this.#native = native;
    this.#root = root;
    native.account();
    this.#clear();
    if (dropped === never) buildAhead(native);
    this.#objectLimit.start(native, this.options);
    const files = scannedFiles(native);
    this.testFiles = dropped === never ? files : files.filter((file) => !dropped(file.filePath));
    this.problems = JSON.parse(native.problems()).filter((problem) => !dropped(problem.filePath));
    this.helpers = JSON.parse(native.helpers());
    this.filesProcessed = this.testFiles.length;
    this.totalAssertions = this.testFiles.length === native.fileCount() ? native.assertionCount() : this.#index(false).totals().assertions;
    this.memoryState.objectsProcessed = this.totalAssertions;
    this.memoryState.batchesProcessed = Math.ceil(this.filesProcessed / this.options.batchSize);
    if (this.filesProcessed >= STANDARD_FILES) this.memoryState.mode = 'batched';
    if (this.filesProcessed > STREAMING_FILES && this.options.enableStreaming) this.#watch.stream('files');
    this.filesCached = native.cached();
    events.finish(root, { files: this.filesProcessed, assertions: this.totalAssertions, cached: this.filesCached });
  }

  async parseTestFile(path) {
    this.#open(this.parseTestFile);
    const full = this.#folder(path, 'parseTestFile');
    const read = await operate((callback) => this.#native.readFile(full, callback), {});
    const events = new ScanEvents(this);
    events.emitAll([...read.problems, ...(read.mismatch ? [read.mismatch] : [])].map((problem) => ({ event: 'problem', ...problem })));
    return parsedFile(read);
  }

  async lint(options = {}) {
    this.#open(this.lint);
    const settings = parts.lint.readLintOptions(options, this.lint);
    const { signal } = options;
    signal?.throwIfAborted();
    return parts.lint.lintFiles(this.#native, settings, { root: this.#root, dropped: ignoredInJavaScript(this.options), signal });
  }

  static lintRules() {
    return parts.lint.lintRules();
  }

  stream(directory, options) {
    this.#open(this.stream);
    return parts.stream.stream(this, this.#folder(directory, 'stream'), signalOf(options, this.stream));
  }

  extractAssertions(sql) {
    this.#open(this.extractAssertions);
    if (typeof sql !== 'string') throw invalid('a string', 'sql', sql, { from: this.extractAssertions });
    return JSON.parse(this.#native.extract(sql));
  }

  getCoverageMap() {
    return this.coverageMap;
  }

  _buildCoverageMap() {
    this.#open(this._buildCoverageMap);
    this.#coverageMap = this.#buildMap();
    return this.#coverageMap;
  }

  #buildMap() {
    return parts.map.buildCoverageMap(this.#index(true), this.testFiles);
  }

  getStatistics() {
    this.#open(this.getStatistics);
    return this.#index(true).statistics();
  }

  async buildCoverageDatabase(options) {
    this.#open(this.buildCoverageDatabase);
    const signal = signalOf(options, this.buildCoverageDatabase);
    signal?.throwIfAborted();
    let index;
    this.#building += 1;
    try {
      index = await indexFilesLater(this.#native, this.testFiles, signal);
    } finally {
      this.#building -= 1;
      // Closing ends a build, too.
      if (this.#closed) index?.close();
      this.#open(this.buildCoverageDatabase);
    }
    return this.#adoptDatabase(this.#known(index));
  }

  #buildDatabase() {
    return this.#adoptDatabase(this.#index(false));
  }

  #adoptDatabase(index) {
    this.#watch.pruned(index.pruned(), this.options.maxObjectsPerType);
    const database = new CoverageDatabaseView(index, this.memoryState.streamingMode);
    this.coverageDatabase = database;
    this.emit('success', {
      type: 'success',
      message: `Built the coverage database: ${database.totalAssertions} assertions in ${database.totalFiles} files`,
      timestamp: new Date(),
    });
    return database;
  }

  async analyzeGaps(options = {}) {
    this.#open(this.analyzeGaps);
    const analysis = await parts.gaps.analyzeGaps(this.#native, this.testFiles, options, this.analyzeGaps);
    this.#open(this.analyzeGaps);
    const database = this.coverageDatabase ?? await this.buildCoverageDatabase({ signal: options.signal });
    database.compared(analysis.forDatabase);
    return analysis.result;
  }

  suggestTests(coverage) {
    return parts.gaps.suggestedTests(coverage, this.suggestTests);
  }

  getCoverageByObject(type, name) {
    this.#open(this.getCoverageByObject);
    return parts.object.objectCoverage(this.coverageDatabase ?? this.#buildDatabase(), type, name);
  }

  getCoverageStatistics() {
    this.#open(this.getCoverageStatistics);
    return (this.coverageDatabase ?? this.#buildDatabase()).statistics();
  }

  exportCoverageReport(options = {}) {
    this.#open(this.exportCoverageReport);
    const { coverage, ...others } = options ?? {};
    if (coverage !== undefined && coverage !== null) return parts.reports.renderReport(coverage, others);
    return (this.coverageDatabase ?? this.#buildDatabase()).report(options);
  }

  /** The files as the native side indexes them. */
  #index(labels) {
    return this.#known(indexFiles(this.#native, this.testFiles, labels));
  }

  #known(index) {
    for (const known of this.#indexes) if (!known.deref()) this.#indexes.delete(known);
    this.#indexes.add(new WeakRef(index));
    return index;
  }

  #trim() {
    let freed = this.#closed ? 0 : this.#native.trim();
    for (const index of this.#indexes) freed += index.deref()?.trim() ?? 0;
    return freed;
  }

  getMemoryStats() {
    this.#open(this.getMemoryStats);
    const { maxMemoryMB, batchSize, enableStreaming, enableGC } = this.options;
    return {
      ...this.memoryState,
      currentUsage: MemoryMonitor.getMemoryUsage(),
      streamingDBStats: JSON.parse(this.#native.onDisk()),
      options: { maxMemoryMB, batchSize, enableStreaming, enableGC },
      native: this.#watch.native(this.#native),
    };
  }

  reset() {
    this.#open(this.reset);
    this.#native = new NativeScanner(nativeOptions(this.options));
    this.#objectLimit.stop();
    this.#clear();
    this.#watch.shutdown();
  }

  dispose() {
    if (!this.#closed) this.reset();
    this.removeAllListeners();
  }

  async close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#objectLimit.stop();
    this.#running?.native.cancel();
    await this.#running?.done.catch(() => {});
    this.#watch.shutdown();
    for (const index of this.#indexes) index.deref()?.close();
    this.#indexes.clear();
    this.#native.close();
    this.#clear();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  #folder(path, method) {
    return filePath(path, `the first argument of ${method}()`, this[method]);
  }

  static async open(file, options) {
    const path = filePath(file, 'the first argument of open()', PgTapScanner.open);
    const signal = signalOf(options, PgTapScanner.open);
    signal?.throwIfAborted();
    const scanner = new PgTapScanner();
    const native = new NativeScanner(nativeOptions(scanner.options));
    await operate((callback) => native.openSaved(path, callback), { signal, cancel: () => native.cancel() });
    scanner.#adopt(native, path, new ScanEvents(scanner));
    await scanner.buildCoverageDatabase({ signal });
    return scanner;
  }

  static async merge(files, output, options) {
    const wrong = (range) => invalid('an array, or another iterable, of paths, one at least', 'the first argument of merge()', files, { range, from: PgTapScanner.merge });
    if (typeof files === 'string' || typeof files?.[Symbol.iterator] !== 'function') throw wrong(false);
    const inputs = [...files].map((file) => filePath(file, 'a path in the first argument of merge()', PgTapScanner.merge));
    if (inputs.length === 0) throw wrong(true);
    const target = filePath(output, 'the second argument of merge()', PgTapScanner.merge);
    const signal = signalOf(options, PgTapScanner.merge);
    signal?.throwIfAborted();
    const native = new NativeScanner(nativeOptions(readOptions()));
    const [count, assertions] = await operate((callback) => native.merge(inputs, target, callback), { signal, cancel: () => native.cancel() });
    return { files: count, assertions };
  }
}

module.exports = PgTapScanner;
