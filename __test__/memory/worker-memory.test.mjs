// The parts of the pool that decide about memory, with figures of the test's own.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { Admission } = require('../../lib/memory/workers/admission.js');
const { Estimates } = require('../../lib/memory/workers/estimates.js');
const { Governor } = require('../../lib/memory/workers/governor.js');
const { heapLimits } = require('../../lib/memory/workers/heap-limits.js');
const { decodeError, encodeError } = require('../../lib/memory/workers/task-errors.js');

const MB = 2 ** 20;

test('what 95 of 100 tasks of a type took is expected of the next, of the latest 64 and of 100 types', () => {
  const estimates = new Estimates();
  assert.equal(estimates.of('a'), null);
  for (let n = 1; n <= 100; n += 1) estimates.learn('a', n);
  // Of 37 to 100, the 61st.
  assert.equal(estimates.of('a'), 97);
  for (let n = 0; n < 99; n += 1) estimates.learn(`b${n}`, 1);
  assert.equal(estimates.of('a'), 97);
  estimates.learn('one more', 1);
  assert.deepEqual([estimates.of('a'), estimates.of('b0'), estimates.of('one more')], [null, 1, 1]);
});

const ROOM = { container: null, availableBytes: 1000 * MB };

/** Whether a task is let in beside others that are estimated to take, and that took, so many MB. */
function admits(estimateMB, { options = {}, sample = ROOM, running = [], idleMB = 0 } = {}) {
  const admission = new Admission({ maxPoolMemoryMB: null, maxPoolMemoryPercent: null, ...options }, () => sample);
  const others = running.map(([wanted, used]) => ({ estimateBytes: wanted * MB, usedBytes: used * MB }));
  return admission.admits({ type: 'a', estimateMB }, others, idleMB * MB);
}

// What is given, beside it, and whether the task is let in.
const ADMISSIONS = [
  [null, {}, true],
  [1000, {}, true],
  [1001, {}, false],
  [600, { running: [[400, 0]] }, true],
  [601, { running: [[400, 0]] }, false],
  [900, { running: [[400, 300]] }, true],
  [901, { running: [[400, 300]] }, false],
  [1000, { running: [[400, 500]] }, true],
  [100, { sample: { container: { limitBytes: 300 * MB, usedBytes: 200 * MB }, availableBytes: 1000 * MB } }, true],
  [101, { sample: { container: { limitBytes: 300 * MB, usedBytes: 200 * MB }, availableBytes: 1000 * MB } }, false],
  [101, { sample: { container: null, availableBytes: null } }, true],
  [50, { options: { maxPoolMemoryMB: 100 }, running: [[20, 30]], idleMB: 20 }, true],
  [51, { options: { maxPoolMemoryMB: 100 }, running: [[20, 30]], idleMB: 20 }, false],
  [150, { options: { maxPoolMemoryPercent: 50 }, sample: { container: { limitBytes: 300 * MB, usedBytes: 0 }, availableBytes: null } }, true],
  [151, { options: { maxPoolMemoryPercent: 50 }, sample: { container: { limitBytes: 300 * MB, usedBytes: 0 }, availableBytes: null } }, false],
];

test('a task is let in when what it and the others will yet take is there', () => {
  for (const [estimateMB, beside, expected] of ADMISSIONS) {
    assert.equal(admits(estimateMB, beside), expected, `${estimateMB} MB beside ${JSON.stringify(beside)}`);
  }
  const admission = new Admission({ maxPoolMemoryMB: 10, maxPoolMemoryPercent: null }, () => ROOM);
  admission.learn('a', null);
  assert.equal(admission.admits({ type: 'a', estimateMB: null }, [], 0), true);
  admission.learn('a', 11 * MB);
  assert.equal(admission.admits({ type: 'a', estimateMB: null }, [], 0), false, 'it is learned');
});

test('a sample of memory counts for 100 ms', () => {
  let [now, reads, availableBytes] = [0, 0, 10 * MB];
  const read = () => {
    reads += 1;
    return { container: null, availableBytes };
  };
  const admission = new Admission({ maxPoolMemoryMB: null, maxPoolMemoryPercent: null }, read, () => now);
  const asked = () => admission.admits({ type: 'a', estimateMB: 20 }, [], 0);
  assert.equal(asked(), false);
  [now, availableBytes] = [99, 20 * MB];
  assert.deepEqual([asked(), reads], [false, 1]);
  now = 100;
  assert.deepEqual([asked(), reads], [true, 2]);
});

/** A governor of 100 MB that finds `used`, and `left` behind a collection; what it did. */
async function governed(used, left) {
  const did = [];
  const governor = new Governor({ measure: async () => used, collect: async () => did.push('collect') && left }, {
    limitBytes: 100, softBytes: 80, checkMs: 10, onUsage: (bytes) => did.push(bytes), onOver: (bytes) => did.push(`over with ${bytes}`),
  });
  const isWorn = await governor.rest();
  governor.stop();
  return [isWorn, ...did];
}

test('a collection decides whether a worker holds too much', async () => {
  assert.deepEqual(await governed(null, null), [false]);
  assert.deepEqual(await governed(80, 0), [false, 80]);
  assert.deepEqual(await governed(81, 80), [false, 81, 'collect', 80]);
  assert.deepEqual(await governed(81, 81), [true, 81, 'collect', 81]);
  assert.deepEqual(await governed(101, 50), [false, 101, 'collect', 50]);
  assert.deepEqual((await governed(150, 101)).slice(1, 5), [150, 'collect', 101, 'over with 101']);
  assert.deepEqual((await governed(150, null)).slice(1, 5), [150, 'collect', 150, 'over with 150']);
});

test('the parts of a heap add up to its limit', () => {
  assert.deepEqual(heapLimits(16), { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 13 });
  assert.deepEqual(heapLimits(64), { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 58 });
  assert.deepEqual(heapLimits(4096), { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 4048 });
});

const across = (thrown) => decodeError(structuredClone(encodeError(thrown)));

test('errors of every kind cross', () => {
  const chain = Array.from({ length: 20 }).reduce((cause, _, at) => new Error(String(at), { cause }), undefined);
  let depth = 0;
  for (let error = across(chain); error; error = error.cause) depth += 1;
  assert.equal(depth, 6);
  const circular = new Error('itself');
  circular.cause = circular;
  assert.equal(across(circular).cause.message, 'itself');
  assert.equal(across(Object.assign(new Error('m'), { fn() {}, n: 1 })).n, 1);
  for (const thrown of [undefined, null, 3, { a: 1 }, Symbol('s')]) assert.ok(across(thrown) instanceof Error, String(thrown));
  assert.equal(decodeError({ no: 'message' }).message, "The worker answered with the error { no: 'message' }");
  assert.equal(decodeError(undefined).message, 'The worker answered with the error undefined');
});
