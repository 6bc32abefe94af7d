// A scanner stays within its memory: records on disk give the same answers, and failing disks coded errors.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { generateCorpus } from '../benchmark/generate.mjs';
import { PgTapScanner, smallDisk, suiteFolder } from './suite-folder.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const GOLDEN = join(HERE, 'golden', 'memory.json');
const FILES = 3000;
const ASSERTIONS = 40;

let corpus;
before(() => {
  corpus = mkdtempSync(join(tmpdir(), 'pgtap-budget-'));
  generateCorpus({ files: FILES, assertions: ASSERTIONS, seed: 5, out: corpus });
});
after(() => rmSync(corpus, { recursive: true, force: true }));

/** A scan of the corpus with all its events and its database. */
async function scanned(options, root = corpus) {
  const scanner = new PgTapScanner({ cleanupInterval: 0, ...options });
  const events = [];
  for (const name of ['warning', 'cleanup', 'error']) scanner.on(name, (event) => events.push({ name, ...event }));
  await scanner.scanDirectory(root);
  return { scanner, events, database: await scanner.buildCoverageDatabase() };
}

/** All that a database answers, without the time it was built. */
function answers(scanner, database) {
  const objects = {};
  for (const [kind, map] of Object.entries(database.objects)) {
    objects[kind] = [...map.keys()];
    // Entries of some objects of each kind; all of them would take minutes.
    for (const name of objects[kind].filter((_, at) => at % 997 === 0)) {
      const { assertions, ...entry } = map.get(name);
      objects[`${kind}:${name}`] = [{ ...entry, lastTested: null }, assertions.slice(0, 3), assertions.length];
    }
  }
  const { buildTimestamp, ...statistics } = scanner.getCoverageStatistics();
  const csv = scanner.exportCoverageReport({ format: 'csv' });
  return { objects, statistics, csv, counts: [...database.assertionCounts.byType], gaps: [...database.gaps.partialCoverage].length, map: scanner.getStatistics() };
}

const steps = (events, step) => events.filter((event) => event.step === step);

test('records on disk give the same answers as records in memory', async () => {
  const roomy = await scanned({});
  assert.equal(steps(roomy.events, 'spill').length, 0);
  assert.equal(roomy.scanner.getMemoryStats().streamingDBStats, null);
  const expected = answers(roomy.scanner, roomy.database);
  assert.equal(expected.statistics.totalAssertions, FILES * ASSERTIONS);
  let ran = 0;
  for (const options of [{ maxMemoryMB: 1 }, { maxMemoryMB: 10, enableCompression: true }, { maxObjectsPerType: 3000, threads: 4 }]) {
    const short = await scanned(options);
    // Objects move once, records again and again.
    assert.ok(steps(short.events, 'spill').length >= (options.maxObjectsPerType ? 1 : 2), JSON.stringify(options));
    assert.deepEqual(answers(short.scanner, short.database), expected);
    const { rawBytes, diskBytes } = short.scanner.getMemoryStats().streamingDBStats;
    const share = diskBytes / rawBytes;
    assert.ok(options.enableCompression ? share < 0.85 : share > 1 && share < 1.1, `${share}`);
    ran += 1;
  }
  assert.equal(ran, 3);
});

test('events say what moved and why', async () => {
  const { events, scanner } = await scanned({ maxMemoryMB: 1 });
  const [limit] = events.filter(({ type }) => type === 'memory_limit');
  assert.match(limit.message, /Half of maxMemoryMB \(1\) is full: records move to disk from now on; nothing is lost/);
  assert.equal(events.filter(({ type }) => type === 'memory_limit').length, 1);
  for (const event of steps(events, 'spill')) {
    assert.equal(event.type, 'memory_cleanup');
    assert.ok(event.freedMB >= 1 && event.gcPerformed === false && event.timestamp instanceof Date);
    assert.match(event.message, /^Moved \d+ MB of records to disk, where all of them take \d+ MB$/);
  }
  assert.equal(scanner.memoryState.streamingMode, true);
  const byNumber = await scanned({ maxObjectsPerType: 3000 });
  assert.match(byNumber.events.find(({ type }) => type === 'object_limit').message, /maxObjectsPerType \(3000\) is reached/);
});

