// takeSnapshot: a whole file or none, refused before it hurts, rotated without touching what is not ours.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { smallDisk, suiteFolder } from '../suite-folder.mjs';

const require = createRequire(import.meta.url);
const { takeSnapshot } = require('../../lib/memory/snapshots/take.js');
const { Taker } = require('../../lib/memory/snapshots/taker.js');
const { estimate, learn } = require('../../lib/memory/snapshots/estimate.js');
const { slug } = require('../../lib/memory/snapshots/files.js');
const TAKE = JSON.stringify(fileURLToPath(new URL('../../lib/memory/snapshots/take.js', import.meta.url)));
const SCHEDULE = fileURLToPath(new URL('../../lib/memory/snapshots/snapshot-schedule.js', import.meta.url));
const FEED = fileURLToPath(new URL('../../lib/memory/spike-feed.js', import.meta.url));
const MB = 1024 * 1024;
const GB = 1024 * MB;

/** Runs a program that answers what it finds as JSON, in a process with a small heap. */
async function child(program, { before = [], flags = ['--max-old-space-size=64'], env = process.env } = {}) {
  const code = `const { takeSnapshot } = require(${TAKE}); (async () => { ${program} })().then((found) => console.log(JSON.stringify(found)));`;
  const [command, ...args] = [...before, process.execPath, ...flags, '-e', code];
  const { stdout } = await promisify(execFile)(command, args, { env });
  return JSON.parse(stdout);
}

/** A taker over a machine that has plenty of everything, writes a few bytes, and counts what it wrote. */
function taker(machine = {}) {
  const wrote = [];
  const plenty = {
    heap: () => ({ usedBytes: 10 * MB, largeBytes: 0 }),
    availableBytes: () => 100 * GB,
    freeBytes: async () => 100 * GB,
    write: (path) => { wrote.push(path); writeFileSync(path, '{"snapshot":{}}'); },
  };
  const made = new Taker({ ...plenty, ...machine });
  return { wrote, take: (options) => made.take(options) };
}

test('without a folder, those of calls, schedules and spikes go into one that is private', async (t) => {
  const cwd = suiteFolder(t);
  const { taken, summary, spike } = await child(`
    process.chdir(${JSON.stringify(cwd)});
    const taken = await takeSnapshot();
    const { scheduleWith } = require(${JSON.stringify(SCHEDULE)});
    const given = [];
    const schedule = scheduleWith({ production: true, spikes: { onSpike: (callback) => { given.push(callback); return () => {}; } } }, takeSnapshot);
    const summary = new Promise((settle) => schedule.on('summary', settle));
    given[0]({ severity: 'critical' });
    const { file } = await summary;
    schedule.stop();
    const { snapshotOfSpike } = require(${JSON.stringify(FEED)});
    const spike = await snapshotOfSpike({ severity: 'critical', memoryIncrease: 2 ** 20 });
    return { taken: taken.file, summary: file, spike: spike.file };`, { env: { ...process.env, NODE_ENV: '', MEMORY_ENABLE_SNAPSHOTS: '' } });
  const folder = join(realpathSync(cwd), 'heap-snapshots');
  assert.deepEqual([taken, summary, spike].map((file) => dirname(file)), [folder, folder, folder]);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(readdirSync(folder).length, 3);
});

test('a snapshot is whole, private, and described as it is', async (t) => {
  const dir = join(suiteFolder(t), 'new', 'folder');
  const info = await child(`
    class OnlyHere { constructor() { this.at = 1; } }
    globalThis.held = [new OnlyHere()];
    return takeSnapshot({ dir: ${JSON.stringify(dir)}, reason: 'Investigation No. 7', force: true });`);
  assert.deepEqual(Object.keys(info), ['file', 'bytes', 'durationMs', 'pauseMs', 'heapUsedBytes', 'reason', 'at', 'removed']);
  assert.deepEqual(readdirSync(dir), [info.file.slice(dir.length + 1)], 'one file, no temporary one');
  assert.match(info.file, /pgtap-heap-\d{8}T\d{9}Z-\d+-0-1-investigation-no-7\.heapsnapshot$/);
  assert.equal(statSync(info.file).size, info.bytes);
  const { snapshot, strings } = JSON.parse(readFileSync(info.file, 'utf8'));
  assert.ok(snapshot.node_count > 1000 && strings.includes('OnlyHere'));
  assert.equal(statSync(info.file).mode & 0o777, 0o600);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(statSync(dirname(dir)).mode & 0o777, 0o700);
  assert.ok(info.heapUsedBytes > MB && info.heapUsedBytes < 64 * MB);
  assert.ok(info.pauseMs > 0 && info.pauseMs <= info.durationMs);
  assert.ok(Math.abs(Date.parse(info.at) - Date.now()) < 600_000);
});

