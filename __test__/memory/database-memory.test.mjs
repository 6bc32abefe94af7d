// Queries as operations: thresholds by type, records, SQL that is not kept; Prisma's two ways in.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { beforeEach, test } from 'node:test';

import { MB, collectAll, garbage, turn, turns, warningsOf } from './collecting.mjs';

const require = createRequire(import.meta.url);
const { PrismaMemoryHelpers, dbMemoryMonitor, memoryTracker, prismaMemoryExtension } = require('../../lib/memory/index.js');
const { THRESHOLDS_MB, kindOfQuery } = require('../../lib/memory/database-thresholds.js');

beforeEach(() => {
  dbMemoryMonitor.configure();
  dbMemoryMonitor.reset();
  memoryTracker.reset();
});

/** The reports made while `body` runs. */
async function reportsOf(body) {
  const reports = [];
  const off = dbMemoryMonitor.onExceeded((report) => reports.push(report));
  try {
    await body();
    await turns();
  } finally {
    off();
  }
  return reports;
}

const statsOf = (operation) => dbMemoryMonitor.getStats().find((stats) => stats.operation === operation);

test('thresholds are those of the types', () => {
  const types = {
    SELECT: 10, select: 10, findMany: 10, groupBy: 10, SHOW: 10, INSERT: 5, UPDATE: 5, upsert: 5, delete: 5, UPLOAD: 25,
    BULK: 50, createMany: 50, deleteMany: 50, MIGRATION: 100, ALTER: 100,
  };
  for (const [type, megabytes] of Object.entries(types)) assert.equal(THRESHOLDS_MB[kindOfQuery(type)], megabytes, type);
});

test('a query above its threshold is reported, one below is not', async () => {
  const query = (type, megabytes) => dbMemoryMonitor.monitorQuery(type, '', 'users', () => garbage(megabytes));
  collectAll();
  const reports = await reportsOf(async () => {
    await query('SELECT', 6);
    await query('INSERT', 9);
    await query('SELECT', 16);
    await query('BULK', 16);
  });
  assert.deepEqual(reports.map(({ reason, operation, thresholdMB, confidence, records, expectedRecords }) => [
    reason, operation, thresholdMB, confidence, records, expectedRecords]), [
    ['memory', 'DB.INSERT.users', 5, 'exclusive', null, null],
    ['memory', 'DB.SELECT.users', 10, 'exclusive', null, null],
  ]);
  assert.ok(reports[1].bytes > 10 * MB && reports[1].bytes < 24 * MB, `${reports[1].bytes}`);
  assert.equal(statsOf('DB.SELECT.users').exceeded, 1);
  assert.equal(statsOf('DB.SELECT.users').callCount, 2);
});

test('a query that ran beside others is counted, not reported', async () => {
  const heavy = (table) => dbMemoryMonitor.monitorQuery('SELECT', '', table, async () => { garbage(20); await turn(); });
  const light = () => dbMemoryMonitor.monitorQuery('SELECT', '', 'light', async () => { await turn(); await turn(); });
  const reports = await reportsOf(() => Promise.all([light(), heavy('a')]));
  assert.deepEqual(reports, []);
  const { exceeded, sharedAbove, averageBytes } = statsOf('DB.SELECT.light');
  assert.deepEqual([exceeded, sharedAbove, averageBytes], [0, 1, null]);
});

test('records are counted where the answer tells, and more than expected are reported', async () => {
  const answers = [[1, 2, 3], { rowCount: 4 }, { count: 5 }, { rows: [1] }, 6, null, { other: 1 }];
  const reports = await reportsOf(async () => {
    for (const answer of answers) {
      const got = await dbMemoryMonitor.monitorQuery('SELECT', '', 'users', async () => answer, { expectedRecords: 4 });
      assert.equal(got, answer);
    }
    await dbMemoryMonitor.monitorQuery('SELECT', '', 'unknown', () => 'text');
  });
  assert.deepEqual(reports.map(({ reason, records, expectedRecords }) => [reason, records, expectedRecords]), [['records', 5, 4]]);
  const { records, moreThanExpected } = statsOf('DB.SELECT.users');
  assert.deepEqual([records, moreThanExpected], [13, 1]);
  assert.equal(statsOf('DB.SELECT.unknown').records, null);
});

