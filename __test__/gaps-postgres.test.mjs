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

/** Makes a database of these scripts, and calls `use` with a client of it. */
async function withDatabase(name, scripts, use) {
  psql('postgres', '-c', `CREATE DATABASE ${name}`);
  psql(name, ...scripts.flatMap((script) => ['-f', script]), '-c', 'CREATE EXTENSION IF NOT EXISTS pgtap');
  const { default: pg } = await import('pg');
  const client = new pg.Client({ ...server.settings, database: name });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}

async function scanned(tests) {
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(tests);
  return scanner;
}

/** Suggests tests for what `tests` leaves out of the schema and runs them: the coverage, and how many there are. */
async function runSuggestions(t, name, tests, client) {
  const scanner = await scanned(tests);
  const { coverage, recommendedTests } = await scanner.analyzeGaps({ client });
  assert.equal(coverage.source.kind, 'live');
  const file = join(suiteFolder(t), 'suggested.sql');
  writeFileSync(file, scanner.suggestTests(coverage));
  const results = psql(name, '-f', file).split('\n').filter((line) => /^(not )?ok |^#/.test(line));
  assert.deepEqual(results.filter((line) => !line.startsWith('ok ')), []);
  assert.equal(results.length, recommendedTests.length);
  return { coverage, count: results.length };
}

/** `kind:display` -> state, without pgTAP itself. */
const states = ({ objects }) => new Map(objects.filter(({ name }) => name !== 'pgtap').map(({ kind, display, state }) => [`${kind}:${display}`, state]));

test('the suggested tests of every kind of object and of odd names pass', { skip: withoutPostgres }, async (t) => {
  await withDatabase('odd', [join(FIXTURES, 'odd-schema.sql')], async (client) => {
    const saved = JSON.parse(readFileSync(join(FIXTURES, 'catalog.json'), 'utf8'));
    const catalog = await readCatalog(client);
    assert.deepEqual({ ...catalog, server: saved.server, pgtap: saved.pgtap, extensions: saved.extensions }, saved);
    const { count } = await runSuggestions(t, 'odd', suiteFolder(t), client);
    assert.equal(count, 131);
  });
});

test('the example project has the same gaps here as in PGlite, and the suggested tests pass', { skip: withoutPostgres }, async (t) => {
  const folder = join(BOOKSHOP, 'migrations');
  const migrations = readdirSync(folder).sort().map((name) => join(folder, name));
  await withDatabase('bookshop', migrations, async (client) => {
    const { coverage, count } = await runSuggestions(t, 'bookshop', join(BOOKSHOP, 'tests'), client);
    const ofPGlite = await (await scanned(join(BOOKSHOP, 'tests'))).analyzeGaps({ catalog: join(BOOKSHOP, 'catalog.json') });
    assert.deepEqual(states(coverage), states(ofPGlite.coverage));
    assert.deepEqual(coverage.stale, ofPGlite.coverage.stale);
    const expected = JSON.parse(readFileSync(join(BOOKSHOP, 'gaps.json'), 'utf8'));
    assert.equal(count, Object.values(expected.gaps).flat().length);
  });
});
