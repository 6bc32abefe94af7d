// Every method of the stores in every state, and every wrong argument and option.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

import { LOG_CALLS, STREAMING_CALLS } from './store-calls.mjs';
import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { CoverageDatabase, StreamingCoverageDatabase } = require('../lib/index.js');

const CLOSED = 'ERR_PGTAP_CLOSED';

/** The result of a call, or the code of its error. */
async function outcome(call) {
  try {
    return await call();
  } catch (error) {
    return error.code ?? error;
  }
}

const fill = (database, count) => {
  for (let at = 0; at < count; at += 1) database.addObject('tables', `t${at}`, at);
  return database;
};

// State -> a database in it. The failed one is refused by the disk and full.
const STREAMING = {
  new: () => new StreamingCoverageDatabase(),
  filled: () => fill(new StreamingCoverageDatabase({ enableCompression: true, batchSize: 2 }), 20),
  spilled: () => fill(new StreamingCoverageDatabase({ maxObjectsPerType: 5 }), 20),
  failed: (t) => fill(new StreamingCoverageDatabase({ maxObjectsPerType: 5, tempDir: join(suiteFolder(t), 'none') }), 20),
  closed: () => {
    const database = fill(new StreamingCoverageDatabase({ maxObjectsPerType: 5 }), 20);
    database.close();
    return database;
  },
};

async function filledLog(options, count = 20) {
  const database = new CoverageDatabase(options);
  for (let at = 0; at < count; at += 1) await database.addCoverage('tables', `t${at}`, at).catch(() => {});
  return database;
}

const LOG = {
  new: () => new CoverageDatabase(),
  filled: () => filledLog({}),
  spilled: () => filledLog({ maxMemory: 200 }),
  // Its memory has room for a few records.
  failed: (t) => filledLog({ maxMemory: 200, tempDir: join(suiteFolder(t), 'none') }),
  closed: async () => {
    const database = await filledLog({ maxMemory: 200 });
    await database.close();
    return database;
  },
};

async function tryAll(t, states, calls) {
  let tried = 0;
  for (const [method, [call, expected]] of Object.entries(calls)) {
    for (const [state, make] of Object.entries(states)) {
      const database = await make(t);
      assert.deepEqual(await outcome(() => call(database)), expected[state] ?? (state in expected ? null : CLOSED), `${method}, ${state}`);
      tried += 1;
    }
  }
  return tried;
}

test('StreamingCoverageDatabase: every method in every state', async (t) => {
  assert.equal(await tryAll(t, STREAMING, STREAMING_CALLS), 14 * 5);
});

test('CoverageDatabase: every method in every state', async (t) => {
  assert.equal(await tryAll(t, LOG, LOG_CALLS), 7 * 5);
});

test('what was handed out before close() says that it is closed', async () => {
  const database = fill(new StreamingCoverageDatabase(), 20);
  const map = database.getObjectsByType('tables');
  const iterator = database[Symbol.asyncIterator]();
  await iterator.next();
  database.close();
  assert.throws(() => map.size, { code: CLOSED });
  assert.throws(() => [...map], { code: CLOSED });
  await assert.rejects(iterator.next(), { code: CLOSED, message: /StreamingCoverageDatabase is closed/ });
  const log = await filledLog({});
  const records = log.iterate();
  await records.next();
  const added = log.addCoverage('tables', 'late', 1);
  await log.close();
  await added;
  await assert.rejects(records.next(), { code: CLOSED });
});

const cycle = [];
cycle.push({ cycle });
const throwing = { get value() { throw new Error('mine'); } };
const deep = (levels) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const NOT_JSON = [
  undefined, () => {}, Symbol('s'), 1n, NaN, Infinity, -Infinity, cycle, new Map(), new Set([1]), /x/, new Error('e'),
  new Uint8Array(2), Buffer.from('x'.repeat(0)).buffer, Promise.resolve(), throwing, { toJSON() {} }, [undefined], [, 1], // eslint-disable-line no-sparse-arrays
  { a: { b: [0, () => {}] } }, deep(100_000), { a: 1n }, { deep: new Map() }, Object.create(null, { f: { value() {}, enumerable: true } }),
];

