// startAllocationSampling: the place that allocates is named, handles share one sampler, nothing keeps the process.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { startAllocationSampling, topAllocators } = require('../../lib/memory/snapshots/index.js');
const LIBRARY = JSON.stringify(fileURLToPath(new URL('../../lib/memory/snapshots/sampling.js', import.meta.url)));
const here = fileURLToPath(import.meta.url);
const INTERVAL = { intervalBytes: 64 * 1024 };
const MB = 1024 * 1024;

function holdMuch(held) {
  for (let at = 0; at < 20_000; at += 1) held.push(new Array(50).fill(at));
}
function outer(held) {
  holdMuch(held);
}
/** Recurses, so that the profile has the place below many callers. */
function deep(left, held) {
  if (left > 0) deep(left - 1, held);
  else holdMuch(held);
}
/** What a handle has of holdMuch(). */
const rowsOf = (sampling) => sampling.topAllocators(1000).filter(({ functionName }) => functionName === 'holdMuch');

/** Ends V8's sampler as another debugger may. */
function endByAnother() {
  const other = new Session();
  other.connect();
  other.post('HeapProfiler.stopSampling', () => {});
  other.disconnect();
}

test('the place that holds most is named, with its callers', () => {
  const sampling = startAllocationSampling({ intervalBytes: 16384 });
  const held = [];
  outer(held);
  const top = sampling.topAllocators(5);
  sampling.stop();
  assert.ok(top.length > 0 && top.length <= 5);
  const place = top.find(({ functionName }) => functionName === 'holdMuch') ?? top[0];
  assert.equal(place.functionName, 'holdMuch', JSON.stringify(top.slice(0, 2)));
  assert.equal(fileURLToPath(place.url), here);
  assert.ok(place.line > 10 && place.column > 0);
  assert.ok(place.selfBytes > 4e6 && place.selfBytes < 20e6, `${place.selfBytes}`);
  assert.match(place.stack[0], /^holdMuch \(/);
  assert.match(place.stack[1], /^outer \(/);
  assert.deepEqual(top.map(({ selfBytes }) => selfBytes), top.map(({ selfBytes }) => selfBytes).sort((a, b) => b - a));
  assert.equal(held.length, 20_000);
});

test('one function is one row, with the stack that holds most', () => {
  const sampling = startAllocationSampling(INTERVAL);
  const held = [];
  deep(5, held);
  for (let round = 0; round < 3; round += 1) outer(held);
  const rows = rowsOf(sampling);
  sampling.stop();
  assert.equal(rows.length, 1);
  // Four times 20,000 arrays of 50 elements.
  assert.ok(rows[0].selfBytes > 24 * MB, `${rows[0].selfBytes}`);
  assert.match(rows[0].stack[1], /^outer \(/, 'three of the four');
  assert.equal(held.length, 80_000);
});

test('handles share one sampler until the last is stopped; a stopped one answers as of its stop', () => {
  const first = startAllocationSampling({ intervalBytes: 4096 });
  const second = startAllocationSampling({ intervalBytes: 1 << 20 });
  assert.equal(second.intervalBytes, 4096, 'the first says how fine');
  const held = [];
  holdMuch(held);
  first.stop();
  first.stop();
  const [{ selfBytes }] = rowsOf(first);
  holdMuch(held);
  assert.equal(rowsOf(first)[0].selfBytes, selfBytes);
  assert.ok(rowsOf(second).reduce((sum, row) => sum + row.selfBytes, 0) > 1.5 * selfBytes);
  second[Symbol.dispose]();
  const third = startAllocationSampling();
  assert.deepEqual([third.intervalBytes, first.intervalBytes], [524288, 4096]);
  third.stop();
  assert.equal(held.length, 40_000);
});

test('topAllocators asks whatever sampling runs', () => {
  assert.throws(() => topAllocators(), { code: 'ERR_PGTAP_SAMPLING', message: /startAllocationSampling\(\)/ });
  const sampling = startAllocationSampling({ intervalBytes: 16384 });
  const held = [];
  holdMuch(held);
  assert.equal(topAllocators(1).length, 1);
  assert.ok(topAllocators(100).some(({ functionName }) => functionName === 'holdMuch'));
  assert.throws(() => topAllocators(0), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /for n but received 0/ });
  sampling.stop();
  assert.throws(() => topAllocators(), { code: 'ERR_PGTAP_SAMPLING' });
  assert.equal(held.length, 20_000);
});

test('sampling that somebody else ended is told, and can be started again', () => {
  const first = startAllocationSampling();
  endByAnother();
  assert.throws(() => first.topAllocators(), { code: 'ERR_PGTAP_SAMPLING', name: 'PgTapError' });
  const second = startAllocationSampling(INTERVAL);
  assert.deepEqual([second.intervalBytes, first.intervalBytes], [65536, 65536], 'the call that started it says how fine');
  const held = [];
  holdMuch(held);
  first.stop();
  assert.equal(rowsOf(second).length, 1, 'the end of the first did not end it');
  second.stop();
  assert.equal(held.length, 20_000);
});

test('stop() does not throw when somebody else was first', () => {
  const sampling = startAllocationSampling();
  endByAnother();
  sampling.stop();
  assert.throws(() => sampling.topAllocators(), { code: 'ERR_PGTAP_SAMPLING' });
});

test("V8's sampler ends with the last handle", () => {
  const other = new Session();
  other.connect();
  const runs = () => {
    let answer;
    other.post('HeapProfiler.getSamplingProfile', (error) => { answer = error === null; });
    return answer;
  };
  const sampling = startAllocationSampling();
  const during = runs();
  sampling.stop();
  assert.deepEqual([during, runs()], [true, false]);
  other.disconnect();
});

test('it does not keep the process, nor its workers', () => {
  const program = `
    const { Worker } = require('node:worker_threads');
    const code = 'globalThis.s = require(' + JSON.stringify(${LIBRARY}) + ').startAllocationSampling(); console.log(s.topAllocators(3).length <= 3)';
    globalThis.held = require(${LIBRARY}).startAllocationSampling();
    new Worker(code, { eval: true });`;
  assert.equal(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60_000 }), 'true\n');
});

test('wrong options', () => {
  for (const intervalBytes of [0, 1.5, '1', NaN, 2 ** 31]) {
    assert.throws(() => startAllocationSampling({ intervalBytes }), /"intervalBytes"/);
  }
  const sampling = startAllocationSampling();
  for (const n of [0, -1, 1.5, '3']) assert.throws(() => sampling.topAllocators(n), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  sampling.stop();
});