test('SQL is not kept, unless asked for, and then not much', async () => {
  const secret = "SELECT * FROM users WHERE password = 'tiger'";
  const exceed = (sql) => dbMemoryMonitor.monitorQuery('SELECT', sql, 'users', () => [1, 2], { expectedRecords: 1 });
  const all = async () => JSON.stringify([dbMemoryMonitor.getStats(), dbMemoryMonitor.statements, memoryTracker.getTopConsumers()]);
  const reports = await reportsOf(() => exceed(secret));
  assert.equal(reports.length, 1);
  assert.ok(!`${await all()}${JSON.stringify(reports)}`.includes('tiger'));
  dbMemoryMonitor.configure({ keepStatements: 2 });
  for (const sql of ['SELECT 1', 'SELECT 2', `SELECT 3${' '.repeat(1000)}`]) await exceed(sql);
  await turns();
  assert.deepEqual(dbMemoryMonitor.statements.map(({ operation, sql }) => [operation, sql.trim(), sql.length]), [
    ['DB.SELECT.users', 'SELECT 3', 500], ['DB.SELECT.users', 'SELECT 2', 8],
  ]);
  dbMemoryMonitor.configure();
  assert.deepEqual(dbMemoryMonitor.statements, []);
});

test('reports are logged where asked; a failing listener or logger disturbs no query', async () => {
  const lines = [];
  const logger = { debug() {}, info() {}, error() {}, warn: (line) => lines.push(line) };
  dbMemoryMonitor.configure({ logger, writeThresholdMB: 1 });
  await dbMemoryMonitor.monitorQuery('UPDATE', '', 'users', () => { garbage(4); return { rowCount: 9 }; }, { expectedRecords: 1 });
  await turns();
  assert.match(lines[0], /^\[memory\] DB\.UPDATE\.users: \d\.\d\dMB allocated, more than 1 MB, in \d+\.\d ms$/);
  assert.equal(lines[1], '[memory] DB.UPDATE.users: 9 records, 1 were expected');
  const warnings = await warningsOf(async () => {
    const off = dbMemoryMonitor.onExceeded(() => { throw new Error('bad'); });
    assert.deepEqual(await dbMemoryMonitor.monitorQuery('SELECT', '', 'users', () => [1], { expectedRecords: 0 }), [1]);
    await turns();
    off();
  });
  assert.equal(warnings.length, 1);
});

test('errors of a query pass untouched', async () => {
  const error = new Error('deadlock');
  await assert.rejects(dbMemoryMonitor.monitorQuery('SELECT', '', 'users', () => { throw error; }), (thrown) => thrown === error);
  await assert.rejects(dbMemoryMonitor.monitorQuery('SELECT', '', 'users', () => Promise.reject(error)), (thrown) => thrown === error);
});

test('operations are bounded', async () => {
  for (let at = 0; at < 1100; at += 1) await dbMemoryMonitor.monitorQuery('SELECT', '', `t${at}`, () => {});
  const stats = dbMemoryMonitor.getStats();
  assert.equal(stats.length, 1000);
  assert.equal(stats.at(-1).operation, 'DB.SELECT.t1099');
});

