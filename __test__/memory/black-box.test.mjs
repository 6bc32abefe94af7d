// Black boxes of programs that end in every way tell how.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { smallDisk, suiteFolder } from '../suite-folder.mjs';

const require = createRequire(import.meta.url);
const { openBlackBox, readBlackBox } = require('../../lib/memory/black-box.js');
const { NativeBlackBox } = require('../../lib/native.js');
const CHILD = fileURLToPath(new URL('../children/black-box.cjs', import.meta.url));
const MODULE = fileURLToPath(new URL('../../lib/memory/black-box.js', import.meta.url));
const MB = 1024 * 1024;

/** The files of a folder, the newest first. */
const files = (dir) => readdirSync(dir).sort().reverse().map((name) => join(dir, name));

/** Runs the child to its end; answers what it printed, and how it ended. */
function run(mode, dir, { flags = [], before = [] } = {}) {
  const [command, ...args] = [...before, process.execPath, ...flags, CHILD, mode, dir];
  const { stdout, signal, status } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * MB });
  const [previous, ...times] = stdout.trim().split('\n').map((line) => JSON.parse(line));
  return { previous, times, signal, status };
}

/** Starts the child that records for ever, and kills it so many milliseconds after a sample of so many. */
async function killed(dir, samples, ms) {
  const child = spawn(process.execPath, [CHILD, 'tick', dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (data) => {
    const before = printed.split('\n').length;
    printed += data;
    if (before <= samples + 1 && printed.split('\n').length > samples + 1) setTimeout(ms).then(() => child.kill('SIGKILL'));
  });
  await new Promise((closed) => child.on('close', closed));
  assert.equal(child.signalCode, 'SIGKILL');
  const [previous, ...times] = printed.trim().split('\n').map((line) => JSON.parse(line));
  return { previous, times, pid: child.pid };
}

test('30 programs that are killed at any moment tell their story', { skip: process.platform !== 'linux' }, async (t) => {
  const dir = suiteFolder(t);
  let last = null;
  for (let round = 0; round < 30; round += 1) {
    const { previous, times, pid } = await killed(dir, 1, Math.random() * 300);
    assert.equal(previous?.file ?? null, last, 'the run before');
    assert.equal(previous?.ended ?? 'killed', 'killed');
    const [file] = files(dir);
    const story = readBlackBox(file);
    assert.deepEqual([story.ended, story.pid, story.name], ['killed', pid, 'black-box.cjs'], story.why);
    assert.ok(times.at(-1) <= story.lastSample.at, 'what the file had before the end it has after it');
    assert.equal(story.tornSamples, 0);
    assert.ok(story.lastSample.rssBytes > 10 * MB && story.lastSample.heapUsedBytes > MB);
    last = file;
  }
  assert.equal(files(dir).length, 4, 'three are kept when the last begins');
});

test('samples are recorded by themselves, also while JavaScript is blocked', (t) => {
  const dir = suiteFolder(t);
  const { signal } = run('blocked', dir, { flags: ['--max-old-space-size=300'] });
  assert.equal(signal, 'SIGABRT');
  const story = readBlackBox(files(dir)[0]);
  assert.equal(story.ended, 'heap-out-of-memory', story.why);
  const [first] = story.samples;
  assert.ok(!first.blocked && first.heapLimitBytes > 300 * MB && first.rssBytes > 10 * MB, JSON.stringify(first));
  assert.ok(story.lastSample.blocked && story.lastSample.rssBytes > 250 * MB, JSON.stringify(story.lastSample));
  assert.ok(story.samples.filter(({ blocked }) => blocked).length >= 2, `${story.samples.length}`);
});

test('a torn record leaves the others', async (t) => {
  const dir = suiteFolder(t);
  await killed(dir, 3, 0);
  const [file] = files(dir);
  const whole = readBlackBox(file);
  assert.ok(whole.samples.length >= 2, `${whole.samples.length}`);
  const bytes = readFileSync(file);
  bytes[4096 + 128 * (whole.samples.length - 1) + 20] ^= 1;
  writeFileSync(file, bytes);
  const torn = readBlackBox(file);
  assert.deepEqual([torn.tornSamples, torn.samples], [1, whole.samples.slice(0, -1)]);
  assert.deepEqual([torn.ended, torn.lastSample], ['killed', whole.samples.at(-2)]);
});

test('how programs end by themselves', (t) => {
  const dir = suiteFolder(t);
  const cases = [
    ['nothing', 'clean', 'exit', 0],
    ['three', 'clean', 'exit', 3],
    ['throw', 'clean', 'exit', 1],
    ['closed', 'clean', 'done', null],
    ['abort', 'killed', null, null],
  ];
  for (const [mode, ended, reason, exitCode] of cases) {
    run(mode, dir);
    const story = readBlackBox(files(dir)[0]);
    assert.deepEqual([story.ended, story.reason, story.exitCode], [ended, reason, exitCode], `${mode}: ${story.why}`);
    assert.equal(story.closedAt === null, reason === null);
  }
});

test('V8 at its heap limit', (t) => {
  const dir = suiteFolder(t);
  const { signal } = run('heap', dir, { flags: ['--max-old-space-size=64'] });
  assert.equal(signal, 'SIGABRT');
  const story = readBlackBox(files(dir)[0]);
  assert.equal(story.ended, 'heap-out-of-memory', story.why);
  assert.match(story.why, /heap had \d+ MB of its limit of \d+ MB/);
});

/** A new control group of 200 MB within this process's own, or `null` where none can be made. */
function smallGroup(t) {
  try {
    const [, path] = readFileSync('/proc/self/cgroup', 'utf8').match(/^\d+:memory:(.*)$/m);
    const group = join('/sys/fs/cgroup/memory', path, `pgtap-black-box-${process.pid}`);
    mkdirSync(group);
    t.after(() => rmdirSync(group));
    writeFileSync(join(group, 'memory.limit_in_bytes'), `${200 * MB}`);
    return group;
  } catch {
    return null;
  }
}

test('the kernel kills for want of memory', (t) => {
  const group = smallGroup(t);
  if (group === null) return t.skip('no control group of version 1 can be made');
  const dir = suiteFolder(t);
  const before = ['sh', '-c', `echo $$ > ${join(group, 'cgroup.procs')}; exec "$@"`, 'sh'];
  assert.equal(run('buffers', dir, { before }).signal, 'SIGKILL');
  const story = readBlackBox(files(dir)[0]);
  assert.equal(story.ended, 'oom-kill', story.why);
  assert.match(story.why, /container had used (1\d\d|200) MB of 200 MB/, 'of another group, by the last samples');
  assert.equal(story.lastSample.container.limitBytes, 200 * MB);
  assert.ok(story.peakRssBytes > 150 * MB, `${story.peakRssBytes}`);
  const { previous } = run('three', dir, { before });
  assert.deepEqual([previous.ended, previous.file], ['oom-kill', story.file]);
  assert.match(previous.why, /kernel counts 1 more killed/, 'of the same group, by the count');
  run('abort', dir, { before });
  assert.equal(run('three', dir, { before }).previous.ended, 'killed', 'the kill that was counted was of an earlier run');
  return undefined;
});

test('workers have black boxes of their own', async (t) => {
  const dir = suiteFolder(t);
  const program = `const { openBlackBox } = require(${JSON.stringify(MODULE)});
    const { parentPort } = require('node:worker_threads');
    parentPort.postMessage(openBlackBox({ dir: ${JSON.stringify(dir)} }).file);
    if (WAIT) parentPort.on('message', () => {});`;
  const started = async (wait) => {
    const worker = new Worker(`const WAIT = ${wait};${program}`, { eval: true });
    const ended = new Promise((exit) => worker.once('exit', exit));
    const file = await new Promise((answer) => worker.once('message', answer));
    return { worker, file, ended };
  };
  const [waits, ends] = [await started(true), await started(false)];
  await ends.ended;
  assert.notEqual(waits.file, ends.file);
  assert.deepEqual([readBlackBox(ends.file).reason, readBlackBox(waits.file).ended], ['exit', 'running']);
  await waits.worker.terminate();
  assert.equal(readBlackBox(waits.file).reason, 'its environment ended');
});

test('a full disk is told at once, and never later', (t) => {
  const disk = smallDisk(t);
  if (disk === null) return t.skip('needs a disk of its own');
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(800_000));
  assert.throws(() => openBlackBox({ dir: disk }), { code: 'ERR_PGTAP_BLACK_BOX_FULL', name: 'PgTapError' });
  assert.deepEqual(readdirSync(disk), ['ballast'], 'nothing half made is left');
  const box = new NativeBlackBox(JSON.stringify({ dir: disk, minutes: 1, intervalMs: 250, name: 'x', nodeVersion: 'v1' }));
  assert.throws(() => writeFileSync(join(disk, 'more'), Buffer.alloc(MB)), { code: 'ENOSPC' });
  for (let at = 1; at <= 300; at += 1) box.record(JSON.stringify({ at: at * 1000, level: 'healthy' }));
  assert.equal(readBlackBox(box.file).samples.length, 240);
  box.close('done');
  assert.throws(() => box.record(JSON.stringify({ at: 1, level: 'healthy' })), { code: 'ERR_PGTAP_CLOSED' });
  return undefined;
});

