// The self-test of the toolkit finds what is broken, and says so of the right step.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { selfTest } = require('../../lib/cli/self-test.js');
const { MemoryManagerService } = require('../../lib/memory/manager/service.js');
const { memoryMonitorUtil: { simulateMemoryPressure } } = require('../../lib/memory/memory-monitor-util.js');
const { PARTS } = require('../../lib/memory/parts.js');

const MB = 1024 * 1024;
const silent = { log() {} };

/** The results by step, of a self-test with some parts broken and little patience. */
async function resultsOf({ parts = {}, breakManager = () => {}, simulate = simulateMemoryPressure, signal = new AbortController().signal, patienceMs = 2500 } = {}) {
  const all = { ...PARTS, ...parts };
  const manager = new MemoryManagerService(all);
  const initialize = manager.initialize.bind(manager);
  manager.initialize = (options) => initialize({ ...options, logger: silent });
  breakManager(manager);
  const told = [];
  const steps = await selfTest({ parts: all, manager, simulate, signal, patienceMs }, (step) => told.push(step));
  assert.deepEqual(told, steps, 'each step is told');
  return Object.fromEntries(steps.map(({ name, result, says }) => [name, { result, says }]));
}

/** An engine that reads samples with these figures instead. */
const engineWith = (more) => () => {
  const real = PARTS.engine();
  return { read: (how) => ({ ...real.read(how), ...more }), watch: (how) => real.watch(how) };
};

test('a collection that does not run', async () => {
  const real = PARTS.collections();
  const run = () => ({ success: false, freedBytes: 0, durationMs: 0, error: 'no gc() here' });
  const collections = () => new Proxy(real, { get: (target, name) => (name === 'run' ? run : typeof target[name] === 'function' ? target[name].bind(target) : target[name]) });
  const { status, collection } = await resultsOf({ parts: { collections } });
  assert.deepEqual([status.result, collection], ['passed', { result: 'failed', says: 'garbage was not collected: no gc() here' }]);
});

test('a collection that says that it ran, and collected nothing', async () => {
  const real = PARTS.collections();
  const run = () => ({ success: true, freedBytes: 5, durationMs: 1 });
  const collections = () => new Proxy(real, { get: (target, name) => (name === 'run' ? run : typeof target[name] === 'function' ? target[name].bind(target) : target[name]) });
  const { collection } = await resultsOf({ parts: { collections } });
  assert.deepEqual(collection, { result: 'failed', says: 'garbage was not collected: it is still there' });
});

test('cleanups that are never called', async () => {
  const found = await resultsOf({ patienceMs: 2500, breakManager: (manager) => { manager.registerCleanup = () => () => {}; } });
  assert.equal(found.pressure.result, 'failed');
  assert.match(found.pressure.says, /^\d+ MB taken, levels: .*emergency.*; no cleanup let it go$/);
  assert.equal(found.cleanup.result, 'failed');
  assert.equal(found.spike.result, 'passed', 'what is not broken passes');
});

test('levels and spikes that are never told', async () => {
  const breakManager = (manager) => {
    const on = manager.on.bind(manager);
    manager.on = (event, listener) => (['level', 'spike'].includes(event) ? manager : on(event, listener));
  };
  const found = await resultsOf({ patienceMs: 2500, breakManager });
  assert.match(found.pressure.says, /levels: none/);
  assert.match(found.spike.says, /^none of \d+ MB was told$/);
  assert.deepEqual([found.pressure.result, found.spike.result, found.cleanup.result, found.recovery.result], ['failed', 'failed', 'passed', 'failed']);
});

test('memory that is never given back', async () => {
  const held = [];
  const simulate = async (mb, options) => {
    for (let at = 0; at < mb; at += 1) held.push(Buffer.alloc(MB, 1));
    return simulateMemoryPressure(1, options);
  };
  const found = await resultsOf({ simulate });
  assert.deepEqual([found.pressure.result, found.recovery.result], ['passed', 'failed']);
  assert.match(found.recovery.says, /^still (warning|critical|emergency), resident /);
  assert.ok(held.length > 0);
});

test('too little memory is a failure, and nothing is taken', async () => {
  const simulate = () => assert.fail('nothing is taken');
  const { pressure } = await resultsOf({ parts: { engine: engineWith({ availableBytes: 100 * MB, container: null }) }, simulate, patienceMs: 100 });
  assert.deepEqual(pressure, { result: 'failed', says: 'too little memory is available: it takes 128 MB' });
  const contained = await resultsOf({ parts: { engine: engineWith({ container: { limitBytes: 200 * MB, usedBytes: 150 * MB } }) }, simulate, patienceMs: 100 });
  assert.equal(contained.pressure.result, 'failed');
});

test('figures that cannot be are a status that fails', async () => {
  const { status } = await resultsOf({ parts: { engine: engineWith({ heapUsedBytes: 0, availableBytes: MB }) }, patienceMs: 100 });
  assert.equal(status.result, 'failed');
});

test('a system that does not tell resident memory has its steps left out', async () => {
  const found = await resultsOf({ parts: { engine: engineWith({ rssBytes: null }) } });
  const results = Object.values(found).map(({ result }) => result);
  assert.deepEqual(results, ['passed', 'passed', 'skipped', 'skipped', 'skipped', 'skipped']);
});

test('an interruption ends it', async () => {
  const controller = new AbortController();
  const ended = resultsOf({ signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 300);
  await assert.rejects(ended, /enough/);
});
