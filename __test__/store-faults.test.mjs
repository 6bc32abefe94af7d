// What the disk can do to the stores: full, gone, forbidden; and ends of processes. Never a wrong answer.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { CoverageDatabase, StreamingCoverageDatabase } = require('../lib/index.js');
const library = fileURLToPath(new URL('../lib/index.js', import.meta.url));
const million = fileURLToPath(new URL('./children/store-million.cjs', import.meta.url));

// Noise, so that compression does not make room.
const noise = (number) => Array.from({ length: 200 }, (_, at) => Math.imul(number * 200 + at + 1, 2654435761) >>> 0).join();
const dataOf = (number) => ({ number, noise: noise(number) });

async function all(iterable) {
  const found = [];
  for await (const each of iterable) found.push(each);
  return found;
}

/** Adds objects until one is refused; how many were taken. */
function fillUp(database, from = 0) {
  for (let number = from; number < 100_000; number += 1) {
    if (!database.addObject('tables', `t${number}`, dataOf(number))) return number;
  }
  throw new Error('nothing was refused');
}

function assertContent(database, count) {
  for (let number = 0; number < count; number += 1) assert.deepEqual(database.getObject('tables', `t${number}`), dataOf(number));
  assert.equal(database.getStats().totalObjects, count);
}

/** A file system of 1 MB; `undefined`, and the test is skipped, where none can be mounted. */
function smallDisk(t) {
  const folder = mkdtempSync(join(tmpdir(), 'pgtap-small-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  t.after(() => {
    if (mounted) execFileSync('umount', ['-l', folder]);
    rmdirSync(folder);
  });
  if (mounted) return folder;
  t.skip('no file system can be mounted here');
  return undefined;
}

test('a full disk: StreamingCoverageDatabase', async (t) => {
  const tempDir = smallDisk(t);
  if (!tempDir) return;
  for (const enableCompression of [false, true]) {
    const database = new StreamingCoverageDatabase({ tempDir, maxObjectsPerType: 100, enableCompression });
    const events = [];
    for (const name of ['warning', 'error']) database.on(name, ({ type, error, data }) => events.push([type, error?.code ?? data.action]));
    const count = fillUp(database);
    assert.ok(count > 300, `${count}`);
    for (let again = 0; again < 5; again += 1) assert.equal(database.addObject('tables', 'no', dataOf(0)), false);
    assert.deepEqual(events, [['object_limit', 'spilling'], ['error', 'ERR_PGTAP_SPILL_FULL'], ['object_limit', 'refused']], 'each is told once');
    assert.equal(database.getObject('tables', 'no'), null);
    assertContent(database, count);
    assert.equal((await all(database)).length, count);
    // What is replaced in memory needs no disk; what was on disk may not come back without it.
    assert.equal(database.addObject('tables', `t${count - 1}`, dataOf(count - 1)), true);
    database.clear();
    assert.ok(fillUp(database) >= count * 0.9, 'the space was given back');
    database.close();
  }
});

test('a full disk: CoverageDatabase', async (t) => {
  const tempDir = smallDisk(t);
  if (!tempDir) return;
  const database = new CoverageDatabase({ tempDir, maxMemory: 300_000 });
  let count = 0;
  await assert.rejects(async () => {
    for (; count < 100_000; count += 1) await database.addCoverage('tables', `t${count}`, dataOf(count));
  }, (error) => {
    assert.equal(error.code, 'ERR_PGTAP_SPILL_FULL');
    assert.ok(error.message.includes(tempDir) && /set tempDir/.test(error.message), error.message);
    return true;
  });
  assert.ok(count > 500, `${count}`);
  await assert.rejects(database.flushToDisk(), { code: 'ERR_PGTAP_SPILL_FULL' });
  const found = await all(database.iterate());
  assert.deepEqual(found.map(({ coverage }) => coverage), Array.from({ length: count }, (_, at) => dataOf(at)));
  await database.clear();
  await database.addCoverage('tables', 'after', 1);
  await database.flushToDisk();
  assert.equal((await all(database.iterate())).length, 1);
});

