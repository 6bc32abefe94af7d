// Saved coverage: opened again it answers as before, parts make the whole, and damage is told.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { generateCorpus } from '../benchmark/generate.mjs';
import { PgTapScanner, smallDisk, suiteFolder } from './suite-folder.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const BOOKSHOP = join(HERE, '..', 'examples', 'bookshop', 'tests');
const SQL = "SELECT plan(2);\n\\i setup.psql\nSELECT has_table('app', 'users', 'It is there');\nSELECT pass('yes');\n";

let folder;
before(() => { folder = mkdtempSync(join(tmpdir(), 'pgtap-saved-')); });
after(() => rmSync(folder, { recursive: true }));

let count = 0;
const place = () => join(folder, `${count += 1}.sqlite`);

async function scanned(root, options = {}) {
  const scanner = new PgTapScanner({ cleanupInterval: 0, ...options });
  await scanner.scanDirectory(root);
  return { scanner, database: await scanner.buildCoverageDatabase() };
}

/** Scans and saves; where it was saved. */
async function saved(root, options) {
  const file = place();
  const { database } = await scanned(root, options);
  await database.save(file);
  return file;
}

/** Saves each of `parts` parts of a suite. */
const shards = (root, parts) => Promise.all(Array.from({ length: parts }, (_, at) => saved(root, { shard: `${at + 1}/${parts}` })));

async function merged(files) {
  const output = place();
  await PgTapScanner.merge(files, output);
  return output;
}

/** All that a scanner answers; paths below the folder, times left out. */
function answers(scanner, root) {
  const below = (value) => JSON.parse(JSON.stringify(value, (key, each) => {
    if (['lastTested', 'buildTimestamp', 'parsed'].includes(key)) return undefined;
    if (each instanceof Set) return [...each];
    return typeof each === 'string' ? each.replace(`${root}/`, '') : each;
  }));
  const { coverageDatabase: database } = scanner;
  const objects = Object.fromEntries(Object.entries(database.objects).map(([kind, map]) => [kind, [...map]]));
  const counts = [database.assertionCounts.total, [...database.assertionCounts.byType], [...database.assertionCounts.byObject]];
  const gaps = [[...database.gaps.uncoveredObjects], [...database.gaps.partialCoverage]];
  const reports = ['csv', 'html', 'markdown'].map((format) => scanner.exportCoverageReport({ format, includeDetails: true }).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, ''));
  return below({
    objects, counts, gaps, reports, files: scanner.testFiles, map: scanner.getCoverageMap(), statistics: [scanner.getStatistics(), scanner.getCoverageStatistics()],
    aside: [[...database.absences], [...database.patterns], [...database.exercised.relations], [...database.exercised.functions]],
  });
}

test('a saved database answers as it did', async () => {
  const { scanner, database } = await scanned(BOOKSHOP);
  const file = place();
  assert.deepEqual(await database.save(file), { files: scanner.filesProcessed, assertions: scanner.totalAssertions });
  const opened = await PgTapScanner.open(file);
  const expected = answers(scanner, BOOKSHOP);
  assert.ok(expected.files.length >= 20 && JSON.stringify(expected).length > 300_000);
  assert.deepEqual(answers(opened, BOOKSHOP), expected);
  assert.equal(opened.testFiles[0].filePath, scanner.testFiles[0].filePath.replace(`${BOOKSHOP}/`, ''));
  assert.deepEqual(opened.testFiles[0].dependencies, scanner.testFiles[0].dependencies);
});

test('it needs no sources, and little memory', async (t) => {
  const root = suiteFolder(t);
  generateCorpus({ files: 1500, assertions: 40, seed: 3, out: root });
  const { scanner, database } = await scanned(root, { maxMemoryMB: 1 });
  assert.ok(scanner.getMemoryStats().streamingDBStats.diskBytes > 0, 'records were on disk');
  const file = place();
  await database.save(file);
  const expected = scanner.exportCoverageReport({ format: 'csv' });
  rmSync(root, { recursive: true });
  const opened = await PgTapScanner.open(file);
  assert.equal(opened.exportCoverageReport({ format: 'csv' }), expected);
  assert.equal(opened.testFiles[700].assertions.length, 40);
});

