// The coverage map, the statistics and the coverage database, of scanned files and of the caller's own.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { PgTapScanner, scannedSuite } from './suite-folder.mjs';

const SUITE = {
  'a.sql': `SELECT plan(6);
SELECT has_table('app', 'users', 'users exist');
SELECT has_column('app', 'users', 'email', 'has an email');
SELECT col_not_null('app', 'users', 'email', 'and it is set');
SELECT hasnt_table('app', 'old', 'old is gone');
SELECT has_schema('app');
SELECT has_function('app', 'total', ARRAY['int']);
`,
  'sub/b.sql': `SELECT table_owner_is('app', 'users', 'bob', 'owned');
SELECT policy_exists('app', 'users', 'own', 'a policy');
SELECT has_index('app', 'users', 'users_email', 'an index');
SELECT has_trigger('app', 'users', 'upd', 'a trigger');
SELECT results_eq('SELECT id FROM app.orders', ARRAY[1]);
SELECT has_table('t_' || x);
`,
};

const plain = (fileName, ...assertions) => ({
  filePath: `/own/${fileName}`, fileName, planCount: null, dependencies: [], metadata: {},
  assertions: assertions.map(([type, target, extra]) => ({ type, target, parameters: [], lineNumber: 1, rawSql: '', ...extra })),
});

const build = async (...files) => {
  const scanner = new PgTapScanner();
  scanner.testFiles = files;
  return { scanner, database: await scanner.buildCoverageDatabase() };
};

test('the coverage map', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const map = scanner.getCoverageMap();
  assert.deepEqual(map.schemas.app, ['has_schema']);
  assert.deepEqual(map.columns['app.users.email'], ['has_column', 'col_not_null']);
  assert.deepEqual(map.functions['app.total'], ['has_function']);
  assert.deepEqual(map.policies['app.users.own'], ['policy_exists']);
  assert.deepEqual(map.indexes['app.users.users_email'], ['has_index']);
  assert.deepEqual(map.triggers['app.users.upd'], ['has_trigger']);
  assert.deepEqual({ ...map.tables['app.users'] }, {
    assertionTypes: ['has_table', 'table_owner_is'], schema: 'app', tableName: 'users',
    descriptions: ['users exist', 'owned'], testFiles: ['a.sql', 'b.sql'],
  });
  assert.deepEqual(map.filesByTarget['app.users'], scanner.testFiles);
  assert.equal(map.filesByTarget['app.users'][0], scanner.testFiles[0]);
  assert.equal(scanner.coverageMap, map);
});

test('the map of a new scanner has all kinds, empty', () => {
  const map = new PgTapScanner().getCoverageMap();
  for (const kind of ['schemas', 'tables', 'columns', 'functions', 'policies', 'indexes', 'triggers', 'filesByTarget']) {
    assert.deepEqual(map[kind], {}, kind);
  }
});

test('the statistics', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const statistics = scanner.getStatistics();
  assert.equal(statistics.filesScanned, 2);
  assert.equal(statistics.totalAssertions, 12);
  assert.equal(statistics.assertionTypes.has_table, 2);
  assert.equal(Object.values(statistics.assertionTypes).reduce((a, b) => a + b), 12);
  const { uniqueTargets, ...stats } = statistics.coverageStats;
  assert.deepEqual(stats, {
    schemasWithTests: 1, tablesWithTests: 2, tablesWithDescriptions: 2, columnsWithTests: 1, functionsWithTests: 1,
    policiesWithTests: 1, indexesWithTests: 1, triggersWithTests: 1,
  });
  assert.equal(uniqueTargets, 8);
  assert.equal(scanner.totalAssertions, 12);
  assert.equal(scanner.filesProcessed, 2);
});

test('an entry of the database', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const database = await scanner.buildCoverageDatabase();
  assert.equal(scanner.coverageDatabase, database);
  const entry = database.objects.tables.get('app.users');
  assert.deepEqual(entry.assertions.map(({ filePath, ...rest }) => rest), [
    { type: 'has_table', target: 'app.users', testFile: 'a.sql', lineNumber: 2, description: 'users exist', parameters: ['app', 'users', 'users exist'] },
    { type: 'table_owner_is', target: 'app.users', testFile: 'b.sql', lineNumber: 1, description: 'owned', parameters: ['app', 'users', 'bob', 'owned'] },
  ]);
  assert.deepEqual(entry.assertionTypes, new Set(['has_table', 'table_owner_is']));
  assert.deepEqual(entry.testFiles, new Set(['a.sql', 'b.sql']));
  assert.equal(entry.lastTested, database.buildTimestamp);
  assert.equal(new Date(database.buildTimestamp).toISOString(), database.buildTimestamp);
  assert.deepEqual([database.totalFiles, database.totalAssertions, database.memoryManaged, database.streamingMode], [2, 12, true, false]);
  assert.equal(database.fileIndex.size, 2);
  assert.ok(database.fileIndex.has(scanner.testFiles[0].filePath));
  const known = ['schemas', 'tables', 'columns', 'functions', 'policies', 'indexes', 'triggers'];
  assert.deepEqual(known.map((kind) => database.objects[kind].size), [1, 1, 1, 1, 1, 1, 1]);
});

