// What the tests cover of a schema: the example project, settings across files, suggestions, stale tests, errors.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'libpg-query';

import { PgTapScanner, scannedSuite, suiteFolder } from './suite-folder.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const BOOKSHOP = join(HERE, '..', 'examples', 'bookshop');

const json = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));
const bookshop = json(BOOKSHOP, 'catalog.json');
/** Every kind of object, and names that are hard to quote. */
const odd = json(HERE, 'fixtures', 'gaps', 'catalog.json');

/** The states of objects: `kind:display` -> state. */
const states = ({ objects }) => Object.fromEntries(objects.map(({ kind, display, state }) => [`${kind}:${display}`, state]));
const asserted = (coverage) => coverage.objects.filter(({ state }) => state === 'asserted').map(({ kind, display }) => `${kind}:${display}`);
const object = ({ objects }, key) => objects.find(({ kind, display }) => `${kind}:${display}` === key);

async function analyzed(t, files, catalog = odd, options = {}) {
  const { scanner, root } = await scannedSuite(t, files, options);
  return { scanner, root, ...await scanner.analyzeGaps({ catalog }) };
}

function byKind(objects) {
  const kinds = {};
  for (const { kind, display } of objects) (kinds[kind] ??= []).push(display);
  return kinds;
}

test('the example project has the gaps and stale tests that were found by hand', async () => {
  const expected = json(BOOKSHOP, 'gaps.json');
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(join(BOOKSHOP, 'tests'));
  const { coverage, gaps } = await scanner.analyzeGaps({ catalog: bookshop });
  assert.deepEqual(byKind(coverage.objects.filter(({ state }) => state !== 'asserted')), expected.gaps);
  assert.deepEqual(coverage.stale.map(({ file, line, reason }) => `${file}:${line} ${reason}`), expected.stale);
  const missing = Object.values(expected.gaps).flat().length;
  assert.equal(gaps.uncoveredObjects.size, missing);
  assert.equal(coverage.summary.total - coverage.summary.asserted, missing);
});

test('the coverage has the fields of its format', async (t) => {
  const { coverage } = await analyzed(t, {
    'a_test.sql': "SELECT plan(2);\nSELECT has_table('app', 'users'::name);\nSELECT has_table('app', 'usrs'::name);\nSELECT * FROM app.orders;\n",
  });
  assert.deepEqual(Object.keys(coverage), ['format', 'version', 'tool', 'source', 'summary', 'kinds', 'schemas', 'objects', 'stale', 'staleCount', 'files', 'skipped']);
  assert.deepEqual([coverage.format, coverage.version, coverage.source], ['pgtap-scanner-coverage', 1, { kind: 'snapshot', server: '15.20' }]);
  assert.equal(coverage.tool, json(HERE, '..', 'package.json').version);
  assert.deepEqual(coverage.summary, { total: 135, asserted: 1, exercised: 1, untested: 133, percent: 0.7 });
  assert.deepEqual(coverage.kinds.tables, { total: 14, asserted: 1, exercised: 1, untested: 12, percent: 7.1 });
  assert.deepEqual(Object.keys(coverage.kinds), [...new Set(coverage.objects.map(({ kind }) => kind))]);
  const app = coverage.schemas.find(({ name }) => name === 'app');
  assert.deepEqual(Object.keys(app), ['name', 'total', 'asserted', 'exercised', 'untested', 'percent']);
  assert.deepEqual(object(coverage, 'tables:app.users'), {
    kind: 'tables', schema: 'app', relation: null, name: 'users', signature: null, columns: [], role: null,
    display: 'app.users', state: 'asserted',
    assertions: [{ file: 'a_test.sql', line: 2, type: 'has_table', by: 'name' }],
    assertionCount: 1, exercisedIn: [], origin: null, suggestion: null,
  });
  assert.deepEqual(object(coverage, 'tables:app.orders').exercisedIn, ['a_test.sql']);
  assert.equal(object(coverage, 'functions:app.total(text, integer[])').signature, 'text, integer[]');
  assert.deepEqual(object(coverage, 'primaryKeys:app.orders.orders_pkey').columns, ['id', 'at']);
  assert.equal(object(coverage, 'privileges:table app.users to odd_group').role, 'odd_group');
  assert.deepEqual(coverage.stale, [{
    file: 'a_test.sql', line: 3, type: 'has_table', target: 'app.usrs', kind: 'tables',
    reason: 'no table app.usrs in the schema', nearest: 'app.users',
  }]);
  assert.deepEqual(coverage.files, [{ path: 'a_test.sql', assertions: 2, planned: 2, lines: 5, covers: 1 }]);
  assert.deepEqual(coverage.skipped, []);
  assert.equal(coverage.objects.length, coverage.summary.total);
});