test('what it may take decides', async (t) => {
  const dir = suiteFolder(t);
  const cases = [
    ['memory', { availableBytes: () => 239 * MB }, 240 * MB, 239 * MB],
    ['disk', { freeBytes: async () => 24 * MB }, 25 * MB, 24 * MB],
    ['pause', { heap: () => ({ usedBytes: 29 * MB, largeBytes: 0 }) }, null, null],
  ];
  for (const [why, machine, needBytes, haveBytes] of cases) {
    const { wrote, take } = taker(machine);
    const answer = await take({ dir });
    assert.deepEqual([answer.refused, answer.why, answer.needBytes, answer.haveBytes], [true, why, needBytes, haveBytes]);
    assert.ok(answer.message.length > 20 && wrote.length === 0);
    assert.ok((await take({ dir, force: true })).file, `${why}: force goes on`);
    assert.equal(wrote.length, 1);
  }
  assert.ok((await taker({ availableBytes: () => 240 * MB, freeBytes: async () => 25 * MB }).take({ dir })).file, 'what just fits is taken');
  assert.ok((await taker(cases[2][1]).take({ dir, maxPauseMs: 2030 })).file, 'a longer pause can be allowed');
});

test('large arrays and strings are cheap; what a snapshot took decides about the next', () => {
  const heap = { usedBytes: 200 * MB, largeBytes: 190 * MB };
  assert.deepEqual(estimate(heap), { memoryBytes: 810 * MB, diskBytes: 500 * MB, pauseMs: 700 });
  const learned = learn({ usedBytes: 120 * MB, largeBytes: 20 * MB }, { memoryBytes: 400 * MB, diskBytes: 120 * MB, pauseMs: 1000 });
  assert.deepEqual(learned, { memory: 4, disk: 1, pause: 10 });
  assert.deepEqual(estimate(heap, learned), { memoryBytes: 630 * MB, diskBytes: 300 * MB, pauseMs: 150 });
});

/** A taker over a heap, a process and a machine that the test sets; each snapshot raises the peak by `grows`. */
function learning(more = {}) {
  const state = { smallBytes: 32 * MB, available: 10 * GB, free: 10 * GB, resident: 100 * MB, peak: 100 * MB, grows: 0, bytes: 10, ...more };
  const { take } = taker({
    heap: () => ({ usedBytes: state.smallBytes, largeBytes: 0 }),
    availableBytes: () => state.available,
    freeBytes: async () => state.free,
    residentBytes: () => state.resident,
    peakBytes: () => state.peak,
    write: (path) => {
      state.peak += state.grows;
      writeFileSync(path, Buffer.alloc(state.bytes));
    },
  });
  return { state, take: (dir, options) => take({ dir, maxPauseMs: 60_000, ...options }) };
}

test('what a snapshot took replaces what was expected', async (t) => {
  const dir = suiteFolder(t);
  const { state, take } = learning({ grows: 64 * MB, bytes: 32 * MB });
  assert.ok((await take(dir)).file);
  // 2 bytes of memory and one of file for each byte, and half as much again.
  Object.assign(state, { available: 96 * MB - 1, grows: 0 });
  const { why, needBytes } = await take(dir);
  assert.deepEqual([why, needBytes], ['memory', 96 * MB]);
  Object.assign(state, { available: 96 * MB, free: 48 * MB - 1 });
  assert.equal((await take(dir)).needBytes, 48 * MB);
  // The peak is an old one from now on: it says nothing of a snapshot that begins further below it.
  Object.assign(state, { free: 48 * MB, resident: 10 * MB });
  assert.ok((await take(dir)).file);
  state.available = 96 * MB - 1;
  assert.equal((await take(dir)).needBytes, 96 * MB, 'an old peak is no measure');
  // Memory that the first one left to the allocator is not taken again: later ones seem to take less.
  Object.assign(state, { available: 10 * GB, resident: 164 * MB, grows: MB });
  assert.ok((await take(dir)).file);
  state.available = 96 * MB - 1;
  assert.equal((await take(dir)).needBytes, 96 * MB, 'the most that was seen counts');
  Object.assign(state, { available: 10 * GB, grows: 95 * MB, resident: 164 * MB, peak: 165 * MB });
  assert.ok((await take(dir)).file);
  state.available = 0;
  assert.equal((await take(dir)).needBytes, 144 * MB, 'more than was seen counts');
});