test('modes follow the number of files', async (t) => {
  const sizes = [[5, 'standard'], [100, 'batched'], [1000, 'batched'], [1001, 'streaming']];
  for (const [count, mode] of sizes) {
    const root = suiteFolder(t, Object.fromEntries(Array.from({ length: count }, (_, at) => [`${at}.sql`, "SELECT has_table('t');"])));
    const { scanner } = await scanned({}, root);
    assert.deepEqual([scanner.memoryState.mode, scanner.memoryState.streamingMode], [mode, mode === 'streaming'], `${count}`);
  }
  assert.equal(sizes.length, 4);
});

test('without a place on disk the oldest objects go, and it is said', async (t) => {
  const sql = Array.from({ length: 25 }, (_, at) => `SELECT has_table('s', 't${at}', 'It is there');`).join('\n');
  const root = suiteFolder(t, { 'a.sql': sql });
  const { database, events } = await scanned({ spill: false, maxObjectsPerType: 20 }, root);
  const names = Array.from({ length: 16 }, (_, at) => `s.t${at + 9}`);
  assert.deepEqual([...database.objects.tables.keys()], names);
  assert.equal(database.objects.tables.has('s.t8'), false);
  assert.equal(database.objects.tables.get('s.t8'), undefined);
  const [warning] = events.filter(({ type }) => type === 'object_limit');
  assert.deepEqual(warning.data, { objectType: 'tables', limit: 20, dropped: 9, kept: 16 });
  const full = await scanned({ spill: false, maxObjectsPerType: 25 }, root);
  assert.equal(full.database.objects.tables.size, 25);
  const large = await scanned({ spill: false, maxMemoryMB: 1 });
  assert.equal(steps(large.events, 'spill').length, 0);
  assert.match(large.events.find(({ type }) => type === 'memory_limit').message, /spill is off; it goes on$/);
});

test('a folder that cannot be used ends the scan with its code, and the next one is well', async (t) => {
  const root = suiteFolder(t, { 'file': 'x' });
  const folders = [[join(root, 'missing'), 'ERR_PGTAP_SPILL_FOLDER'], [join(root, 'file'), 'ERR_PGTAP_SPILL_FOLDER']];
  for (const [tempDir, code] of folders) {
    const scanner = new PgTapScanner({ maxMemoryMB: 1, tempDir });
    await assert.rejects(scanner.scanDirectory(corpus), (error) => error.code === code && error.message.includes(tempDir));
    assert.deepEqual([scanner.testFiles, scanner.totalAssertions], [[], 0]);
    scanner.options.tempDir = null;
    await scanner.scanDirectory(corpus);
    assert.equal(scanner.totalAssertions, FILES * ASSERTIONS);
  }
  assert.equal(folders.length, 2);
});

test('a full disk ends the scan with its code', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return t.skip('only root can mount a small disk');
  const scanner = new PgTapScanner({ maxMemoryMB: 1, tempDir: disk });
  await assert.rejects(scanner.scanDirectory(corpus), { code: 'ERR_PGTAP_SPILL_FULL' });
  assert.deepEqual(readdirSync(disk), []);
  // What was known before stays.
  const small = suiteFolder(t, { 'a.sql': "SELECT has_table('t');" });
  await scanner.scanDirectory(small);
  await assert.rejects(scanner.scanDirectory(corpus), { code: 'ERR_PGTAP_SPILL_FULL' });
  assert.equal(scanner.testFiles.length, 1);
  assert.equal((await scanner.buildCoverageDatabase()).totalAssertions, 1);
  return undefined;
});

