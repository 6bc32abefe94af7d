// Every method of the scanner and the batch processor in every state; that no method of any class is left out; and every
// wrong argument.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

import { LOG_CALLS, STREAMING_CALLS } from './store-calls.mjs';
import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const exported = require('../lib/index.js');
const { BatchProcessor, MemoryMonitor, PgTapScanner } = exported;

const catalog = require('./fixtures/gaps/catalog.json');

const CLOSED = 'ERR_PGTAP_CLOSED';
const BUSY = 'ERR_PGTAP_BUSY';
const FILES = { 'a.sql': "SELECT has_table('t');\nSELECT has_table('u');", 'b.sql': "SELECT has_table('t');" };

/** The result of a call, or the code of its error. */
async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return error.code ?? error;
  }
}

async function count(iterable) {
  let found = 0;
  for await (const each of iterable) found += each === undefined ? 0 : 1;
  return found;
}

const tables = (map) => Object.keys(map.tables).length;

// Method -> the call, what it gives before anything was scanned (also while the first scan runs), and behind a scan.
const SCANNER_CALLS = {
  scanDirectory: [async (s, root) => (await s.scanDirectory(root)).length, 2, 2],
  stream: [(s, root) => count(s.stream(root)), 2, 2],
  parseTestFile: [async (s, root) => (await s.parseTestFile(join(root, 'a.sql'))).assertions.length, 2, 2],
  extractAssertions: [(s) => s.extractAssertions('SELECT ok(1), ok(2);').length, 2, 2],
  coverageMap: [(s) => tables(s.coverageMap), 0, 2],
  'coverageMap, set': [(s) => { s.coverageMap = { tables: { mine: [] } }; return tables(s.coverageMap); }, 1, 1],
  getCoverageMap: [(s) => tables(s.getCoverageMap()), 0, 2],
  _buildCoverageMap: [(s) => tables(s._buildCoverageMap()), 0, 2],
  getStatistics: [(s) => s.getStatistics().totalAssertions, 0, 3],
  buildCoverageDatabase: [async (s) => (await s.buildCoverageDatabase()).totalAssertions, 0, 3],
  getCoverageByObject: [(s) => s.getCoverageByObject('tables', 'public.t')?.assertionCount ?? null, null, 2],
  getCoverageStatistics: [(s) => s.getCoverageStatistics().totalAssertions, 0, 3],
  exportCoverageReport: [(s) => s.exportCoverageReport({ format: 'csv' }).trim().split('\n').length, 1, 3],
  analyzeGaps: [async (s) => (await s.analyzeGaps({ catalog })).coverage.objects.length > 50, true, true],
  suggestTests: [(s) => s.suggestTests({ objects: [] }).includes('every object has an assertion'), true, true, true],
  lint: [async (s) => (await s.lint()).findings.map(({ code }) => code).join(), 'ERR_PGTAP_NOT_SCANNED', 'no-plan,no-plan'],
  getMemoryStats: [(s) => s.getMemoryStats().native.limit, 500 * 2 ** 20, 500 * 2 ** 20],
  reset: [(s) => s.reset() ?? s.testFiles.length, 0, 0],
  dispose: [(s) => s.dispose() ?? s.testFiles.length, 0, 0, 0],
  'close, twice': [async (s) => (await s.close()) ?? (await s.close()) ?? s.testFiles.length, 0, 0, 0],
  '@@asyncDispose': [async (s) => (await s[Symbol.asyncDispose]()) ?? s.testFiles.length, 0, 0, 0],
};

async function scanned(root) {
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(root);
  return scanner;
}

/** A scanner whose scan was ended by a signal before it began to answer. */
async function aborted(root, scanner = new PgTapScanner()) {
  const controller = new AbortController();
  const scan = scanner.scanDirectory(root, { signal: controller.signal });
  controller.abort();
  await assert.rejects(scan, { name: 'AbortError' });
  return scanner;
}

// State -> a scanner in it, and whether it knows of a scan.
const SCANNERS = {
  new: [() => new PgTapScanner(), false],
  scanning: [(root) => {
    const scanner = new PgTapScanner();
    scanner.scanDirectory(root).catch(() => {});
    return scanner;
  }, false],
  scanned: [scanned, true],
  built: [async (root) => {
    const scanner = await scanned(root);
    await scanner.buildCoverageDatabase();
    return scanner;
  }, true],
  aborted: [(root) => aborted(root), false],
  'aborted behind a scan': [async (root) => aborted(root, await scanned(root)), true],
  'scanning again': [async (root) => {
    const scanner = await scanned(root);
    scanner.scanDirectory(root).catch(() => {});
    return scanner;
  }, true],
  closed: [async (root) => {
    const scanner = await scanned(root);
    await scanner.close();
    return scanner;
  }, false],
};