test('a peak that did not rise teaches nothing of memory', async (t) => {
  const dir = suiteFolder(t);
  const { state, take } = learning({ peak: 500 * MB });
  assert.ok((await take(dir)).file);
  state.available = 0;
  assert.equal((await take(dir)).needBytes, 32 * 24 * MB);
});

test('a small heap teaches nothing', async (t) => {
  const dir = suiteFolder(t);
  const { state, take } = learning({ grows: MB, smallBytes: 16 * MB - 1 });
  assert.ok((await take(dir)).file);
  Object.assign(state, { available: 0, smallBytes: 8 * MB });
  assert.equal((await take(dir)).needBytes, 192 * MB);
  Object.assign(state, { available: GB, free: 0 });
  assert.equal((await take(dir)).needBytes, 20 * MB);
  state.free = GB;
  assert.equal((await take(dir, { maxPauseMs: 559 })).pauseMs, 560);
});

test('1,000 calls at once write one file', async (t) => {
  const dir = suiteFolder(t);
  const [files, refusals] = await child(`
    const all = await Promise.all(Array.from({ length: 1000 }, () => takeSnapshot({ dir: ${JSON.stringify(dir)}, force: true })));
    return [all.filter(({ file }) => file).length, all.filter(({ refused, why }) => refused && why === 'busy').length];`);
  assert.deepEqual([files, refusals], [1, 999]);
  assert.equal(readdirSync(dir).length, 1);
});

test('after a failure the next call is not busy', async (t) => {
  const dir = suiteFolder(t);
  let fails = true;
  const { take } = taker({ write: (path) => { if (fails) throw new Error('no'); writeFileSync(path, 'x'); } });
  await assert.rejects(take({ dir }), { message: 'no' });
  assert.deepEqual(readdirSync(dir), []);
  fails = false;
  assert.ok((await take({ dir })).file);
});

test('rotation takes the oldest of ours, and nothing else', async (t) => {
  const ours = (day) => `pgtap-heap-2020010${day}T000000000Z-1-0-1-x.heapsnapshot`;
  const foreign = ['mine.heapsnapshot', 'pgtap-heap-notes.txt', `x${ours(1)}`, `${ours(1)}.bak`, 'Heap.20200101.1.heapsnapshot',
    'pgtap-heap-20200101T000000000Z-1-0-1-UPPER.heapsnapshot', '.pgtap-heap-1.tmp', 'pgtap-heap-20200101T000000000Z-1-0-1-x.allocations.json'];
  const half = (letter) => `.pgtap-heap-${letter.repeat(32)}.tmp`;
  const dir = suiteFolder(t, Object.fromEntries([...foreign, ours(1), ours(2), ours(3), half('a'), half('b')].map((name) => [name, 'x'])));
  mkdirSync(join(dir, ours(4)));
  utimesSync(join(dir, half('a')), 1e9, 1e9);
  const { take } = taker();
  const { file, removed } = await take({ dir, keep: 2 });
  assert.deepEqual(removed.sort(), [half('a'), ours(1), ours(2)].map((name) => join(dir, name)).sort());
  assert.deepEqual(readdirSync(dir).sort(), [...foreign, ours(3), ours(4), half('b'), file.slice(dir.length + 1)].sort());
  const last = await take({ dir, keep: 1 });
  assert.ok(existsSync(last.file) && !existsSync(file), 'keep 1 keeps the new one');
});

