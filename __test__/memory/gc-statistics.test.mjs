// Statistics of collections: every one is counted, once, and counting them costs no memory that grows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { MB, child, collectAll, collectYoung, garbage, turns, warningsOf } from './collecting.mjs';

const require = createRequire(import.meta.url);
const { openGcStatistics } = require('../../lib/memory/index.js');

const FIELDS = ['at', 'kind', 'pauseMs', 'heapBeforeBytes', 'heapAfterBytes', 'freedBytes'];

test('every collection of a turn is told once, with its bytes', async () => {
  let seen = 0;
  const observer = new PerformanceObserver((list) => { seen += list.getEntries().length; });
  observer.observe({ type: 'gc' });
  const records = [];
  const statistics = openGcStatistics((record) => records.push(record));
  const before = statistics.totals();
  const started = Date.now();
  for (let at = 0; at < 20; at += 1) collectYoung();
  collectAll();
  await turns();
  const after = statistics.totals();
  statistics.close();
  observer.disconnect();
  assert.ok(seen >= 21, `${seen}`);
  assert.equal(records.length, seen);
  assert.equal(after.collections - before.collections, seen);
  assert.ok(after.minor - before.minor >= 20 && after.major - before.major >= 1, JSON.stringify(after));
  for (const record of records) assert.deepEqual(Object.keys(record), FIELDS);
  assert.deepEqual(records.map(({ at }) => at), records.map(({ at }) => at).sort((a, b) => a - b));
  assert.ok(records[0].at > started - 1000 && records.at(-1).at < Date.now() + 1000);
  assert.ok(records.filter(({ freedBytes }) => freedBytes !== null).length >= 21, 'measured');
});

test('freed bytes are those that were freed', async () => {
  const records = [];
  const statistics = openGcStatistics((record) => records.push(record));
  collectAll();
  let held = Array.from({ length: 3000 }, (_, at) => new Array(1022).fill(at));
  collectAll();
  collectAll();
  statistics.rotate();
  const from = records.length;
  assert.equal(held.length, 3000);
  held = null;
  collectAll();
  statistics.rotate();
  await turns();
  const freed = records.slice(from).reduce((sum, record) => sum + record.freedBytes, 0);
  const { efficiency } = statistics.totals();
  statistics.close();
  assert.ok(freed > 20 * MB && freed < 30 * MB, `${freed}`);
  assert.ok(efficiency > 0 && efficiency < 1, `${efficiency}`);
});

test('rotate tells at once, and nothing is told again', async () => {
  const records = [];
  const statistics = openGcStatistics((record) => records.push(record));
  await turns();
  const from = records.length;
  collectYoung();
  collectYoung();
  statistics.rotate();
  const at = records.length;
  await turns();
  statistics.close();
  assert.ok(at - from >= 2, `${at - from}`);
  assert.equal(records.filter(({ kind }) => kind === 'minor').length, new Set(records.filter(({ kind }) => kind === 'minor').map((record) => record.at)).size);
  assert.ok(records.length - at <= 1, 'the turns themselves hardly collect');
});

test('sums fit together', async () => {
  const statistics = openGcStatistics();
  garbage(30);
  await turns();
  const totals = statistics.totals();
  statistics.close();
  const { collections, minor, major, incremental, weak, other, pauseMs, averagePauseMs, longestPauseMs } = totals;
  assert.equal(collections, minor + major + incremental + weak + other);
  assert.ok(Math.abs(averagePauseMs * collections - pauseMs) < 1e-6 && longestPauseMs >= averagePauseMs);
});

const COUNTED = ['--require', fileURLToPath(new URL('../children/counted-profilers.cjs', import.meta.url))];

test('one profiler for all who use it, none when they are gone', async () => {
  const [counts] = await child(`
    const counts = [live];
    const one = memory.openGcStatistics(), two = memory.openGcStatistics();
    counts.push(live); one.rotate(); counts.push(live); one.close(); one.close(); counts.push(live); two.close(); counts.push(live);
    const three = memory.openGcStatistics(); counts.push(live); three[Symbol.dispose](); counts.push(live);
    print(counts);`, COUNTED);
  assert.deepEqual(counts, [0, 1, 1, 1, 0, 1, 0]);
});

