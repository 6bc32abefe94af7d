// dbMemoryMonitor and the ways in for Prisma, with real clients and a real PostgreSQL.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, it } from 'node:test';
import { getHeapStatistics } from 'node:v8';

import { startPostgres, withoutPostgres } from '../postgres/server.mjs';
import { MB, collectAll, turns } from './collecting.mjs';
import { generatedClient } from './generated-client.mjs';

const require = createRequire(import.meta.url);
const { PrismaMemoryHelpers, dbMemoryMonitor, memoryTracker, prismaMemoryExtension } = require('../../lib/memory/index.js');

const MODELS = `
model Customer {
  id    Int    @id
  email String @unique
  notes String
}`;
const TABLE = `CREATE TABLE "Customer" (id int PRIMARY KEY, email text NOT NULL UNIQUE, notes text NOT NULL);
  INSERT INTO "Customer" SELECT n, 'customer' || n || '@example.org', repeat('x', 200) FROM generate_series(1, 100000) AS n`;
/** Stands in statements and in values, and must stand nowhere else. */
const SECRET = 'hunter2';

const used = () => {
  collectAll();
  return getHeapStatistics().used_heap_size;
};

/** What `answer` holds of V8's heap, in bytes: what is in use with it and without it. */
async function heldBy(query) {
  const start = used();
  const answer = await query();
  const bytes = used() - start;
  assert.ok(answer);
  return bytes;
}

/** The reports made while `body` runs, and what it answers. */
async function reportsOf(body) {
  const reports = [];
  const off = dbMemoryMonitor.onExceeded((report) => reports.push(report));
  try {
    const answer = await body();
    await turns();
    return { reports, answer };
  } finally {
    off();
  }
}

const statsOf = (operation) => dbMemoryMonitor.getStats().find((stats) => stats.operation === operation);

