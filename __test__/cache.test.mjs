// Scans with a cache answer as scans without, whatever happened to the files and to the cache.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { generateFile } from '../benchmark/generate.mjs';
import { PgTapScanner, suiteFolder } from './suite-folder.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const BOOKSHOP = join(HERE, '..', 'examples', 'bookshop', 'tests');

let folder;
before(() => { folder = mkdtempSync(join(tmpdir(), 'pgtap-cache-')); });
after(() => rmSync(folder, { recursive: true }));

let count = 0;
const place = () => join(folder, `${count += 1}.sqlite`);

async function scanned(root, options = {}) {
  const scanner = new PgTapScanner({ cleanupInterval: 0, ...options });
  const warnings = [];
  scanner.on('warning', ({ message, data }) => data?.cache && warnings.push(message));
  await scanner.scanDirectory(root);
  return { scanner, warnings };
}

/** All that a scan says. */
async function answers({ scanner }) {
  const database = await scanner.buildCoverageDatabase();
  const { buildTimestamp, ...statistics } = scanner.getCoverageStatistics();
  return {
    files: scanner.testFiles.map(({ metadata: { size, lines }, ...file }) => ({ ...file, size, lines })),
    problems: scanner.problems, helpers: scanner.helpers, statistics, map: JSON.parse(JSON.stringify(scanner.getCoverageMap(), (key, value) => (key === 'parsed' ? undefined : value))),
    csv: scanner.exportCoverageReport({ format: 'csv', includeDetails: true }), types: [...database.assertionCounts.byType],
    aside: [[...database.absences], [...database.patterns], [...database.exercised.relations], [...database.exercised.functions]],
  };
}

/** Makes a file old, so that its time is believed. */
const age = (path, seconds = 100) => utimesSync(path, new Date(), new Date(Date.now() - seconds * 1000));

test('a second scan reads nothing and says the same', async () => {
  const cache = place();
  const fresh = await answers(await scanned(BOOKSHOP));
  const first = await scanned(BOOKSHOP, { cache });
  assert.equal(first.scanner.filesCached, 0);
  assert.deepEqual(await answers(first), fresh);
  const second = await scanned(BOOKSHOP, { cache });
  assert.equal(second.scanner.filesCached, second.scanner.testFiles.length);
  assert.deepEqual(await answers(second), fresh);
  assert.deepEqual([...first.warnings, ...second.warnings], []);
});

/** Changes to a suite, by name; each takes the folder, a random source and a number. */
const HELPER = (n) => `CREATE FUNCTION t.check${n}(a name) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN NEXT has_table('app', a, 'It is there'); RETURN NEXT has_column('app', a, 'c${n}', 'So is it'); END $$;\n`;
const EDITS = {
  add: (root, any, n) => writeFileSync(join(root, `new_${n}.sql`), generateFile(n, n, 5).sql),
  change: (root, any, n) => writeFileSync(any(), generateFile(n, 7, 6).sql),
  append: (root, any, n) => appendFileSync(any(), `SELECT has_table('late', 't${n}', 'It came late');\n`),
  remove: (root, any) => rmSync(any()),
  rename: (root, any, n) => renameSync(any(), join(root, `moved_${n}.sql`)),
  touch: (root, any) => age(any(), 50),
  same: (root, any) => { const path = any(); const content = readFileSync(path); rmSync(path); writeFileSync(path, content); },
  swap: (root, any) => { const [a, b] = [any(), any()]; const content = readFileSync(a); writeFileSync(a, readFileSync(b)); writeFileSync(b, content); age(a); age(b); },
  define: (root, any, n) => writeFileSync(join(root, 'helper.sql'), HELPER(n % 3)),
  call: (root, any, n) => appendFileSync(any(), `SELECT t.check${n % 3}('h${n}');\n`),
  include: (root, any, n) => appendFileSync(any(), `\\ir new_${n - 1}.sql\n`),
  schema: (root, any) => appendFileSync(any(), "CREATE SCHEMA app;\nSELECT has_index('app', 'a', 'b', 'c');\n"),
  break: (root, any) => appendFileSync(any(), "SELECT ok('never ends"),
};

