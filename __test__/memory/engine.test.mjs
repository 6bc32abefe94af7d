import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const path = require.resolve('../../lib/memory/engine.js');
const { engine } = require(path);
const MB = 1 << 20;
const LINUX = process.platform === 'linux' ? false : 'needs /proc';

// A watch keeps no process alive, so that something else must while a test waits for one.
const alive = setInterval(() => {}, 1_000);
after(() => clearInterval(alive));

const child = (name) => fileURLToPath(new URL(`../children/memory/${name}`, import.meta.url));
const run = (code) => spawnSync(process.execPath, ['-e', `const { engine } = require(${JSON.stringify(path)});${code}`], { encoding: 'utf8', timeout: 60_000 });

test('a sample says what memory is and what its percentage is of', () => {
  const sample = engine().read();
  assert.equal(sample.blocked, false);
  assert.equal(sample.percent.toFixed(6), ((sample.heapUsedBytes / sample.heapLimitBytes) * 100).toFixed(6));
  assert.deepEqual([sample.of, sample.limitBytes], ['heap', sample.heapLimitBytes]);
  assert.ok(Math.abs(sample.at - Date.now()) < 60_000);
  if (!LINUX) assert.ok(sample.rssBytes > 20 * MB && sample.peakRssBytes >= sample.rssBytes && sample.availableBytes > 0);
});

test('a configured limit counts when it is the nearest', { skip: LINUX }, () => {
  const { rssBytes } = engine().read();
  const sample = engine().read({ limitBytes: rssBytes + 10 * MB });
  assert.deepEqual([sample.of, sample.effectiveLimitBytes], ['configured', rssBytes + 10 * MB]);
  assert.ok(sample.percent > 50 && sample.percent < 110, `${sample.percent}`);
  assert.equal(engine().read({ basis: 'heapTotal' }).of, 'heapTotal');
});

test('a watch emits samples and keeps no process alive', () => {
  const { stdout, stderr, status } = run(`
    let count = 0;
    engine().watch({ intervalMs: 20 }).on('sample', () => count++);
    setTimeout(() => {}, 400);
    process.on('exit', () => console.log(count));`);
  assert.equal(status, 0, stderr);
  assert.ok(Number(stdout) >= 5, stdout);
});

test('a watch that was stopped says nothing more', async () => {
  const watch = engine().watch({ intervalMs: 20 });
  await once(watch, 'sample');
  watch.stop();
  watch.stop();
  watch.on('sample', () => assert.fail('a sample after stop()'));
  await new Promise((settle) => setTimeout(settle, 200));
  assert.equal(watch.level, 'healthy');
});

test('check() judges now', () => {
  const watch = engine().watch({ intervalMs: 60_000, thresholds: { warning: 1e-6, critical: 2e-6, emergency: 3e-6 } });
  const changes = [];
  watch.on('level', ({ from, to }) => changes.push(`${from} to ${to}`));
  watch.check();
  assert.deepEqual([changes, watch.level], [['healthy to emergency'], 'emergency']);
  watch.stop();
});

test('the timeline goes back, and forgets when told', () => {
  const watch = engine().watch({ intervalMs: 60_000 });
  for (let i = 0; i < 5; i++) watch.check();
  const history = watch.history();
  assert.ok(history.length >= 5);
  assert.ok(history.every((sample, i) => i === 0 || sample.at >= history[i - 1].at));
  assert.equal(watch.history({ most: 2 }).length, 2);
  assert.deepEqual(watch.history({ sinceMs: Date.now() + 3_600_000 }), []);
  assert.ok(engine().forget(Date.now() + 3_600_000) > 0);
  assert.deepEqual(watch.history(), []);
  watch.stop();
});

test('a listener that throws or rejects is reported once and disturbs nobody', () => {
  const { stdout, stderr, status } = run(`
    const watch = engine().watch({ intervalMs: 20 });
    let count = 0;
    watch.on('sample', () => { throw new Error('mine') });
    watch.on('sample', async () => { throw new Error('later') });
    watch.on('sample', () => { if (++count === 5) { watch.stop(); console.log('five'); } });
    setTimeout(() => {}, 1_000);`);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'five\n');
  assert.equal(stderr.match(/PGTAP_MEMORY_LISTENER/g).length, 2);
  assert.match(stderr, /A listener of "sample" failed: mine/);
  assert.match(stderr, /A listener of "sample" failed: later/);
});