describe('a real PostgreSQL', { skip: withoutPostgres }, () => {
  let server;
  let pool;
  let PrismaPg;
  let PrismaClient;
  let Prisma;
  const clients = [];
  const undo = [];

  before(async () => {
    server = await startPostgres();
    const { default: pg } = await import('pg');
    pool = new pg.Pool({ ...server.settings, max: 4 });
    await pool.query(TABLE);
    ({ PrismaPg } = await import('@prisma/adapter-pg'));
    ({ PrismaClient, Prisma } = await generatedClient({ after: (fn) => undo.push(fn) }, MODELS));
  });

  after(async () => {
    for (const client of clients) await client.$disconnect();
    await pool?.end();
    await server?.stop();
    for (const each of undo) each();
  });

  beforeEach(() => {
    dbMemoryMonitor.configure();
    dbMemoryMonitor.reset();
    memoryTracker.reset();
  });

  const select = (count) => `SELECT * FROM "Customer" WHERE id <= ${count} AND notes <> '${SECRET}'`;
  const monitored = (type, sql, options) => dbMemoryMonitor.monitorQuery(type, sql, 'customers', () => pool.query(sql), options);

  function prisma() {
    const client = new PrismaClient({ adapter: new PrismaPg(server.settings) });
    clients.push(client);
    return client;
  }

  it('pg: a large result is seen with what it holds, a small one is not charged with it', async () => {
    await pool.query(select(10));
    const held = await heldBy(() => pool.query(select(100_000)));
    assert.ok(held > 15 * MB, `${held}`);
    const { reports, answer } = await reportsOf(async () => {
      await monitored('SELECT', select(10));
      return monitored('SELECT', select(100_000));
    });
    assert.equal(answer.rows.length, 100_000);
    assert.deepEqual(reports.map(({ reason, operation, confidence, thresholdMB, records }) => [reason, operation, confidence, thresholdMB, records]), [
      ['memory', 'DB.SELECT.customers', 'exclusive', 10, 100_000],
    ]);
    const [{ bytes }] = reports;
    // What pg makes on the way to the rows is allocated, too.
    assert.ok(bytes > 0.8 * held && bytes < 3 * held, `${bytes} bytes for ${held} held`);
    const { callCount, records, exceeded, coverage, averageBytes } = statsOf('DB.SELECT.customers');
    assert.deepEqual([callCount, records, exceeded, coverage], [2, 100_010, 1, 1]);
    assert.ok(Math.abs(averageBytes - bytes / 2) < bytes / 10);
  });

  it('pg: each type of operation has its threshold', async () => {
    const rows = `(${select(30_000)})`;
    const { reports } = await reportsOf(async () => {
      for (const type of ['SELECT', 'INSERT', 'UPLOAD', 'BULK', 'MIGRATION']) await monitored(type, `SELECT * FROM ${rows} AS r`);
    });
    const [{ bytes }] = reports;
    assert.ok(bytes > 12 * MB && bytes < 20 * MB, `${bytes}`);
    assert.deepEqual(reports.map(({ operation, thresholdMB }) => [operation, thresholdMB]), [
      ['DB.SELECT.customers', 10], ['DB.INSERT.customers', 5],
    ]);
  });

  it('pg: more records than expected are reported, also where few bytes are', async () => {
    const { reports } = await reportsOf(async () => {
      await monitored('SELECT', select(20), { expectedRecords: 20 });
      await monitored('SELECT', select(20), { expectedRecords: 19 });
      await monitored('UPDATE', `UPDATE "Customer" SET notes = notes WHERE id <= 7`, { expectedRecords: 1 });
    });
    assert.deepEqual(reports.map(({ reason, operation, records, expectedRecords }) => [reason, operation, records, expectedRecords]), [
      ['records', 'DB.SELECT.customers', 20, 19], ['records', 'DB.UPDATE.customers', 7, 1],
    ]);
  });

  it('pg: several statements in one text have the records of all', async () => {
    const sql = `BEGIN; ${select(4)}; UPDATE "Customer" SET notes = notes WHERE id <= 3; COMMIT`;
    const { answer } = await reportsOf(() => monitored('SELECT', sql));
    assert.equal(answer.length, 4);
    assert.equal(statsOf('DB.SELECT.customers').records, 7);
  });

  it('pg: large queries side by side are shared, counted and not reported', async () => {
    const { reports } = await reportsOf(() => Promise.all([monitored('SELECT', select(60_000)), monitored('SELECT', select(60_000))]));
    assert.deepEqual(reports, []);
    const { sharedAbove, exceeded, averageBytes, shared } = statsOf('DB.SELECT.customers');
    assert.deepEqual([sharedAbove, exceeded, averageBytes, shared.count], [2, 0, null, 2]);
  });

  it("pg: the server's error is the one that pg rejects with", async () => {
    let thrown;
    const failing = dbMemoryMonitor.monitorQuery('SELECT', 'SELECT nothing', 'customers', async () => {
      try {
        return await pool.query('SELECT nothing FROM "Customer"');
      } catch (error) {
        thrown = error;
        throw error;
      }
    });
    const error = await failing.catch((reason) => reason);
    assert.equal(error, thrown);
    assert.deepEqual([error.code, error.severity], ['42703', 'ERROR']);
    const { callCount, records } = statsOf('DB.SELECT.customers');
    assert.deepEqual([callCount, records], [1, null]);
  });

  it('pg: no text of SQL is kept, but of reported queries when that is asked for', async () => {
    const everything = () => JSON.stringify([dbMemoryMonitor.getStats(), dbMemoryMonitor.statements, memoryTracker.getTopConsumers(100), memoryTracker.getReport()]);
    const { reports } = await reportsOf(() => monitored('SELECT', select(40_000)));
    assert.equal(reports.length, 1);
    assert.ok(!`${everything()}${JSON.stringify(reports)}`.includes(SECRET));
    dbMemoryMonitor.configure({ keepStatements: 1 });
    await reportsOf(() => monitored('SELECT', select(40_000)));
    assert.deepEqual(dbMemoryMonitor.statements.map(({ sql }) => sql), [select(40_000)]);
    dbMemoryMonitor.configure();
    assert.ok(!everything().includes(SECRET));
  });

  it('Prisma: what a query of the extended client holds is seen; it answers what the plain client does', async () => {
    const plain = prisma();
    const client = plain.$extends(prismaMemoryExtension());
    const where = { id: { lte: 30_000 }, notes: { not: SECRET } };
    await plain.customer.findMany({ take: 10 });
    const held = await heldBy(() => plain.customer.findMany({ where }));
    assert.ok(held > 5 * MB, `${held}`);
    const { reports, answer } = await reportsOf(async () => {
      const few = await client.customer.findMany({ take: 3, orderBy: { id: 'asc' } });
      assert.deepEqual(few, await plain.customer.findMany({ take: 3, orderBy: { id: 'asc' } }));
      return client.customer.findMany({ where });
    });
    assert.equal(answer.length, 30_000);
    assert.deepEqual(reports.map(({ reason, operation, confidence, thresholdMB, records }) => [reason, operation, confidence, thresholdMB, records]), [
      ['memory', 'DB.findMany.Customer', 'exclusive', 10, 30_000],
    ]);
    assert.ok(reports[0].bytes > 0.8 * held && reports[0].bytes < 8 * held, `${reports[0].bytes} bytes for ${held} held`);
    assert.ok(!JSON.stringify([dbMemoryMonitor.getStats(), reports]).includes(SECRET));
  });

  it('Prisma: writes, counts, raw queries and transactions are operations of their own', async () => {
    const client = prisma().$extends(prismaMemoryExtension());
    const row = (id) => ({ id, email: `new${id}@example.org`, notes: '' });
    assert.deepEqual(await client.customer.createMany({ data: [row(200_001), row(200_002)] }), { count: 2 });
    assert.equal((await client.customer.create({ data: row(200_003) })).id, 200_003);
    const [updated, count] = await client.$transaction([
      client.customer.update({ where: { id: 200_003 }, data: { notes: 'changed' } }), client.customer.count({ where: { id: { gt: 200_000 } } }),
    ]);
    assert.deepEqual([updated.notes, count], ['changed', 3]);
    assert.equal(await client.$transaction(async (inside) => {
      await inside.customer.delete({ where: { id: 200_003 } });
      return inside.customer.count({ where: { id: { gt: 200_000 } } });
    }), 2);
    assert.equal(Number((await client.$queryRaw`SELECT count(*) AS n FROM "Customer" WHERE id > 200000`)[0].n), 2);
    assert.equal(await client.$executeRaw`DELETE FROM "Customer" WHERE id > 200000`, 2);
    await turns();
    assert.deepEqual(Object.fromEntries(dbMemoryMonitor.getStats().map(({ operation, callCount }) => [operation, callCount])), {
      'DB.createMany.Customer': 1, 'DB.create.Customer': 1, 'DB.update.Customer': 1, 'DB.count.Customer': 2, 'DB.delete.Customer': 1,
      'DB.$queryRaw.raw': 1, 'DB.$executeRaw.raw': 1,
    });
    assert.equal(statsOf('DB.createMany.Customer').records, 2);
  });

  it("Prisma: the server's and the client's errors are those of the plain client", async () => {
    const plain = prisma();
    const client = plain.$extends(prismaMemoryExtension());
    const data = { id: 1, email: 'customer1@example.org', notes: '' };
    const of = (each) => each.customer.create({ data }).catch(({ name, code, meta, clientVersion }) => ({ name, code, meta, clientVersion }));
    const expected = await of(plain);
    assert.deepEqual([expected.name, expected.code], ['PrismaClientKnownRequestError', 'P2002']);
    assert.deepEqual(await of(client), expected);
    await assert.rejects(client.customer.create({ data }), Prisma.PrismaClientKnownRequestError);
    await assert.rejects(client.$queryRawUnsafe('SELECT nothing'), { code: 'P2010' });
    await assert.rejects(client.customer.findMany({ where: { nothing: 1 } }), Prisma.PrismaClientValidationError);
  });

  it('Prisma: the helpers, with what may be expected', async () => {
    const client = prisma();
    const { reports, answer } = await reportsOf(async () => {
      await PrismaMemoryHelpers.findUnique('Customer', () => client.customer.findUnique({ where: { id: 1 } }));
      await PrismaMemoryHelpers.findMany('Customer', () => client.customer.findMany({ take: 5 }), { take: 5 });
      await PrismaMemoryHelpers.findMany('Customer', () => client.customer.findMany({ take: 6 }), { take: -5 });
      return PrismaMemoryHelpers.updateMany('Customer', () => client.customer.updateMany({ where: { id: { lte: 4 } }, data: { notes: 'y' } }));
    });
    assert.deepEqual(answer, { count: 4 });
    assert.deepEqual(reports.map(({ reason, records, expectedRecords }) => [reason, records, expectedRecords]), [['records', 6, 5]]);
    assert.deepEqual([statsOf('DB.updateMany.Customer').records, statsOf('DB.findUnique.Customer').callCount], [4, 1]);
    const wrong = PrismaMemoryHelpers.create('Customer', () => client.customer.create({ data: { id: 1, email: 'x', notes: '' } }));
    await assert.rejects(wrong, { code: 'P2002' });
  });
});
