// testMemoryBudget and expectNoLeak: what is too much fails, what is not passes.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { expectNoLeak, registerBudgetTarget, testMemoryBudget } = require('pgtap-scanner/memory/testing');
const { collect } = require('../../lib/memory/collect.js');
const { profileMethod } = require('pgtap-scanner/memory');
const MB = 1024 * 1024;
const few = { iterations: 4, warmup: 1 };

/** About `mb` MB of objects on the heap. */
const objects = (mb) => Array.from({ length: mb * 8192 }, (_, at) => ({ at, a: 1, b: 2, list: [at, at, at, at] }));

test('a hog fails, and the error says by how much', async () => {
  await assert.rejects(testMemoryBudget('hog', { maxMemoryMB: 10, ...few }, () => objects(30).length), (error) => {
    assert.equal(error.code, 'ERR_PGTAP_BUDGET_EXCEEDED');
    assert.match(error.message, /^hog took \d+\.\d\d MB in one of 4 calls, of 10 MB allowed/);
    assert.ok(error.result.peakBytes > 25 * MB && error.result.peakBytes < 90 * MB, `${error.result.peakBytes}`);
    assert.ok(error.result.retainedBytes < 5 * MB);
    return true;
  });
});

test('a lean function passes', async () => {
  const result = await testMemoryBudget('lean', { maxMemoryMB: 10, ...few }, () => objects(1).length);
  assert.deepEqual(Object.keys(result), ['name', 'iterations', 'maxMemoryMB', 'peakBytes', 'retainedBytes']);
  // What is young when the call ends does not count.
  assert.ok(result.peakBytes >= 0 && result.peakBytes < 3 * MB, `${result.peakBytes}`);
});

test('async functions: what they hold between two turns counts', async () => {
  const hold = (mb) => async () => { const held = objects(mb); await wait(1); const { length } = held; await wait(1); return length; };
  await assert.rejects(testMemoryBudget('async hog', { maxMemoryMB: 10, ...few }, hold(30)), { code: 'ERR_PGTAP_BUDGET_EXCEEDED' });
  await testMemoryBudget('async lean', { maxMemoryMB: 10, ...few }, hold(1));
});

test('what is collected before the call ends counts', async () => {
  const { MemoryMonitor } = require('../../lib/memory-monitor.js');
  const hog = () => { let held = objects(30); const { length } = held; held = null; MemoryMonitor.forceGC(); return length; };
  await assert.rejects(testMemoryBudget('tidy hog', { maxMemoryMB: 10, ...few }, hog), { code: 'ERR_PGTAP_BUDGET_EXCEEDED' });
});

test('Buffers count, and so does what adds up over the calls', async () => {
  await assert.rejects(testMemoryBudget('buffers', { maxMemoryMB: 10, ...few }, () => Buffer.alloc(20 * MB).length), { code: 'ERR_PGTAP_BUDGET_EXCEEDED' });
  const held = [];
  await assert.rejects(testMemoryBudget('keeps', { maxMemoryMB: 10, iterations: 15, warmup: 0 }, () => held.push(objects(1))), (error) => {
    assert.ok(error.result.retainedBytes > 10 * MB, `${error.result.retainedBytes}`);
    return true;
  });
  assert.equal(held.length, 15);
});

test('input, iterations and names', async () => {
  const seen = [];
  registerBudgetTarget('Named.target', (input) => { seen.push(input); });
  const input = { users: [] };
  await testMemoryBudget('Named.target', { maxMemoryMB: 50, iterations: 5, warmup: 2, input });
  assert.deepEqual(seen, new Array(7).fill(input));
  await assert.rejects(testMemoryBudget('nobody', { maxMemoryMB: 50 }), (error) => {
    assert.equal(error.code, 'ERR_PGTAP_BUDGET_TARGET');
    assert.match(error.message, /Named\.target/);
    return true;
  });
  await assert.rejects(testMemoryBudget('throws', { maxMemoryMB: 5, warmup: 0 }, () => { throw new Error('of the function'); }), { message: 'of the function' });
});

test('a profiled method is found by its name, with its object', async () => {
  class UserService {
    seen = [];

    async processUsers(users) { this.seen.push(users); }

    * pages() { yield 1; }
  }
  for (const key of ['processUsers', 'pages']) profileMethod(UserService.prototype, key);
  const service = new UserService();
  await testMemoryBudget('UserService.processUsers', { maxMemoryMB: 50, ...few });
  assert.deepEqual(service.seen, [], 'before any call, on an object of its own');
  await service.processUsers('first');
  await testMemoryBudget('UserService.processUsers', { maxMemoryMB: 50, ...few, input: 'again' });
  assert.deepEqual(service.seen, ['first', ...new Array(5).fill('again')]);
  assert.deepEqual([...service.pages()], [1]);
  await assert.rejects(testMemoryBudget('UserService.pages', { maxMemoryMB: 50 }), { code: 'ERR_PGTAP_BUDGET_TARGET' });
  let own = 0;
  registerBudgetTarget('UserService.processUsers', () => { own += 1; });
  await testMemoryBudget('UserService.processUsers', { maxMemoryMB: 50, ...few });
  assert.deepEqual([own, service.seen.length], [5, 6]);
});

