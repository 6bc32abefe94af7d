// Sudden rises of memory: severities, rows, bounds, and callbacks that fail.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { MemorySpikeDetector, memorySpikeDetector } = require('../../lib/memory/spike-detector.js');

const MB = 1024 * 1024;
const SIZES = [[24, null], [26, 'medium'], [49, 'medium'], [51, 'high'], [99, 'high'], [101, 'critical']];

/** Feeds resident sizes in MB, four samples a second from `at` on; the spikes. */
function feed(detector, sizes, at = 1_000_000) {
  return sizes.map((mb, n) => detector.feedSample({ at: at + n * 250, rssBytes: mb * MB, peakRssBytes: mb * MB })).filter(Boolean);
}

test('the severity is that of the whole rise, transient or kept', () => {
  for (const [size, severity] of SIZES) {
    const top = 200 + size;
    for (const sizes of [[200, top, 200, 200], [200, 200 + size / 2, top, top, top, top, top, top]]) {
      const found = feed(new MemorySpikeDetector(), sizes);
      assert.deepEqual(found.map((spike) => spike.severity), severity ? [severity] : [], `${size} MB`);
      for (const spike of found) assert.equal(spike.memoryIncrease, size * MB);
    }
  }
});

test('a peak between two samples is a rise, too', () => {
  for (const [size, severity] of SIZES) {
    const detector = new MemorySpikeDetector();
    assert.equal(detector.feedSample({ at: 0, rssBytes: 100 * MB, peakRssBytes: 100 * MB }), null);
    const spike = detector.feedSample({ at: 1500, rssBytes: 100 * MB, peakRssBytes: (100 + size) * MB });
    assert.equal(spike?.severity ?? null, severity, `${size} MB`);
  }
});

test('what a spike says', () => {
  const detector = new MemorySpikeDetector();
  const [spike] = feed(detector, [200, 230, 260, 200]);
  assert.deepEqual(spike, {
    severity: 'high', memoryIncrease: 60 * MB, durationMs: 500, baseBytes: 200 * MB, inRow: 1, consecutive: false,
    operation: null, timestamp: new Date(1_000_500),
  });
  const other = detector.feedOperation({ operation: 'import', bytes: 120 * MB, at: 5 });
  assert.deepEqual(other, {
    severity: 'critical', memoryIncrease: 120 * MB, durationMs: null, baseBytes: null, inRow: 1, consecutive: false,
    operation: 'import', timestamp: new Date(5),
  });
  assert.deepEqual(detector.getSpikes(), [spike, other]);
  assert.deepEqual(detector.getCounts(), { critical: 1, high: 1, medium: 0 });
});

test('operations by their bytes; the third in a row is consecutive', () => {
  const detector = new MemorySpikeDetector();
  for (const [size, severity] of SIZES) {
    assert.equal(detector.feedOperation({ operation: 'x', bytes: size * MB, at: 0 })?.severity ?? null, severity);
  }
  detector.reset();
  const row = [0, 1, 2, 3].map((n) => detector.feedOperation({ operation: 'x', bytes: 30 * MB, at: n * 60_000 }).consecutive);
  assert.deepEqual(row, [false, false, true, true]);
  assert.equal(detector.feedOperation({ operation: 'x', bytes: 30 * MB, at: 400_000 }).inRow, 1);
});

test('configured thresholds hold', () => {
  const detector = new MemorySpikeDetector();
  detector.configure({ mediumThresholdMB: 20, highThresholdMB: 40, criticalThresholdMB: 80, consecutiveSpikesLimit: 1 });
  const found = [19, 21, 41, 81].map((mb) => detector.feedOperation({ operation: 'x', bytes: mb * MB }));
  assert.deepEqual(found.map((spike) => spike?.severity ?? null), [null, 'medium', 'high', 'critical']);
  assert.ok(found[1].consecutive);
  assert.equal(detector.options.enableHeapSnapshots, false);
});

