// BatchProcessor: order, laziness, memory, failures.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { BatchProcessor, MemoryMonitor, PgTapScanner } = require('../lib/index.js');

const numbers = (count) => Array.from({ length: count }, (_, at) => at);
const same = async (batch) => batch;
const unhandled = [];
process.on('unhandledRejection', (error) => unhandled.push(error));
after(() => assert.deepEqual(unhandled, []));

/** Pretends a heap of so many MB. */
function heap(t, read) {
  const real = MemoryMonitor.getMemoryUsage;
  t.mock.method(MemoryMonitor, 'getMemoryUsage', () => ({ ...real(), heapUsed: read() }));
}

test('results come in order, whatever finishes first', async () => {
  for (const concurrency of [1, 2, 5]) {
    let most = 0;
    let now = 0;
    const processor = new BatchProcessor(null, { batchSize: 3, concurrency });
    const results = await processor.processBatches(numbers(20), async (batch, index) => {
      most = Math.max(most, now += 1);
      await sleep(index % 2 ? 5 : 20);
      now -= 1;
      return batch.map((each) => each * 2);
    });
    assert.deepEqual(results, numbers(20).map((each) => each * 2));
    assert.ok(most <= concurrency && most >= Math.min(2, concurrency), `${most} of ${concurrency} at once`);
    assert.deepEqual(processor.getStats(), { processedBatches: 7, totalItems: 20, batchSize: 3, maxMemoryMB: 500, enableGC: true });
    processor.reset();
    assert.equal(processor.getStats().processedBatches + processor.getStats().totalItems, 0);
  }
});

test('what a batch answers: an array, nothing, one value', async () => {
  const answers = [[1, [2]], undefined, 3, null];
  const results = await new BatchProcessor(undefined, { batchSize: 1 }).processBatches(numbers(4), (_, index) => answers[index]);
  assert.deepEqual(results, [1, [2], 3, null]);
});

test('batches are cut', () => {
  const processor = new BatchProcessor(null, { batchSize: 2 });
  assert.deepEqual(processor.createBatches(new Set([1, 2, 3])), [[1, 2], [3]]);
  assert.deepEqual(processor.createBatches([]), []);
});

test('a batch tells its progress', async () => {
  const scanner = new PgTapScanner();
  const seen = [];
  scanner.on('progress', (event) => seen.push(event));
  await new BatchProcessor(scanner, { batchSize: 4, concurrency: 2 }).processBatches(numbers(10), same);
  assert.deepEqual(seen.map(({ type, batch, totalBatches, itemsProcessed }) => [type, batch, totalBatches, itemsProcessed]), [
    ['batch_processed', 1, 3, 4], ['batch_processed', 2, 3, 8], ['batch_processed', 3, 3, 10],
  ]);
  for (const { message, timestamp, memoryUsage } of seen) {
    assert.ok(message.length > 0 && timestamp instanceof Date);
    assert.deepEqual(Object.keys(memoryUsage), ['rss', 'heapUsed', 'heapTotal', 'external']);
  }
});

test('items are read when they are needed, results go out one by one', async () => {
  let read = 0;
  let closed = false;
  async function* items() {
    try {
      for (;;) yield read += 1;
    } finally {
      closed = true;
    }
  }
  const scanner = new EventEmitter();
  const totals = [];
  scanner.on('progress', ({ totalBatches }) => totals.push(totalBatches));
  const seen = [];
  for await (const result of new BatchProcessor(scanner, { batchSize: 5, concurrency: 2 }).streamBatches(items(), same)) {
    seen.push(result);
    if (seen.length === 12) break;
  }
  assert.deepEqual(seen, numbers(13).slice(1));
  assert.ok(read <= 25, `${read} read`);
  assert.equal(closed, true);
  assert.deepEqual([...new Set(totals)], [null]);
});

test('a failure rejects with that very error, and says which batch', async () => {
  const mine = new Error('mine');
  let running = 0;
  let started = 0;
  const processor = new BatchProcessor(null, { batchSize: 1, concurrency: 3 });
  const failed = await processor.processBatches(numbers(50), async (_, index) => {
    running += 1;
    started += 1;
    await sleep(index === 2 ? 1 : 15);
    running -= 1;
    if (index === 2 || index === 4) throw mine;
  }).catch((error) => error);
  assert.equal(failed, mine);
  assert.equal(mine.batchIndex, 2);
  assert.equal(running, 0, 'the others were waited for');
  assert.ok(started <= 5, `${started} started`);
  assert.deepEqual(await processor.processBatches([1], same), [1], 'it stays usable');
});

test('later batches under way are waited for', async () => {
  let running = 0;
  const work = async (_, index) => {
    if (index === 0) throw new Error('first');
    running += 1;
    await sleep(15);
    running -= 1;
    throw new Error('later');
  };
  await assert.rejects(new BatchProcessor(null, { batchSize: 1, concurrency: 3 }).processBatches(numbers(9), async (batch, index) => {
    if (index === 0) await sleep(5);
    return work(batch, index);
  }), { message: 'first', batchIndex: 0 });
  assert.equal(running, 0);
});

test('anything may be thrown', async () => {
  const refusing = new Proxy(new Error('x'), { defineProperty: () => { throw new Error('no'); } });
  for (const thrown of [undefined, 'text', Object.freeze(new Error('frozen')), refusing]) {
    const outcome = await new BatchProcessor(null).processBatches([1], () => { throw thrown; }).then(() => 'resolved', (error) => error);
    assert.equal(outcome, thrown);
  }
});

test('a source that fails ends the work', async () => {
  const mine = new Error('mine');
  function* items() {
    yield 1;
    throw mine;
  }
  await assert.rejects(new BatchProcessor(null, { batchSize: 1 }).processBatches(items(), same), (error) => error === mine);
});