test('the parts of a suite, merged in any way, are the whole, byte for byte', async (t) => {
  const generated = suiteFolder(t);
  generateCorpus({ files: 60, assertions: 15, seed: 9, out: generated });
  let ran = 0;
  for (const root of [BOOKSHOP, generated]) {
    const whole = readFileSync(await saved(root));
    for (const parts of [1, 2, 3, 7]) {
      const files = await shards(root, parts);
      const [first, ...rest] = files;
      const ways = [
        files,
        files.toReversed(),
        [first, ...files],
        [await merged([first]), ...rest],
        [await merged(files), await merged(files)],
        [...rest, await merged(files.toReversed()), first],
      ];
      for (const way of ways) {
        assert.ok(readFileSync(await merged(way)).equals(whole), `${parts} parts`);
        ran += 1;
      }
    }
  }
  assert.equal(ran, 2 * 4 * 6);
});

/** A source of numbers below `n` that a seed decides. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Saves some of a scanner's files, as if they were a suite of their own. */
async function savedPart(scanner, wanted) {
  const all = scanner.testFiles;
  scanner.testFiles = all.filter(wanted);
  const file = place();
  await (await scanner.buildCoverageDatabase()).save(file);
  scanner.testFiles = all;
  return file;
}

/** A suite of a few files with few names, so that files share them, and some of its parts, which overlap. */
async function randomParts(t, seed) {
  const random = numbers(seed);
  const root = suiteFolder(t);
  const files = 1 + random(25);
  for (let at = 0; at < files; at += 1) {
    const lines = Array.from({ length: random(8) }, () => [
      `SELECT has_table('app', 't${random(6)}', 'It is there');`, `SELECT has_column('t${random(6)}', 'c${random(3)}');`,
      `SELECT tables_are('app', ARRAY['t${random(6)}', 't${random(6)}']);`, `INSERT INTO app.t${random(9)} SELECT app.f${random(4)}();`,
      `\\i setup_${random(3)}.psql`, `SELECT plan(${random(9)});`, `SELECT hasnt_view('v${random(4)}');`,
    ][random(7)]);
    writeFileSync(join(root, `${random(2) ? 'a' : 'b'}_${at}.sql`), `${lines.join('\n')}\n`);
  }
  const { scanner } = await scanned(root);
  const shares = Array.from({ length: 2 + random(4) }, () => new Set(scanner.testFiles.filter(() => random(3) > 0).map(({ filePath }) => filePath)));
  const parts = [];
  for (const share of shares) parts.push(await savedPart(scanner, ({ filePath }) => share.has(filePath)));
  const union = await savedPart(scanner, ({ filePath }) => shares.some((share) => share.has(filePath)));
  return { random, parts, union: readFileSync(union) };
}

test('merging is commutative, associative and idempotent over random suites, byte for byte', async (t) => {
  let ran = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const { random, parts, union } = await randomParts(t, seed);
    const mixed = parts.map((part) => [random(1 << 20), part]).sort(([a], [b]) => a - b).map(([, part]) => part);
    const cut = 1 + random(parts.length - 1);
    const ways = {
      once: parts,
      mixed,
      left: [await merged(parts.slice(0, cut)), ...parts.slice(cut)],
      right: [...parts.slice(0, cut), await merged(parts.slice(cut))],
      twice: [...parts, ...mixed],
      again: [await merged(parts), parts[random(parts.length)]],
    };
    for (const [name, way] of Object.entries(ways)) {
      assert.ok(readFileSync(await merged(way)).equals(union), `seed ${seed}, ${name}`);
      ran += 1;
    }
    // Each part alone stays as it is.
    for (const part of parts) assert.ok(readFileSync(await merged([part, part])).equals(readFileSync(part)), `seed ${seed}`);
  }
  assert.equal(ran, 40 * 6);
});