/** What a call gives in a state. */
function expectedOf(name, state, [, before, behind, closed = CLOSED], knows) {
  if (state === 'closed') return closed;
  if (name === 'scanDirectory' && state.startsWith('scanning')) return BUSY;
  return knows ? behind : before;
}

test('PgTapScanner: every method in every state', async (t) => {
  const root = suiteFolder(t, FILES);
  let tried = 0;
  for (const [name, row] of Object.entries(SCANNER_CALLS)) {
    for (const [state, [make, knows]] of Object.entries(SCANNERS)) {
      const scanner = await make(root);
      assert.deepEqual(await outcome(() => row[0](scanner, root)), expectedOf(name, state, row, knows), `${name}, ${state}`);
      await scanner.close();
      tried += 1;
    }
  }
  assert.equal(tried, 21 * 8);
});

const one = async (batch) => batch;
const fail = () => { throw Object.assign(new Error('mine'), { code: 'MINE' }); };
const IDLE = { processedBatches: 0, totalItems: 0, batchSize: 2, maxMemoryMB: 500, enableGC: false };

// Method -> the call, what it gives, and what while another run is under way.
const PROCESSOR_CALLS = {
  processBatches: [(p) => p.processBatches([1, 2, 3], one), [1, 2, 3], BUSY],
  streamBatches: [(p) => count(p.streamBatches([1, 2, 3], one)), 3, BUSY],
  createBatches: [(p) => p.createBatches([1, 2, 3]), [[1, 2], [3]]],
  performCleanup: [async (p) => 'freedMB' in (await p.performCleanup()), true],
  yieldToEventLoop: [async (p) => (await p.yieldToEventLoop()) ?? 'yielded', 'yielded'],
  reset: [(p) => p.reset() ?? p.getStats(), IDLE],
  getStats: [(p) => p.getStats().batchSize, 2],
};