test('a reason cannot leave the folder', async (t) => {
  const root = suiteFolder(t, { 'in/here': '' });
  const dir = join(root, 'in');
  const { take } = taker();
  for (const reason of ['../../x', '/etc/passwd', 'a\0b\nc', '..', '\\..\\x', 'ü', 'x'.repeat(1e6), 'a'.repeat(39) + '--b']) {
    const { file, reason: kept } = await take({ dir, reason });
    assert.equal(dirname(file), dir);
    assert.match(file.slice(dir.length + 1), /^pgtap-heap-\d{8}T\d{9}Z-\d+-\d+-\d+-[a-z0-9][a-z0-9-]{0,39}\.heapsnapshot$/);
    assert.equal(kept, reason);
  }
  assert.deepEqual(readdirSync(root), ['in']);
  assert.deepEqual(['../../x', '..', 'Critical Spike!'].map(slug), ['x', 'snapshot', 'critical-spike']);
});

test('a full disk keeps nothing', async (t) => {
  const dir = smallDisk(t);
  if (!dir) return t.skip('no file system can be mounted here');
  assert.equal((await takeSnapshot({ dir, maxPauseMs: Infinity })).why, 'disk');
  const found = await child(`
    const error = await takeSnapshot({ dir: ${JSON.stringify(dir)}, force: true }).catch((error) => error);
    return [error.code, error.cause?.code, error.message];`);
  assert.deepEqual(found.slice(0, 2), ['ERR_PGTAP_SNAPSHOT_FULL', 'ENOSPC']);
  assert.ok(found[2].includes(dir));
  assert.deepEqual(readdirSync(dir), []);
});

test('folders that are none', async (t) => {
  const dir = suiteFolder(t, { file: 'x' });
  await assert.rejects(takeSnapshot({ dir: join(dir, 'file'), force: true }), { code: 'ERR_PGTAP_SNAPSHOT_FOLDER' });
  await assert.rejects(takeSnapshot({ dir: join(dir, 'file', 'below'), force: true }), { code: 'ERR_PGTAP_SNAPSHOT_FOLDER' });
});

test('a folder that may not be written to', { skip: process.getuid?.() !== 0 }, async (t) => {
  const dir = suiteFolder(t);
  chmodSync(dir, 0o755);
  const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  try {
    execFileSync(as[0], [...as.slice(1), 'cat', fileURLToPath(new URL('../../lib/memory/snapshots/take.js', import.meta.url))]);
  } catch {
    return t.skip('another user cannot read the library here');
  }
  const found = await child(`
    const error = await takeSnapshot({ dir: ${JSON.stringify(dir)}, force: true }).catch((error) => error);
    return [error.code, error.cause?.code];`, { before: as });
  assert.deepEqual(found, ['ERR_PGTAP_SNAPSHOT_FOLDER', 'EACCES']);
});

test('a signal ends it before V8 stops', async (t) => {
  const dir = suiteFolder(t);
  const { wrote, take } = taker();
  await assert.rejects(take({ dir, signal: AbortSignal.abort(new Error('early')) }), { message: 'early' });
  const control = new AbortController();
  const pending = take({ dir, signal: control.signal });
  control.abort(new Error('late'));
  await assert.rejects(pending, { message: 'late' });
  assert.deepEqual([wrote.length, readdirSync(dir).length], [0, 0]);
});

test('wrong options', async () => {
  const wrong = [
    [{ dir: 1 }, 'dir'], [{ dir: '' }, 'dir'], [{ dir: '.', reason: 5 }, 'reason'], [{ dir: '.', reason: '' }, 'reason'],
    [{ dir: '.', force: 1 }, 'force'], [{ dir: '.', maxPauseMs: 0 }, 'maxPauseMs'], [{ dir: '.', maxPauseMs: NaN }, 'maxPauseMs'],
    [{ dir: '.', keep: 0 }, 'keep'], [{ dir: '.', keep: 1.5 }, 'keep'], [{ dir: '.', signal: {} }, 'signal'],
  ];
  for (const [options, name] of wrong) {
    await assert.rejects(takeSnapshot(options), (error) => {
      assert.equal(error.code, 'ERR_PGTAP_INVALID_ARGUMENT');
      assert.ok(error.message.includes(`"${name}"`), error.message);
      return true;
    });
  }
  await assert.rejects(takeSnapshot(null), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
});