test('afterwards the coverage database and the statistics know the gaps of the schema', async (t) => {
  const { scanner, gaps, recommendedTests, staleAssertions } = await analyzed(t, {
    'a.sql': "SELECT has_table('app', 'users'::name); SELECT has_view('app', 'gone', 'x y');",
  });
  const { coverageDatabase } = scanner;
  assert.equal(coverageDatabase.gaps.uncoveredObjects, gaps.uncoveredObjects);
  assert.ok(gaps.uncoveredObjects.has('views:app.active') && !gaps.uncoveredObjects.has('tables:app.users'));
  assert.deepEqual([...coverageDatabase.gaps.partialCoverage], ['tables:app.users']);
  const statistics = scanner.getCoverageStatistics().gaps;
  assert.equal(statistics.totalUncovered, 134);
  assert.equal(statistics.partialCoverage, 1);
  assert.equal(statistics.uncoveredByType.views, 1);
  const view = { objectType: 'views', objectName: 'app.active' };
  const found = recommendedTests.find(({ object: key }) => key === 'views:app.active');
  assert.deepEqual(found, {
    object: 'views:app.active', ...view, assertionCount: 0, reason: 'no test names it',
    statement: "SELECT has_view('app', 'active', 'View app.active exists');",
  });
  assert.equal(statistics.recommendedTests, recommendedTests);
  assert.deepEqual(staleAssertions.map(({ target }) => target), ['app.gone']);
  // A database that is built later is not the one that was compared.
  const later = await scanner.buildCoverageDatabase();
  assert.equal(later.gaps.uncoveredObjects.size, 0);
});

test('an included file begins with the path of its includer, and leaves its own behind', async (t) => {
  const { coverage } = await analyzed(t, {
    'a_test.sql': [
      "SELECT has_table('orders');",
      "\\ir setup/path.psql",
      "SELECT has_table('orders');",
      "\\ir setup/inner.psql",
      'RESET search_path;',
      "SELECT has_view('active');",
    ].join('\n'),
    'setup/path.psql': '\\ir deeper.psql\n',
    'setup/deeper.psql': "SELECT set_config('search_path', 'app, public', false);\n\\ir path.psql\n",
    'setup/inner.psql': "SELECT has_materialized_view('totals');\n",
    'b_test.sql': "SELECT has_sequence('numbers');",
  });
  assert.deepEqual(asserted(coverage), ['tables:app.orders', 'materializedViews:app.totals']);
  const { assertions } = object(coverage, 'tables:app.orders');
  assert.deepEqual(assertions, [{ file: 'a_test.sql', line: 3, type: 'has_table', by: 'search_path' }]);
  assert.equal(object(coverage, 'materializedViews:app.totals').assertions[0].file, 'setup/inner.psql');
  assert.deepEqual(coverage.stale.map(({ reason }) => reason), [
    'no table orders on the search path (public)',
    'no view active on the search path (public)',
    'no sequence numbers on the search path (public)',
  ]);
});