test('counts, gaps and what covers nothing', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const { assertionCounts, gaps, absences, patterns, exercised, objects } = await scanner.buildCoverageDatabase();
  assert.equal(assertionCounts.total, 12);
  assert.equal(assertionCounts.byType.get('has_table'), 2);
  assert.equal(assertionCounts.byObject.get('tables:app.users'), 2);
  assert.equal(assertionCounts.byObject.get('tables:none'), undefined);
  assert.equal(assertionCounts.byObject.size, 7);
  assert.deepEqual([...assertionCounts.byObject.keys()].sort(), [...assertionCounts.byObject].map(([key]) => key).sort());
  assert.ok(gaps.partialCoverage.has('functions:app.total'));
  assert.ok(!gaps.partialCoverage.has('tables:app.users'));
  assert.deepEqual([...gaps.uncoveredObjects], ['tables:app.orders']);
  assert.equal(objects.tables.has('app.old'), false);
  assert.equal(absences.get('tables:app.old'), 1);
  assert.equal(patterns.size, 1);
  assert.ok(exercised.relations.get('app.orders').testFiles.has('b.sql'));
  assert.equal(objects.tables.has('app.orders'), false);
});

test('the maps are Maps', async () => {
  const names = Array.from({ length: 2500 }, (_, at) => `s${(at * 7919) % 2500}`);
  const { database } = await build(plain('a.sql', ...names.map((name) => ['has_schema', name])));
  const { schemas } = database.objects;
  assert.ok(schemas instanceof Map);
  assert.equal(schemas.size, 2500);
  assert.deepEqual([...schemas.keys()], names, 'first-seen order, over several pages');
  assert.deepEqual([...schemas].map(([name]) => name), names);
  assert.deepEqual([...schemas.entries()].map(([name]) => name), names);
  assert.deepEqual([...schemas.values()].map((entry) => entry.assertions[0].target), names);
  const seen = [];
  const that = {};
  schemas.forEach(function visit(entry, name, map) {
    assert.equal(this, that);
    assert.equal(map, schemas);
    seen.push(name);
  }, that);
  assert.deepEqual(seen, names);
  assert.equal(new Map(schemas).size, 2500);
  assert.equal(Object.fromEntries(schemas).s5.assertions.length, 1);
  let ran = 0;
  for (const key of ['none', '', undefined, null, 1, {}, Symbol('x'), '__proto__', 'constructor']) {
    assert.equal(schemas.get(key), undefined);
    assert.equal(schemas.has(key), false);
    ran += 1;
  }
  assert.equal(ran, 9);
});

test('the iterators of a Map can be used as such', async () => {
  const { database } = await build(plain('a.sql', ['has_schema', 'a'], ['has_schema', 'b']));
  const keys = database.objects.schemas.keys();
  assert.deepEqual(keys.next(), { value: 'a', done: false });
  assert.deepEqual([...keys], ['b']);
  assert.deepEqual(keys.next(), { value: undefined, done: true });
});

test('what is written to a Map is kept', async () => {
  const { database } = await build(plain('a.sql', ['has_schema', 'a'], ['has_schema', 'b']));
  const { schemas } = database.objects;
  assert.equal(schemas.set('c', 1), schemas);
  assert.equal(schemas.get('c'), 1);
  assert.equal(schemas.delete('a'), true);
  assert.equal(schemas.delete('a'), false);
  assert.deepEqual([...schemas.keys()], ['b', 'c']);
  assert.equal(schemas.size, 2);
  schemas.clear();
  assert.equal(schemas.size, 0);
});

