// The catalog of a real PostgreSQL: clients, rights, what is left alone, odd names.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { catalogOfMigrations, readCatalog, readCatalogFile, writeCatalog } from 'pgtap-scanner/schema';
import { startPostgres, withoutPostgres } from '../postgres/server.mjs';
import { inFolder } from './folders.mjs';

const MIGRATIONS = join(import.meta.dirname, '../../examples/bookshop/migrations');

describe('a real PostgreSQL', { skip: withoutPostgres }, () => {
  let server;
  let pg;
  let admin;

  before(async () => {
    server = await startPostgres();
    ({ default: pg } = await import('pg'));
    admin = await connected();
    await admin.query('CREATE EXTENSION pgtap');
    for (const name of readdirSync(MIGRATIONS).sort()) await admin.query(readFileSync(join(MIGRATIONS, name), 'utf8'));
    await admin.query("CREATE ROLE nobody_special LOGIN PASSWORD 'x'");
  });

  after(async () => {
    await admin?.end();
    await server?.stop();
  });

  async function connected(more = {}) {
    const client = new pg.Client({ ...server.settings, ...more });
    await client.connect();
    return client;
  }

  /** What `work` answers with a connection that is closed behind it. */
  async function withClient(more, work) {
    const client = await connected(more);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  it('is the hand-kept catalog of the example, save for its version, pgTAP and the places in migrations', async () => {
    const { origins, ...expected } = await readCatalogFile(join(MIGRATIONS, '../catalog.json'));
    assert.equal(origins.length > 300, true);
    const found = await readCatalog(admin);
    assert.equal(found.pgtap.schema, 'public');
    assert.deepEqual(found.extensions, [{ name: 'pgtap', schema: 'public', version: found.pgtap.version }]);
    assert.equal(String(found.server.version).slice(0, 2), found.server.text.split('.')[0]);
    const same = { server: expected.server, pgtap: null, extensions: [] };
    assert.deepEqual({ ...found, ...same }, expected);
  });

  it('is read alike through a pool, whose client goes back', async () => {
    const pool = new pg.Pool({ ...server.settings, max: 1 });
    try {
      assert.deepEqual(await readCatalog(pool), await readCatalog(admin));
      assert.deepEqual([pool.totalCount, pool.idleCount, pool.waitingCount], [1, 1, 0]);
      const { rows } = await pool.query("SHOW search_path");
      assert.equal(rows[0].search_path, '"$user", public');
    } finally {
      await pool.end();
    }
  });

  it('a pool does not get back a client whose reading failed', async () => {
    const pool = new pg.Pool({ ...server.settings, max: 1 });
    try {
      await blocked(async () => {
        await assert.rejects(readCatalog(pool, { statementTimeoutMs: 200 }), { code: 'ERR_PGTAP_SCHEMA_TIMEOUT' });
      });
      assert.equal(pool.totalCount, 0);
    } finally {
      await pool.end();
    }
  });

  it('is read alike by a user that owns nothing and may nothing', async () => {
    const { rows } = await admin.query("SELECT rolsuper, has_schema_privilege('nobody_special', 'sales', 'USAGE') AS usage FROM pg_roles WHERE rolname = 'nobody_special'");
    assert.deepEqual(rows, [{ rolsuper: false, usage: false }]);
    const all = await readCatalog(admin);
    assert.deepEqual(await withClient({ user: 'nobody_special' }, (client) => readCatalog(client)), all);
  });

  it('is read in a database that only allows reading, and no transaction writes', async () => {
    const nextTransaction = async () => (await admin.query('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next')).rows[0].next;
    const first = await nextTransaction();
    const options = '-c default_transaction_read_only=on';
    assert.equal((await withClient({ options }, (client) => readCatalog(client))).relations.length > 50, true);
    assert.equal(await nextTransaction(), first);
  });

  it('leaves the session as it was', async () => {
    await withClient({}, async (client) => {
      await client.query("SET search_path = 'sales'");
      await client.query("SET statement_timeout = '7s'");
      const { searchPath } = await readCatalog(client);
      assert.deepEqual(searchPath, ['$user', 'public']);
      const { rows } = await client.query("SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout, now() = statement_timestamp() AS outside");
      assert.deepEqual(rows, [{ path: 'sales', timeout: '7s', outside: true }]);
    });
  });

  for (const [begin, work] of [['BEGIN', 'SELECT 1'], ['BEGIN', ''], ['BEGIN ISOLATION LEVEL REPEATABLE READ', 'SELECT 1']]) {
    it(`refuses a client inside a transaction: ${begin} ${work}`, async () => {
      await withClient({}, async (client) => {
        await client.query(begin);
        if (work) await client.query(work);
        await assert.rejects(readCatalog(client), { code: 'ERR_PGTAP_SCHEMA_CLIENT', message: /inside a transaction/ });
        // Its transaction is still there, failed or not: outside one SAVEPOINT would be refused with 25P01.
        await assert.rejects(client.query('SAVEPOINT s; SELECT 1/0'), { code: /25P02|22012/ });
      });
    });
  }

  /** Runs `work` while readers of policies have to wait. */
  async function blocked(work) {
    await withClient({}, async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK TABLE pg_catalog.pg_policy IN ACCESS EXCLUSIVE MODE');
      await work();
    });
  }

  it('ends a query that takes too long', async () => {
    await blocked(async () => {
      const reading = withClient({}, (client) => readCatalog(client, { statementTimeoutMs: 200 }));
      await assert.rejects(reading, { code: 'ERR_PGTAP_SCHEMA_TIMEOUT', message: /raise statementTimeoutMs/ });
    });
  });

  it('heeds a signal that was given before', async () => {
    const reason = new Error('enough');
    await assert.rejects(readCatalog(admin, { signal: AbortSignal.abort(reason) }), reason);
    assert.equal((await admin.query('SELECT now() = statement_timestamp() AS outside')).rows[0].outside, true);
  });

  it('reads the default path of the database, split as PostgreSQL splits it', async () => {
    await admin.query('CREATE DATABASE paths');
    await admin.query(`ALTER DATABASE paths SET search_path = "$user", Sales, "Odd, ""one""", public`);
    const { searchPath } = await withClient({ database: 'paths' }, (client) => readCatalog(client));
    assert.deepEqual(searchPath, ['$user', 'sales', 'Odd, "one"', 'public']);
  });

  it('keeps names as they are', async () => {
    await admin.query('CREATE DATABASE odd');
    const names = ['it\'s "quoted"', 'line\nbreak\ttab', '<b onclick="x">&amp;</b>', '=cmd()', 'ä'.repeat(31), 'x'.repeat(63), 'back\\slash', '😀', ' '];
    const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
    const catalog = await withClient({ database: 'odd' }, async (client) => {
      for (const name of names) {
        await client.query(`CREATE SCHEMA ${quoted(name)}`);
        await client.query(`CREATE TABLE ${quoted(name)}.${quoted(name)} (${quoted(name)} int CONSTRAINT ${quoted(name)} CHECK (true OR ${quoted(name)} > 0))`);
        await client.query(`CREATE TYPE ${quoted(name)}."e" AS ENUM ('${name.replaceAll("'", "''")}')`);
        await client.query(`CREATE FUNCTION ${quoted(name)}.${quoted(name)}(${quoted(name)}.e) RETURNS int LANGUAGE sql RETURN 1`);
        await client.query(`CREATE POLICY ${quoted(name)} ON ${quoted(name)}.${quoted(name)}`);
      }
      return readCatalog(client);
    });
    const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const own = ({ schema, name }) => (schema ?? name) !== 'public';
    assert.deepEqual(catalog.schemas.filter(own).map(({ name }) => name), sorted);
    assert.deepEqual(catalog.relations.map(({ schema, name, columns }) => [schema, name, columns[0].name]), sorted.map((name) => [name, name, name]));
    assert.deepEqual(catalog.types.map(({ labels }) => labels[0]), sorted);
    assert.deepEqual(catalog.policies.map(({ name }) => name), sorted);
    assert.deepEqual(catalog.constraints.map(({ name, columns }) => [name, columns[0]]), sorted.map((name) => [name, name]));
    await inFolder({}, async (folder) => {
      await writeCatalog(catalog, join(folder, 'c.json'));
      assert.deepEqual(await readCatalogFile(join(folder, 'c.json')), catalog);
    });
  });

  it('leaves out what belongs to extensions, with their schemas', async () => {
    await admin.query('CREATE DATABASE extended');
    await withClient({ database: 'extended' }, async (client) => {
      await client.query('CREATE SCHEMA tools');
      const before = await readCatalog(client);
      await client.query('CREATE EXTENSION pgtap SCHEMA tools; CREATE EXTENSION hstore; CREATE EXTENSION pg_stat_statements SCHEMA tools');
      const { extensions, pgtap, schemas, ...rest } = await readCatalog(client);
      assert.deepEqual(extensions.map(({ name, schema }) => [name, schema]), [['hstore', 'public'], ['pg_stat_statements', 'tools'], ['pgtap', 'tools']]);
      assert.equal(pgtap.schema, 'tools');
      assert.deepEqual(schemas, before.schemas);
      const { extensions: none, pgtap: not, schemas: same, ...empty } = before;
      assert.deepEqual([none, not, same.length], [[], null, 2]);
      assert.deepEqual(rest, empty);
    });
  });

  it('lists a foreign key to a partitioned table once', async () => {
    await admin.query('CREATE DATABASE parts');
    await withClient({ database: 'parts' }, async (client) => {
      await client.query('CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE TABLE p2 PARTITION OF p DEFAULT; CREATE TABLE c (p int REFERENCES p)');
      assert.equal((await client.query("SELECT count(*)::int FROM pg_constraint WHERE conrelid = 'c'::regclass AND contype = 'f'")).rows[0].count, 3);
      const { constraints } = await readCatalog(client);
      assert.deepEqual(constraints.filter(({ relation }) => relation === 'c').map(({ name, references }) => [name, references]), [['c_p_fkey', { schema: 'public', relation: 'p', columns: ['id'] }]]);
    });
  });

  it('of a dump is the same, save for what dumps do not tell of roles', async () => {
    const where = ['-h', server.folder, '-p', String(server.port), '-U', 'postgres', 'postgres'];
    await admin.query("INSERT INTO catalog.publishers (name, website) VALUES ('it''s; $$ \\.', NULL)");
    const { status, stdout, stderr } = spawnSync(join(server.programs, 'pg_dump'), where, { encoding: 'utf8', maxBuffer: 1 << 26 });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^COPY catalog\.publishers [^]*^\\\.$/m);
    await inFolder({ 'dump.sql': stdout }, async (root) => {
      const { catalog: { origins, ...catalog }, skipped } = await catalogOfMigrations({ schema: join(root, 'dump.sql') });
      assert.deepEqual(skipped, []);
      assert.equal(origins.length > 300, true);
      const { roles, ...live } = await readCatalog(admin);
      const same = { server: live.server, pgtap: live.pgtap, extensions: live.extensions, roles: undefined };
      assert.deepEqual({ ...catalog, ...same }, { ...live, roles: undefined });
      assert.deepEqual(catalog.roles.map(({ name }) => name), roles.map(({ name }) => name));
    });
  });

  it('lists no composite type of an extension, and no row of a table as a type', async () => {
    const { types, relations } = await readCatalog(admin);
    assert.equal(types.some(({ name }) => relations.some((each) => each.name === name)), false);
  });

  it('wants something to ask', async () => {
    for (const client of [undefined, null, {}, 'postgres://localhost/x']) {
      await assert.rejects(readCatalog(client), { name: 'TypeError', code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /query\(sql\)/ });
    }
    await assert.rejects(readCatalog(admin, { statementTimeoutMs: 0 }), { name: 'RangeError', code: 'ERR_PGTAP_INVALID_OPTION' });
    await assert.rejects(readCatalog(admin, { signal: 1 }), { name: 'TypeError', code: 'ERR_PGTAP_INVALID_OPTION' });
  });
});

describe('a server that is too old', () => {
  it('is told so', async () => {
    const client = { query: async () => ({ rows: [{ version: '110022' }] }) };
    await assert.rejects(readCatalog(client), { code: 'ERR_PGTAP_SCHEMA_SERVER', message: /110022; PostgreSQL 12 or later/ });
  });
});
