// The native side of the policy, as JavaScript calls it: numbers in, JSON text or null out.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const { NativeLeaks, NativeSpikes } = createRequire(import.meta.url)('../../lib/native.js');

const MB = 1024 * 1024;
const refused = { code: 'ERR_PGTAP_INVALID_ARGUMENT' };

test('leaks: a verdict when it changes, a report at any time', () => {
  const leaks = new NativeLeaks(300_000, 70, 95);
  assert.equal(JSON.parse(leaks.report()).windows, 0);
  const verdicts = [];
  for (let n = 0; n < 500; n += 1) {
    const at = n * 2500;
    const heap = (10 + 120 * (at / 3_600_000)) * MB;
    if (n % 10 === 0) leaks.collection(at, true, heap * 1.3, heap);
    const text = leaks.feed(at, heap * 1.1, heap * 1.5, MB, heap * 1.5 + 40 * MB, 20, n === 7 ? undefined : 5, null);
    if (text !== null) verdicts.push(JSON.parse(text));
  }
  leaks.cleanup(1_300_000, 0);
  assert.deepEqual(verdicts.map(({ verdict }) => verdict), ['suspected']);
  assert.equal(verdicts[0].report.pattern, 'linear_growth');
  assert.equal(verdicts[0].report.sinceMs, verdicts[0].report.atMs);
  const report = JSON.parse(leaks.report());
  assert.equal(report.windows, leaks.windows());
  assert.ok(Math.abs(report.growthMBPerHour - 120) < 1, `${report.growthMBPerHour}`);
  for (const wrong of [0, -1, NaN, Infinity]) assert.throws(() => new NativeLeaks(wrong, 70, 95), refused);
});

test('what the heap\'s floors grow by in an hour decides the points, on a virtual clock', () => {
  for (const [perHour, growth] of [[4, 0], [51, 40]]) {
    const leaks = new NativeLeaks(300_000, 70, 95);
    for (let n = 0; n < 2000; n += 1) {
      const at = n * 2500;
      const heap = (10 + perHour * (at / 3_600_000)) * MB;
      if (n % 10 === 0) leaks.collection(at, true, heap * 3, heap);
      leaks.feed(at, heap * 2, heap * 3, MB, heap * 3 + 40 * MB, 20);
    }
    const report = JSON.parse(leaks.report());
    assert.equal(report.parts.growth, growth);
    assert.equal(report.suspected, perHour > 50);
  }
});

test('spikes', () => {
  const spikes = new NativeSpikes(25 * MB, 50 * MB, 100 * MB, 3);
  assert.equal(spikes.feed(0, 100 * MB), null);
  assert.equal(spikes.feed(250, 160 * MB), null);
  assert.equal(JSON.parse(spikes.feed(500, 100 * MB)).severity, 'high');
  assert.equal(JSON.parse(spikes.feedOperation(0, 26 * MB)).severity, 'medium');
  assert.equal(spikes.feedOperation(0, 24 * MB), null);
  for (const wrong of [[0, 1, 2, 3], [2, 1, 3, 3], [1, 2, 3, 0]]) assert.throws(() => new NativeSpikes(...wrong), refused);
});