test('the folder may go while it is in use', async (t) => {
  const tempDir = join(suiteFolder(t), 'spill');
  mkdirSync(tempDir);
  const scanner = new PgTapScanner({ maxMemoryMB: 1, tempDir, cleanupInterval: 0 });
  scanner.once('cleanup', () => rmSync(tempDir, { recursive: true }));
  await scanner.scanDirectory(corpus);
  assert.equal((await scanner.buildCoverageDatabase()).totalAssertions, FILES * ASSERTIONS);
});

test('rights that are withdrawn while the folder is in use', (t) => {
  // Root may write everywhere: the child is another user.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const tempDir = suiteFolder(t);
  chmodSync(corpus, 0o755);
  if (user.uid) chownSync(tempDir, user.uid, user.gid);
  const program = `
    const { chmodSync, readdirSync } = require('node:fs');
    const { PgTapScanner } = require(${JSON.stringify(join(HERE, '..', 'lib', 'index.js'))});
    const [corpus, tempDir] = process.argv.slice(1);
    const options = { maxMemoryMB: 1, tempDir, cleanupInterval: 0 };
    (async () => {
      const open = new PgTapScanner(options);
      let moves = 0;
      open.on('cleanup', () => { moves += 1; chmodSync(tempDir, 0o500); });
      await open.scanDirectory(corpus);
      console.log(open.totalAssertions, moves > 1, (await open.buildCoverageDatabase()).totalAssertions);
      const late = new PgTapScanner(options);
      console.log(await late.scanDirectory(corpus).catch((error) => error.code + error.message.includes(tempDir)), late.testFiles.length);
      console.log(await open.scanDirectory(corpus).catch((error) => error.code), open.testFiles.length, open.testFiles[7].assertions.length);
      chmodSync(tempDir, 0o700);
      console.log((await late.scanDirectory(corpus)).length, readdirSync(tempDir).length);
    })();`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program, corpus, tempDir], { ...user, cwd: '/', encoding: 'utf8' });
  if (/EACCES|permission denied/i.test(stderr)) {
    t.skip('another user cannot read this clone');
    return;
  }
  assert.equal(stderr, '');
  const all = FILES * ASSERTIONS;
  const lines = [`${all} true ${all}`, 'ERR_PGTAP_SPILL_FOLDERtrue 0', `ERR_PGTAP_SPILL_FOLDER ${FILES} ${ASSERTIONS}`, `${FILES} 0`];
  assert.deepEqual([status, stdout.trim().split('\n')], [0, lines]);
});