test('an opened database can be saved again, with the same content', async (t) => {
  const root = suiteFolder(t);
  generateCorpus({ files: 30, assertions: 10, seed: 5, out: root });
  const file = await merged(await shards(root, 3));
  const content = readFileSync(file);
  const opened = await PgTapScanner.open(file);
  const again = place();
  assert.deepEqual(await opened.coverageDatabase.save(again), { files: 30, assertions: 300 });
  assert.ok(readFileSync(again).equals(content));
  // Onto itself, too, and answers go on.
  await opened.coverageDatabase.save(file);
  assert.ok(readFileSync(file).equals(content));
  assert.equal(opened.testFiles[7].assertions.length, 10);
  const paths = new Set(opened.testFiles.map(({ filePath }) => filePath).filter((path, at) => at % 2));
  const part = await savedPart(opened, ({ filePath }) => paths.has(filePath));
  const { scanner } = await scanned(root);
  const same = await savedPart(scanner, ({ filePath }) => paths.has(filePath.slice(root.length + 1)));
  assert.equal((await PgTapScanner.open(part)).testFiles.length, 15);
  assert.ok(readFileSync(part).equals(readFileSync(same)));
  // What was changed meanwhile is not passed on.
  const changed = Buffer.from(content);
  changed.set(Buffer.from('XXXX'), changed.lastIndexOf('.sql'));
  // Without another change counter in the header SQLite believes what it read before.
  changed[27] += 1;
  writeFileSync(again, content);
  const other = await PgTapScanner.open(again);
  writeFileSync(again, changed);
  await assert.rejects(other.coverageDatabase.save(place()), { code: 'ERR_PGTAP_SAVED_DAMAGED' });
  await assert.rejects(other.coverageDatabase.save(place(), { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('names that are no UTF-8 and look alike stay apart', async (t) => {
  const root = suiteFolder(t);
  const bytes = (text) => Buffer.from(text, 'latin1');
  try {
    for (const name of ['a\xfe', 'a\xff']) writeFileSync(bytes(`${root}/${name}.sql`), bytes(`\\i ${name}.psql\nSELECT has_table('public', 't\xfe', 'd');\nSELECT has_table('public', 't\xff', 'd');\n`));
  } catch (error) {
    return t.skip(`this file system takes no such names (${error.code})`);
  }
  const { scanner, database } = await scanned(root);
  assert.equal(database.objects.tables.size, 2);
  const file = place();
  assert.deepEqual(await database.save(file), { files: 2, assertions: 4 });
  const opened = await PgTapScanner.open(file);
  assert.deepEqual(answers(opened, root), answers(scanner, root));
  assert.equal(opened.coverageDatabase.objects.tables.size, 2);
  const again = place();
  await opened.coverageDatabase.save(again);
  for (const other of [again, await merged([file, again])]) assert.ok(readFileSync(other).equals(readFileSync(file)));
  return undefined;
});

test('a symbolic link is followed', async (t) => {
  const root = suiteFolder(t, { 'a.sql': SQL });
  const { database } = await scanned(root);
  const [here, there] = [suiteFolder(t), suiteFolder(t)];
  const target = join(there, 'coverage.sqlite');
  const link = join(here, 'link.sqlite');
  symlinkSync(join('..', basename(there), 'coverage.sqlite'), link);
  const second = join(here, 'second.sqlite');
  symlinkSync('link.sqlite', second);
  for (const each of [link, second, target]) {
    await database.save(each);
    assert.equal((await PgTapScanner.open(target)).testFiles.length, 1);
    assert.ok(lstatSync(link).isSymbolicLink() && lstatSync(second).isSymbolicLink());
    assert.deepEqual([readdirSync(here).length, readdirSync(there)], [2, ['coverage.sqlite']]);
    if (each === link) rmSync(target);
  }
  const circle = join(here, 'circle.sqlite');
  symlinkSync('circle.sqlite', circle);
  await assert.rejects(database.save(circle), { code: 'ERR_PGTAP_SAVED_IO' });
});

test('every file is in one part, by its path below the folder', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`d${at % 3}/${at}.sql`, SQL]));
  const [here, there] = [suiteFolder(t, files), suiteFolder(t, files)];
  const names = async (root, shard) => (await scanned(root, { shard })).scanner.testFiles.map(({ filePath }) => filePath.slice(root.length));
  const seen = [];
  for (let part = 1; part <= 4; part += 1) {
    const mine = await names(here, `${part}/4`);
    assert.deepEqual(await names(there, `${part}/4`), mine);
    assert.ok(mine.length > 0 && mine.length < 40);
    seen.push(...mine);
  }
  assert.deepEqual(seen.toSorted(), (await names(here, null)).toSorted());
});

test('a part knows the helpers of the others, and tells its own problems alone', async (t) => {
  const root = suiteFolder(t, {
    'helper.sql': "CREATE FUNCTION t.check(a name) RETURNS SETOF text LANGUAGE sql AS $$ SELECT has_table('app', a, 'It is there') $$;",
    ...Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`${at}.sql`, `SELECT plan(9);\nSELECT t.check('t${at}');`])),
  });
  const whole = await scanned(root);
  const parts = await Promise.all(['1/2', '2/2'].map((shard) => scanned(root, { shard })));
  const tables = ({ database }) => [...database.objects.tables.keys()];
  assert.equal(tables(whole).length, 12);
  assert.deepEqual(parts.flatMap(tables).toSorted(), tables(whole).toSorted());
  assert.equal(whole.scanner.problems.length, 12);
  assert.equal(parts.reduce((sum, { scanner }) => sum + scanner.problems.length, 0), 12);
});

