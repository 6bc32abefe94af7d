// Which requests are measured: all of a calm server, some hundreds a second of a busy one, chosen by chance alone.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { PER_SECOND, samplingOf } = require('../../lib/memory/middleware/request-sampling.js');

const BUSY = 25_000;

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function chances(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A budget, and `second(n)`: whether each of the n requests of the next second is measured. */
function budget(t, seed = 1) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sampling = samplingOf('auto', chances(seed));
  const second = (requests) => {
    const chosen = Array.from({ length: requests }, () => sampling.choose());
    t.mock.timers.tick(1_000);
    return chosen;
  };
  const measured = (requests) => second(requests).filter(Boolean).length;
  return { second, measured };
}

/** Around the budget with room for chance: five deviations. */
const NEAR = [PER_SECOND - 5 * Math.sqrt(PER_SECOND), PER_SECOND + 5 * Math.sqrt(PER_SECOND)];
/** Of a second with many more requests than were to be expected: 300, and of all others together as many. */
const ONSET = [NEAR[0], 2 * PER_SECOND + 5 * Math.sqrt(2 * PER_SECOND)];
const ALL = 'all';

// Name, then requests of each second in turn with the least and the most that are measured of them.
const LOADS = [
  ['a calm server', [1, ALL], [0, ALL], [10, ALL], [PER_SECOND, ALL], [PER_SECOND, ALL], [3, ALL]],
  ['a steady load', [BUSY, ONSET], [BUSY, NEAR], [BUSY, NEAR], [BUSY, NEAR]],
  ['a load that falls to a quarter', [BUSY, ONSET], [BUSY, NEAR], [BUSY / 4, [NEAR[0] / 4.5, NEAR[1] / 3.5]], [BUSY / 4, [NEAR[0] / 2.2, NEAR[1] / 1.8]],
    [BUSY / 4, NEAR], [BUSY / 4, NEAR]],
  ['a load that grows', [1_000, ONSET], [1_000, NEAR], [BUSY, ONSET], [BUSY, NEAR]],
  ['far more than any server has', [2_000_000, ONSET], [2_000_000, NEAR]],
  ['a burst every other second', [BUSY, ONSET], [0, ALL], [BUSY, ONSET], [0, ALL], [BUSY, ONSET]],
];

for (const [name, ...seconds] of LOADS) {
  test(`how many are measured: ${name}`, (t) => {
    const { measured } = budget(t);
    for (const [at, [requests, range]] of seconds.entries()) {
      const [least, most] = range === ALL ? [requests, requests] : range;
      const found = measured(requests);
      assert.ok(found >= least && found <= most, `second ${at}: ${found} of ${requests}; expected ${least} to ${most}`);
    }
  });
}

test('after a load all are measured again, whether anybody asks meanwhile or not', (t) => {
  for (const meanwhile of [0, 5]) {
    const { second, measured } = budget(t);
    measured(BUSY);
    assert.ok(measured(20) < 20, 'not at once');
    for (let at = 0; at < 8; at += 1) second(meanwhile);
    assert.equal(measured(PER_SECOND), PER_SECOND);
    t.mock.timers.reset();
  }
});

test('where in a second or a burst a request comes does not matter to its chance', (t) => {
  const { second, measured } = budget(t, 7);
  measured(BUSY);
  const tenths = new Array(10).fill(0);
  for (let at = 0; at < 60; at += 1) {
    for (const [place, chosen] of second(BUSY).entries()) if (chosen) tenths[Math.floor((place / BUSY) * 10)] += 1;
  }
  const mean = tenths.reduce((sum, each) => sum + each, 0) / 10;
  assert.ok(Math.abs(mean - 6 * PER_SECOND) < 0.1 * 6 * PER_SECOND, `${mean}`);
  for (const [at, found] of tenths.entries()) assert.ok(Math.abs(found - mean) < 0.12 * mean, `tenth ${at}: ${found}, all ${tenths}`);
});

test('requests that take turns are measured alike', (t) => {
  const { second, measured } = budget(t, 3);
  measured(BUSY);
  const kinds = [0, 0, 0, 0];
  for (let at = 0; at < 30; at += 1) second(BUSY).forEach((chosen, place) => { if (chosen) kinds[place % 4] += 1; });
  const mean = kinds.reduce((sum, each) => sum + each, 0) / 4;
  for (const found of kinds) assert.ok(Math.abs(found - mean) < 0.12 * mean, `${kinds}`);
});

for (const [rate, draws, expected] of [[0, [0, 0.5], [false, false]], [1, [0, 0.999], [true, true]], [0.25, [0.24, 0.25, 0.9, 0], [true, false, false, true]]]) {
  test(`sampleRate ${rate} is that part, whatever comes`, () => {
    const { choose } = samplingOf(rate, () => draws.shift());
    assert.deepEqual(expected.map(() => choose()), expected);
  });
}
