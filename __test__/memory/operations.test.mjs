// Tracked operations: what each allocated, whether anything ran beside it, and that the user's code notices nothing.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { MB, child, collectAll, garbage, turn, turns, warningsOf } from './collecting.mjs';

const require = createRequire(import.meta.url);
const { createMemoryBlock, memoryTracker, operations, trackOperation, trackOperationSync } = require('../../lib/memory/index.js');

const FIELDS = [
  'name', 'at', 'durationMs', 'heapDeltaBytes', 'externalDeltaBytes', 'gcFreedBytes', 'gcCount', 'gcEstimated', 'adjustedBytes',
  'confidence', 'overlapped', 'context',
];

/** The results that are told while `body` runs. */
async function resultsOf(body) {
  const results = [];
  operations.flush();
  const off = operations.on((result) => results.push(result));
  try {
    await body();
    await turns();
  } finally {
    off();
  }
  return results;
}

const near = (bytes, megabytes) => bytes > megabytes * 0.8 * MB && bytes < megabytes * 1.4 * MB;
/** Collections that were not measured are taken to free as much of the young space as others did; its size may just have doubled. */
const roughly = (bytes, megabytes) => bytes > megabytes * 0.4 * MB && bytes < megabytes * 2.5 * MB;

test('50 MB of garbage are seen, though the heap does not grow', async () => {
  collectAll();
  const results = await resultsOf(async () => {
    for (let at = 0; at < 3; at += 1) {
      const block = createMemoryBlock('block');
      garbage(50);
      block.end();
    }
    for (let at = 0; at < 3; at += 1) trackOperationSync('sync', () => garbage(50));
    await turns();
    for (let at = 0; at < 3; at += 1) await trackOperation('async', async () => { garbage(25); await turn(); garbage(25); });
  });
  assert.deepEqual(results.map(({ name }) => name), [...Array(3).fill('block'), ...Array(3).fill('sync'), ...Array(3).fill('async')]);
  for (const result of results) {
    assert.deepEqual(Object.keys(result), FIELDS);
    assert.ok((result.gcEstimated > 0 ? roughly : near)(result.adjustedBytes, 50), JSON.stringify(result));
    assert.ok(result.heapDeltaBytes < 30 * MB && result.gcCount > 0 && result.confidence === 'exclusive', JSON.stringify(result));
    assert.equal(result.adjustedBytes, result.heapDeltaBytes + result.gcFreedBytes);
  }
  assert.ok(results.filter(({ gcEstimated }) => gcEstimated === 0).length >= 3, 'most were measured');
});

test('what stays is seen, and what lies outside the heap', async () => {
  const block = createMemoryBlock('kept');
  const kept = [Array.from({ length: 2560 }, (_, at) => new Array(1022).fill(at)), Buffer.alloc(8 * MB)];
  const { adjustedBytes, externalDeltaBytes } = block.end();
  assert.equal(kept.length, 2);
  assert.ok(near(adjustedBytes, 20), `${adjustedBytes}`);
  assert.ok(externalDeltaBytes >= 8 * MB && externalDeltaBytes < 9 * MB, `${externalDeltaBytes}`);
});

test('a function that allocates nothing is not charged what runs beside it', async () => {
  memoryTracker.reset();
  const steps = async (each) => { for (let at = 0; at < 6; at += 1) { each(); await turn(); } };
  const heavy = (name) => trackOperation(name, () => steps(() => garbage(5)));
  const light = () => trackOperation('light', () => steps(() => {}));
  const results = await resultsOf(async () => {
    await Promise.all([heavy('heavy'), light(), heavy('heavy')]);
    await turns();
    for (let at = 0; at < 3; at += 1) await light();
    for (let at = 0; at < 3; at += 1) await heavy('heavy');
  });
  const [beside] = results.filter(({ name }) => name === 'light');
  assert.equal(beside.confidence, 'shared');
  assert.equal(beside.overlapped, 2);
  assert.ok(beside.adjustedBytes > 20 * MB, 'the naive figure is wrong');
  const stats = memoryTracker.getStats('light');
  assert.deepEqual([stats.callCount, stats.exclusive.count, stats.shared.count, stats.coverage], [4, 3, 1, 0.75]);
  assert.ok(stats.averageBytes < MB && stats.medianBytes < MB && stats.totalBytes < 4 * MB, JSON.stringify(stats));
  assert.ok(roughly(memoryTracker.getStats('heavy').averageBytes, 30));
});

