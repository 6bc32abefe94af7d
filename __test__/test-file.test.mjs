// TestFiles: their fields, and assertions that are read when they are first looked at.

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { PgTapScanner, scannedSuite, suiteFolder } from './suite-folder.mjs';

const FIELDS = ['filePath', 'fileName', 'assertions', 'planCount', 'dependencies', 'metadata'];
const SQL = "SELECT plan(2);\n\\i setup.psql\nSELECT has_table('t');\nSELECT pass('\u{1F600}');\n";

setFlagsFromString('--expose-gc');

const one = async (t) => (await scannedSuite(t, { 'a.sql': SQL })).scanner.testFiles[0];

test('all fields are there, in order, before and after the assertions were read', async (t) => {
  const file = await one(t);
  assert.deepEqual(Object.keys(file), FIELDS);
  assert.equal(file.assertions.length, 2);
  assert.deepEqual(Object.keys(file), FIELDS);
});

test('JSON.stringify, spread, assign and structuredClone see the assertions', async (t) => {
  const ways = [
    (file) => JSON.parse(JSON.stringify(file)).assertions,
    (file) => ({ ...file }).assertions,
    (file) => Object.assign({}, file).assertions,
    (file) => structuredClone(file).assertions,
    (file) => Object.entries(file).find(([key]) => key === 'assertions')[1],
  ];
  let ran = 0;
  for (const way of ways) {
    const file = await one(t);
    assert.deepEqual(way(file).map(({ type }) => type), ['has_table', 'pass']);
    assert.deepEqual(way(file), file.assertions, 'and again once they were read');
    ran += 1;
  }
  assert.equal(ran, 5);
});

test('deepStrictEqual compares assertions, too', async (t) => {
  const root = suiteFolder(t, { 'a.sql': SQL });
  const scan = async () => (await new PgTapScanner().scanDirectory(root))[0];
  const [first, second] = [await scan(), await scan()];
  second.metadata.parsed = first.metadata.parsed;
  assert.deepStrictEqual(first, second);
  assert.deepStrictEqual(first, second, 'once they were read');
  assert.deepStrictEqual({ ...first }, { ...second });
  assert.deepStrictEqual({ ...first }, JSON.parse(JSON.stringify(first), (key, value) => (key === 'parsed' ? new Date(value) : value)));
  second.assertions = [];
  assert.notDeepStrictEqual(first, second);
});

test('the array is the same while somebody holds it', async (t) => {
  const file = await one(t);
  const { assertions } = file;
  assert.equal(file.assertions, assertions);
  assertions[0].note = 'mine';
  assert.equal(file.assertions[0].note, 'mine');
});

test('a loop over many files holds the assertions of few', async (t) => {
  const sql = Array.from({ length: 200 }, (_, at) => `SELECT has_table('s', 't${at}', 'A description of some length, so that it takes some room');`).join('\n');
  const { scanner } = await scannedSuite(t, Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`${at}.sql`, sql])));
  const collect = runInNewContext('gc');
  collect();
  const before = process.memoryUsage().heapUsed;
  let read = 0;
  for (const file of scanner.testFiles) read += file.assertions.length;
  collect();
  assert.equal(read, 400 * 200);
  // All of them take about 50 MB, those of 16 files a twentieth of that.
  assert.ok(process.memoryUsage().heapUsed - before < 20e6, `${process.memoryUsage().heapUsed - before} bytes`);
});

test('assertions can be assigned', async (t) => {
  const file = await one(t);
  const mine = [{ type: 'ok' }];
  file.assertions = mine;
  assert.equal(file.assertions, mine);
  assert.deepEqual(Object.keys(file), FIELDS);
  assert.deepEqual(JSON.parse(JSON.stringify(file)).assertions, mine);
  file.assertions = null;
  assert.equal(file.assertions, null);
});

test('an assertion that was changed counts as it is', async (t) => {
  const { scanner } = await scannedSuite(t, { 'a.sql': "SELECT has_table('t');\nSELECT has_table('u');\n" });
  scanner.testFiles[0].assertions = scanner.testFiles[0].assertions.filter(({ target }) => target === 'public.u');
  const { objects } = await scanner.buildCoverageDatabase();
  assert.deepEqual([...objects.tables.keys()], ['public.u']);
});

test('metadata, plan and dependencies', async (t) => {
  const file = await one(t);
  assert.equal(file.fileName, 'a.sql');
  assert.equal(basename(file.filePath), 'a.sql');
  assert.equal(file.planCount, 2);
  assert.deepEqual(file.dependencies, ['setup.psql']);
  assert.equal(file.metadata.size, SQL.length);
  assert.equal(file.metadata.lines, 5);
  assert.ok(file.metadata.parsed instanceof Date);
  assert.ok(Math.abs(file.metadata.parsed - Date.now()) < 60_000);
});

test('the plan is the first plan(N), or null', async (t) => {
  const cases = [['', null], ['SELECT plan(3);', 3], ['SELECT plan( 12 );SELECT plan(1);', 12], ['SELECT * FROM no_plan();', null],
    ['SELECT plan(n) FROM x;', null], ['-- SELECT plan(3);', null], ["SELECT 'plan(3)';", null], ['SELECT tap.plan(4);', 4], ['select PLAN(5);', 5]];
  const root = suiteFolder(t);
  let ran = 0;
  for (const [sql, expected] of cases) {
    writeFileSync(join(root, 'a.sql'), sql);
    assert.equal((await new PgTapScanner().parseTestFile(join(root, 'a.sql'))).planCount, expected, sql);
    ran += 1;
  }
  assert.equal(ran, 9);
});

