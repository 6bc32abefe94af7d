// StreamingCoverageDatabase: objects by type and name, in memory and on disk.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { StreamingCoverageDatabase } = require('../lib/index.js');

const dataOf = (number) => ({ number, assertions: [{ type: 'has_table', line: number }], text: 'it is there' });

function filled(count, options, type = 'tables') {
  const database = new StreamingCoverageDatabase(options);
  for (let number = 0; number < count; number += 1) assert.equal(database.addObject(type, `t${number}`, dataOf(number)), true);
  return database;
}

async function all(database) {
  const found = [];
  for await (const object of database) found.push(object);
  return found;
}

function heard(database, ...names) {
  const events = [];
  for (const name of names) database.on(name, (event) => events.push([name, event]));
  return events;
}

test('any JSON value comes back as it was', async () => {
  const database = new StreamingCoverageDatabase();
  const values = [null, true, 0, -1.5, '', 'text "quoted" \u0000 \ud83d\ude00', [], {}, [1, [2, [3]]], { a: { b: [{ c: null }] } }, '\ud800', 1e300];
  values.forEach((value, at) => database.addObject('any', `v${at}`, value));
  values.forEach((value, at) => assert.deepEqual(database.getObject('any', `v${at}`), value));
  assert.deepEqual((await all(database)).map(({ data }) => data), values);
  assert.deepEqual(database.addObject('any', 'date', { at: new Date(0), left: undefined }), true);
  assert.deepEqual(database.getObject('any', 'date'), { at: '1970-01-01T00:00:00.000Z' }, 'as JSON.stringify() has it');
});

test('what was given may change afterwards; what is kept does not', () => {
  const database = new StreamingCoverageDatabase();
  const data = { list: [1] };
  database.addObject('tables', 'a', data);
  data.list.push(2);
  assert.deepEqual(database.getObject('tables', 'a'), { list: [1] });
  database.getObject('tables', 'a').list.push(3);
  assert.deepEqual(database.getObject('tables', 'a'), { list: [1] });
});

test('what is not there is null, and an unknown type is an empty Map', () => {
  const database = filled(1);
  assert.equal(database.getObject('tables', 'none'), null);
  assert.equal(database.getObject('none', 't0'), null);
  assert.equal(database.getObjectsByType('none').size, 0);
  assert.deepEqual([...database.getObjectsByType('none')], []);
});

test('a name added twice is replaced, counts once and keeps its place', async () => {
  for (const options of [{}, { maxObjectsPerType: 2 }, { enableCompression: true, batchSize: 2 }]) {
    const database = filled(6, options);
    assert.equal(database.addObject('tables', 't1', 'new'), true);
    assert.equal(database.getStats().totalObjects, 6);
    assert.equal(database.getObject('tables', 't1'), 'new');
    assert.deepEqual((await all(database)).map(({ name }) => name), ['t0', 't1', 't2', 't3', 't4', 't5']);
  }
});

test('types and names are apart, whatever characters they have', () => {
  const database = new StreamingCoverageDatabase();
  const names = ['', 'a', 'a.b', '__proto__', 'constructor', 'a\u0000b', 'ä', '日本', '"', '\n', 'x'.repeat(10_000)];
  for (const type of names) for (const name of names) database.addObject(type, name, [type, name]);
  assert.equal(database.getStats().totalObjects, names.length ** 2);
  for (const type of names) for (const name of names) assert.deepEqual(database.getObject(type, name), [type, name]);
  assert.deepEqual([...database.getObjectsByType('__proto__').keys()], names);
});

test('above maxObjectsPerType the rest is on disk, found, iterated and counted', async () => {
  const database = new StreamingCoverageDatabase({ maxObjectsPerType: 10, batchSize: 4 });
  const events = heard(database, 'warning', 'error');
  for (let number = 0; number < 200; number += 1) {
    for (const type of ['tables', 'columns']) assert.equal(database.addObject(type, `t${number}`, dataOf(number)), true);
    assert.equal(database.isAtCapacity('tables'), number >= 9);
  }
  const { totalObjects, objectsByType, overflowedTypes, objectsInMemory, disk } = database.getStats();
  assert.deepEqual([totalObjects, objectsByType, overflowedTypes], [400, { tables: 200, columns: 200 }, ['tables', 'columns']]);
  assert.ok(objectsInMemory <= 20 && objectsInMemory >= 10, `${objectsInMemory}`);
  assert.ok(disk.bytes > 10_000, `${disk.bytes}`);
  for (let number = 0; number < 200; number += 1) assert.deepEqual(database.getObject('columns', `t${number}`), dataOf(number));
  const found = await all(database);
  assert.deepEqual(found.map(({ type, name }) => `${type}.${name}`).slice(0, 3), ['tables.t0', 'columns.t0', 'tables.t1']);
  assert.deepEqual(found.map(({ data }) => data.number), Array.from({ length: 400 }, (_, at) => Math.floor(at / 2)));
  assert.deepEqual(events.map(([name, { type, data }]) => [name, type, data]), [
    ['warning', 'object_limit', { action: 'spilling', objectType: 'tables', limit: 10 }],
    ['warning', 'object_limit', { action: 'spilling', objectType: 'columns', limit: 10 }],
  ]);
  const [[, { message, timestamp }]] = events;
  assert.match(message, /maxObjectsPerType is 10.*"tables".*on disk/);
  assert.ok(timestamp instanceof Date);
});