test('what was collected behind an operation is not its own, though Node has not told of it yet', async () => {
  // In a new program the young space is small, so that there are many collections.
  const [counts] = await child(`
    const { operations } = load('operations.js');
    const cell = new Int32Array(new SharedArrayBuffer(4));
    let kept = 0;
    const garbage = (megabytes) => { for (let at = 0; at < megabytes * 1000; at += 1) kept += new Array(120).fill(at).length; };
    const turn = () => new Promise((resolve) => { setImmediate(resolve); });
    const counts = { busy: [], still: [] };
    operations.on(({ name, gcCount }) => counts[name].push(gcCount));
    const round = async () => {
      const busy = operations.begin('busy');
      garbage(20);
      operations.end(busy);
      const still = operations.begin('still');
      Atomics.wait(cell, 0, 0, 30);
      operations.end(still);
      setImmediate(() => garbage(20));
      for (let at = 0; at < 3; at += 1) await turn();
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    };
    const rounds = async () => { for (let at = 0; at < 20; at += 1) await round(); };
    rounds().then(() => print(counts));`);
  assert.ok(counts.busy.every((count) => count > 0), `${counts.busy}`);
  assert.deepEqual(counts.still, Array(20).fill(0));
});

test('overlap is counted whoever begins and ends first', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name }));
  const results = await resultsOf(() => {
    a.block = createMemoryBlock('a');
    b.block = createMemoryBlock('b');
    a.block.end();
    c.block = createMemoryBlock('c');
    b.block.end();
    c.block.end();
    createMemoryBlock('alone').end();
  });
  assert.deepEqual(results.map(({ name, overlapped, confidence }) => [name, overlapped, confidence]), [
    ['a', 1, 'shared'], ['b', 2, 'shared'], ['c', 1, 'shared'], ['alone', 0, 'exclusive'],
  ]);
  assert.equal(operations.running, 0);
});

const labels = (results) => Object.fromEntries(results.map(({ name, overlapped }) => [name, overlapped]));

test('a part of an operation does not run beside it', async () => {
  const results = await resultsOf(() => trackOperationSync('whole', () => {
    trackOperationSync('part', () => trackOperationSync('part of the part', () => {}));
    trackOperationSync('second part', () => {});
  }));
  assert.deepEqual(labels(results), { 'part of the part': 0, part: 0, 'second part': 0, whole: 0 });
});

for (const [nesting, expected] of [['async', { part: 0, whole: 0 }], ['sync', { part: 1, whole: 1 }]]) {
  test(`parts after an await: nesting is ${nesting}`, async () => {
    const standard = operations.nesting;
    operations.nesting = nesting;
    const results = await resultsOf(() => trackOperation('whole', async () => {
      await turn();
      await trackOperation('part', turn);
    }));
    operations.nesting = standard;
    assert.deepEqual(labels(results), expected);
  });
}

test('parts that run at once are beside each other, the whole is alone', async () => {
  const standard = operations.nesting;
  operations.nesting = 'async';
  const results = await resultsOf(() => trackOperation('whole', () => Promise.all([trackOperation('left', turn), trackOperation('right', turn)])));
  operations.nesting = standard;
  assert.deepEqual(labels(results), { left: 1, right: 1, whole: 0 });
});

test('what a finished operation left running is no part of it', async () => {
  const standard = operations.nesting;
  operations.nesting = 'async';
  let later;
  const results = await resultsOf(async () => {
    await trackOperation('first', async () => { later = turn().then(turn).then(() => trackOperation('late', turn)); });
    await later;
  });
  operations.nesting = standard;
  assert.deepEqual(labels(results), { first: 0, late: 0 });
  assert.equal(operations.running, 0);
});

test('a chain of operations, each begun by the one before, holds none of those that ended', async () => {
  let operation = operations.begin('first');
  const first = new WeakRef(operation);
  for (let at = 0; at < 5; at += 1) {
    const before = operation;
    operation = operations.within(before, () => operations.begin('next'));
    operations.end(before);
  }
  await turns();
  collectAll();
  assert.equal(first.deref(), undefined);
  operations.end(operation);
});