test('helpers and what files make count across files', async (t) => {
  const { coverage } = await analyzed(t, {
    'a_test.sql': "SELECT check_table('users'); SELECT has_table('app', 'made'::name); SELECT has_rls('app', 'users');",
    'helpers.sql': [
      "CREATE FUNCTION check_table(t name) RETURNS text LANGUAGE sql AS $$ SELECT has_table('app', t, 'x y') $$;",
      'CREATE FUNCTION has_rls(s name, t name) RETURNS text LANGUAGE sql AS $$',
      "  SELECT ok(relrowsecurity, 'x') FROM pg_class WHERE oid = format('%I.%I', s, t)::regclass $$;",
      'CREATE TABLE app.made (a int);',
    ].join('\n'),
  });
  assert.deepEqual(asserted(coverage), ['tables:app.users', 'rls:app.users']);
  assert.deepEqual(coverage.stale, []);
});

test('of many places the first are told, and all are counted; threads change nothing', async (t) => {
  const files = {};
  for (let at = 0; at < 60; at += 1) {
    const name = `${String(at).padStart(2, '0')}.sql`;
    files[name] = "SELECT has_table('app', 'users'::name);\nSELECT has_table('app', 'gone' || 1, 'x');\nSELECT 1 FROM app.orders;\n"
      + `SELECT has_table('app', 'nothing_${at}'::name);\n`.repeat(20);
  }
  const { coverage } = await analyzed(t, files);
  const users = object(coverage, 'tables:app.users');
  assert.equal(users.assertionCount, 60);
  assert.deepEqual(users.assertions.map(({ file }) => file), Object.keys(files).slice(0, 20));
  assert.deepEqual(object(coverage, 'tables:app.orders').exercisedIn, Object.keys(files).slice(0, 20));
  assert.equal(coverage.staleCount, 1200);
  assert.equal(coverage.stale.length, 1000);
  assert.deepEqual(coverage.stale.at(-1), { ...coverage.stale[999], file: '49.sql', line: 23 });
  for (const threads of [1, 7]) {
    assert.deepEqual((await analyzed(t, files, odd, { threads })).coverage, coverage);
  }
});

test('the suggested tests are one file of statements that asserts every object', async (t) => {
  const { scanner, coverage } = await analyzed(t, { 'a.sql': "SELECT has_schema('app');" });
  const text = scanner.suggestTests(coverage);
  const statements = (await parse(text)).stmts;
  assert.match(text, /^SELECT plan\(134\);$/m);
  // BEGIN, plan, finish, ROLLBACK, and nothing that a name has smuggled in.
  assert.equal(statements.length, 134 + 4);
  assert.ok(statements.slice(1, -1).every(({ stmt }) => stmt.SelectStmt));
  assert.match(text, /^-- new line; DROP TABLE x; --: tables$/m);
  const covered = (await analyzed(t, { 'a.sql': text, 'b.sql': "SELECT has_schema('app');" })).coverage;
  assert.deepEqual(covered.summary, { total: 135, asserted: 135, exercised: 0, untested: 0, percent: 100 });
  assert.deepEqual(covered.stale, []);
  assert.equal(covered.files[0].planned, 134);
  assert.deepEqual((await parse(scanner.suggestTests(covered))).stmts.length, 5);
  assert.throws(() => scanner.suggestTests({}), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /^Expected a coverage/ });
});

test('origins of migrations stand with their objects', async (t) => {
  const origin = (more) => ({ kind: 'tables', schema: 'app', relation: null, name: 'users', file: '001.sql', line: 7, ...more });
  const origins = [
    origin(), origin({ kind: 'functions', name: 'total', arguments: ['integer'], line: 9 }),
    origin({ kind: 'triggers', relation: 'users', name: "users 'touch'", file: '002.sql' }),
  ];
  const { coverage } = await analyzed(t, { 'a.sql': '' }, { ...odd, origins });
  assert.deepEqual(object(coverage, 'tables:app.users').origin, { file: '001.sql', line: 7 });
  assert.deepEqual(object(coverage, 'functions:app.total(integer)').origin, { file: '001.sql', line: 9 });
  assert.equal(object(coverage, 'functions:app.total(text, integer[])').origin, null);
  assert.deepEqual(object(coverage, "triggers:app.users.users 'touch'").origin, { file: '002.sql', line: 7 });
});