test('minor collections alone: what is written stays bounded, and V8 is asked to take it away', async () => {
  const [{ collections, minor, measured, made, asked }] = await child(`
    const v8 = require('node:v8'); v8.setFlagsFromString('--expose-gc');
    const gc = require('node:vm').runInNewContext('gc');
    const statistics = memory.openGcStatistics();
    (async () => {
      for (let at = 0; at < 700; at += 1) {
        for (let each = 0; each < 3; each += 1) gc({ type: 'minor' });
        await new Promise(setImmediate);
        if (at % 5 === 0) statistics.rotate();
      }
      print({ ...statistics.totals(), made, asked });
    })();`, COUNTED);
  // One that is forced while V8 marks may become a part of the major collection.
  assert.ok(collections >= 2080 && minor >= 2080, `${minor}`);
  assert.ok(asked >= 1 && asked <= 3, `${asked}`);
  assert.ok(measured >= 100 && measured < collections, `${measured}`);
  assert.ok(made < 30, `${made} profilers`);
});

test('nothing keeps the process alive', async () => {
  assert.deepEqual(await child(`memory.openGcStatistics(() => {}); process.on('exit', () => print('ended'));`), ['ended']);
});

test('a worker has statistics of its own', async () => {
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    const statistics = require(workerData).openGcStatistics();
    let kept; for (let at = 0; at < 20000; at += 1) kept = new Array(1022).fill(at);
    setImmediate(() => setImmediate(() => parentPort.postMessage(statistics.totals())));`;
  const statistics = openGcStatistics();
  const before = statistics.totals().minor;
  const worker = new Worker(program, { eval: true, workerData: require.resolve('../../lib/memory/index.js') });
  const totals = await new Promise((resolve, reject) => { worker.on('message', resolve); worker.on('error', reject); });
  const here = statistics.totals().minor - before;
  statistics.close();
  assert.ok(totals.minor >= 5 && here < totals.minor, `${totals.minor} there, ${here} here`);
});

test('a listener that fails is reported once and stops nobody', async () => {
  let told = 0;
  const warnings = await warningsOf(async () => {
    const bad = openGcStatistics(() => { throw new Error('no'); });
    const worse = openGcStatistics(async () => { throw new Error('never'); });
    const good = openGcStatistics(() => { told += 1; });
    for (let at = 0; at < 3; at += 1) collectYoung();
    await turns();
    good.rotate();
    for (const each of [bad, worse, good]) each.close();
  });
  assert.ok(told >= 3);
  assert.deepEqual(warnings.map(({ message }) => message.split(': ')[1]).sort(), ['never', 'no']);
});

test('what is no listener is refused', () => {
  assert.throws(() => openGcStatistics(5), { name: 'TypeError', code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /a function for listener/ });
});

/** How many chunks of half a MB a small heap holds before V8 gives up, when collections are watched like this. */
function chunksBeforeTheEnd(watch) {
  const path = JSON.stringify(require.resolve('../../lib/memory/gc-statistics.js'));
  const { stdout } = spawnSync(process.execPath, ['--max-old-space-size=64', '-e', `
    const { openGcStatistics } = require(${path});
    ${watch}
    const held = [];
    setInterval(() => { held.push(new Array(65_536).fill(1.5)); require('node:fs').writeSync(1, held.length + ' '); }, 10);`],
  { encoding: 'utf8', timeout: 60_000 });
  return Number(stdout.trim().split(' ').at(-1));
}

test('watching collections does not bring the end of a full heap nearer', () => {
  const [without, plain, ours] = [
    '', "new (require('node:perf_hooks').PerformanceObserver)(() => {}).observe({ type: 'gc' });", 'openGcStatistics();',
  ].map(chunksBeforeTheEnd);
  assert.ok(without > 100, `${without}`);
  assert.ok(ours >= 0.95 * without, `${ours} of ${without}; an observer of entries alone: ${plain}`);
});