test('above maxMemoryMB what was not used for the longest time is on disk', async () => {
  const database = new StreamingCoverageDatabase({ maxMemoryMB: 1 });
  const events = heard(database, 'warning', 'error');
  const text = 'x'.repeat(10_000);
  for (let number = 0; number < 400; number += 1) {
    database.addObject('tables', `t${number}`, { number, text });
    assert.equal(database.getObject('tables', 't0').number, 0);
  }
  const { native, objectsInMemory, overflowedTypes, memoryUsage } = database.getStats();
  assert.ok(native.high <= 2 ** 20 && native.limit === 2 ** 20, JSON.stringify(native));
  assert.equal(memoryUsage, native.current);
  assert.ok(objectsInMemory > 10 && objectsInMemory < 100, `${objectsInMemory}`);
  assert.deepEqual(overflowedTypes, ['tables']);
  assert.deepEqual((await all(database)).map(({ data }) => data.number), Array.from({ length: 400 }, (_, at) => at));
  assert.deepEqual(events.map(([, { type }]) => type), ['memory_limit']);
});

test('when names alone fill the memory, addObject() answers false and what is there stays', async () => {
  const database = new StreamingCoverageDatabase({ maxMemoryMB: 0.02 });
  const events = heard(database, 'warning', 'error');
  let count = 0;
  while (database.addObject('tables', `t${count}`, count)) count += 1;
  assert.ok(count > 50 && count < 160, `${count}`);
  assert.equal(database.addObject('tables', 'one more', 1), false);
  assert.deepEqual(events.map(([, { type, data }]) => [type, data.action]), [['memory_limit', 'spilling'], ['memory_limit', 'refused']]);
  assert.deepEqual((await all(database)).map(({ data }) => data), Array.from({ length: count }, (_, at) => at));
});

test('a value larger than the memory is kept on disk', () => {
  const database = new StreamingCoverageDatabase({ maxMemoryMB: 1 });
  const large = 'y'.repeat(5_000_000);
  assert.equal(database.addObject('tables', 'large', large), true);
  assert.equal(database.addObject('tables', 'small', 1), true);
  assert.equal(database.getObject('tables', 'large'), large);
  assert.ok(database.getStats().native.high < 2 ** 20);
});

