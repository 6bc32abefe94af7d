// Every suggested test passes on a real PostgreSQL, and the catalog of odd names is what that server says.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startPostgres, withoutPostgres } from './postgres/server.mjs';
import { PgTapScanner, suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { readCatalog } = require('../lib/schema/index.js');

const HERE = dirname(fileURLToPath(import.meta.url));
const FIXTURES = join(HERE, 'fixtures', 'gaps');
const BOOKSHOP = join(HERE, '..', 'examples', 'bookshop');

let server;

before(async () => {
  if (!withoutPostgres) server = await startPostgres();
});
after(() => server?.stop());

function psql(database, ...args) {
  const { host, port, user } = server.settings;
  const done = spawnSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', host, '-p', port, '-U', user, '-d', database, ...args], {
    encoding: 'utf8', env: { ...process.env, PGCLIENTENCODING: 'UTF8' },
  });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

/** A database of these scripts, and its catalog. */
async function database(name, scripts) {
  psql('postgres', '-c', `CREATE DATABASE ${name}`);
  psql(name, ...scripts.flatMap((script) => ['-f', script]), '-c', 'CREATE EXTENSION IF NOT EXISTS pgtap');
  const { default: pg } = await import('pg');
  const client = new pg.Client({ ...server.settings, database: name });
  await client.connect();
  try {
    return await readCatalog(client);
  } finally {
    await client.end();
  }
}

/** Suggests tests for what `tests` leaves out of the schema and runs them: how many there are. */
async function runSuggestions(t, name, tests, catalog) {
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(tests);
  const { coverage, gaps } = await scanner.analyzeGaps({ catalog });
  assert.ok(coverage.objects.every(({ state, suggestion }) => (state === 'asserted') === (suggestion === null)));
  const file = join(suiteFolder(t), 'suggested.sql');
  writeFileSync(file, scanner.suggestTests(coverage));
  const results = psql(name, '-f', file).split('\n').filter((line) => /^(not )?ok |^#/.test(line));
  assert.deepEqual(results.filter((line) => !line.startsWith('ok ')), []);
  assert.equal(results.length, gaps.uncoveredObjects.size);
  return results.length;
}

test('the suggested tests of every kind of object and of odd names pass', { skip: withoutPostgres }, async (t) => {
  const catalog = await database('odd', [join(FIXTURES, 'odd-schema.sql')]);
  const saved = JSON.parse(readFileSync(join(FIXTURES, 'catalog.json'), 'utf8'));
  assert.deepEqual({ ...catalog, server: saved.server, pgtap: saved.pgtap }, saved);
  assert.equal(await runSuggestions(t, 'odd', suiteFolder(t), catalog), 135);
});

test('the suggested tests of the example project pass', { skip: withoutPostgres }, async (t) => {
  const folder = join(BOOKSHOP, 'migrations');
  const migrations = readdirSync(folder).sort().map((name) => join(folder, name));
  const catalog = await database('bookshop', migrations);
  const expected = JSON.parse(readFileSync(join(BOOKSHOP, 'gaps.json'), 'utf8'));
  const gaps = Object.values(expected.gaps).flat().length;
  // Besides the gaps of the saved catalog there may be pgTAP itself.
  const count = await runSuggestions(t, 'bookshop', join(BOOKSHOP, 'tests'), catalog);
  assert.equal(count, gaps);
});