test('a listener that throws ends the work with its error', async (t) => {
  heap(t, () => 450);
  for (const name of ['progress', 'cleanup', 'warning']) {
    const scanner = new EventEmitter();
    const mine = new Error(name);
    scanner.once(name, () => { throw mine; });
    const processor = new BatchProcessor(scanner, { batchSize: 1, concurrency: 2, enableGC: false });
    await assert.rejects(processor.processBatches(numbers(5), same), (error) => error === mine && !('batchIndex' in mine));
    assert.deepEqual(await processor.processBatches(numbers(2), same), [0, 1], name);
  }
});

test('a signal ends the work, also while it waits for an item', async () => {
  const mine = new Error('mine');
  const controller = new AbortController();
  const seen = [];
  await assert.rejects(new BatchProcessor(null, { batchSize: 1, signal: controller.signal }).processBatches(numbers(9), async (_, index) => {
    seen.push(index);
    if (index === 1) controller.abort(mine);
  }), (error) => error === mine);
  assert.deepEqual(seen, [0, 1]);
  async function* stuck() {
    yield 1;
    await new Promise(() => {});
  }
  const processor = new BatchProcessor(null, { batchSize: 1 });
  const late = new AbortController();
  setTimeout(() => late.abort(mine), 20);
  await assert.rejects(processor.processBatches(stuck(), same, { signal: late.signal }), (error) => error === mine);
  await assert.rejects(processor.processBatches([1], same, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.deepEqual(await processor.processBatches([1], same), [1]);
});

test('scarce memory: cleanup, one warning, and the work goes on', async (t) => {
  heap(t, () => 450);
  const scanner = new EventEmitter();
  const seen = [];
  for (const name of ['cleanup', 'warning']) scanner.on(name, (event) => seen.push([name, event]));
  const sizes = [];
  await new BatchProcessor(scanner, { batchSize: 4 }).processBatches(numbers(12), async (batch) => { sizes.push(batch.length); });
  assert.deepEqual(seen.map(([name, { type }]) => [name, type]), [['cleanup', 'memory_cleanup'], ['warning', 'memory_limit']]);
  const [[, cleanup], [, warning]] = seen;
  assert.equal(cleanup.gcPerformed, true);
  assert.ok(cleanup.freedMB >= 0 && cleanup.memoryUsage.rss > 0);
  assert.deepEqual(warning.data, { current: 450, max: 500, batchSize: 4 });
  for (const [, { message, timestamp }] of seen) assert.ok(message && timestamp instanceof Date);
  assert.deepEqual(sizes, [4, 4, 4], 'sizes change only where that was asked for');
});

test('adaptive batches shrink while memory is scarce and grow back', async (t) => {
  let used = 100;
  heap(t, () => used);
  const sizes = [];
  const processor = new BatchProcessor(null, { batchSize: 8, adaptive: true, enableGC: false });
  await processor.processBatches(numbers(40), async (batch, index) => {
    sizes.push(batch.length);
    used = index >= 1 && index < 4 ? 450 : 100;
  });
  assert.deepEqual(sizes, [8, 8, 1, 1, 1, 2, 4, 8, 7]);
});

test('a cleanup that helps halves adaptive batches', async (t) => {
  const readings = [100, 450, 450, 100, 100, 100];
  heap(t, () => (readings.length > 1 ? readings.shift() : readings[0]));
  const sizes = [];
  await new BatchProcessor(null, { batchSize: 8, adaptive: true, enableGC: false }).processBatches(numbers(20), async (batch) => {
    sizes.push(batch.length);
  });
  assert.deepEqual(sizes, [8, 4, 8]);
});

test('one run at a time; the event loop gets its turns', async () => {
  const processor = new BatchProcessor(null, { batchSize: 1 });
  let turns = 0;
  const timer = setInterval(() => { turns += 1; }, 0);
  const first = processor.processBatches(numbers(200), () => {
    for (const end = performance.now() + 0.2; performance.now() < end;);
  });
  await assert.rejects(processor.processBatches([1], same), { code: 'ERR_PGTAP_BUSY' });
  await first;
  clearInterval(timer);
  assert.ok(turns > 5, `${turns}`);
});

test('every argument and option with every wrong value', async () => {
  const wrong = [true, '7', 7n, Symbol('x'), -1, 1.5, NaN, {}, []];
  const allowed = { batchSize: [], maxMemoryMB: [1.5], enableGC: [true], adaptive: [true], concurrency: [], signal: [] };
  let ran = 0;
  for (const [name, right] of Object.entries(allowed)) {
    for (const value of wrong.filter((each) => !right.includes(each))) {
      assert.throws(() => new BatchProcessor(null, { [name]: value }), { code: 'ERR_PGTAP_INVALID_OPTION' }, `${name}: ${String(value)}`);
      ran += 1;
    }
  }
  assert.equal(ran, 51);
  const argument = { code: 'ERR_PGTAP_INVALID_ARGUMENT' };
  const processor = new BatchProcessor();
  for (const scanner of [1, 'x', {}, () => {}]) assert.throws(() => new BatchProcessor(scanner), argument);
  for (const items of [undefined, null, 1, 'text', {}, () => {}]) {
    await assert.rejects(processor.processBatches(items, same), argument);
    assert.throws(() => processor.streamBatches(items, same), argument);
    assert.throws(() => processor.createBatches(items), argument);
  }
  await assert.rejects(processor.processBatches([1]), argument);
  await assert.rejects(processor.processBatches([1], same, { signal: new AbortController() }), { code: 'ERR_PGTAP_INVALID_OPTION' });
  assert.deepEqual(await processor.processBatches([1], same), [1], 'a refused call leaves it free');
});