test('with spill off the most recent 80 % stay, and a warning says what went', async () => {
  const database = new StreamingCoverageDatabase({ maxObjectsPerType: 10, spill: false });
  const events = heard(database, 'warning', 'error');
  for (let number = 0; number < 11; number += 1) assert.equal(database.addObject('tables', `t${number}`, number), true);
  assert.deepEqual((await all(database)).map(({ data }) => data), [2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const [[name, { type, message, data }], ...more] = events;
  assert.deepEqual([name, type, more], ['warning', 'object_limit', []]);
  assert.deepEqual(data, { action: 'pruned', objectType: 'tables', limit: 10, dropped: 2, kept: 8 });
  assert.match(message, /spill is off: 2 objects of type "tables" were dropped/);
  assert.deepEqual([database.getStats().disk.writtenBytes, database.getStats().overflowedTypes], [0, ['tables']]);
  assert.equal(database.getObjectsByType('tables').size, 9);
});

test('enableCompression makes memory and disk smaller, and the statistics say by how much', () => {
  const sizes = (options) => {
    const { memoryUsage, disk, compression } = filled(3000, options).getStats();
    return { memoryUsage, disk: disk.bytes, ...compression };
  };
  const [plain, small] = [{}, { enableCompression: true }].map(sizes);
  assert.equal(plain.ratio, 1);
  assert.ok(small.ratio > 2 && small.rawBytes / small.storedBytes === small.ratio, JSON.stringify(small));
  assert.ok(plain.memoryUsage - small.memoryUsage > 100_000, `${plain.memoryUsage} and ${small.memoryUsage}`);
  const [plainDisk, smallDisk] = [{}, { enableCompression: true }].map((options) => sizes({ ...options, maxObjectsPerType: 500 }));
  assert.ok(smallDisk.disk * 2 < plainDisk.disk, `${plainDisk.disk} and ${smallDisk.disk}`);
});

test('compress() keeps one type compressed from now on', () => {
  const database = filled(1000);
  filled(0);
  assert.deepEqual(database.getStats().compressedTypes, []);
  const before = database.getStats().memoryUsage;
  const freed = database.compress('tables');
  assert.ok(freed > 20_000 && before - database.getStats().memoryUsage === freed, `${freed}`);
  assert.deepEqual(database.getStats().compressedTypes, ['tables']);
  assert.equal(database.compress('tables'), 0);
  for (let number = 0; number < 1000; number += 1) assert.equal(database.getObject('tables', `t${number}`).number, number);
});

test('the Map of a type fetches what is looked at', () => {
  const database = filled(3000, { maxObjectsPerType: 100 });
  database.addObject('columns', 'c', 1);
  const map = database.getObjectsByType('tables');
  assert.ok(map instanceof Map);
  assert.equal(map.size, 3000);
  assert.deepEqual([...map.keys()], Array.from({ length: 3000 }, (_, at) => `t${at}`));
  assert.deepEqual([...map].map(([, { number }]) => number), Array.from({ length: 3000 }, (_, at) => at));
  assert.deepEqual(map.get('t7'), dataOf(7));
  assert.deepEqual([map.has('t2999'), map.has('t3000'), map.has(7), map.get('c')], [true, false, false, undefined]);
  let seen = 0;
  map.forEach((value, key) => {
    assert.equal(key, `t${value.number}`);
    seen += 1;
  });
  assert.equal(seen, 3000);
  database.addObject('tables', 'later', 1);
  assert.equal(map.size, 3001, 'it is a view');
});

test('clear() forgets everything and the database goes on', async () => {
  const database = filled(300, { maxObjectsPerType: 10, enableCompression: true });
  const iterator = database[Symbol.asyncIterator]();
  assert.equal((await iterator.next()).value.name, 't0');
  database.clear();
  const { totalObjects, objectsByType, compressedTypes, overflowedTypes, memoryUsage, disk } = database.getStats();
  assert.deepEqual([totalObjects, objectsByType, compressedTypes, overflowedTypes, memoryUsage, disk.bytes], [0, {}, [], [], 0, 0]);
  assert.equal(database.getObject('tables', 't1'), null);
  assert.equal(database.addObject('tables', 't1', 'again'), true);
  assert.deepEqual(await all(database), [{ type: 'tables', name: 't1', data: 'again' }]);
});

test('objects added during the iteration are seen, each once', async () => {
  const database = filled(2000, { maxObjectsPerType: 50 });
  const seen = [];
  for await (const { name } of database) {
    if (seen.length < 500) database.addObject('later', `l${seen.length}`, 0);
    if (seen.length === 100) database.addObject('tables', 't0', 'replaced');
    seen.push(name);
  }
  assert.equal(seen.length, 2500);
  assert.equal(new Set(seen).size, 2500);
});

test('several iterations at once, beside writing', async () => {
  const database = filled(3000, { maxObjectsPerType: 100 });
  const counts = await Promise.all([all(database), all(database), (async () => {
    for (let number = 0; number < 200; number += 1) {
      database.addObject('tables', `t${number}`, dataOf(number));
      if (number % 20 === 0) await new Promise(setImmediate);
    }
    return [];
  })()]);
  assert.deepEqual(counts.map((found) => found.length), [3000, 3000, 0]);
});

test('it is an EventEmitter; a listener that throws takes nothing away', () => {
  const database = new StreamingCoverageDatabase({ maxObjectsPerType: 1 });
  assert.ok(database instanceof EventEmitter);
  database.once('warning', () => {
    throw new Error('mine');
  });
  database.addObject('tables', 'a', 1);
  assert.throws(() => database.addObject('tables', 'b', 2), /mine/);
  assert.deepEqual([database.getObject('tables', 'a'), database.getObject('tables', 'b')], [1, 2]);
});

test('dispose closes', async () => {
  const [one, two] = [filled(1), filled(1)];
  one[Symbol.dispose]();
  await two[Symbol.asyncDispose]();
  for (const database of [one, two]) assert.throws(() => database.getStats(), { code: 'ERR_PGTAP_CLOSED' });
});
