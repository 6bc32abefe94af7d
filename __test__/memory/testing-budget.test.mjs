import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectNoLeak, registerBudgetTarget, testMemoryBudget } from 'pgtap-scanner/memory/testing';

const KEPT = [];
const object = (i) => ({ i, more: [i] });

/** Each takes about 20 MB at once. */
const HOGS = {
  'one large array': () => new Array(2.5e6).fill(1.5).length,
  'many objects': () => Array.from({ length: 2e5 }, (_, i) => object(i)).length,
  'a Buffer': () => Buffer.alloc(20 << 20, 1).length,
  'what it returns': async () => Buffer.alloc(20 << 20, 1),
  'what lives over an await': async () => {
    const held = Buffer.alloc(20 << 20, 1);
    await new Promise(setImmediate);
    return held.length;
  },
};
for (const [name, hog] of Object.entries(HOGS)) {
  test(`a hog is over its budget: ${name}`, async () => {
    await assert.rejects(testMemoryBudget(name, { maxMemoryMB: 10, iterations: 3 }, hog), (error) => {
      assert.equal(error.code, 'ERR_PGTAP_MEMORY_BUDGET');
      assert.ok(error.message.includes(`${name} is over its budget of 10 MB: a call held`), error.message);
      assert.ok(error.peakMB > 10 && error.peakMB < 70, `${error.peakMB}`);
      assert.deepEqual([error.name === 'PgTapError' || error.name, error.maxMemoryMB, error.iterations], [name, 10, 3]);
      return true;
    });
    const { usedMB, peakMB } = await testMemoryBudget(name, { maxMemoryMB: 100, iterations: 3 }, hog);
    assert.deepEqual([usedMB, peakMB > 10], [peakMB, true]);
  });
}

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
    const { usedMB } = await testMemoryBudget(name, { maxMemoryMB: 5, iterations: 5 }, lean);
    assert.ok(usedMB < 5);
  });
}

test('what calls keep counts together', async () => {
  const kept = [];
  const leak = () => void kept.push(Buffer.alloc(1 << 20, 1));
  await assert.rejects(testMemoryBudget('leak', { maxMemoryMB: 15, iterations: 20, warmup: 0 }, leak), {
    code: 'ERR_PGTAP_MEMORY_BUDGET', message: /20 calls kept (19|20)\.?\d* MB/,
  });
});

test('a function is known by its name, and gets the input', async () => {
  const calls = [];
  registerBudgetTarget('UserService.processUsers', (users) => void calls.push(users));
  const input = [1, 2, 3];
  const result = await testMemoryBudget('UserService.processUsers', { maxMemoryMB: 50, iterations: 4, warmup: 1, input });
  assert.deepEqual([calls.length, calls.every((users) => users === input), result.iterations], [5, true, 4]);
  await assert.rejects(testMemoryBudget('Nobody', { maxMemoryMB: 1 }), /registerBudgetTarget|one of UserService\.processUsers/);
});

test('what the function throws is thrown', async () => {
  const mine = new Error('mine');
  await assert.rejects(testMemoryBudget('throws', { maxMemoryMB: 1 }, () => { throw mine; }), (error) => error === mine);
  await assert.rejects(testMemoryBudget('rejects', { maxMemoryMB: 1 }, async () => { throw mine; }), (error) => error === mine);
});

test('memory that stays in every cycle is a leak', async () => {
  const leak = () => void KEPT.push(new Array(5e3).fill(1.5));
  await assert.rejects(expectNoLeak(leak), (error) => {
    assert.equal(error.code, 'ERR_PGTAP_MEMORY_LEAK');
    assert.match(error.message, /Memory grew by \d\.\d\d MB over 6 cycles/);
    assert.equal(error.growthPerCycleBytes.length, 6);
    assert.ok(error.growthBytes > 6 * 10 * 5e3 * 8 * 0.5);
    return true;
  });
  await expectNoLeak(leak, { maxGrowthMB: 100 });
});

test('an instance that stays in every cycle is a leak, however small', async () => {
  class Session {}
  const sessions = [];
  await assert.rejects(expectNoLeak(() => void sessions.push(new Session()), { classes: [Session], iterationsPerCycle: 1 }), {
    code: 'ERR_PGTAP_MEMORY_LEAK', message: /Instances stayed behind: 6 of Session/,
  });
  let last;
  const { classes } = await expectNoLeak(() => void (last = new Session()), { classes: [Session] });
  assert.ok(last && classes[0].grownBy <= 1);
});

const NO_LEAKS = {
  'garbage alone': () => JSON.parse(JSON.stringify(Array.from({ length: 1e4 }, (_, i) => object(i)))),
  'a cache that is full': (() => {
    const cache = new Map();
    let next = 0;
    return () => cache.set(next++ % 8, 'x'.repeat(1e4) + next);
  })(),
  'timers that end': () => new Promise((settle) => setTimeout(settle, 1)),
};
for (const [name, fn] of Object.entries(NO_LEAKS)) {
  test(`no leak: ${name}`, async () => {
    const { growthPerCycleBytes } = await expectNoLeak(fn);
    assert.equal(growthPerCycleBytes.length, 6);
  });
}

const WRONG = [
  ['maxMemoryMB', [0, -1, NaN, Infinity, '1', null, undefined]], ['iterations', [0, 1.5, '1', 1e7]], ['warmup', [-1, 1.5, '1']],
];
test('options of the wrong kind are refused by name', async () => {
  let count = 0;
  const refused = async (promise, name) => {
    await assert.rejects(promise, { code: 'ERR_PGTAP_INVALID_OPTION', message: new RegExp(`option "${name}`) });
    count += 1;
  };
  for (const [name, values] of WRONG) {
    for (const value of values) await refused(testMemoryBudget('x', { maxMemoryMB: 1, [name]: value }, () => {}), name);
  }
  const leak = [['cycles', [2, 0, '6']], ['iterationsPerCycle', [0, 1.5]], ['maxGrowthMB', [-1, '1', NaN]], ['classes', [{}, [1], 'Map']]];
  for (const [name, values] of leak) {
    for (const value of values) await refused(expectNoLeak(() => {}, { [name]: value }), name);
  }
  assert.equal(count, 25);
  for (const name of [undefined, 1, '']) await assert.rejects(testMemoryBudget(name, { maxMemoryMB: 1 }, () => {}), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  await assert.rejects(expectNoLeak('fn'), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
});