test('after any edits the answer is that of a scan without a cache', async (t) => {
  let state = 42;
  const random = (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  const root = suiteFolder(t);
  const cache = place();
  for (let n = 0; n < 25; n += 1) writeFileSync(join(root, `start_${n}.sql`), generateFile(1, n, 6).sql);
  const names = Object.keys(EDITS);
  let used = 0;
  for (let round = 0; round < 40; round += 1) {
    for (let edit = 0; edit < 3; edit += 1) {
      const files = (await scanned(root)).scanner.testFiles.map(({ filePath }) => filePath);
      const any = () => files[random(files.length)];
      EDITS[names[(round * 3 + edit) % names.length]](root, any, round + 100);
    }
    const cached = await scanned(root, { cache });
    assert.deepEqual(await answers(cached), await answers(await scanned(root)), `round ${round}`);
    used += cached.scanner.filesCached;
  }
  assert.ok(used > 500, `${used} files were taken from the cache`);
});

test('a change within the same moment, of the same length, is seen', async (t) => {
  const root = suiteFolder(t, { 'a.sql': "SELECT has_table('one');" });
  const cache = place();
  const path = join(root, 'a.sql');
  const time = new Date();
  utimesSync(path, time, time);
  await scanned(root, { cache });
  writeFileSync(path, "SELECT has_table('two');");
  utimesSync(path, time, time);
  const { scanner } = await scanned(root, { cache });
  assert.deepEqual([...(await scanner.buildCoverageDatabase()).objects.tables.keys()], ['public.two']);
});

test('other options, other rows', async (t) => {
  const root = suiteFolder(t, { 'a.sql': "-- SELECT has_table('t');\nSELECT app.check('u');\n" });
  const cache = place();
  const variants = [{}, { includeCommented: true }, { assertions: [{ name: 'app.check', kind: 'table', roles: ['table'] }] }, { pgtapSchemas: ['app'] }];
  for (const options of [...variants, ...variants]) {
    const cached = await scanned(root, { ...options, cache });
    assert.deepEqual(await answers(cached), await answers(await scanned(root, options)), JSON.stringify(options));
  }
});

test('a few configurations share a cache, each with its rows', async (t) => {
  const root = suiteFolder(t, { 'a.sql': "-- SELECT has_table('t');\nSELECT app.check('u');\n" });
  age(join(root, 'a.sql'));
  const cache = place();
  const cached = async (pgtapSchema) => (await scanned(root, { pgtapSchemas: [pgtapSchema], cache })).scanner.filesCached;
  const all = ['a', 'b', 'c', 'd'];
  for (const each of all) assert.equal(await cached(each), 0, each);
  for (const each of all) assert.equal(await cached(each), 1, each);
  // A fifth takes the place of the one not used for the longest time.
  assert.equal(await cached('e'), 0);
  assert.deepEqual([await cached('b'), await cached('e'), await cached('a')], [1, 1, 0]);
});

test('a later format is left alone and named', async (t) => {
  const root = suiteFolder(t, { 'a.sql': 'SELECT ok(true);' });
  const cache = place();
  await scanned(root, { cache });
  const later = readFileSync(cache);
  // The version of the format stands in the header.
  later.set([0, 0, 0, 9], 60);
  writeFileSync(cache, later);
  for (let round = 0; round < 2; round += 1) {
    const { scanner, warnings } = await scanned(root, { cache });
    assert.deepEqual([scanner.totalAssertions, scanner.filesCached, warnings.length], [1, 0, 1]);
    assert.match(warnings[0], /^The cache .*: it cannot be used \(a later version of pgtap-scanner made it: it has format 9, and this version reads 3\); all files are read$/);
    assert.ok(readFileSync(cache).equals(later));
  }
  assert.equal(existsSync(`${cache}.damaged`), false);
});

test('several folders share a cache, and lose only what is gone from them', async (t) => {
  const cache = place();
  const roots = [suiteFolder(t, { 'a.sql': 'SELECT ok(true);', 'b.sql': '' }), suiteFolder(t, { 'a.sql': "SELECT has_table('x');" })];
  for (const root of roots) age(join(root, 'a.sql'));
  for (const root of roots) await scanned(root, { cache });
  rmSync(join(roots[0], 'b.sql'));
  for (const [root, expected] of [[roots[0], 1], [roots[1], 1]]) assert.equal((await scanned(root, { cache })).scanner.filesCached, expected);
});

test('a cache that cannot be used is set aside, told, and made anew', async (t) => {
  const root = suiteFolder(t, { 'a.sql': "SELECT has_table('t');", 'b.sql': 'SELECT ok(true);' });
  const expected = await answers(await scanned(root));
  const make = {
    text: (path) => writeFileSync(path, 'SELECT 1;\n'.repeat(100)),
    noise: (path) => writeFileSync(path, Buffer.from(Array.from({ length: 9000 }, (_, at) => (at * 7919) % 251))),
    header: async (path) => { await scanned(root, { cache: path }); const bytes = readFileSync(path); bytes.fill(0xff, 16, 40); writeFileSync(path, bytes); },
    foreign: async (path) => { const { scanner } = await scanned(root); await (await scanner.buildCoverageDatabase()).save(path); },
    cut: async (path) => { await scanned(root, { cache: path }); writeFileSync(path, readFileSync(path).subarray(0, 5000)); },
  };
  for (const [name, spoil] of Object.entries(make)) {
    const cache = place();
    await spoil(cache);
    const first = await scanned(root, { cache });
    assert.deepEqual(await answers(first), expected, name);
    assert.equal(first.warnings.length, 1, name);
    assert.match(first.warnings[0], /^The cache .*(cannot be used|is damaged).* moved to .*\.damaged/, name);
    assert.ok(existsSync(`${cache}.damaged`), name);
    // A cache that was damaged further in is made anew by the next scan.
    await scanned(root, { cache });
    const third = await scanned(root, { cache });
    assert.deepEqual([third.warnings, third.scanner.filesCached], [[], 2], name);
  }
  assert.equal(Object.keys(make).length, 5);
});

test('changed bytes never change the answer', async (t) => {
  const root = suiteFolder(t);
  for (let n = 0; n < 12; n += 1) { writeFileSync(join(root, `${n}.sql`), generateFile(3, n, 8).sql); age(join(root, `${n}.sql`)); }
  const expected = await answers(await scanned(root));
  const good = place();
  await scanned(root, { cache: good });
  const bytes = readFileSync(good);
  let ran = 0;
  for (let at = 101; at < bytes.length; at += 1499) {
    const cache = place();
    const flipped = Buffer.from(bytes);
    flipped[at] ^= 1 << (at % 8);
    writeFileSync(cache, flipped);
    assert.deepEqual(await answers(await scanned(root, { cache })), expected, `byte ${at}`);
    ran += 1;
  }
  assert.ok(ran > 10, `${ran}`);
});

test('a damaged index finds no row of another file', async (t) => {
  const names = ['one', 'two', 'six', 'ten'];
  const root = suiteFolder(t, Object.fromEntries(names.map((name) => [`${name}.sql`, `SELECT has_table('${name}');`])));
  const time = new Date(Date.now() - 1e6);
  for (const name of names) utimesSync(join(root, `${name}.sql`), time, time);
  const expected = await answers(await scanned(root));
  const good = place();
  await scanned(root, { cache: good });
  const bytes = readFileSync(good);
  // Paths stand in the table and in the index: swap two names wherever they stand but in the last place.
  const [one, two] = [Buffer.from('one.sql'), Buffer.from('two.sql')];
  const places = (name) => { const all = []; for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) all.push(at); return all; };
  const pairs = places(one).flatMap((a) => places(two).map((b) => [a, b]));
  assert.ok(pairs.length >= 4, `${pairs.length}`);
  for (const [a, b] of pairs) {
    const cache = place();
    const swapped = Buffer.from(bytes);
    two.copy(swapped, a);
    one.copy(swapped, b);
    writeFileSync(cache, swapped);
    assert.deepEqual(await answers(await scanned(root, { cache })), expected, `${a} ${b}`);
  }
});