test('what JSON cannot hold is a TypeError that names type and name, and nothing is kept', async () => {
  const [database, log] = [new StreamingCoverageDatabase(), new CoverageDatabase()];
  const expected = { name: 'TypeError', code: 'ERR_PGTAP_NOT_JSON', message: /"tables" "users"/ };
  let tried = 0;
  for (const value of NOT_JSON) {
    assert.throws(() => database.addObject('tables', 'users', value), expected);
    await assert.rejects(log.addCoverage('tables', 'users', value), expected);
    tried += 1;
  }
  assert.equal(tried, 24);
  assert.throws(() => database.addObject('tables', 'users', NOT_JSON[19]), /a function at \.a\.b\[1\]/);
  assert.throws(() => database.addObject('tables', 'users', cycle), /an object that contains itself at \[0\]\.cycle/);
  assert.deepEqual([database.getStats().totalObjects, log.getStats().records], [0, 0]);
});

test('what JSON can hold is taken: the same object twice, Buffers, dates, classes, nesting', () => {
  const database = new StreamingCoverageDatabase();
  const shared = { a: 1 };
  class Own {
    constructor() {
      this.own = 1;
    }
  }
  assert.ok(database.addObject('any', 'a', [shared, shared, new Own(), Buffer.from('x'), new Date(0), deep(500)]));
  assert.deepEqual(database.getObject('any', 'a'), [
    { a: 1 }, { a: 1 }, { own: 1 }, { type: 'Buffer', data: [120] }, '1970-01-01T00:00:00.000Z', deep(500),
  ]);
});

test('wrong types and names', async () => {
  const [database, log] = [new StreamingCoverageDatabase(), new CoverageDatabase()];
  const wrong = [undefined, null, 1, true, {}, [], Symbol('s'), () => {}, '\ud800'];
  let tried = 0;
  for (const value of wrong) {
    const invalid = { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /a string without lone surrogates/ };
    const calls = [
      () => database.addObject(value, 'n', 1), () => database.addObject('t', value, 1), () => database.getObject(value, 'n'),
      () => database.getObject('t', value), () => database.getObjectsByType(value), () => database.compress(value), () => database.isAtCapacity(value),
    ];
    for (const call of calls) assert.throws(call, invalid);
    await assert.rejects(log.addCoverage(value, 'n', 1), invalid);
    await assert.rejects(log.addCoverage('t', value, 1), invalid);
    tried += calls.length + 2;
  }
  assert.equal(tried, 81);
});

const STREAMING_WRONG = {
  maxObjectsPerType: ['1', 0, 1.5, NaN, null], enableCompression: [1, 'true', null], batchSize: ['1', 0, -1, null],
  maxMemoryMB: ['1', 0, -1, NaN, Infinity, null], spill: [1, 'no', null], tempDir: [1, '', false, {}], maxDiskMB: ['1', 0, -1, NaN, Infinity, {}],
};
const LOG_WRONG = { maxMemory: ['1', 0, -1, 1.5, NaN, Infinity, null], streaming: [1, 'no', null], tempDir: [1, '', false, {}], maxDiskMB: ['1', 0, -1, NaN, Infinity, {}] };

test('every option with every wrong kind', () => {
  let tried = 0;
  for (const [Class, options] of [[StreamingCoverageDatabase, STREAMING_WRONG], [CoverageDatabase, LOG_WRONG]]) {
    assert.deepEqual(Object.keys(new Class().options).sort(), Object.keys(options).sort());
    for (const [option, values] of Object.entries(options)) {
      for (const value of values) {
        const message = new RegExp(`option "${option}"`);
        assert.throws(() => new Class({ [option]: value }), { code: 'ERR_PGTAP_INVALID_OPTION', message });
        tried += 1;
      }
    }
    for (const given of [null, 1, 'x', []]) assert.throws(() => new Class(given), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  }
  assert.equal(tried, 51);
});

test('an unknown option is a warning that names the nearest', async () => {
  const warned = new Promise((settle) => {
    process.once('warning', settle);
  });
  new CoverageDatabase({ maxMemorie: 1 });
  const { code, message } = await warned;
  assert.equal(code, 'PGTAP_UNKNOWN_OPTION');
  assert.match(message, /"maxMemory"/);
});