test('plain files are taken as they are', async () => {
  const { scanner, database } = await build(
    plain('a.sql', ['has_table', 'public.t', { description: 'd' }], ['made_up', 'x'], ['hasnt_table', 'public.gone']),
    plain('b.sql', ['has_table', 'public.t'], ['has_column', 't.c']),
  );
  assert.equal(database.totalAssertions, 5);
  assert.equal(database.assertionCounts.byType.get('made_up'), 1);
  assert.deepEqual(database.objects.tables.get('public.t').testFiles, new Set(['a.sql', 'b.sql']));
  assert.equal(database.objects.tables.get('public.t').assertions[0].description, 'd');
  assert.equal(database.objects.tables.has('public.gone'), false);
  const map = scanner._buildCoverageMap() ?? scanner.coverageMap;
  assert.deepEqual(map.columns['t.c'], ['has_column']);
  assert.deepEqual(scanner.coverageMap.tables['public.t'].testFiles, ['a.sql', 'b.sql']);
  assert.equal(scanner.coverageMap.filesByTarget['t.c'][0], scanner.testFiles[1]);
  assert.equal(scanner.getStatistics().totalAssertions, 5);
});

test('plain files beside scanned ones', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  scanner.testFiles.push(plain('own.sql', ['has_table', 'app.users'], ['has_table', 'app.more']));
  const { objects, totalFiles, totalAssertions } = await scanner.buildCoverageDatabase();
  assert.deepEqual([totalFiles, totalAssertions], [3, 14]);
  assert.deepEqual([...objects.tables.keys()], ['app.users', 'app.more']);
  assert.deepEqual([...objects.tables.get('app.users').testFiles], ['a.sql', 'b.sql', 'own.sql']);
  assert.equal(objects.tables.get('app.users').assertions[1].description, 'owned');
  assert.equal(objects.columns.get('app.users.email').assertions[1].parameters[3], 'and it is set');
});

test('fewer files than were scanned', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  scanner.testFiles = scanner.testFiles.slice(1);
  const { objects, totalFiles } = await scanner.buildCoverageDatabase();
  assert.equal(totalFiles, 1);
  assert.deepEqual(objects.tables.get('app.users').testFiles, new Set(['b.sql']));
  assert.equal(objects.tables.get('app.users').assertions[0].type, 'table_owner_is');
});

test('files of another scanner', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const { database } = await build(...scanner.testFiles);
  assert.equal(database.totalAssertions, 12);
  assert.equal(database.objects.tables.get('app.users').assertions[0].description, 'users exist');
});

test('fields that are missing or odd harm nothing', async () => {
  const odd = [
    {}, { assertions: [] }, { assertions: [{}] }, { assertions: [{ type: 'has_table' }] }, { assertions: [{ target: 'x' }] },
    { assertions: [{ type: 1, target: 2, lineNumber: 'x' }] }, { assertions: [null] }, { assertions: null },
    { assertions: [{ type: 'has_table', target: 'public.t', lineNumber: -1 }] }, { filePath: '/p/only.sql', assertions: [{ type: 'has_schema', target: 's' }] },
    { fileName: 5, planCount: 'x', assertions: [{ type: 'HAS_SCHEMA', target: 's', lineNumber: 1e20 }] },
  ];
  let ran = 0;
  for (const file of odd) {
    const { scanner, database } = await build(file);
    for (const map of Object.values(database.objects)) for (const entry of map.values()) JSON.stringify([entry, [...entry.testFiles]]);
    assert.equal(database.fileIndex.size, 1);
    scanner._buildCoverageMap();
    scanner.getStatistics();
    for (const format of ['json', 'csv', 'html', 'markdown']) scanner.exportCoverageReport({ format, includeDetails: true });
    ran += 1;
  }
  assert.equal(ran, 11);
  const { database } = await build(odd[9]);
  assert.deepEqual(database.objects.schemas.get('s').testFiles, new Set(['only.sql']));
});

test('names that objects have by nature are names', async () => {
  const { scanner, database } = await build(plain('a.sql', ['has_schema', '__proto__'], ['has_schema', 'constructor'], ['has_function', '__proto__'], ['toString', 'x']));
  assert.deepEqual([...database.objects.schemas.keys()], ['__proto__', 'constructor']);
  scanner._buildCoverageMap();
  assert.deepEqual(Object.keys(scanner.coverageMap.filesByTarget), ['__proto__', 'constructor']);
  assert.deepEqual(Object.keys(scanner.coverageMap.schemas), ['__proto__', 'constructor']);
  assert.equal(scanner.getStatistics().assertionTypes.toString, 1);
  assert.equal(scanner.getCoverageByObject('constructor', 'x'), null);
  assert.equal(scanner.getCoverageByObject('__proto__', 'x'), null);
});

