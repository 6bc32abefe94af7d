// prismaMemoryExtension on a client that Prisma generated: its own query compiler and runtime, over a driver adapter that
// answers from a list. No engine is downloaded, no database is asked.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';

import { generatedClient } from './generated-client.mjs';

const require = createRequire(import.meta.url);
const { PrismaMemoryHelpers, dbMemoryMonitor, memoryTracker, operations, prismaMemoryExtension } = require('../../lib/memory/index.js');

const MODELS = `
model User {
  id    Int    @id
  email String
}`;
/** What Prisma's adapters call an integer of 32 bits and a text. */
const [INT32, TEXT] = [0, 7];
const ROWS = [[1, 'ada@example.org'], [2, 'bob@example.org'], [3, 'eve@example.org']];

/** A driver adapter that keeps the statements that it is given; each answers three users, or the one whose address is asked for. */
function adapterOver(statements) {
  const queryable = {
    provider: 'postgres',
    adapterName: 'list',
    async queryRaw({ sql, args }) {
      statements.push(sql);
      if (sql.startsWith('broken')) throw new Error('of the database');
      return { columnNames: ['id', 'email'], columnTypes: [INT32, TEXT], rows: args.includes(ROWS[0][1]) ? ROWS.slice(0, 1) : ROWS };
    },
    async executeRaw({ sql }) {
      statements.push(sql);
      return ROWS.length;
    },
  };
  const connection = { ...queryable, executeScript: async () => {}, dispose: async () => {}, getConnectionInfo: () => ({ supportsRelationJoins: false }) };
  return { provider: 'postgres', adapterName: 'list', connect: async () => connection };
}

let PrismaClient;

before(async (t) => {
  ({ PrismaClient } = await generatedClient(t, MODELS));
});

const callsOf = (name) => memoryTracker.getStats(name)?.callCount ?? 0;

test('each query of a generated client is an operation, and answers what it would without the extension', async () => {
  const statements = [];
  const plain = new PrismaClient({ adapter: adapterOver([]) });
  const prisma = new PrismaClient({ adapter: adapterOver(statements) }).$extends(prismaMemoryExtension());
  const reports = [];
  const off = dbMemoryMonitor.onExceeded((report) => reports.push(report));
  try {
    const users = await prisma.user.findMany({ take: 2 });
    assert.deepEqual(users, await plain.user.findMany({ take: 2 }));
    assert.deepEqual(users[0], { id: 1, email: 'ada@example.org' });
    assert.equal((await prisma.user.findFirst({ where: { email: 'ada@example.org' } })).id, 1);
    assert.equal(await prisma.$executeRawUnsafe('UPDATE users SET email = email'), 3);
    assert.equal((await prisma.$queryRawUnsafe('SELECT * FROM users')).length, 3);
    await assert.rejects(prisma.$queryRawUnsafe('broken'), /of the database/);
    await assert.rejects(prisma.user.findMany({ where: { nothing: 1 } }), { name: 'PrismaClientValidationError' });
    const [first] = await Promise.all([PrismaMemoryHelpers.findMany('Other', () => prisma.user.findMany()), prisma.user.findMany()]);
    assert.equal(first.length, 3);
  } finally {
    operations.flush();
    off();
  }
  assert.match(statements[0], /^SELECT .*"User".* LIMIT/);
  assert.deepEqual(['findMany.User', 'findFirst.User', 'findMany.Other'].map((name) => callsOf(`DB.${name}`)), [4, 1, 1]);
  assert.deepEqual([callsOf('DB.$executeRawUnsafe.raw'), callsOf('DB.$queryRawUnsafe.raw')], [1, 2]);
  // Two were asked for and three came.
  assert.deepEqual(reports.map(({ reason, operation, records, expectedRecords }) => [reason, operation, records, expectedRecords]), [['records', 'DB.findMany.User', 3, 2]]);
});