test('what is no saved coverage is refused by name', async (t) => {
  const root = suiteFolder(t, { 'a.sql': SQL });
  const good = await saved(root);
  const changed = (at, bytes) => {
    const file = place();
    const content = readFileSync(good);
    content.set(bytes, at);
    writeFileSync(file, content);
    return file;
  };
  const empty = place();
  writeFileSync(empty, '');
  const cases = [
    [join(folder, 'missing.sqlite'), 'ERR_PGTAP_SAVED_IO'],
    [folder, 'ERR_PGTAP_SAVED_IO'],
    [empty, 'ERR_PGTAP_SAVED_FOREIGN'],
    [join(root, 'a.sql'), 'ERR_PGTAP_SAVED_FOREIGN'],
    // The application's id and the version of the format stand in the header.
    [changed(68, [0, 0, 0, 1]), 'ERR_PGTAP_SAVED_FOREIGN'],
    [changed(60, [0, 0, 0, 9]), 'ERR_PGTAP_SAVED_NEWER'],
    [changed(60, [0, 0, 0, 0]), 'ERR_PGTAP_SAVED_DAMAGED'],
    [changed(60, [0xff, 0xff, 0xff, 0xff]), 'ERR_PGTAP_SAVED_DAMAGED'],
  ];
  for (const [file, code] of cases) {
    await assert.rejects(PgTapScanner.open(file), (error) => error.code === code && error.message.includes(file), code);
    await assert.rejects(PgTapScanner.merge([good, file], place()), { code });
  }
  assert.equal(cases.length, 8);
  await assert.rejects(PgTapScanner.open(cases[5][0]), /has format 9, and this version reads formats up to 1; update pgtap-scanner/);
});

test('a truncated or changed file is an error, never another answer', async (t) => {
  const root = suiteFolder(t);
  generateCorpus({ files: 30, assertions: 20, seed: 2, out: root });
  const good = await saved(root);
  const content = readFileSync(good);
  const expected = (await PgTapScanner.open(good)).exportCoverageReport({ format: 'csv' });
  let refused = 0;
  let same = 0;
  const tried = async (bytes) => {
    const file = place();
    writeFileSync(file, bytes);
    try {
      const opened = await PgTapScanner.open(file);
      assert.equal(opened.exportCoverageReport({ format: 'csv' }), expected);
      same += 1;
    } catch (error) {
      assert.match(error.code, /^ERR_PGTAP_SAVED_(DAMAGED|FOREIGN|NEWER|IO)$/, error.message);
      refused += 1;
    }
    rmSync(file);
  };
  for (let length = 1; length < content.length; length += 4099) await tried(content.subarray(0, length));
  for (let at = 7; at < content.length; at += 997) {
    const flipped = Buffer.from(content);
    flipped[at] ^= 1 << (at % 8);
    await tried(flipped);
  }
  // Unused space of pages and indexes that nothing reads may change.
  assert.ok(refused > 100 && refused > same, `${refused} refused, ${same} the same`);
});

test('two contents of one file are a conflict', async (t) => {
  const root = suiteFolder(t, { 'a.sql': SQL });
  const before = await saved(root);
  writeFileSync(join(root, 'a.sql'), `${SQL}-- more\n`);
  const then = await saved(root);
  const output = place();
  await assert.rejects(PgTapScanner.merge([before, then], output), (error) => error.code === 'ERR_PGTAP_SAVED_CONFLICT' && /a\.sql/.test(error.message));
  assert.equal(existsSync(output), false);
});