test('maxDiskMB: a file that may not become longer is as a full disk, and nothing held is lost', async () => {
  const database = new StreamingCoverageDatabase({ maxDiskMB: 0.5, maxObjectsPerType: 100 });
  const events = [];
  for (const name of ['warning', 'error']) database.on(name, ({ type, error, data }) => events.push([type, error?.code ?? data.action]));
  const count = fillUp(database);
  assert.ok(count > 200, `${count}`);
  for (let again = 0; again < 5; again += 1) assert.equal(database.addObject('tables', 'no', dataOf(0)), false);
  assert.deepEqual(events, [['object_limit', 'spilling'], ['error', 'ERR_PGTAP_SPILL_LIMIT'], ['object_limit', 'refused']]);
  const { bytes, freeBytes } = database.getStats().disk;
  assert.ok(bytes > 250_000 && bytes + freeBytes <= 524_288, `${bytes}`);
  assertContent(database, count);
  assert.equal((await all(database)).length, count);
  database.clear();
  assert.equal(fillUp(database), count, 'the space was given back');
  database.close();

  const log = new CoverageDatabase({ maxDiskMB: 0.5, maxMemory: 300_000 });
  let added = 0;
  await assert.rejects(async () => {
    for (; added < 100_000; added += 1) await log.addCoverage('tables', `t${added}`, dataOf(added));
  }, (error) => error.code === 'ERR_PGTAP_SPILL_LIMIT' && /may have 524288; raise maxDiskMB$/.test(error.message));
  assert.ok(added > 200 && log.getStats().disk.bytes <= 524_288, `${added}`);
  assert.deepEqual((await all(log.iterate())).map(({ coverage }) => coverage), Array.from({ length: added }, (_, at) => dataOf(at)));
  await log.close();
});

test('a folder that is deleted before the first spill, and comes back', async (t) => {
  const tempDir = join(suiteFolder(t), 'gone');
  mkdirSync(tempDir);
  const [database, log] = [new StreamingCoverageDatabase({ tempDir, maxObjectsPerType: 10 }), new CoverageDatabase({ tempDir })];
  const errors = [];
  database.on('error', (event) => errors.push(event));
  rmSync(tempDir, { recursive: true });
  assert.equal(fillUp(database), 10);
  assert.equal(fillUp(database, 10), 10);
  assert.deepEqual(errors.map(({ type, error }) => [type, error.code]), [['error', 'ERR_PGTAP_SPILL_FOLDER']]);
  assert.ok(errors[0].message.includes(tempDir) && errors[0].timestamp instanceof Date);
  assertContent(database, 10);
  await log.addCoverage('tables', 'a', 1);
  await assert.rejects(log.flushToDisk(), { code: 'ERR_PGTAP_SPILL_FOLDER' });
  assert.equal((await all(log.iterate())).length, 1);
  mkdirSync(tempDir);
  assert.equal(database.addObject('tables', 't10', dataOf(10)), true);
  assertContent(database, 11);
  await log.flushToDisk();
  assert.ok(log.getStats().disk.bytes > 0);
});

test('a folder that is deleted behind the file', async (t) => {
  const tempDir = join(suiteFolder(t), 'gone');
  mkdirSync(tempDir);
  const database = new StreamingCoverageDatabase({ tempDir, maxObjectsPerType: 10 });
  for (let number = 0; number < 100; number += 1) {
    assert.equal(database.addObject('tables', `t${number}`, dataOf(number)), true);
    if (number === 50) rmSync(tempDir, { recursive: true });
  }
  assertContent(database, 100);
});

test('without an error listener a failure is a warning and throws nothing', (t) => {
  const database = new StreamingCoverageDatabase({ tempDir: join(suiteFolder(t), 'none'), maxObjectsPerType: 1 });
  const warnings = [];
  database.on('warning', ({ type, error }) => warnings.push([type, error?.code]));
  assert.equal(database.addObject('tables', 'a', 1), true);
  assert.equal(database.addObject('tables', 'b', 1), false);
  assert.deepEqual(warnings, [['warning', 'ERR_PGTAP_SPILL_FOLDER'], ['object_limit', undefined]]);
});