test('being found keeps no object alive', async () => {
  class Passing {
    constructor(part) { this.part = part; }

    work() {}
  }
  profileMethod(Passing.prototype, 'work');
  let passing = new Passing();
  passing.work();
  passing = null;
  // What was weakly referred to lives until the turn ends.
  await wait(1);
  collect();
  await assert.rejects(testMemoryBudget('Passing.work', { maxMemoryMB: 50 }), { code: 'ERR_PGTAP_BUDGET_TARGET', message: /make an object whose class has the profiled method, and keep it/ });
});

test('a leak of 1 MB a cycle is found', async () => {
  const held = [];
  await assert.rejects(expectNoLeak(() => { held.push(objects(1)); }), (error) => {
    assert.equal(error.code, 'ERR_PGTAP_LEAK');
    assert.match(error.message, /MB more are alive after 6 cycles, of 1 MB allowed \(MB per cycle: (-?\d+\.\d\d(, )?){6}\)/);
    assert.equal(error.result.floorsBytes.length, 7);
    assert.ok(error.result.growthBytes > 4 * MB && error.result.growthBytes < 14 * MB, `${error.result.growthBytes}`);
    return true;
  });
  assert.equal(held.length, 8);
});

test('a leak of Buffers is found', async () => {
  const held = [];
  await assert.rejects(expectNoLeak(async () => { held.push(Buffer.alloc(MB)); }), { code: 'ERR_PGTAP_LEAK' });
  assert.equal(held.length, 8);
});

test('one object of a class a cycle is found, and the class named', async () => {
  class Session {}
  class Other {}
  const held = [];
  await assert.rejects(expectNoLeak(() => { held.push(new Session()); return new Other(); }, { classes: [Session, Other] }), (error) => {
    assert.match(error.message, /^It leaks: instances of Session grow \(per cycle: 1, 1, 1, 1, 1, 1; now 8\)$/);
    assert.deepEqual(error.result.classes.map(({ name, growth }) => [name, growth]), [['Session', 6], ['Other', 0]]);
    return true;
  });
  assert.equal(held.length, 8);
});

test('churn, and a cache that fills once, are no leak', async () => {
  class Row {}
  const churn = await expectNoLeak(async () => { const rows = Array.from({ length: 1e5 }, () => new Row()); await wait(1); return rows.length; }, { classes: [Row] });
  assert.deepEqual(churn.classes[0].counts, new Array(7).fill(0));
  let cache;
  let calls = 0;
  await expectNoLeak(() => { calls += 1; if (calls === 5) cache = objects(5); });
  assert.ok(cache.length > 0);
});

test('what grows within what is allowed passes', async () => {
  const held = [];
  const { growthBytes } = await expectNoLeak(() => { held.push(objects(1)); }, { maxGrowthMB: 30, cycles: 4, warmup: 0 });
  assert.ok(growthBytes > 2 * MB && held.length === 4);
});

test('wrong options', async () => {
  const invalid = { code: 'ERR_PGTAP_INVALID_ARGUMENT' };
  const fn = () => {};
  for (const options of [undefined, {}, { maxMemoryMB: 0 }, { maxMemoryMB: '5' }, { maxMemoryMB: 5, iterations: 0 }, { maxMemoryMB: 5, warmup: -1 }]) {
    await assert.rejects(testMemoryBudget('x', options, fn), invalid);
  }
  await assert.rejects(testMemoryBudget('', { maxMemoryMB: 5 }, fn), invalid);
  await assert.rejects(testMemoryBudget('x', { maxMemoryMB: 5 }, 5), invalid);
  await assert.rejects(expectNoLeak(5), invalid);
  for (const options of [null, { cycles: 3 }, { warmup: 0.5 }, { maxGrowthMB: 0 }, { classes: {} }, { classes: ['Row'] }]) {
    await assert.rejects(expectNoLeak(fn, options), invalid);
  }
  assert.throws(() => registerBudgetTarget('', fn), invalid);
  assert.throws(() => registerBudgetTarget('x', 5), invalid);
});

// Objects of their own: V8 puts those of a place whose objects lived long before into the old generation at once.
const LEAN = {
  'small objects': () => {
    let sum = 0;
    for (let i = 0; i < 1e6; i += 1) sum += { i, more: [i] }.more.length;
    return sum;
  },
  'small strings': () => {
    let sum = 0;
    for (let i = 0; i < 1e5; i += 1) sum += JSON.stringify({ i, more: [i] }).length;
    return sum;
  },
  'over many awaits': async () => {
    for (let i = 0; i < 1000; i += 1) await { i, more: [i] };
  },
};
for (const [name, lean] of Object.entries(LEAN)) {
  test(`much garbage in small pieces is no use of memory: ${name}`, async () => {
    const { peakBytes } = await testMemoryBudget(name, { maxMemoryMB: 5, iterations: 5 }, lean);
    assert.ok(peakBytes < 5 * MB);
  });
}
