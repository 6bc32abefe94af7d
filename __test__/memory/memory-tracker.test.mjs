// Top consumers: exclusive and shared apart, names bounded.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { beforeEach, test } from 'node:test';

import { MB, child } from './collecting.mjs';

const require = createRequire(import.meta.url);
const { memorySpikeDetector, memoryTracker, trackOperationSync } = require('../../lib/memory/index.js');

const result = (name, megabytes, confidence = 'exclusive', more = {}) => ({
  name, durationMs: 2, heapDeltaBytes: 0, externalDeltaBytes: 0, gcFreedBytes: 0, gcCount: 1, gcEstimated: 0,
  adjustedBytes: megabytes * MB, confidence, overlapped: confidence === 'shared' ? 1 : 0, ...more,
});

beforeEach(() => memoryTracker.reset());

test('shared figures are not added to exclusive ones', () => {
  [1, 2, 9].forEach((megabytes) => memoryTracker.add(result('a', megabytes)));
  memoryTracker.add(result('a', 1000, 'shared', { durationMs: 6 }));
  assert.deepEqual(memoryTracker.getStats('a'), {
    operation: 'a',
    callCount: 4,
    totalBytes: 16 * MB,
    averageBytes: 4 * MB,
    medianBytes: 2 * MB,
    averageExternalBytes: 0,
    coverage: 0.75,
    exclusive: { count: 3, totalBytes: 12 * MB, largestBytes: 9 * MB, gcCount: 3 },
    shared: { count: 1, totalBytes: 1000 * MB, largestBytes: 1000 * MB, gcCount: 1 },
    averageMs: 3,
    longestMs: 6,
  });
});

test('what never ran alone has no figure of its own', () => {
  memoryTracker.add(result('a', 5, 'shared'));
  const { totalBytes, averageBytes, medianBytes, coverage, exclusive } = memoryTracker.getStats('a');
  assert.deepEqual([totalBytes, averageBytes, medianBytes, coverage, exclusive.largestBytes], [null, null, null, 0, null]);
});

test('the heaviest come first, those without a figure last', () => {
  memoryTracker.add(result('shared little', 10, 'shared'));
  memoryTracker.add(result('small', 1));
  memoryTracker.add(result('shared much', 900, 'shared'));
  memoryTracker.add(result('big', 7));
  for (let at = 0; at < 20; at += 1) memoryTracker.add(result('often', 1));
  const names = (most) => memoryTracker.getTopConsumers(most).map(({ operation }) => operation);
  assert.deepEqual(names(), ['often', 'big', 'small', 'shared much', 'shared little']);
  assert.deepEqual(names(2), ['often', 'big']);
});

test('the median is that of the last 31', () => {
  for (let at = 0; at < 31; at += 1) memoryTracker.add(result('a', 100));
  for (let at = 0; at < 16; at += 1) memoryTracker.add(result('a', 1));
  assert.equal(memoryTracker.getStats('a').medianBytes, MB);
});

test('the least recently used names become one', () => {
  for (let at = 0; at < 1000; at += 1) memoryTracker.add(result(`n${at}`, 1));
  memoryTracker.add(result('n0', 1));
  memoryTracker.add(result('new', 1));
  memoryTracker.add(result('newer', 2, 'shared'));
  assert.deepEqual(memoryTracker.names, { kept: 1000, folded: 2 });
  assert.equal(memoryTracker.getStats('n1'), null);
  assert.equal(memoryTracker.getStats('n0').callCount, 2);
  const others = memoryTracker.getStats('(other)');
  assert.deepEqual([others.callCount, others.totalBytes, others.medianBytes], [2, 2 * MB, MB]);
  assert.equal(memoryTracker.getTopConsumers(2000).reduce((sum, { callCount }) => sum + callCount, 0), 1003);
});

test('100,000 names take no more than 1,000 of them', async () => {
  const [[few, many, names]] = await child(`
    const v8 = require('node:v8'); v8.setFlagsFromString('--expose-gc');
    const gc = require('node:vm').runInNewContext('gc');
    const used = () => { gc(); gc(); return v8.getHeapStatistics().used_heap_size; };
    const noise = 'x'.repeat(20000);
    // A name cut out of a long text must not keep the text.
    const run = (from, to) => { for (let at = from; at < to; at += 1) memory.trackOperationSync((at + noise).slice(0, 40), () => at); };
    const empty = used(); run(0, 1000); memory.operations.flush(); const few = used() - empty;
    run(1000, 100000); memory.operations.flush(); const many = used() - empty;
    print([few, many, memory.memoryTracker.names]);`);
  assert.deepEqual(names, { kept: 1000, folded: 99_000 });
  assert.ok(few < 3 * MB, `${few}`);
  assert.ok(many < few + MB, `${few}, then ${many}`);
});

test('the report has the shape that is displayed', () => {
  memoryTracker.add(result('DB.SELECT.users', 0.1));
  memoryTracker.add(result('beside', 3, 'shared'));
  const spikes = { critical: 2, high: 8, medium: 15 };
  const report = memoryTracker.getReport({ spikes });
  assert.match(report.current.heapUsed, /^\d+\.\d\dMB$/);
  assert.match(report.current.heapTotal, /^\d+\.\d\dMB$/);
  assert.match(report.current.utilization, /^\d+\.\d%$/);
  assert.deepEqual(report.topMemoryConsumers, [
    { operation: 'DB.SELECT.users', totalMemory: '0.10MB', callCount: 1, avgMemory: '0.10MB' },
    { operation: 'beside', totalMemory: null, callCount: 1, avgMemory: null },
  ]);
  assert.equal(report.spikes, spikes);
  assert.equal(memoryTracker.getReport().spikes, null);
});

test('by default the report has the counts of the spike detector, and null while nothing looks', () => {
  assert.equal(memoryTracker.getReport().spikes, null);
  memorySpikeDetector.configure({ mediumThresholdMB: 25 });
  try {
    assert.deepEqual(memoryTracker.getReport().spikes, { critical: 0, high: 0, medium: 0 });
    memorySpikeDetector.feedOperation({ operation: 'import', bytes: 60 * MB });
    assert.deepEqual(memoryTracker.getReport().spikes, { critical: 0, high: 1, medium: 0 });
    assert.equal(memoryTracker.getReport({ spikes: null }).spikes, null);
  } finally {
    memorySpikeDetector.reset();
  }
  assert.equal(memoryTracker.getReport().spikes, null);
});

test('what has just ended is counted', () => {
  trackOperationSync('just now', () => {});
  assert.equal(memoryTracker.getStats('just now').callCount, 1);
  trackOperationSync('again', () => {});
  memoryTracker.reset();
  assert.deepEqual(memoryTracker.getTopConsumers(), []);
});

test('wrong arguments say what is allowed', () => {
  assert.throws(() => memoryTracker.getTopConsumers(0), { name: 'RangeError', message: /an integer of 1 or more for n but received 0/ });
  for (const options of [null, 5]) assert.throws(() => memoryTracker.getReport(options), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /options/ });
  assert.throws(() => memoryTracker.getTopConsumers('5'), { name: 'TypeError' });
  assert.throws(() => memoryTracker.getStats(5), { name: 'TypeError', message: /a string for name/ });
});
