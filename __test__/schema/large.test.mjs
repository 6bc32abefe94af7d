// A schema of 5,000 tables with 50,000 columns in a real PostgreSQL.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readCatalogFrom } from 'pgtap-scanner/schema';
import { largeSchema } from '../../benchmark/generate-schema.mjs';
import { startPostgres, withoutPostgres } from '../postgres/server.mjs';

describe('a large schema', { skip: withoutPostgres }, () => {
  let server;

  before(async () => {
    server = await startPostgres();
    const { default: pg } = await import('pg');
    const client = new pg.Client(server.settings);
    await client.connect();
    for (const sql of largeSchema()) await client.query(sql);
    await client.end();
  });
  after(() => server?.stop());

  it('is read whole', async () => {
    const catalog = await readCatalogFrom(`postgres://postgres@/postgres?host=${server.folder}&port=${server.port}`);
    const { schemas, relations, indexes, constraints, policies, functions, triggers, types } = catalog;
    assert.deepEqual([schemas, relations, indexes, constraints, policies, functions, triggers, types].map(({ length }) => length), [21, 5000, 6000, 5000, 500, 1250, 0, 0]);
    assert.equal(relations.reduce((all, { columns }) => all + columns.length, 0), 50_000);
    assert.equal(new Set(relations.map(({ schema, name }) => `${schema}.${name}`)).size, 5000);
    assert.equal(relations.filter(({ rowSecurity }) => rowSecurity).length, 500);
    const { columns } = relations.find(({ name }) => name === 'table_4999');
    assert.deepEqual(columns.map(({ type, notNull }) => [type, notNull]).slice(0, 3), [['bigint', true], ['boolean', true], ['jsonb', false]]);
  });
});
