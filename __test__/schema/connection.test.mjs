// Connection strings: every way to fail, in one sentence, and no password in any of them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { readCatalog, readCatalogFrom } from 'pgtap-scanner/schema';
import { freePort, startPostgres, withoutPostgres } from '../postgres/server.mjs';

const SECRET = 'hunter2-@/:é';
const WRITTEN = encodeURIComponent(SECRET);

/** All that an error can show, with its causes. */
const allOf = (error) => inspect(error, { depth: Infinity, showHidden: true }) + error.stack + JSON.stringify(error);

/** Checks that reading rejects as it should, in one sentence, and that no form of the password is anywhere in it. */
async function fails(connection, code, message, options) {
  let thrown;
  await assert.rejects(readCatalogFrom(connection, options), (error) => {
    thrown = error;
    return true;
  });
  assert.equal(thrown.code, code, thrown.stack);
  assert.match(thrown.message, message);
  assert.doesNotMatch(thrown.message, /\n/);
  for (const secret of [SECRET, WRITTEN, 'hunter2']) assert.equal(allOf(thrown).includes(secret), false, allOf(thrown));
  return thrown;
}

describe('a connection string that leads nowhere', () => {
  it('to a port where nothing listens', async () => {
    const port = await freePort();
    const error = await fails(`postgres://u:${WRITTEN}@127.0.0.1:${port}/d`, 'ERR_PGTAP_SCHEMA_CONNECT', new RegExp(`^Cannot connect to the server at 127.0.0.1:${port}: nothing listens there`));
    assert.equal(error.cause.code, 'ECONNREFUSED');
  });

  it('to a folder without a socket', async () => {
    await fails(`postgres://u:${WRITTEN}@/d?host=/nowhere&port=1`, 'ERR_PGTAP_SCHEMA_CONNECT', /^Cannot connect to the server at \/nowhere, port 1: there is no such socket/);
  });

  it('to a host that does not exist', async () => {
    const error = await fails(`postgres://u:${WRITTEN}@nothing.invalid/d`, 'ERR_PGTAP_SCHEMA_CONNECT', /^Cannot connect to the server at nothing\.invalid:5432: the host name/);
    assert.match(error.cause.code, /^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('to a server that never answers', async () => {
    const sockets = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise((settle) => { silent.listen(0, '127.0.0.1', settle); });
    try {
      const url = `postgres://u:${WRITTEN}@127.0.0.1:${silent.address().port}/d`;
      await fails(url, 'ERR_PGTAP_SCHEMA_TIMEOUT', /raise connectTimeoutMs/, { connectTimeoutMs: 300 });
      const reason = new Error('enough');
      await assert.rejects(readCatalogFrom(url, { signal: AbortSignal.abort(reason) }), reason);
      const ending = new AbortController();
      silent.once('connection', () => ending.abort(reason));
      await assert.rejects(readCatalogFrom(url, { signal: ending.signal, connectTimeoutMs: 2 ** 31 - 1 }), reason);
    } finally {
      sockets.forEach((socket) => socket.destroy());
      silent.close();
    }
  });

  it('to a server of another kind', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise((settle) => { web.listen(0, '127.0.0.1', settle); });
    try {
      await fails(`postgres://u:${WRITTEN}@127.0.0.1:${web.address().port}/d`, 'ERR_PGTAP_SCHEMA_CONNECT', /^Cannot connect to the server at 127/, { connectTimeoutMs: 5000 });
    } finally {
      web.close();
    }
  });

  for (const text of [`postgres://u:${SECRET}@h:port/d`, `mysql://u:${WRITTEN}@h/d`, `host=h password=${SECRET}`, 'postgres']) {
    it(`that is none: ${text.split('hunter2')[0]}…`, async () => {
      await fails(text, 'ERR_PGTAP_SCHEMA_CONNECTION', /encodeURIComponent/);
    });
  }
});

describe('a connection to a real PostgreSQL', { skip: withoutPostgres }, () => {
  let server;
  let admin;
  let base;

  before(async () => {
    server = await startPostgres();
    const { default: pg } = await import('pg');
    admin = new pg.Client(server.settings);
    await admin.connect();
    await admin.query(`CREATE ROLE reader LOGIN PASSWORD '${SECRET}'`);
    await admin.query('CREATE ROLE sleeper NOLOGIN');
    await admin.query('CREATE DATABASE closed; ');
    await admin.query('REVOKE CONNECT ON DATABASE closed FROM PUBLIC');
    await admin.query('CREATE TABLE t (id int PRIMARY KEY)');
    base = `${server.host}:${server.port}`;
  });

  after(async () => {
    await admin?.end();
    await server?.stop();
  });

  it('gives the catalog that a client gives, with a password over TCP', async () => {
    assert.deepEqual(await readCatalogFrom(`postgres://reader:${WRITTEN}@${base}/postgres`), await readCatalog(admin));
    assert.deepEqual(await readCatalogFrom(`postgresql://reader@/postgres?host=${server.folder}&port=${server.port}`), await readCatalog(admin));
  });

  it('leaves no connection behind', async () => {
    const { rows } = await admin.query("SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'pgtap-scanner'");
    assert.deepEqual(rows, [{ open: 0 }]);
  });

  it('with a wrong password', async () => {
    const error = await fails(`postgres://reader:${WRITTEN}x@${base}/postgres`, 'ERR_PGTAP_SCHEMA_AUTH', /^The server at .* refused the password .*; check user and password$/);
    assert.equal(error.cause.code, '28P01');
  });

  it('without the password that is wanted', async () => {
    await fails(`postgres://reader@${base}/postgres`, 'ERR_PGTAP_SCHEMA_AUTH', /wants a password/);
  });

  it('as a role that may not log in', async () => {
    await fails(`postgres://sleeper:${WRITTEN}@/postgres?host=${server.folder}&port=${server.port}`, 'ERR_PGTAP_SCHEMA_AUTH', /refused the user \(role "sleeper" is not permitted to log in\)/);
  });

  it('to a database that does not exist', async () => {
    await fails(`postgres://reader:${WRITTEN}@${base}/nothing`, 'ERR_PGTAP_SCHEMA_DATABASE', /has no such database \(database "nothing" does not exist\)/);
  });

  it('to a database that the user may not connect to', async () => {
    await fails(`postgres://reader:${WRITTEN}@${base}/closed`, 'ERR_PGTAP_SCHEMA_RIGHTS', /grant CONNECT on the database/);
  });

  it('with a statement that takes too long, and with a signal that ends it', async () => {
    const { default: pg } = await import('pg');
    const blocker = new pg.Client(server.settings);
    await blocker.connect();
    try {
      await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_policy IN ACCESS EXCLUSIVE MODE');
      const url = `postgres://reader:${WRITTEN}@${base}/postgres`;
      await fails(url, 'ERR_PGTAP_SCHEMA_TIMEOUT', /raise statementTimeoutMs/, { statementTimeoutMs: 200 });
      const ending = new AbortController();
      const reading = readCatalogFrom(url, { signal: ending.signal });
      await untilWaiting(admin);
      const reason = new Error('enough');
      ending.abort(reason);
      await assert.rejects(reading, reason);
    } finally {
      await blocker.end();
    }
  });
});

async function untilWaiting(admin) {
  const waiting = "SELECT FROM pg_stat_activity WHERE application_name = 'pgtap-scanner' AND wait_event_type = 'Lock'";
  while ((await admin.query(waiting)).rowCount === 0) await new Promise((settle) => setTimeout(settle, 20));
}

describe('a project without the optional packages', () => {
  let folder;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bare-'));
    symlinkSync(join(import.meta.dirname, '../../lib'), join(folder, 'lib'));
    mkdirSync(join(folder, 'migrations'));
    writeFileSync(join(folder, 'migrations/1.sql'), 'CREATE TABLE t ();');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What a program says that runs where only this package is installed. */
  function said(expression) {
    const code = `require('./lib/schema').${expression}.then(() => console.log('read'), (e) => console.log(e.code, e.message))`;
    const flags = ['--preserve-symlinks', '--preserve-symlinks-main', '-e', code];
    const { stdout, stderr } = spawnSync(process.execPath, flags, { cwd: folder, encoding: 'utf8' });
    return stdout + stderr;
  }

  it('says how pg is installed', () => {
    const text = said(`readCatalogFrom('postgres://u:${WRITTEN}@h/d')`);
    assert.equal(text, 'ERR_PGTAP_SCHEMA_PEER A connection string needs the package pg, which is not installed: npm install pg\n');
  });

  it('says how PGlite is installed', () => {
    const text = said("catalogOfMigrations({ migrations: 'migrations' })");
    assert.equal(text, 'ERR_PGTAP_SCHEMA_PEER Reading migrations without a server needs the package @electric-sql/pglite, which is not installed: npm install @electric-sql/pglite\n');
  });

  it('takes them from the folder of the project, and believes them no password', () => {
    mkdirSync(join(folder, 'node_modules/pg'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/pg/index.js'), `exports.Client = class {
      constructor({ connectionString }) { this.text = connectionString; }
      on() {}
      async end() {}
      async connect() {
        const cause = Object.assign(new Error(decodeURIComponent(this.text)), { text: this.text });
        throw Object.assign(new Error('cannot use ' + this.text, { cause }), { errors: [cause] });
      }
    };`);
    const text = said(`readCatalogFrom('postgres://u:${WRITTEN}@h/d').catch((e) => { throw { code: e.code, message: require('node:util').inspect(e) }; })`);
    assert.match(text, /^ERR_PGTAP_SCHEMA_CONNECT [^]*cannot use postgres:\/\/u:\*\*\*@h\/d/);
    assert.doesNotMatch(text, /hunter2/);
  });
});