test('once() listeners are called once', async () => {
  const watch = engine().watch({ intervalMs: 20 });
  let count = 0;
  watch.once('sample', () => (count += 1));
  for (let i = 0; i < 3; i++) await once(watch, 'sample');
  watch.stop();
  assert.equal(count, 1);
});

test('a blocked program: the peak is seen, and one event says so afterwards', { skip: LINUX }, () => {
  const found = JSON.parse(execFileSync(process.execPath, [child('blocked.mjs')]));
  const peak = Math.max(...found.history.map((sample) => sample.peakRssBytes));
  assert.ok(peak >= 0.9 * found.highest, `${peak} of ${found.highest}`);
  assert.ok(found.highest > 300 * MB);
  assert.equal(found.blocked.length, 1);
  const [blocked] = found.blocked;
  assert.ok(blocked.peakRssBytes >= 0.9 * found.highest);
  assert.ok(blocked.durationMs > 1_000 && blocked.durationMs < 3_000, `${blocked.durationMs} ms`);
  const meanwhile = found.samples.filter((sample) => sample.blocked);
  assert.ok(meanwhile.length >= 5 && meanwhile.every((sample) => sample.heapUsedBytes === null));
  assert.ok(meanwhile.every((sample) => sample.at >= found.blockedFrom && sample.at <= found.blockedTo + 300));
});

test('four workers get figures of their own heaps', async () => {
  const sizes = [10, 30, 50, 70];
  const workers = sizes.map((megabytes) => new Worker(child('watching-worker.mjs'), { workerData: { megabytes } }));
  const answers = await Promise.all(workers.map((worker) => once(worker, 'message').then(([answer]) => answer)));
  for (const [i, { samples }] of answers.entries()) {
    for (const { heapUsedBytes } of samples) {
      assert.ok(heapUsedBytes > sizes[i] * MB && heapUsedBytes < (sizes[i] + 19) * MB, `${heapUsedBytes} for ${sizes[i]} MB`);
    }
  }
  await Promise.all(workers.map((worker) => (worker.postMessage('end'), once(worker, 'exit'))));
});

test('workers that are terminated while they watch leave the others watching', async () => {
  const watch = engine().watch({ intervalMs: 20 });
  const workers = Array.from({ length: 4 }, () => new Worker(child('watching-worker.mjs'), { workerData: { megabytes: 1 } }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  await Promise.all(workers.map((worker) => worker.terminate()));
  await once(watch, 'sample');
  watch.stop();
});

test('loaded by one worker after the other, and by nobody else', () => {
  const worker = JSON.stringify(child('watching-worker.mjs'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', `
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    (async () => {
      for (let i = 0; i < 4; i++) {
        const worker = new Worker(${worker}, { workerData: { megabytes: 1 } });
        await once(worker, 'message');
        if (i % 2) await worker.terminate();
        else { worker.postMessage('end'); await once(worker, 'exit'); }
      }
      console.log('well');
    })();`], { encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual([status, stdout], [0, 'well\n'], stderr);
});

for (const how of ['process.exit(3)', "process.kill(process.pid, 'SIGTERM')", "setTimeout(() => { throw new Error('end') })"]) {
  test(`a program that watches may end by ${how}`, () => {
    const { status, signal } = run(`
      engine().watch({ intervalMs: 10 }).on('sample', () => {});
      setTimeout(() => { ${how} }, 200);
      setInterval(() => {}, 1_000);`);
    assert.ok(status === 3 || status === 1 || signal === 'SIGTERM', `${status} ${signal}`);
  });
}

const WRONG = [
  ['intervalMs', [9, 0, -1, 1.5, NaN, 2 ** 31, '100', null]],
  ['basis', ['rss', 1, null]],
  ['leaks', [1, 'yes', null]],
  ['limitBytes', [0, -1, 1.5, '1', null]],
  ['thresholds', [null, 1, {}, { warning: 80 }, { warning: 80, critical: 70 }, { warning: 0, critical: 10 },
    { warning: 70, critical: 101 }, { warning: 70, critical: 80, emergency: 80 }, { warning: '70', critical: 80 }]],
];
test('options of the wrong kind are refused by name', () => {
  let count = 0;
  for (const [name, values] of WRONG) {
    for (const value of values) {
      assert.throws(() => engine().watch({ [name]: value }), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: new RegExp(`option "${name}`) });
      count += 1;
    }
  }
  assert.equal(count, 28);
  for (const options of [null, 1, 'x']) assert.throws(() => engine().watch(options), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
});