test('wrong options are refused, and nothing is set', () => {
  const detector = new MemorySpikeDetector();
  const wrong = [
    [null, /an object/], [{ mediumThresholdMB: '25' }, /mediumThresholdMB/], [{ mediumThresholdMB: 0 }, /above 0/],
    [{ highThresholdMB: Infinity }, /highThresholdMB/], [{ criticalThresholdMB: NaN }, /criticalThresholdMB/],
    [{ consecutiveSpikesLimit: 1.5 }, /whole number/], [{ consecutiveSpikesLimit: 2 ** 32 }, /whole number/],
    [{ enableHeapSnapshots: 1 }, /a boolean/], [{ mediumThreshold: 5 }, /mediumThresholdMB, highThresholdMB/],
    [{ mediumThresholdMB: 60 }, /60 \(mediumThresholdMB\) or more/], [{ highThresholdMB: 120 }, /120 \(highThresholdMB\) or more/],
    [{ enableHeapSnapshots: true }, /without takeSnapshot/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => detector.configure(options), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message }, JSON.stringify(options));
  }
  assert.deepEqual(detector.options, new MemorySpikeDetector().options);
});

test('wrong samples, operations and callbacks are refused', () => {
  const detector = new MemorySpikeDetector();
  const refused = { code: 'ERR_PGTAP_INVALID_ARGUMENT' };
  for (const sample of [undefined, null, 5, {}, { at: 1, rssBytes: '5' }, { at: NaN, rssBytes: 5 }, { at: 1, rssBytes: 5, peakRssBytes: Infinity }]) {
    assert.throws(() => detector.feedSample(sample), refused);
  }
  for (const done of [undefined, null, {}, { operation: 5, bytes: 5 }, { operation: 'x' }, { operation: 'x', bytes: 5, at: '1' }]) {
    assert.throws(() => detector.feedOperation(done), refused);
  }
  for (const callback of [undefined, null, 'x', {}]) assert.throws(() => detector.onSpike(callback), refused);
  assert.throws(() => new MemorySpikeDetector({ takeSnapshot: 5 }), refused);
  assert.equal(detector.feedSample({ at: 1, rssBytes: null, peakRssBytes: null }), null);
});

test('callbacks are called until they unsubscribe', () => {
  const detector = new MemorySpikeDetector();
  const calls = [];
  const callback = (spike) => calls.push(spike.operation);
  const [first, second] = [detector.onSpike(callback), detector.onSpike(callback)];
  detector.feedOperation({ operation: 'a', bytes: 30 * MB });
  first();
  first();
  detector.feedOperation({ operation: 'b', bytes: 30 * MB });
  second();
  detector.feedOperation({ operation: 'c', bytes: 30 * MB });
  assert.deepEqual(calls, ['a', 'a', 'b']);
});

test('each callback that throws or rejects is reported once, and the others are called', async () => {
  const detector = new MemorySpikeDetector();
  const warnings = [];
  const keep = (warning) => warnings.push(warning);
  process.on('warning', keep);
  let called = 0;
  detector.onSpike(() => { throw new Error('thrown'); });
  detector.onSpike(async () => { throw new Error('rejected'); });
  detector.onSpike(() => { called += 1; });
  const warned = once(process, 'warning');
  for (let n = 0; n < 3; n += 1) detector.feedOperation({ operation: 'x', bytes: 30 * MB });
  await warned;
  await new Promise(setImmediate);
  process.off('warning', keep);
  assert.equal(called, 3);
  assert.deepEqual(warnings.map(({ code, message }) => [code, message]), [
    ['PGTAP_MEMORY_LISTENER', 'A callback of onSpike() failed: thrown'],
    ['PGTAP_MEMORY_LISTENER', 'A callback of onSpike() failed: rejected'],
  ]);
});

test('snapshots are taken at critical spikes, when asked for', () => {
  const taken = [];
  const detector = new MemorySpikeDetector({ takeSnapshot: (spike) => taken.push(spike.severity) });
  const feedAll = () => [30, 60, 120].forEach((mb) => detector.feedOperation({ operation: 'x', bytes: mb * MB }));
  feedAll();
  assert.deepEqual(taken, []);
  detector.configure({ enableHeapSnapshots: true });
  feedAll();
  assert.deepEqual(taken, ['critical']);
});

test('the last hundred spikes are kept, and all are counted', () => {
  const detector = new MemorySpikeDetector();
  for (let n = 0; n < 130; n += 1) detector.feedOperation({ operation: `${n}`, bytes: 30 * MB });
  assert.equal(detector.getSpikes().length, 100);
  assert.equal(detector.getSpikes()[0].operation, '30');
  assert.equal(detector.getCounts().medium, 130);
  detector.getSpikes().length = 0;
  detector.reset();
  assert.deepEqual([detector.getSpikes(), detector.getCounts()], [[], { critical: 0, high: 0, medium: 0 }]);
});

test('there is one for the environment', () => {
  assert.ok(memorySpikeDetector instanceof MemorySpikeDetector);
});