test('a place where none can be made is told, and the scan is well', async (t) => {
  const root = suiteFolder(t, { 'a.sql': 'SELECT ok(true);' });
  mkdirSync(join(root, 'sub'));
  for (const cache of [join(root, 'none', 'x.sqlite'), join(root, 'sub')]) {
    const { scanner, warnings } = await scanned(root, { cache });
    assert.equal(scanner.totalAssertions, 1);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /cannot be used .*all files are read/);
  }
});

test('two processes may share one', async (t) => {
  const root = suiteFolder(t);
  for (let n = 0; n < 400; n += 1) { writeFileSync(join(root, `${n}.sql`), generateFile(2, n, 20).sql); age(join(root, `${n}.sql`)); }
  const cache = place();
  const library = JSON.stringify(join(HERE, '..', 'lib', 'index.js'));
  const program = `const { PgTapScanner } = require(${library});
    (async () => {
      for (let round = 0; round < 3; round += 1) {
        const scanner = new PgTapScanner({ cache: ${JSON.stringify(cache)} });
        scanner.on('warning', ({ message, data }) => data?.cache && console.log(message));
        await scanner.scanDirectory(${JSON.stringify(root)});
        console.log(scanner.totalAssertions);
      }
    })();`;
  const run = () => new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk) => { out += chunk; });
    child.on('close', () => resolve(out));
  });
  const outputs = await Promise.all([run(), run(), run()]);
  assert.deepEqual(outputs, Array(3).fill('8000\n'.repeat(3)));
  assert.equal((await scanned(root, { cache })).scanner.filesCached, 400);
});