const processor = () => new BatchProcessor(null, { batchSize: 2, enableGC: false });
const PROCESSORS = {
  new: processor,
  running: (t) => {
    const made = processor();
    let release;
    t.after(() => release());
    made.processBatches([1], () => new Promise((settle) => { release = settle; }));
    return made;
  },
  finished: async () => {
    const made = processor();
    await made.processBatches([1, 2, 3], one);
    return made;
  },
  failed: async () => {
    const made = processor();
    await assert.rejects(made.processBatches([1, 2, 3], fail), { code: 'MINE' });
    return made;
  },
  aborted: async () => {
    const made = processor();
    await assert.rejects(made.processBatches([1], one, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    return made;
  },
};

test('BatchProcessor: every method in every state', async (t) => {
  let tried = 0;
  for (const [name, [call, expected, running = expected]] of Object.entries(PROCESSOR_CALLS)) {
    for (const [state, make] of Object.entries(PROCESSORS)) {
      const made = await make(t);
      await made.yieldToEventLoop();
      assert.deepEqual(await outcome(() => call(made)), state === 'running' ? running : expected, `${name}, ${state}`);
      tried += 1;
    }
  }
  assert.equal(tried, 7 * 5);
});

// It has no state: each method once, with what it gives.
const MONITOR_CALLS = {
  getMemoryUsage: () => Object.keys(MemoryMonitor.getMemoryUsage()).length === 4,
  getSystemMemory: () => typeof MemoryMonitor.getSystemMemory() === 'object',
  getAvailableMemory: () => MemoryMonitor.getAvailableMemory().heapBytes > 0,
  forceGC: () => MemoryMonitor.forceGC(),
  shouldTriggerCleanup: () => MemoryMonitor.shouldTriggerCleanup(81, 100),
  logMemoryStats: () => { let said; MemoryMonitor.logMemoryStats('x', { log: (line) => { said = line; } }); return said.startsWith('[x] Heap'); },
  hasSufficientMemory: () => MemoryMonitor.hasSufficientMemory(0),
};

test('MemoryMonitor: every method', () => {
  for (const [name, call] of Object.entries(MONITOR_CALLS)) assert.equal(call(), true, name);
});

/** Well-known symbols as rows call them; what Node calls them differs between versions. */
const SYMBOLS = new Map(['asyncDispose', 'asyncIterator', 'dispose'].map((name) => [Symbol[name], `@@${name}`]));

/** What a class has: methods and accessors, of its objects or its own. */
const members = (object) => Reflect.ownKeys(object)
  .filter((key) => !['constructor', 'length', 'name', 'prototype'].includes(key))
  .map((key) => SYMBOLS.get(key) ?? String(key));

// Class -> rows for the methods of its objects, rows for its own.
const ROWS = {
  PgTapScanner: [SCANNER_CALLS, { open: 1, merge: 1, lintRules: 1 }],
  StreamingCoverageDatabase: [STREAMING_CALLS, {}],
  CoverageDatabase: [LOG_CALLS, {}],
  MemoryMonitor: [{}, MONITOR_CALLS],
  BatchProcessor: [PROCESSOR_CALLS, {}],
};

test('every method of every class has a row, and every row a method', () => {
  const named = (calls) => [...new Set(Object.keys(calls).map((row) => row.split(',')[0]))].toSorted();
  // Capitals begin the names of classes, and of lists.
  const classes = Object.keys(exported).filter((name) => typeof exported[name] === 'function' && /^[A-Z]/.test(name));
  assert.deepEqual(classes.toSorted(), Object.keys(ROWS).toSorted());
  assert.equal(exported.pgTAPTestScanner, PgTapScanner);
  for (const [name, [ofObjects, ofClass]] of Object.entries(ROWS)) {
    assert.deepEqual(members(exported[name].prototype).toSorted(), named(ofObjects), name);
    assert.deepEqual(members(exported[name]).toSorted(), named(ofClass), `${name} itself`);
  }
});

test('the scanner: every argument with every wrong value', async (t) => {
  const root = suiteFolder(t, FILES);
  const scanner = await scanned(root);
  const database = await scanner.buildCoverageDatabase();
  const argument = { name: 'TypeError', code: 'ERR_PGTAP_INVALID_ARGUMENT' };
  const path = [undefined, null, 1, true, '', {}, [], () => {}, Symbol('s'), 1n, Buffer.from(root)];
  const paths = {
    scanDirectory: (value) => scanner.scanDirectory(value), parseTestFile: (value) => scanner.parseTestFile(value),
    stream: async (value) => scanner.stream(value), open: (value) => PgTapScanner.open(value), save: (value) => database.save(value),
    'merge, an input': (value) => PgTapScanner.merge([value], join(root, 'x')), 'merge, the output': (value) => PgTapScanner.merge([root], value),
  };
  let tried = 0;
  for (const [name, call] of Object.entries(paths)) {
    for (const value of path) {
      await assert.rejects(call(value), argument, `${name}: ${String(value)}`);
      tried += 1;
    }
  }
  for (const value of [undefined, null, 1, 'a.sqlite', {}, () => {}]) await assert.rejects(PgTapScanner.merge(value, join(root, 'x')), argument);
  for (const value of path.filter((each) => each !== '')) assert.throws(() => scanner.extractAssertions(value), argument);
  assert.equal(tried, 7 * 11);
});

test('the scanner: options of a call that are none, and signals that are none', async (t) => {
  const root = suiteFolder(t, FILES);
  const scanner = await scanned(root);
  const database = await scanner.buildCoverageDatabase();
  const calls = {
    scanDirectory: (options) => scanner.scanDirectory(root, options), stream: async (options) => scanner.stream(root, options),
    buildCoverageDatabase: (options) => scanner.buildCoverageDatabase(options), save: (options) => database.save(join(root, 'x'), options),
    open: (options) => PgTapScanner.open(join(root, 'x'), options), merge: (options) => PgTapScanner.merge([join(root, 'x')], join(root, 'y'), options),
  };
  let tried = 0;
  for (const [name, call] of Object.entries(calls)) {
    for (const options of [null, 1, 'x', true, []]) await assert.rejects(call(options), { name: 'TypeError', code: 'ERR_PGTAP_INVALID_ARGUMENT' }, name);
    for (const signal of [1, 'x', true, {}, [], new AbortController(), () => {}]) {
      await assert.rejects(call({ signal }), { name: 'TypeError', code: 'ERR_PGTAP_INVALID_OPTION', message: /an AbortSignal for option "signal"/ }, name);
      tried += 1;
    }
  }
  assert.equal(tried, 6 * 7);
  assert.equal((await scanner.scanDirectory(root, { signal: null })).length, 2);
});