test('an empty schema is covered', async (t) => {
  const lists = Object.keys(odd).filter((name) => Array.isArray(odd[name]) && name !== 'searchPath');
  const empty = { ...odd, ...Object.fromEntries(lists.map((name) => [name, []])) };
  const { coverage } = await analyzed(t, { 'a.sql': "SELECT has_role('x');" }, empty);
  assert.deepEqual(coverage.summary, { total: 0, asserted: 0, exercised: 0, untested: 0, percent: 100 });
  assert.deepEqual(states(coverage), {});
});

test('what cannot be compared is refused with what to do', async (t) => {
  const { scanner, root } = await scannedSuite(t, { 'a.sql': `SELECT has_table('t');${' '.repeat(2 << 20)}` });
  const refused = (options, expected) => assert.rejects(scanner.analyzeGaps(options), expected);
  await refused({ catalog: {} }, { code: 'ERR_PGTAP_CATALOG', message: /format 'pgtap-scanner-catalog' is needed/ });
  await refused({ catalog: { ...odd, version: 9 } }, { code: 'ERR_PGTAP_CATALOG', message: /has version 9 .* reads version 1/ });
  await refused({ catalog: { ...odd, roles: [{ name: 'x' }] } }, { code: 'ERR_PGTAP_CATALOG', message: /roles\[0\]: missing field `superuser`/ });
  await refused({}, { code: 'ERR_PGTAP_SCHEMA_SOURCE' });
  await refused({ catalog: odd, schema: 'x.sql' }, { code: 'ERR_PGTAP_SCHEMA_SOURCE' });
  await refused(null, { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  await refused({ catalog: odd, signal: 1 }, { code: 'ERR_PGTAP_INVALID_OPTION' });
  writeFileSync(join(root, 'a.sql'), 'SELECT 1;');
  await refused({ catalog: odd }, { code: 'ERR_PGTAP_FILE_CHANGED', message: /scan the folder again/ });
  scanner.testFiles = [...scanner.testFiles, { filePath: '/x.sql', assertions: [] }];
  await refused({ catalog: odd }, { code: 'ERR_PGTAP_NO_SOURCES', message: /1 of testFiles/ });
});

test('a scanner that was opened has no sources', async (t) => {
  const { scanner, root } = await scannedSuite(t, { 'a.sql': "SELECT has_table('t');" });
  const file = join(root, 'saved.db');
  await (await scanner.buildCoverageDatabase()).save(file);
  const opened = await PgTapScanner.open(file);
  await assert.rejects(opened.analyzeGaps({ catalog: odd }), { code: 'ERR_PGTAP_NO_SOURCES', message: /scan the folder instead/ });
});

test('a signal or closing ends an analysis', async (t) => {
  const { scanner } = await scannedSuite(t, { 'a.sql': "SELECT has_table('t');" });
  const reason = new Error('enough');
  await assert.rejects(scanner.analyzeGaps({ catalog: odd, signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const running = scanner.analyzeGaps({ catalog: odd, signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(running, reason);
  const later = scanner.analyzeGaps({ catalog: odd });
  await scanner.close();
  await assert.rejects(later, ({ code }) => code === 'ERR_PGTAP_CLOSED' || code === 'ABORT_ERR');
  await assert.rejects(scanner.analyzeGaps({ catalog: odd }), { code: 'ERR_PGTAP_CLOSED' });
});

test('files below the scanned folder are named by their path there', async (t) => {
  const root = suiteFolder(t, { 'deep/er/a.sql': "SELECT has_schema('app');" });
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(root);
  const { coverage } = await scanner.analyzeGaps({ catalog: odd });
  assert.deepEqual(coverage.files.map(({ path }) => path), ['deep/er/a.sql']);
  assert.equal(object(coverage, 'schemas:app').assertions[0].file, 'deep/er/a.sql');
});