test('what cannot be saved is said, and nothing is written', async (t) => {
  const root = suiteFolder(t, { 'a.sql': SQL, 'big.sql': `-- ${'x'.repeat(2 << 20)}\n${SQL}` });
  const file = place();
  const { scanner, database } = await scanned(root);
  await assert.rejects(database.save(), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  await assert.rejects(database.save(join(root, 'none', 'x.sqlite')), { code: 'ERR_PGTAP_SAVED_IO' });
  await assert.rejects(database.save(file, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  writeFileSync(join(root, 'a.sql'), `${SQL}\n`);
  await assert.rejects(database.save(file), { code: 'ERR_PGTAP_FILE_CHANGED' });
  scanner.testFiles = [{ fileName: 'own.sql', assertions: [] }];
  await assert.rejects((await scanner.buildCoverageDatabase()).save(file), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  const opened = await PgTapScanner.open(await saved(root));
  await opened.close();
  await assert.rejects(opened.coverageDatabase?.save(file) ?? opened.scanDirectory(root), { code: 'ERR_PGTAP_CLOSED' });
  await assert.rejects(PgTapScanner.merge([], file), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  assert.equal(existsSync(file), false);
  assert.deepEqual(readdirSync(root).toSorted(), ['a.sql', 'big.sql']);
});

test('a full disk leaves what was there', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return t.skip('only root can mount a small disk');
  const root = suiteFolder(t);
  generateCorpus({ files: 400, assertions: 40, seed: 4, out: root });
  const file = join(disk, 'coverage.sqlite');
  copyFileSync(await saved(suiteFolder(t, { 'a.sql': SQL })), file);
  const { database } = await scanned(root);
  await assert.rejects(database.save(file), { code: 'ERR_PGTAP_SAVED_IO' });
  assert.deepEqual(readdirSync(disk), ['coverage.sqlite']);
  assert.equal((await PgTapScanner.open(file)).testFiles.length, 1);
  return undefined;
});

test('kill -9 in the middle of a save leaves the old file', async (t) => {
  const root = suiteFolder(t);
  generateCorpus({ files: 2000, assertions: 40, seed: 6, out: root });
  const target = suiteFolder(t);
  const file = join(target, 'coverage.sqlite');
  copyFileSync(await saved(suiteFolder(t, { 'a.sql': SQL })), file);
  const old = readFileSync(file);
  const program = `const { PgTapScanner } = require(${JSON.stringify(join(HERE, '..', 'lib', 'index.js'))});
    (async () => {
      const scanner = new PgTapScanner();
      await scanner.scanDirectory(${JSON.stringify(root)});
      const database = await scanner.buildCoverageDatabase();
      const saving = database.save(${JSON.stringify(file)});
      console.log('saving');
      await saving;
      console.log('saved');
    })();`;
  /** A process in the middle of its save. */
  const saving = async () => {
    const before = new Set(readdirSync(target));
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const said = { all: '' };
    await new Promise((resolve) => child.stdout.on('data', (chunk) => { said.all += chunk; resolve(); }));
    while (readdirSync(target).every((name) => before.has(name))) await wait(1);
    return { child, said, closed: new Promise((resolve) => child.on('close', resolve)) };
  };
  const killed = await saving();
  killed.child.kill('SIGKILL');
  await killed.closed;
  assert.equal(killed.said.all, 'saving\n');
  assert.ok(readFileSync(file).equals(old));
  const [left] = readdirSync(target).filter((name) => name !== 'coverage.sqlite');
  assert.match(left, /^\.pgtap-scanner-/);
  // The next save removes what it left; that of a process which is only slow stays.
  const slow = await saving();
  slow.child.kill('SIGSTOP');
  assert.equal(slow.said.all, 'saving\n');
  const held = readdirSync(target).filter((name) => name !== 'coverage.sqlite');
  assert.ok(held.length === 1 && held[0] !== left, held.join());
  const { database } = await scanned(root);
  await database.save(file);
  assert.deepEqual(readdirSync(target).toSorted(), [...held, 'coverage.sqlite']);
  assert.equal((await PgTapScanner.open(file)).testFiles.length, 2000);
  const content = readFileSync(file);
  slow.child.kill('SIGCONT');
  await slow.closed;
  assert.equal(slow.said.all, 'saving\nsaved\n');
  assert.deepEqual(readdirSync(target), ['coverage.sqlite']);
  assert.ok(readFileSync(file).equals(content));
});

test('the command line saves and merges', async (t) => {
  const main = join(HERE, '..', 'lib', 'cli', 'main.js');
  const run = (...args) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: folder });
  const root = suiteFolder(t, { 'a.sql': SQL, 'b.sql': SQL, 'c.sql': SQL });
  for (const part of [1, 2]) {
    const { status, stderr } = run('scan', root, '--quiet', '--shard', `${part}/2`, '--save', `part-${part}.sqlite`);
    assert.deepEqual([status, stderr], [0, '']);
  }
  const all = run('merge', 'part-1.sqlite', 'part-2.sqlite', '-o', 'all.sqlite');
  assert.deepEqual([all.status, all.stdout, all.stderr], [0, 'all.sqlite: 3 files, 6 assertions\n', '']);
  assert.equal((await PgTapScanner.open(join(folder, 'all.sqlite'))).totalAssertions, 6);
  const foreign = run('merge', join(root, 'a.sql'), '-o', 'all.sqlite');
  assert.equal(foreign.status, 2);
  assert.match(foreign.stderr, /^pgtap-scanner: '.*a\.sql' is no saved coverage/);
  for (const args of [['merge', 'part-1.sqlite'], ['merge', '-o', 'x'], ['scan', root, '--shard', '3/2'], ['scan', root, '--shard', 'x']]) {
    assert.equal(run(...args).status, 2, args.join(' '));
  }
  assert.equal(run('scan', root, '--save', join('none', 'x.sqlite')).status, 2);
});
