// Of each kind no more objects stay in memory than `maxObjectsPerType`: the others are on disk, and answers are the same.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { PgTapScanner, suiteFolder } from './suite-folder.mjs';

const COLUMNS = 40_000;
const TABLES = 300;

/** A suite with more columns than the default allows in memory. */
function suite(t) {
  const columns = Array.from({ length: COLUMNS }, (_, at) => `SELECT has_column('s', 't${at % TABLES}', 'c${at}', 'It is there');`);
  return suiteFolder(t, { 'a.sql': columns.join('\n'), 'b.sql': "SELECT has_table('s', 't7', 'It is there');\n".repeat(3) });
}

async function scanned(t, options, root = suite(t)) {
  const scanner = new PgTapScanner(options);
  const events = [];
  for (const name of ['warning', 'cleanup', 'error']) scanner.on(name, (event) => events.push({ name, ...event }));
  await scanner.scanDirectory(root);
  return { scanner, events };
}

/** The next warning. Nothing else keeps the test alive until it comes. */
async function warned(scanner) {
  const alive = setTimeout(() => {}, 10_000);
  const [warning] = await once(scanner, 'warning');
  clearTimeout(alive);
  return warning;
}

const onDisk = (scanner) => scanner.getMemoryStats().streamingDBStats;
const limits = (events) => events.filter(({ type }) => type === 'object_limit');

function answers(scanner, database) {
  const { columns, tables } = database.objects;
  const entries = [0, 4_321, COLUMNS - 1].map((at) => columns.get(`s.t${at % TABLES}.c${at}`).assertions.map(({ lineNumber }) => lineNumber));
  const { buildTimestamp, ...statistics } = scanner.getCoverageStatistics();
  return { names: [...columns.keys(), ...tables.keys()], entries, statistics, csv: scanner.exportCoverageReport({ format: 'csv' }), map: scanner.getStatistics() };
}

test('the default is kept to a while after the scan, and no answer changes', async (t) => {
  const { scanner, events } = await scanned(t, {});
  const database = await scanner.buildCoverageDatabase();
  assert.equal(onDisk(scanner), null);
  const [before, bytes] = [answers(scanner, database), scanner.getMemoryStats().native.current];
  assert.equal(before.names.length, COLUMNS + 1);
  assert.deepEqual(before.entries, [[1], [4_322], [COLUMNS]]);
  const warning = await warned(scanner);
  assert.equal(warning.type, 'object_limit');
  assert.equal(warning.message, 'maxObjectsPerType (10000) is reached: labels of the objects beyond it move to disk; nothing is lost');
  assert.deepEqual(warning.data, { action: 'spilling' });
  assert.ok(onDisk(scanner).rawBytes > 0);
  assert.ok(scanner.getMemoryStats().native.current < bytes);
  assert.deepEqual(answers(scanner, database), before);
  assert.deepEqual(answers(scanner, await scanner.buildCoverageDatabase()), before);
  const [cleanup] = events.filter(({ step }) => step === 'spill');
  assert.match(cleanup.message, /^Moved labels of objects to disk, where all of them take \d+ MB$/);
  assert.equal(limits(events).length, 1);
});

test('a limit of the caller\'s own is kept to when the scan ends', async (t) => {
  const root = suite(t);
  const roomy = await scanned(t, { maxObjectsPerType: Infinity }, root);
  const expected = answers(roomy.scanner, await roomy.scanner.buildCoverageDatabase());
  let ran = 0;
  for (const [maxObjectsPerType, moves] of [[1, true], [20, true], [COLUMNS - 1, true], [COLUMNS, false], [Infinity, false]]) {
    const { scanner, events } = await scanned(t, { maxObjectsPerType }, root);
    assert.equal(onDisk(scanner) !== null, moves, `${maxObjectsPerType}`);
    assert.equal(limits(events).length, moves ? 1 : 0);
    assert.deepEqual(answers(scanner, await scanner.buildCoverageDatabase()), expected);
    ran += 1;
  }
  await wait(500);
  assert.equal(onDisk(roomy.scanner), null);
  assert.equal(ran, 5);
});

test('where nothing can be moved it is said, and the objects stay', async (t) => {
  const ends = [[{ tempDir: join(suiteFolder(t), 'none') }, 'ERR_PGTAP_SPILL_FOLDER'], [{ maxDiskMB: 0.2 }, 'ERR_PGTAP_SPILL_LIMIT']];
  for (const [options, code] of ends) {
    const { scanner, events } = await scanned(t, options);
    const before = answers(scanner, await scanner.buildCoverageDatabase());
    const warning = await warned(scanner);
    assert.equal(warning.type, 'object_limit');
    assert.match(warning.message, /^maxObjectsPerType \(10000\) is reached, and the objects beyond it stay in memory: /);
    assert.deepEqual(warning.data, { action: 'none', code });
    assert.equal(onDisk(scanner), null);
    assert.deepEqual(answers(scanner, scanner.coverageDatabase), before);
    assert.equal(events.filter(({ step }) => step === 'spill').length, 0);
  }
  assert.equal(ends.length, 2);
});

test('with spill off, after closing, resetting and another scan nothing moves', async (t) => {
  const [root, small] = [suite(t), suiteFolder(t, { 'a.sql': "SELECT has_table('t');" })];
  const ends = {
    off: [{ spill: false }, () => {}],
    closed: [{}, (scanner) => scanner.close()],
    reset: [{}, (scanner) => scanner.reset()],
    other: [{}, (scanner) => scanner.scanDirectory(small)],
  };
  let ran = 0;
  for (const [options, end] of Object.values(ends)) {
    const { scanner, events } = await scanned(t, options, root);
    await end(scanner);
    await wait(500);
    assert.equal(limits(events).length + events.filter(({ step }) => step === 'spill').length, 0);
    ran += 1;
  }
  assert.equal(ran, 4);
});

test('files of an earlier scan answer while and after its objects move', async (t) => {
  const { scanner } = await scanned(t, {});
  const first = await scanner.buildCoverageDatabase();
  const statistics = scanner.getCoverageStatistics();
  await warned(scanner);
  await scanner.scanDirectory(suiteFolder(t, { 'a.sql': "SELECT has_table('t');" }));
  assert.equal(first.statistics().totalAssertions, statistics.totalAssertions);
  assert.equal([...first.objects.columns.keys()].length, COLUMNS);
});

test('it keeps no program alive', (t) => {
  const program = `
    const { PgTapScanner } = require(${JSON.stringify(join(import.meta.dirname, '../lib/index.js'))});
    const scanner = new PgTapScanner();
    scanner.on('warning', () => console.log('moved'));
    process.on('exit', () => console.log('ended'));
    scanner.scanDirectory(process.argv[1]).then(() => console.log(scanner.totalAssertions));`;
  const printed = execFileSync(process.execPath, ['-e', program, suite(t)], { encoding: 'utf8' });
  assert.deepEqual(printed.trim().split('\n'), [`${COLUMNS + 3}`, 'ended']);
});