test('kill -9 while rows are written: what was written stays, and the next scan says what is so', async (t) => {
  const root = suiteFolder(t);
  for (let n = 0; n < 1500; n += 1) { writeFileSync(join(root, `${n}.sql`), generateFile(4, n, 10).sql); age(join(root, `${n}.sql`)); }
  const expected = (await scanned(root)).scanner.exportCoverageReport({ format: 'csv' });
  const own = suiteFolder(t);
  const cache = join(own, 'cache.sqlite');
  const program = `const { PgTapScanner } = require(${JSON.stringify(join(HERE, '..', 'lib', 'index.js'))});
    new PgTapScanner({ cache: ${JSON.stringify(cache)} }).scanDirectory(${JSON.stringify(root)});`;
  const written = () => (existsSync(`${cache}-wal`) ? statSync(`${cache}-wal`).size : 0);
  let killed = 0;
  for (const least of [1, 100_000, 200_000, 400_000]) {
    for (const end of ['', '-wal', '-shm']) rmSync(cache + end, { force: true });
    const child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' });
    const closed = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal)));
    while (child.exitCode === null && written() < least) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    killed += (await closed) === 'SIGKILL' ? 1 : 0;
    const { scanner, warnings } = await scanned(root, { cache });
    assert.deepEqual([scanner.exportCoverageReport({ format: 'csv' }) === expected, warnings], [true, []]);
    assert.deepEqual(readdirSync(own).toSorted(), ['cache.sqlite', 'cache.sqlite.lock']);
    assert.equal((await scanned(root, { cache })).scanner.filesCached, 1500);
  }
  assert.ok(killed >= 2, `${killed} were killed at work`);
});

/** Runs children/shared-cache.mjs; `ask` answers with what came of two scans. */
async function sharing(t, root, cache) {
  const child = spawn(process.execPath, [join(HERE, 'children', 'shared-cache.mjs'), root, cache], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  assert.equal(await next(), 'ready');
  return { ask: (line) => { child.stdin.write(`${line}\n`); }, answer: async () => JSON.parse(await next()), end: () => child.stdin.end() };
}

test('two processes that find a damaged cache at once move it once, and take nothing from the new one', async (t) => {
  const root = suiteFolder(t);
  for (let n = 0; n < 30; n += 1) { writeFileSync(join(root, `${n}.sql`), generateFile(2, n, 10).sql); age(join(root, `${n}.sql`)); }
  const expected = (await scanned(root)).scanner.exportCoverageReport({ format: 'csv' });
  const good = place();
  await scanned(root, { cache: good });
  const sound = readFileSync(good);
  const spoil = [
    (bytes) => bytes.fill(0xff, 16, 40),
    // Rows that are not what was written are found late, by a scan that uses the cache already.
    (bytes) => { for (let at = bytes.indexOf('.sql'); at >= 0; at = bytes.indexOf('.sql', at + 8)) bytes[at + 40] ^= 1; },
  ];
  const cache = place();
  const two = [await sharing(t, root, cache), await sharing(t, root, cache)];
  const told = { moved: 0, late: 0 };
  for (let round = 0; round < 20; round += 1) {
    const bytes = Buffer.from(sound);
    spoil[round % 2](bytes);
    for (const end of ['', '-wal', '-shm', '.damaged']) rmSync(cache + end, { force: true });
    writeFileSync(cache, bytes);
    for (const { ask } of two) ask(round);
    const answers = await Promise.all(two.map(({ answer }) => answer()));
    for (const { reports } of answers) for (const report of reports) assert.equal(report, expected, `round ${round}`);
    const warnings = answers.flatMap((answer) => answer.warnings);
    const moved = warnings.filter((message) => message.includes(' moved to '));
    assert.equal(moved.length, 1, `round ${round}: ${warnings.join('; ')}`);
    assert.equal(existsSync(`${cache}.damaged-2`), false);
    assert.ok(readFileSync(`${cache}.damaged`).equals(bytes) || round % 2 === 1, `round ${round}`);
    told.moved += 1;
    told.late += warnings.filter((message) => message.includes('is damaged')).length;
    // What is there now is whole.
    const then = await scanned(root, { cache });
    assert.deepEqual([then.warnings, then.scanner.filesCached], [[], 30], `round ${round}`);
  }
  for (const { end } of two) end();
  assert.equal(told.moved, 20);
  assert.ok(told.late >= 10, `${told.late} found it late`);
});