test('rights that are withdrawn', (t) => {
  // Root may write everywhere: the child is another user.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const tempDir = suiteFolder(t);
  if (user.uid) chownSync(tempDir, user.uid, user.gid);
  const program = `
    const { StreamingCoverageDatabase } = require(${JSON.stringify(library)});
    const { chmodSync } = require('node:fs');
    const open = new StreamingCoverageDatabase({ tempDir: process.argv[1], maxObjectsPerType: 2 });
    for (let at = 0; at < 10; at += 1) open.addObject('tables', 't' + at, at);
    chmodSync(process.argv[1], 0o500);
    const late = new StreamingCoverageDatabase({ tempDir: process.argv[1], maxObjectsPerType: 2 });
    late.on('error', ({ error }) => console.log(error.code));
    for (let at = 0; at < 10; at += 1) console.log(open.addObject('tables', 'u' + at, at), late.addObject('tables', 't' + at, at));
    console.log(open.getStats().totalObjects, late.getStats().totalObjects, late.getObject('tables', 't1'));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program, tempDir], { ...user, cwd: '/', encoding: 'utf8' });
  chmodSync(tempDir, 0o700);
  if (/EACCES|permission denied/i.test(stderr)) {
    t.skip('another user cannot read this clone');
    return;
  }
  assert.equal(stderr, '');
  const lines = [...Array(2).fill('true true'), 'ERR_PGTAP_SPILL_FOLDER', ...Array(8).fill('true false'), '20 2 1'];
  assert.deepEqual([status, stdout.trim().split('\n')], [0, lines]);
});

const SPILLS = `
  const { CoverageDatabase, StreamingCoverageDatabase } = require(${JSON.stringify(library)});
  const tempDir = require('node:worker_threads').workerData ?? process.argv[1];
  const database = new StreamingCoverageDatabase({ tempDir, maxObjectsPerType: 10 });
  const log = new CoverageDatabase({ tempDir, maxMemory: 1000 });
  const spilled = (async () => {
    for (let at = 0; at < 1000; at += 1) {
      database.addObject('tables', 't' + at, at);
      await log.addCoverage('tables', 't' + at, at);
    }
    if (!database.getStats().disk.bytes || !log.getStats().disk.bytes) throw new Error('nothing is on disk');
  })();`;

test('kill -9 leaves nothing behind', async (t) => {
  const tempDir = suiteFolder(t);
  const child = spawn(process.execPath, ['-e', `${SPILLS} spilled.then(() => { console.log('ready'); setInterval(() => {}, 1000); });`, tempDir]);
  const [text] = await once(child.stdout, 'data');
  assert.match(String(text), /ready/);
  if (existsSync(`/proc/${child.pid}/fd`)) {
    const open = execFileSync('ls', ['-l', `/proc/${child.pid}/fd`], { encoding: 'utf8' });
    assert.equal(open.split('\n').filter((line) => line.includes(tempDir)).length, 2, 'two files are open there');
  }
  child.kill('SIGKILL');
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
  assert.deepEqual(readdirSync(tempDir), []);
});

test('any other end leaves nothing behind, and none is delayed', (t) => {
  const tempDir = suiteFolder(t);
  const ends = {
    'process.exit(3)': 3,
    'spilled.then(() => process.exit(4))': 4,
    "spilled.then(() => { throw new Error('mine'); })": 1,
    'spilled.then(() => { globalThis.kept = [database, log]; })': 0,
    'log.flushToDisk(); process.exit(5)': 5,
    'spilled.then(async () => { for await (const each of database) process.exit(6); })': 6,
  };
  for (const [end, code] of Object.entries(ends)) {
    const { status, signal } = spawnSync(process.execPath, ['-e', `${SPILLS} ${end};`, tempDir], { timeout: 30_000 });
    assert.deepEqual([status, signal], [code, null], end);
    assert.deepEqual(readdirSync(tempDir), [], end);
  }
});

test('worker.terminate() in the middle', async (t) => {
  const { Worker } = await import('node:worker_threads');
  const tempDir = suiteFolder(t);
  let ran = 0;
  for (let at = 0; at < 8; at += 1) {
    const worker = new Worker(`${SPILLS} require('node:worker_threads').parentPort.postMessage('started');`, { eval: true, workerData: tempDir });
    await once(worker, 'message');
    await new Promise((settle) => {
      setTimeout(settle, at * 3);
    });
    await worker.terminate();
    ran += 1;
  }
  assert.equal(ran, 8);
  assert.deepEqual(readdirSync(tempDir), []);
});

for (const which of ['streaming', 'log']) {
  test(`200,000 records in a small heap come back once and in order: ${which}`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--max-old-space-size=200', million, which, '200000'], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    const { read, same, native, disk } = JSON.parse(stdout);
    assert.deepEqual([read, same], [200_000, true]);
    assert.ok(native.high <= native.limit && disk.bytes > 2 ** 20, stdout);
  });
}

test('V8 knows what hangs on a store: those that are dropped are collected without being asked to', () => {
  const program = `
    const { StreamingCoverageDatabase } = require(${JSON.stringify(library)});
    const text = 'x'.repeat(10_000);
    // Old enough when they are dropped that only a full collection finds them.
    const recent = [];
    (async () => {
      for (let at = 0; at < 60; at += 1) {
        const database = new StreamingCoverageDatabase();
        for (let number = 0; number < 1600; number += 1) database.addObject('tables', 't' + number, text);
        recent.push(database);
        if (recent.length > 3) recent.shift();
        await new Promise(setImmediate);
      }
      console.log(process.resourceUsage().maxRSS / 1024);
    })();`;
  const { status, stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  assert.equal(status, 0);
  // Together they hold 960 MB.
  assert.ok(Number(stdout) < 600, `${stdout} MB`);
});

test('stores that are dropped leave no memory and no open file behind', (t) => {
  const tempDir = suiteFolder(t);
  const program = `
    const { readdirSync } = require('node:fs');
    const { CoverageDatabase, StreamingCoverageDatabase } = require(${JSON.stringify(library)});
    const round = async () => {
      const database = new StreamingCoverageDatabase({ tempDir: process.argv[1], maxObjectsPerType: 100 });
      const log = new CoverageDatabase({ tempDir: process.argv[1], maxMemory: 100_000 });
      for (let at = 0; at < 500; at += 1) {
        database.addObject('tables', 't' + at, 'x'.repeat(1000));
        await log.addCoverage('tables', 't' + at, 'x'.repeat(1000));
      }
    };
    (async () => {
      const sizes = [];
      for (let at = 0; at < 200; at += 1) {
        await round();
        gc();
        await new Promise(setImmediate);
        sizes.push(process.memoryUsage.rss() / 1048576);
      }
      gc();
      await new Promise((settle) => setTimeout(settle, 50));
      const files = process.platform === 'linux' ? readdirSync('/proc/self/fd', { withFileTypes: true })
        .map(({ name }) => { try { return require('node:fs').readlinkSync('/proc/self/fd/' + name); } catch { return ''; } })
        .filter((target) => target.includes(process.argv[1])).length : 0;
      console.log(JSON.stringify({ before: Math.min(...sizes.slice(50, 100)), after: Math.min(...sizes.slice(150)), files }));
    })();`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', program, tempDir], { encoding: 'utf8' });
  assert.deepEqual([stderr, status], ['', 0]);
  const { before, after, files } = JSON.parse(stdout);
  assert.ok(after - before < 5, `resident memory grew from ${before.toFixed(1)} to ${after.toFixed(1)} MB in 100 rounds`);
  assert.ok(files <= 2, `${files} files are open`);
});
