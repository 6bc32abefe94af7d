// Forced collections are asked for when that is wise: the cooldown, the pause, what the last one freed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mock, test } from 'node:test';

import { MB, fakeParts } from './fake-parts.mjs';

const require = createRequire(import.meta.url);
const { ForcedCollections } = require('../../lib/memory/garbage-collection.js');

const ask = (collections, more) => collections.request({ reason: 'test', cooldownMs: 30000, maxPauseMs: 500, ...more });

test('a second one waits for 30 seconds: fake timers', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const { state } = fakeParts();
  const collections = new ForcedCollections({
    collect: () => ({ ran: true, freedBytes: 50 * MB, durationMs: 20 }), heap: () => state.heap, now: () => Date.now(),
  });
  const ran = [];
  setInterval(() => ran.push(ask(collections).success), 10000);
  for (let tick = 0; tick < 9; tick += 1) t.mock.timers.tick(10000);
  assert.deepEqual(ran, [true, false, false, true, false, false, true, false, false]);
});

test('each skip is an event with its reason, each run, too', () => {
  const { collections, state } = fakeParts();
  const events = [];
  collections.on('gc', ({ kind, success, reason }) => events.push(['gc', kind, success, reason]));
  collections.on('gc-skipped', ({ skipped, detail }) => events.push([skipped, detail]));
  ask(collections);
  ask(collections);
  state.at += 30000;
  ask(collections, { maxPauseMs: 19 });
  state.collected = () => ({ ran: true, freedBytes: 9 * MB, durationMs: 20 });
  ask(collections);
  state.at += 30000;
  ask(collections);
  assert.deepEqual(events, [
    ['gc', 'major', true, 'test'],
    ['cooldown', 'the last forced collection was less than 30000 ms ago'],
    ['pause', 'a pause of 20 ms is predicted, above 19 ms'],
    ['gc', 'major', true, 'test'],
    ['little-freed', 'the last full collection freed 9.0 % of the heap, less than 10 %'],
  ]);
});

test('the pause is predicted from the last full collection, and from how the heap has grown', () => {
  const { collections, state } = fakeParts();
  assert.equal(collections.predictedPauseMs(), 140, '1.4 ms per MB before any was observed');
  collections.learn({ kind: 'minor', pauseMs: 900 });
  assert.equal(collections.predictedPauseMs(), 140, 'a minor one tells nothing');
  collections.learn({ kind: 'major', pauseMs: 30 });
  assert.equal(collections.predictedPauseMs(), 30);
  state.heap.usedBytes = 300 * MB;
  assert.equal(collections.predictedPauseMs(), 90);
  collections.run({ reason: 'test', kind: 'major' });
  assert.equal(collections.predictedPauseMs(), 20, 'a forced one says more');
  collections.learn({ kind: 'major', pauseMs: 3 });
  assert.equal(collections.predictedPauseMs(), 20);
  state.heap.usedBytes = 30 * MB;
  assert.equal(collections.predictedPauseMs(), 20, 'a smaller heap may be as slow');
});

test('a collection that freed little speaks against the next, until much was allocated or five minutes passed', () => {
  const after = (change) => {
    const { collections, state } = fakeParts();
    state.collected = () => ({ ran: true, freedBytes: 5 * MB, durationMs: 20 });
    ask(collections);
    state.at += 30000;
    change(state);
    return ask(collections).skipped;
  };
  assert.equal(after(() => {}), 'little-freed');
  assert.equal(after((state) => (state.heap.usedBytes = 110 * MB)), 'little-freed');
  assert.equal(after((state) => (state.heap.usedBytes = 112 * MB)), undefined, 'what was allocated since may be garbage');
  assert.equal(after((state) => (state.at += 4 * 60000)), 'little-freed');
  assert.equal(after((state) => (state.at += 5 * 60000)), undefined, 'old objects may have died');
});

test('what hangs on the heap counts as freed', () => {
  const { collections, state } = fakeParts();
  state.heap.externalBytes = 900 * MB;
  ask(collections);
  state.at += 30000;
  assert.equal(ask(collections).skipped, 'little-freed', '50 of 1000 MB');
});

test('the young generation alone is tried where it may be enough', () => {
  const cases = [
    [0, 8, 4, ['major'], 'nobody said how much is needed'],
    [4, 3, 4, ['major'], 'there is not so much in it'],
    [4, 8, 4, ['minor'], 'it was enough'],
    [4, 8, 3, ['minor', 'major'], 'it was not'],
  ];
  for (const [needMB, youngMB, freedMB, kinds, why] of cases) {
    const { collections, state } = fakeParts();
    state.heap.youngBytes = youngMB * MB;
    state.collected = (kind) => ({ ran: true, freedBytes: kind === 'minor' ? freedMB * MB : 50 * MB, durationMs: 2 });
    assert.equal(ask(collections, { needBytes: needMB * MB }).success, true);
    assert.deepEqual(state.kinds, kinds, why);
  }
});

test('one that did not run says why', () => {
  const { collections, state } = fakeParts();
  state.collected = () => ({ ran: false, why: 'no gc()', freedBytes: 0, durationMs: 0 });
  assert.deepEqual(ask(collections), {
    type: 'force_gc', kind: 'major', reason: 'test', success: false, freedBytes: 0, durationMs: 0, error: 'no gc()',
  });
  state.at += 30000;
  state.collected = () => {
    throw new Error('gc of the program');
  };
  assert.equal(ask(collections).error, 'gc of the program');
});

test('the real heap is read', () => {
  const collect = mock.fn(() => ({ ran: true, freedBytes: 0, durationMs: 1 }));
  const collections = new ForcedCollections({ collect });
  assert.ok(collections.predictedPauseMs() > 1.4, 'more than 1 MB');
  assert.equal(ask(collections, { needBytes: 1 }).success, true);
  assert.deepEqual(collect.mock.calls.map(({ arguments: [{ kind }] }) => kind), ['minor', 'major'], 'the minor one freed nothing');
});