test('dependencies are the included files as written', async (t) => {
  const lines = ['\\i a.sql', "\\ir 'b c.sql'", '\\include d.sql', '\\include_relative "e.sql"', "-- \\i no.sql", "SELECT '\\i no.sql';", '\\ir ../f.sql'];
  const root = suiteFolder(t, { 'x.sql': `${lines.join('\n')}\n` });
  const { dependencies } = await new PgTapScanner().parseTestFile(join(root, 'x.sql'));
  assert.deepEqual(dependencies.map((name) => name.replaceAll('"', '')), ['a.sql', 'b c.sql', 'd.sql', 'e.sql', '../f.sql']);
});

test('size counts characters, whatever the bytes', async (t) => {
  const cases = [[Buffer.from('a\u00e4\u{1F600}'), 4, 1], [Buffer.from([0xff, 0xfe, 0x61]), 3, 1], [Buffer.from('\r\n\r\n'), 4, 3], [Buffer.alloc(0), 0, 1]];
  let ran = 0;
  for (const [bytes, size, lines] of cases) {
    const { scanner } = await scannedSuite(t, { 'a.sql': bytes });
    const { metadata } = scanner.testFiles[0];
    assert.deepEqual([metadata.size, metadata.lines], [size, lines], bytes.toString('hex'));
    assert.equal(metadata.size, bytes.toString('utf8').length);
    ran += 1;
  }
  assert.equal(ran, 4);
});

test('parseTestFile gives the same as a scan', async (t) => {
  const { scanner, root } = await scannedSuite(t, { 'a.sql': SQL });
  const parsed = await new PgTapScanner().parseTestFile(join(root, 'a.sql'));
  parsed.metadata.parsed = scanner.testFiles[0].metadata.parsed;
  assert.deepEqual({ ...parsed }, { ...scanner.testFiles[0] });
  assert.deepEqual(Object.keys(parsed), FIELDS);
});

test('parseTestFile rejects for what it cannot read', async (t) => {
  const root = suiteFolder(t);
  const scanner = new PgTapScanner();
  await assert.rejects(scanner.parseTestFile(join(root, 'none.sql')), { code: 'ENOENT' });
  await assert.rejects(scanner.parseTestFile(root), Error);
  await assert.rejects(scanner.parseTestFile(), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
});

test('a byte order mark is no part of the text', async (t) => {
  const { scanner } = await scannedSuite(t, { 'a.sql': '\uFEFFSELECT pass();\n' });
  assert.deepEqual(scanner.testFiles[0].assertions.map(({ type }) => type), ['pass']);
});

/** A suite too large for its sources to be kept: assertions are read from the files again. */
async function largeSuite(t) {
  const filler = `-- ${'x'.repeat(997)}\n`.repeat(1100);
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`f${at}.sql`, `SELECT has_table('t${at}');\n${filler}`]));
  const { scanner, root } = await scannedSuite(t, files);
  assert.equal(scanner.testFiles.length, 8);
  return { files: scanner.testFiles, scanner, root };
}

test('a large suite reads assertions from its files', async (t) => {
  const { files } = await largeSuite(t);
  assert.deepEqual(files.map((file) => file.assertions[0].target), Array.from({ length: 8 }, (_, at) => `public.t${at}`));
});

test('a file that changed since the scan is an error, never a wrong answer', async (t) => {
  const { files, scanner } = await largeSuite(t);
  const last = files.at(-1);
  const text = readFileSync(last.filePath, 'utf8');
  const { atime, mtime } = statSync(last.filePath);
  // Of the same length and time: only the content tells.
  writeFileSync(last.filePath, text.replace("'t7'", "'u7'"));
  utimesSync(last.filePath, atime, mtime);
  assert.throws(() => last.assertions, { code: 'ERR_PGTAP_FILE_CHANGED' });
  appendFileSync(files[6].filePath, 'SELECT pass();\n');
  assert.throws(() => files[6].assertions, { code: 'ERR_PGTAP_FILE_CHANGED' });
  rmSync(files[5].filePath);
  assert.throws(() => files[5].assertions, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.code, 'ERR_PGTAP_FILE_CHANGED');
    assert.ok(error.message.includes(files[5].filePath));
    return true;
  });
  assert.equal(scanner.getStatistics().totalAssertions, 8, 'counts need no file');
  writeFileSync(last.filePath, text);
  assert.equal(last.assertions[0].target, 'public.t7');
});

test('console.log shows a file and leaves its assertions where they are', async (t) => {
  const file = await one(t);
  const shown = inspect(file);
  for (const part of [`fileName: 'a.sql'`, 'assertions: [Getter/Setter]', 'planCount: 2', "'setup.psql'", `size: ${SQL.length}`]) {
    assert.ok(shown.includes(part), `${part} in ${shown}`);
  }
});

test('every field can be assigned, and an object that inherits from a file has none of its own', async (t) => {
  const file = await one(t);
  const mine = { filePath: '/x.sql', fileName: 'x.sql', assertions: [], planCount: 7, dependencies: ['y'], metadata: { size: 1 } };
  const heir = Object.create(file);
  assert.deepEqual([heir.filePath, heir.assertions, heir.planCount, heir.dependencies], [undefined, [], undefined, []]);
  assert.deepEqual({ ...Object.assign(file, mine) }, mine);
  assert.deepEqual(Object.keys(file), FIELDS);
});