test('a database is built beside the program, and a signal ends it', async () => {
  const scanner = new PgTapScanner({ cleanupInterval: 0 });
  await scanner.scanDirectory(corpus);
  const before = scanner.getMemoryStats().native.current;
  let turns = 0;
  const timer = setInterval(() => { turns += 1; }, 0);
  const [first, second] = await Promise.all([scanner.buildCoverageDatabase(), scanner.buildCoverageDatabase()]);
  clearInterval(timer);
  assert.ok(turns > 0, 'timers ran meanwhile');
  assert.deepEqual([...first.objects.tables.keys()], [...second.objects.tables.keys()]);
  await assert.rejects(scanner.buildCoverageDatabase({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  const held = scanner.getMemoryStats().native.current;
  const controller = new AbortController();
  const building = scanner.buildCoverageDatabase({ signal: controller.signal });
  controller.abort();
  await assert.rejects(building, { name: 'AbortError' });
  assert.equal(scanner.getMemoryStats().native.current, held, 'nothing of it is kept');
  assert.ok(held > before);
  const refused = assert.rejects(scanner.buildCoverageDatabase(), { code: 'ERR_PGTAP_CLOSED' });
  await scanner.close();
  await refused;
});

test('maxDiskMB: a scan that needs more is refused by name, and what was known stays', async () => {
  const scanner = new PgTapScanner({ cleanupInterval: 0, maxMemoryMB: 1, maxDiskMB: 0.25 });
  const known = await scanner.scanDirectory(join(HERE, '..', 'examples', 'bookshop', 'tests'));
  await assert.rejects(scanner.scanDirectory(corpus), { code: 'ERR_PGTAP_SPILL_LIMIT' });
  assert.equal(scanner.testFiles, known);
  const roomy = new PgTapScanner({ cleanupInterval: 0, maxMemoryMB: 1 });
  await roomy.scanDirectory(corpus);
  const { diskBytes } = roomy.getMemoryStats().streamingDBStats;
  assert.ok(diskBytes > 262_144, `${diskBytes}`);
  await roomy.close();
});

test('a signal ends its own build alone, early or late, and the scanner goes on', async () => {
  const scanner = new PgTapScanner({ cleanupInterval: 0 });
  await scanner.scanDirectory(corpus);
  const expected = [...(await scanner.buildCoverageDatabase()).objects.tables.keys()];
  const ended = { early: 0, late: 0 };
  for (let turns = 0; turns < 30; turns += 1) {
    const controller = new AbortController();
    const aborted = scanner.buildCoverageDatabase({ signal: controller.signal }).then(() => 'late', (error) => {
      assert.equal(error.name, 'AbortError');
      return 'early';
    });
    const other = turns % 10 ? undefined : scanner.buildCoverageDatabase();
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    ended[await aborted] += 1;
    if (other) assert.deepEqual([...(await other).objects.tables.keys()], expected);
  }
  assert.ok(ended.early > 0, 'a signal came in time');
  assert.deepEqual([...(await scanner.buildCoverageDatabase()).objects.tables.keys()], expected);
  await scanner.close();
});

/** Every method, called in a state where it must refuse. */
const CALLS = {
  scanDirectory: (scanner) => scanner.scanDirectory(corpus),
  parseTestFile: (scanner) => scanner.parseTestFile('x.sql'),
  stream: async (scanner) => { for await (const file of scanner.stream(corpus)) return file; return undefined; },
  extractAssertions: async (scanner) => scanner.extractAssertions(''),
  getCoverageMap: async (scanner) => scanner.getCoverageMap(),
  _buildCoverageMap: async (scanner) => scanner._buildCoverageMap(),
  coverageMap: async (scanner) => scanner.coverageMap,
  getStatistics: async (scanner) => scanner.getStatistics(),
  buildCoverageDatabase: (scanner) => scanner.buildCoverageDatabase(),
  getCoverageByObject: async (scanner) => scanner.getCoverageByObject('tables', 'public.t'),
  getCoverageStatistics: async (scanner) => scanner.getCoverageStatistics(),
  exportCoverageReport: async (scanner) => scanner.exportCoverageReport(),
  getMemoryStats: async (scanner) => scanner.getMemoryStats(),
  reset: async (scanner) => scanner.reset(),
};

/** Scanners in every state, closed. */
const STATES = {
  new: async () => new PgTapScanner(),
  scanned: async (root) => { const scanner = new PgTapScanner(); await scanner.scanDirectory(root); return scanner; },
  built: async (root) => (await scanned({}, root)).scanner,
  aborted: async () => {
    const scanner = new PgTapScanner();
    const controller = new AbortController();
    const scan = scanner.scanDirectory(corpus, { signal: controller.signal });
    controller.abort();
    await assert.rejects(scan, { name: 'AbortError' });
    return scanner;
  },
  scanning: async () => {
    const scanner = new PgTapScanner();
    scanner.scanDirectory(corpus).catch(() => {});
    return scanner;
  },
};

test('a closed scanner refuses every call, whatever it was doing', async (t) => {
  const root = suiteFolder(t, { 'a.sql': "SELECT has_table('t');" });
  let ran = 0;
  for (const make of Object.values(STATES)) {
    const scanner = await make(root);
    await scanner.close();
    await scanner.close();
    await scanner[Symbol.asyncDispose]();
    for (const [name, call] of Object.entries(CALLS)) {
      await assert.rejects(call(scanner), { code: 'ERR_PGTAP_CLOSED' }, name);
      ran += 1;
    }
    scanner.dispose();
    assert.deepEqual([scanner.testFiles, scanner.coverageDatabase, scanner.totalAssertions], [[], null, 0]);
  }
  assert.equal(ran, 14 * 5);
});

test('a scan that runs while its scanner closes ends with an error', async () => {
  const scanner = new PgTapScanner();
  const scan = scanner.scanDirectory(corpus);
  const refused = assert.rejects(scan, (error) => ['ABORT_ERR', 'ERR_PGTAP_CLOSED'].includes(error.code));
  await scanner.close();
  await refused;
});

test('files and databases of a closed scanner answer no more', async (t) => {
  const root = suiteFolder(t, { 'a.sql': "SELECT has_table('t');" });
  const { scanner, database } = await scanned({}, root);
  const [file] = scanner.testFiles;
  const map = database.objects.tables;
  assert.equal(map.size, 1);
  await scanner.close();
  let ran = 0;
  for (const question of [() => file.assertions, () => file.filePath, () => map.size, () => [...map.keys()], () => map.get('public.t')]) {
    assert.throws(question, { code: 'ERR_PGTAP_CLOSED' });
    ran += 1;
  }
  assert.equal(ran, 5);
});

/** Runs `code` with the scanner in a process of its own and answers what it prints, parsed. */
function child(code, ...flags) {
  const source = `import { PgTapScanner } from ${JSON.stringify(join(HERE, '..', 'lib', 'index.js'))};\n${code}`;
  return JSON.parse(execFileSync(process.execPath, [...flags, '--input-type=module', '-e', source], { encoding: 'utf8' }));
}

test('what a suite takes is what the snapshot says', (t) => {
  const root = suiteFolder(t);
  generateCorpus({ files: 1000, assertions: 40, seed: 1, out: root });
  const found = child(`
    const settled = async () => {
      // V8 lets go of code that was not used for some collections.
      for (let i = 0; i < 12; i += 1) await new Promise((settle) => setImmediate(settle)).then(globalThis.gc);
      return process.memoryUsage().heapUsed;
    };
    const scan = async () => {
      const scanner = new PgTapScanner({ cleanupInterval: 0 });
      return [scanner, await scanner.scanDirectory(${JSON.stringify(root)})];
    };
    // What is made once, and code that V8 lets go of when it likes, move single figures: the middle one counts.
    const grown = [];
    const held = [];
    let heap = await settled();
    for (let round = 0; round < 7; round += 1) {
      held.push(await scan());
      const now = await settled();
      grown.push(now - heap);
      heap = now;
    }
    const heapPerFile = grown.sort((a, b) => a - b)[3] / 1000;
    const [scanner] = held.pop();
    await Promise.all(held.map(([earlier]) => earlier.close()));
    const store = scanner.getMemoryStats().native.current;
    await scanner.buildCoverageDatabase();
    const index = scanner.getMemoryStats().native.current - store;
    const each = scanner.totalAssertions;
    console.log(JSON.stringify({ assertions: each, storePerAssertion: store / each, indexPerAssertion: index / each, heapPerFile }));
  `, '--expose-gc');
  const rounded = Object.fromEntries(Object.entries(found).map(([key, value]) => [key, Math.round(value * 10) / 10]));
  if (process.env.UPDATE_GOLDEN) writeFileSync(GOLDEN, `${JSON.stringify(rounded, null, 2)}\n`);
  const golden = JSON.parse(readFileSync(GOLDEN, 'utf8'));
  assert.deepEqual(Object.keys(rounded), Object.keys(golden));
  for (const [key, value] of Object.entries(golden)) {
    // Versions of Node differ in what an object takes.
    const tolerance = key === 'heapPerFile' ? 0.3 : 0.1;
    assert.ok(Math.abs(rounded[key] - value) <= value * tolerance, `${key}: ${rounded[key]}, the snapshot has ${value}`);
  }
});