test('coverage of one object', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const found = scanner.getCoverageByObject('tables', 'app.users');
  assert.deepEqual({ ...found, metadata: undefined, lastTested: undefined }, {
    objectType: 'tables', objectName: 'app.users', assertionCount: 2, assertionTypes: ['has_table', 'table_owner_is'],
    testFiles: ['a.sql', 'b.sql'], metadata: undefined, coveragePercentage: 25, lastTested: undefined,
    assertions: [
      { type: 'has_table', testFile: 'a.sql', lineNumber: 2, description: 'users exist' },
      { type: 'table_owner_is', testFile: 'b.sql', lineNumber: 1, description: 'owned' },
    ],
  });
  assert.equal(found.lastTested, scanner.coverageDatabase.buildTimestamp);
  let ran = 0;
  for (const [type, name] of [['tables', 'none'], ['none', 'app.users'], ['tables', ''], [undefined, undefined], ['tables', 5], ['schemas', 'app.users']]) {
    assert.equal(scanner.getCoverageByObject(type, name), null);
    ran += 1;
  }
  assert.equal(ran, 6);
});

test('percentages are of the assertions expected, at most 100', async () => {
  const cases = [['tables', 'has_table', 'public.x', 8], ['columns', 'has_column', 't.x', 4], ['functions', 'has_function', 'x', 6],
    ['indexes', 'has_index', 't.x', 3], ['triggers', 'has_trigger', 'public.t.x', 4], ['policies', 'policy_exists', 't.x', 3],
    ['schemas', 'has_schema', 'x', 2], ['roles', 'has_role', 'x', 3]];
  let ran = 0;
  for (const [kind, type, target, expected] of cases) {
    for (const count of [1, expected, expected + 3]) {
      const { scanner } = await build(plain('a.sql', ...Array.from({ length: count }, () => [type, target])));
      const percentage = Math.min(100, Math.round((count / expected) * 10000) / 100);
      assert.equal(scanner.getCoverageByObject(kind, target).coveragePercentage, percentage, `${kind} ${count}`);
      ran += 1;
    }
  }
  assert.equal(ran, 24);
});

/** All numbers in a value. */
function numbers(value) {
  if (typeof value === 'number') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(numbers) : [];
}

test('statistics of nothing are zeros', () => {
  const statistics = new PgTapScanner().getCoverageStatistics();
  assert.ok(numbers(statistics).length > 20);
  assert.deepEqual(numbers(statistics).filter((number) => number !== 0), []);
  assert.equal(JSON.stringify(statistics).includes('null'), false);
  assert.deepEqual(statistics.topTested, []);
});

test('statistics of a suite', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const statistics = scanner.getCoverageStatistics();
  assert.equal(statistics.totalFiles, 2);
  assert.equal(statistics.objectCounts.tables, 1);
  assert.equal(statistics.coveragePercentages.columns, 50);
  assert.deepEqual(statistics.quality, { averageAssertionsPerObject: 1.29, filesWithHighCoverage: 2, objectsWithMultipleTests: 0, assertionDiversity: 11 });
  assert.equal(statistics.gaps.totalUncovered, 1);
  assert.deepEqual(statistics.gaps.uncoveredByType, { tables: 1 });
  assert.equal(statistics.topTested[0].objectName, 'app.users');
});

test('databases and files of an earlier scan stay as they were', async (t) => {
  const { scanner, root } = await scannedSuite(t, SUITE);
  const database = await scanner.buildCoverageDatabase();
  const [file] = scanner.testFiles;
  writeFileSync(join(root, 'a.sql'), "SELECT has_table('other');\n");
  await scanner.scanDirectory(root);
  assert.equal(scanner.coverageDatabase, null);
  assert.equal(database.objects.tables.get('app.users').assertions[0].description, 'users exist');
  assert.equal(database.assertionCounts.byObject.size, 7);
  assert.equal(file.assertions.length, 6);
  assert.equal(scanner.testFiles[0].assertions.length, 1);
  scanner.reset();
  assert.deepEqual([scanner.testFiles, scanner.filesProcessed, scanner.totalAssertions, scanner.coverageDatabase], [[], 0, 0, null]);
  assert.equal(database.objects.columns.get('app.users.email').assertions.length, 2);
  assert.deepEqual(scanner.getCoverageMap().tables, {});
});

test('the map follows a new scan', async (t) => {
  const { scanner, root } = await scannedSuite(t, SUITE);
  assert.ok(scanner.coverageMap.tables['app.users']);
  writeFileSync(join(root, 'a.sql'), "SELECT has_table('other');\n");
  await scanner.scanDirectory(root);
  assert.ok(scanner.coverageMap.tables['public.other']);
});

test('the database survives JSON and spread', async (t) => {
  const { scanner } = await scannedSuite(t, SUITE);
  const database = await scanner.buildCoverageDatabase();
  assert.equal(JSON.parse(JSON.stringify(database)).totalAssertions, 12);
  assert.equal({ ...database }.gaps.uncoveredObjects.size, 1);
});