test('nesting is what Node gives for nothing, and nothing else is taken', () => {
  assert.equal(operations.nesting, Number(process.versions.node.split('.')[0]) >= 24 ? 'async' : 'sync');
  assert.throws(() => { operations.nesting = 'both'; }, { name: 'RangeError', message: /'async' or 'sync' for nesting/ });
});

test('values and errors pass untouched', async () => {
  const value = { some: 'thing' };
  const error = Object.freeze(new Error('mine'));
  const raise = () => { throw error; };
  const thenable = { then: (resolve) => resolve(value) };
  assert.equal(await trackOperation('x', () => value), value);
  assert.equal(await trackOperation('x', async () => value), value);
  assert.equal(await trackOperation('x', () => thenable), value);
  assert.equal(trackOperationSync('x', () => thenable), thenable, 'nothing is awaited');
  assert.equal(trackOperationSync('x', () => value), value);
  await assert.rejects(trackOperation('x', raise), (thrown) => thrown === error);
  await assert.rejects(trackOperation('x', async () => raise()), (thrown) => thrown === error);
  await assert.rejects(trackOperation('x', () => Promise.reject()), (thrown) => thrown === undefined);
  assert.throws(() => trackOperationSync('x', raise), (thrown) => thrown === error);
  assert.equal(operations.running, 0);
});

test('a block ends once', async () => {
  const context = { records: 3 };
  const results = await resultsOf(() => {
    const block = createMemoryBlock('once', context);
    const first = block.end();
    assert.equal(block.end(), first);
    block[Symbol.dispose]();
    assert.equal(first.context, context);
  });
  assert.equal(results.length, 1);
});

test('a listener that fails is reported once; the others and the caller notice nothing', async () => {
  let told = 0;
  const warnings = await warningsOf(async () => {
    const offs = [() => { throw new Error('bad listener'); }, () => Promise.reject(Object.create(null)), () => { told += 1; }].map((each) => operations.on(each));
    for (let at = 0; at < 3; at += 1) assert.equal(trackOperationSync('x', () => at), at);
    createMemoryBlock('y').end();
    await turns();
    offs.forEach((off) => off());
    trackOperationSync('z', () => 0);
  });
  assert.equal(told, 4);
  assert.deepEqual(warnings.map(({ message }) => message.split(': ')[1]).sort(), ['[Object', 'bad listener']);
});

test('many operations in one turn are all told of, and do not pile up', async () => {
  let most = 0;
  let ended = 0;
  const results = await resultsOf(() => {
    let told = 0;
    const off = operations.on(() => { told += 1; });
    for (let at = 0; at < 5000; at += 1) {
      trackOperationSync('many', () => at);
      ended += 1;
      most = Math.max(most, ended - told);
    }
    off();
  });
  assert.equal(results.length, 5000);
  assert.ok(most <= 1024, `${most}`);
});

test('the last results are told when the program ends, also by process.exit()', async () => {
  const program = (end) => `memory.operations.on(({ name }) => print(name)); memory.trackOperationSync('last', () => 1); ${end}`;
  assert.deepEqual(await child(program('')), ['last']);
  assert.deepEqual(await child(program('process.exit();')), ['last']);
});

test('wrong calls say what is allowed', () => {
  const invalid = (message, name = 'TypeError') => ({ name, code: 'ERR_PGTAP_INVALID_ARGUMENT', message });
  assert.throws(() => trackOperation(5, () => {}), invalid(/string of 1 to 200 characters for name but received 5/));
  assert.throws(() => trackOperation('x'.repeat(201), () => {}), invalid(/1 to 200/, 'RangeError'));
  assert.throws(() => trackOperationSync('', () => {}), invalid(/1 to 200/, 'RangeError'));
  assert.throws(() => trackOperation('x'), invalid(/a function for fn/));
  assert.throws(() => createMemoryBlock('x', 5), invalid(/an object for context/));
  assert.throws(() => operations.on(null), invalid(/a function for listener/));
  assert.equal(operations.running, 0);
});
