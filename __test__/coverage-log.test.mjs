// CoverageDatabase: records in the order they came.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { CoverageDatabase } = require('../lib/index.js');

const numbers = (count) => Array.from({ length: count }, (_, at) => at);

async function filled(count, options) {
  const database = new CoverageDatabase(options);
  for (const number of numbers(count)) await database.addCoverage('tables', `t${number}`, { number, text: 'x'.repeat(50) });
  return database;
}

async function all(database) {
  const found = [];
  for await (const record of database.iterate()) found.push(record);
  return found;
}

const read = async (database) => (await all(database)).map(({ coverage }) => coverage.number);

test('everything is yielded once and in order, whatever streaming and maxMemory say', async () => {
  let tried = 0;
  for (const streaming of [false, true]) {
    for (const maxMemory of [1, 300, 10_000, 100 * 2 ** 20]) {
      const database = await filled(1000, { streaming, maxMemory });
      assert.deepEqual(await read(database), numbers(1000), `${streaming} ${maxMemory}`);
      assert.deepEqual(await read(database), numbers(1000), 'and again');
      await database.close();
      tried += 1;
    }
  }
  assert.equal(tried, 8);
});

test('above maxMemory it flushes by itself', async () => {
  const database = await filled(3000, { maxMemory: 50_000 });
  const { records, native, disk } = database.getStats();
  assert.equal(records, 3000);
  assert.ok(native.high <= 50_000 && native.limit === 50_000, JSON.stringify(native));
  assert.ok(disk.rawBytes > 200_000 && disk.bytes < disk.rawBytes / 2, JSON.stringify(disk));
});

test('below it nothing is written, until flushToDisk() is called', async () => {
  const database = await filled(100);
  assert.equal(database.getStats().disk.bytes, 0);
  await database.flushToDisk();
  const { native, disk } = database.getStats();
  assert.ok(disk.bytes > 0 && native.current === 0);
  await database.flushToDisk();
  assert.equal(database.getStats().disk.bytes, disk.bytes);
  await database.addCoverage('tables', 't100', { number: 100 });
  assert.deepEqual(await read(database), numbers(101));
});

test('streaming holds little in memory', async () => {
  const database = await filled(20_000, { streaming: true });
  const { native, disk } = database.getStats();
  assert.ok(native.high <= 2 ** 20, JSON.stringify(native));
  assert.ok(disk.rawBytes > 2 ** 20, JSON.stringify(disk));
});

test('calls that are not awaited take effect in order', async () => {
  const database = new CoverageDatabase({ maxMemory: 2000 });
  const coverage = { number: 0 };
  const calls = numbers(500).map((number) => {
    coverage.number = number;
    return database.addCoverage('tables', 't', coverage);
  });
  assert.deepEqual(await read(database), numbers(500));
  await Promise.all(calls);
  const cleared = database.clear();
  const added = database.addCoverage('tables', 't', { number: 7 });
  assert.deepEqual(await read(database), [7]);
  await Promise.all([cleared, added]);
});

test('a name that is added twice is two records', async () => {
  const database = new CoverageDatabase();
  await database.addCoverage('tables', 'users', { line: 1 });
  await database.addCoverage('tables', 'users', { line: 2 });
  assert.deepEqual(await all(database), [
    { type: 'tables', name: 'users', coverage: { line: 1 } }, { type: 'tables', name: 'users', coverage: { line: 2 } },
  ]);
});

test('any name and value', async () => {
  const database = new CoverageDatabase({ maxMemory: 100 });
  const names = ['', '"', '\n', '__proto__', '日本', 'x'.repeat(5000)];
  for (const name of names) await database.addCoverage(name, name, [name, null]);
  assert.deepEqual(await all(database), names.map((name) => ({ type: name, name, coverage: [name, null] })));
});

test('two databases in one folder never mix, and leave nothing there', async (t) => {
  const tempDir = suiteFolder(t);
  const [one, two] = await Promise.all([1, 2].map(() => filled(0, { tempDir, maxMemory: 1000 })));
  for (const number of numbers(300)) {
    await Promise.all([one.addCoverage('a', 'one', { number }), two.addCoverage('a', 'two', { number: -1 - number })]);
  }
  assert.ok(one.getStats().disk.bytes > 0 && two.getStats().disk.bytes > 0);
  assert.deepEqual(await read(one), numbers(300));
  assert.deepEqual(await read(two), numbers(300).map((number) => -1 - number));
  assert.deepEqual(readdirSync(tempDir), []);
  await one.close();
  assert.equal((await read(two)).length, 300);
});

test('records added during the iteration are seen, each once', async () => {
  const database = await filled(500, { maxMemory: 5000 });
  const seen = [];
  for await (const { coverage } of database.iterate()) {
    if (seen.length < 200) await database.addCoverage('later', 'l', { number: 500 + seen.length });
    if (seen.length === 50) await database.flushToDisk();
    seen.push(coverage.number);
  }
  assert.deepEqual(seen, numbers(700));
});

test('so are those added to what was just read from memory', async () => {
  const database = await filled(3);
  const seen = [];
  for await (const { coverage } of database.iterate()) {
    seen.push(coverage.number);
    if (seen.length < 10) await database.addCoverage('later', 'l', { number: seen.length + 2 });
  }
  assert.deepEqual(seen, numbers(12));
});

test('clear() during the iteration ends it', async () => {
  const database = await filled(10_000, { maxMemory: 50_000 });
  let seen = 0;
  for await (const { name } of database.iterate()) {
    assert.equal(name, `t${seen}`);
    seen += 1;
    if (seen === 10) await database.clear();
  }
  assert.ok(seen >= 10 && seen < 5000, `${seen}`);
  assert.deepEqual([database.getStats().records, database.getStats().disk.bytes], [0, 0]);
});

test('await using closes', async () => {
  const database = await filled(3);
  await database[Symbol.asyncDispose]();
  await assert.rejects(database.addCoverage('a', 'b', 1), { code: 'ERR_PGTAP_CLOSED' });
});