test('wrong calls say what is allowed', () => {
  const call = (...args) => () => dbMemoryMonitor.monitorQuery(...args);
  assert.throws(call(1, '', 'users', () => {}), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /a string for queryType/ });
  assert.throws(call('SELECT', '', 'users'), { message: /a function for fn/ });
  assert.throws(call('SELECT', '', 'users', () => {}, { expectedRecords: -1 }), { name: 'RangeError', code: 'ERR_PGTAP_INVALID_OPTION' });
  assert.throws(() => dbMemoryMonitor.configure({ bulkThresholdMB: '5' }), { name: 'TypeError', message: /"bulkThresholdMB"/ });
  assert.throws(() => dbMemoryMonitor.configure({ keepStatements: 101 }), { name: 'RangeError', message: /0 to 100/ });
  assert.throws(() => prismaMemoryExtension({ monitor: {} }), { message: /monitorQuery\(\)/ });
  assert.throws(() => PrismaMemoryHelpers.findMany(5, () => {}), { message: /a string for model/ });
});

test('there is a helper for each method', async () => {
  const methods = [
    'findMany', 'findFirst', 'findUnique', 'create', 'createMany', 'update', 'updateMany', 'upsert', 'delete', 'deleteMany', 'count',
    'aggregate', 'groupBy',
  ];
  assert.deepEqual(Object.keys(PrismaMemoryHelpers), methods);
  for (const method of methods) assert.equal(await PrismaMemoryHelpers[method]('User', async () => method), method);
  assert.deepEqual(dbMemoryMonitor.getStats().map(({ operation }) => operation), methods.map((method) => `DB.${method}.User`));
  const reports = await reportsOf(() => PrismaMemoryHelpers.findMany('User', () => [1, 2, 3], { take: -2 }));
  assert.deepEqual(reports.map(({ records, expectedRecords }) => [records, expectedRecords]), [[3, 2]]);
});

/**
 * A client as Prisma's `$extends` makes it, as far as query extensions go: promises that begin when they are awaited, the
 * last extension outermost, `model` absent for raw queries.
 */
function fakeClient(run, extensions = []) {
  const query = (model, operation, args) => ({
    then(...handlers) {
      const innermost = (given) => run(model, operation, given);
      const chain = extensions.reduce((inner, { query: { $allOperations: outer } }) => (given) => (
        outer({ ...(model && { model }), operation, args: given, query: inner, __internalParams: {} })), innermost);
      return Promise.resolve().then(() => chain(args)).then(...handlers);
    },
  });
  const user = Object.fromEntries(['findMany', 'createMany', 'count'].map((operation) => [operation, (args) => query('User', operation, args)]));
  return { user, $queryRaw: (...args) => query(undefined, '$queryRaw', args), $extends: (extension) => fakeClient(run, [...extensions, extension]) };
}

test('the extension monitors every query of a client, and changes none', async () => {
  const ran = [];
  const client = fakeClient(async (model, operation, args) => {
    ran.push([model, operation, args]);
    if (operation === 'count') throw new RangeError('refused');
    return operation === 'createMany' ? { count: 2 } : [{ id: 1 }, { id: 2 }];
  }).$extends(prismaMemoryExtension());
  const args = { take: 1, where: { active: true } };
  const reports = await reportsOf(async () => {
    assert.deepEqual(await client.user.findMany(args), [{ id: 1 }, { id: 2 }]);
    assert.deepEqual(await client.user.createMany({ data: [] }), { count: 2 });
    await client.$queryRaw`SELECT 1`;
    await assert.rejects(async () => client.user.count(), { name: 'RangeError', message: 'refused' });
  });
  assert.equal(ran[0][2], args, 'the very arguments');
  assert.deepEqual(ran.map(([model, operation]) => [model, operation]), [
    ['User', 'findMany'], ['User', 'createMany'], [undefined, '$queryRaw'], ['User', 'count'],
  ]);
  assert.deepEqual(dbMemoryMonitor.getStats().map(({ operation, records }) => [operation, records]), [
    ['DB.findMany.User', 2], ['DB.createMany.User', 2], ['DB.$queryRaw.raw', 2], ['DB.count.User', null],
  ]);
  assert.deepEqual(reports.map(({ reason, operation }) => [reason, operation]), [['records', 'DB.findMany.User']]);
});