test('a file that cannot be written any more is a warning, and no crash', async (t) => {
  const disk = smallDisk(t);
  if (disk === null) return t.skip('needs a disk of its own');
  const box = openBlackBox({ dir: disk });
  const warned = new Promise((answer) => process.once('warning', answer));
  truncateSync(box.file, 0);
  assert.throws(() => writeFileSync(join(disk, 'ballast'), Buffer.alloc(2 * MB)), { code: 'ENOSPC' });
  const waiting = setInterval(() => {}, 1000);
  const { name, code, message } = await warned;
  clearInterval(waiting);
  assert.deepEqual([name, code], ['PgTapWarning', 'ERR_PGTAP_BLACK_BOX_IO']);
  assert.ok(message.includes(box.file) && message.includes('could not be written'), message);
  assert.throws(() => box.close(), { code: 'ERR_PGTAP_BLACK_BOX_IO' });
  return undefined;
});

test('the last run that cannot be read is a warning', (t) => {
  const dir = suiteFolder(t, { 'run-0000000000001-2-3.blackbox': 'PGTAPBOX' });
  const code = `const box = require(${JSON.stringify(MODULE)}).openBlackBox({ dir: ${JSON.stringify(dir)} });
    console.log(JSON.stringify(box.previous));
    process.on('warning', ({ name, code, message }) => console.log(JSON.stringify([name, code, message])));`;
  const out = execFileSync(process.execPath, ['--no-warnings', '-e', code], { encoding: 'utf8' }).trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(out[0], null);
  assert.deepEqual(out[1].slice(0, 2), ['PgTapWarning', 'ERR_PGTAP_BLACK_BOX_DAMAGED']);
  assert.match(out[1][2], /run-0000000000001-2-3\.blackbox' is damaged: it ends at byte 8 of 4096/);
});

test('a black box closes once, and leaves no listener', async (t) => {
  const dir = suiteFolder(t);
  const listeners = process.listenerCount('exit');
  const boxes = [openBlackBox({ dir, minutes: 1 }), openBlackBox({ dir, minutes: 30, keep: 0 })];
  assert.equal(process.listenerCount('exit'), listeners + 1);
  assert.equal(statSync(boxes[0].file).mode & 0o777, 0o600);
  assert.ok(statSync(boxes[1].file).size < 1e6);
  while (boxes.some(({ file }) => readBlackBox(file).lastSample === null)) await setTimeout(20);
  boxes[0].close();
  boxes[0].close('again');
  boxes[1][Symbol.dispose]();
  assert.equal(process.listenerCount('exit'), listeners);
  assert.deepEqual(boxes.map(({ file }) => readBlackBox(file).reason), ['closed', 'disposed']);
});

test('a process that only opened one ends', (t) => {
  const dir = suiteFolder(t);
  execFileSync(process.execPath, ['-e', `require(${JSON.stringify(MODULE)}).openBlackBox({ dir: ${JSON.stringify(dir)} })`], { timeout: 20_000 });
  assert.equal(readBlackBox(files(dir)[0]).name, 'node');
});

test('every argument with every wrong value', (t) => {
  const dir = join(suiteFolder(t), 'none');
  const wrong = [null, true, '1', '', {}, [], 1n, Symbol('x'), () => {}, NaN, -1, 0.5, 1e9, Infinity];
  const argument = (value) => ({ value, code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  const box = openBlackBox({ dir: suiteFolder(t) });
  t.after(() => box.close());
  let ran = 0;
  const check = (call, values, code) => values.forEach((value) => {
    assert.throws(() => call(value), (error) => {
      assert.equal(error.code, code, `${String(value)}: ${error.stack}`);
      return !error.stack.split('\n')[1].includes('black-box.js');
    });
    ran += 1;
  });
  const paths = wrong.filter((value) => value !== '1');
  check((value) => openBlackBox({ dir, minutes: value }), [...wrong, 0, 31], 'ERR_PGTAP_INVALID_OPTION');
  check((value) => openBlackBox({ dir, keep: value }), [...wrong, 1001], 'ERR_PGTAP_INVALID_OPTION');
  check((value) => openBlackBox({ dir: value }), [...paths, undefined], argument().code);
  check((value) => openBlackBox(value), [undefined, null, true, '1', 1n, Symbol('x'), NaN], argument().code);
  check((value) => readBlackBox(value), [...paths, undefined], argument().code);
  check((value) => box.close(value), [...paths, 'x'.repeat(65), '\u20ac'.repeat(22)], argument().code);
  check((value) => readBlackBox(value), [join(dir, 'none')], 'ERR_PGTAP_BLACK_BOX_IO');
  check((value) => openBlackBox({ dir: value }), [join(CHILD, 'below')], 'ERR_PGTAP_BLACK_BOX_FOLDER');
  assert.equal(ran, 83);
  assert.ok(!existsSync(dir), 'nothing was made');
  assert.equal(readBlackBox(box.file).ended, 'running');
  assert.match(basename(box.file), /^run-\d{13}-\d+-0\.blackbox$/);
});
