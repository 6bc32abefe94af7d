// Real steps: what runs, under which limits, what is told of each end, and what is left of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { suiteFolder } from '../../suite-folder.mjs';
import { MB, build, isAlive, node, treeOf } from './building.mjs';

const require = createRequire(import.meta.url);
const { runManagedBuild } = require('../../../lib/memory/build/index.js');
const INDEX = require.resolve('../../../lib/memory/build/index.js');

const NEEDS = { skip: process.platform !== 'linux' && 'needs Linux' };
const reasons = ({ steps }) => steps.map(({ reason }) => reason);

test('steps run in their order, in their folders, with their variables', async (t) => {
  const folder = suiteFolder(t);
  const write = (text) => node(`require('node:fs').appendFileSync('out', ${text})`, { cwd: folder });
  const { result, documents } = await build({ steps: [
    { ...write('process.env.MINE + process.argv.slice(1)'), env: { MINE: 'first' }, args: [...write('process.env.MINE + process.argv[1]').args, ' argument '] },
    { name: 'shell', command: 'echo second >> out', shell: true, cwd: folder },
    { ...write('"third"'), name: 'last' },
  ] });
  assert.equal(readFileSync(join(folder, 'out'), 'utf8'), 'first argument second\nthird');
  assert.deepEqual([result.success, result.exitCode, result.steps.map(({ name }) => name)], [true, 0, ['node', 'shell', 'last']]);
  assert.deepEqual(documents.map(({ event }) => event), ['begin', 'step', 'step-end', 'step', 'step-end', 'step', 'step-end', 'end']);
  const { event, ...end } = documents.at(-1);
  assert.deepEqual(end, JSON.parse(JSON.stringify(result)), 'the last line is the result');
});

test('nothing runs after a step that failed, and the build has its code', async () => {
  const { result } = await build({ steps: ['exit 0', 'exit 7', 'exit 0'] });
  assert.deepEqual([result.success, result.exitCode, reasons(result)], [false, 7, ['completed', 'failed', 'skipped']]);
  assert.deepEqual(result.steps.map(({ exitCode }) => exitCode), [0, 7, null]);
  assert.deepEqual(result.steps.map(({ explanation }) => explanation === null), [true, false, true]);
  assert.match(result.steps[1].explanation, /^It failed by itself: there is no trace of a memory limit. Memory: \d+\.\d\dMB \/ \d+\.\d\dMB \(\d+%\)/);
});

test('every Node.js process of a step has the limit', async (t) => {
  const folder = suiteFolder(t);
  const program = join(folder, 'limit.cjs');
  writeFileSync(program, `
    const { heap_size_limit: limit } = require('node:v8').getHeapStatistics();
    require('node:fs').appendFileSync('limits', Math.round(limit / 2 ** 20) + ' ' + typeof gc + ' ' + (process.env.NODE_OPTIONS ?? '').includes('--no-warnings') + '\\n');
    if (process.argv.length < 3) require('node:child_process').execFileSync(process.execPath, [__filename, 'child']);`);
  const step = { name: 'limits', command: process.execPath, args: [program], cwd: folder };
  const limits = () => readFileSync(join(folder, 'limits'), 'utf8').trim().split('\n').splice(-2);
  const { result } = await build({ heapMB: 300, steps: [{ ...step, env: { NODE_OPTIONS: '--no-warnings --max-old-space-size=77' } }] });
  for (const line of limits()) {
    const [limit, gc, others] = line.split(' ');
    // The young generation comes on top.
    assert.ok(Number(limit) >= 300 && Number(limit) < 600, line);
    assert.deepEqual([gc, others], ['function', 'true'], 'its other options are kept');
  }
  assert.deepEqual(result.warnings, ['The heap limit of the build takes the place of --max-old-space-size=77 in NODE_OPTIONS.']);
  await build({ heapMB: 300, autoGC: false, steps: [step] });
  assert.ok(limits().every((line) => line.split(' ')[1] === 'undefined'), 'no gc() unless it is wanted');
});

test('a heap limit above the machine is lowered', async () => {
  const { result } = await build({ heapMB: 2 ** 25, steps: ['exit 0'] });
  const totalMB = totalmem() / MB;
  assert.ok(result.heapMB <= totalMB * 0.75 && result.heapMB > 0);
  assert.match(result.warnings[0], /^The (machine|container) has \d+ MB: the heap limit of 33554432 MB is lowered to \d+ MB\.$/);
});

test('a build without the memory that it needs is refused before its first step', async () => {
  const given = { steps: ['exit 3'], requiredMB: 2 ** 25 };
  await assert.rejects(build(given), (error) => {
    assert.deepEqual([error.name, error.code, error.requiredMB], ['PgTapError', 'ERR_PGTAP_BUILD_MEMORY', 2 ** 25]);
    assert.ok(error.availableMB > 0 && error.availableMB < error.totalMB);
    assert.match(error.message, /needs 33554432 MB of memory, and \d+ MB are available \(the (machine|container) has \d+ MB\)\. \d+ MB are missing/);
    return true;
  });
});

test('a heap that is full is told from other ends with the same code', async () => {
  const hog = 'const held = []; for (;;) held.push({ a: [1, 2, 3] })';
  const { result } = await build({ heapMB: 60, steps: [node(hog)] });
  const [{ reason, exitCode, signal, explanation, peakRssBytes }] = result.steps;
  assert.deepEqual([reason, exitCode, signal, result.exitCode], ['heap-limit', 134, 'SIGABRT', 134]);
  assert.match(explanation, /V8 gave up at its limit \(60 MB from the build/);
  assert.match(explanation, /Raise the heap limit \(heapMB, up to \d+ here\)/);
  if (process.platform === 'linux') assert.ok(peakRssBytes > 0, `${peakRssBytes}`);
  const inShell = await build({ heapMB: 60, steps: [`"${process.execPath}" -e "${hog}"; exit $?`, 'exit 0'] });
  assert.deepEqual([reasons(inShell.result), inShell.result.exitCode, inShell.result.steps[0].signal], [['heap-limit', 'skipped'], 134, null]);
  const hidden = await build({ heapMB: 60, steps: [`"${process.execPath}" -e "${hog}" || exit 1`] });
  assert.deepEqual([reasons(hidden.result), hidden.result.exitCode], [['heap-limit'], 1], 'by what V8 said');
  const aborted = await build({ steps: [node('process.abort()')] });
  assert.deepEqual([reasons(aborted.result), aborted.result.exitCode], [['aborted'], 134]);
});

test('other ends are told apart', async () => {
  const killed = process.platform === 'linux' ? 'killed' : 'killed-unknown';
  const cases = [
    [node('process.kill(process.pid, "SIGKILL")'), killed, 137, 'SIGKILL'],
    ['sh -c "kill -9 \\$\\$"; exit $?', killed, 137, null],
    [node('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'), 'signal', 143, 'SIGTERM'],
    [{ name: 'none', command: 'no-such-program-at-all' }, 'not-started', 127, null],
    [{ name: 'folder', command: process.execPath, cwd: '/no/such/folder' }, 'not-started', 127, null],
    [{ name: 'no program', command: '/etc' }, 'not-started', 126, null],
    ['echo "node: --expose-gc is not allowed in NODE_OPTIONS" >&2; exit 9', 'node-options', 9, null],
    ['exit 9', 'failed', 9, null],
  ];
  for (const [step, reason, exitCode, signal] of cases) {
    const { result } = await build({ steps: [step] });
    const [found] = result.steps;
    assert.deepEqual([found.reason, found.exitCode, found.signal, result.exitCode], [reason, exitCode, signal, exitCode], JSON.stringify(step));
    assert.ok(found.explanation.length > 20);
  }
});

test('the peak is that of all processes of a step', NEEDS, async () => {
  const child = 'globalThis.held = Buffer.alloc(80 * 1024 * 1024, 1); setTimeout(() => {}, 1500)';
  const parent = `for (let i = 0; i < 2; i += 1) require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}])`;
  const { result } = await build({ steps: [node(parent)] });
  const [{ reason, peakRssBytes, peakAnonymousBytes, peakProcesses }] = result.steps;
  assert.deepEqual([reason, peakProcesses], ['completed', 3]);
  assert.ok(peakAnonymousBytes > 160 * MB && peakRssBytes > peakAnonymousBytes, `${peakRssBytes} ${peakAnonymousBytes}`);
});

test('memory is logged at the interval, with what each step takes', async () => {
  const { documents } = await build({ intervalMs: 100, steps: [node('setTimeout(() => {}, 1200)')] });
  const lines = documents.filter(({ event }) => event === 'memory');
  assert.ok(lines.length >= 4, `${lines.length}`);
  const { memory, steps } = lines.at(-1);
  assert.ok(memory.usedBytes > 0 && memory.usedBytes < memory.totalBytes);
  if (process.platform !== 'linux') return;
  assert.deepEqual([steps.length, steps[0].name, steps[0].processes], [1, 'node', 1]);
  assert.ok(steps[0].rssBytes > 10 * MB);
});

test('the text of the log', async () => {
  const lines = [];
  await runManagedBuild({ requiredMB: 1, heapMB: 64, intervalMs: 60000, steps: ['exit 0', { name: 'bad', command: process.execPath, args: ['-e', 'process.exit(3)'] }], logger: { log: (line) => lines.push(line) } });
  const memory = 'Memory: N / N (N%)';
  const shape = (line) => line.replace(/\d+\.\d\dMB/g, 'N').replace(/\(\d+%\)/g, '(N%)').replace(/\d+\.\d\ds/g, 'Ns').replace(/, peak N in \d process(es)?/, '').replace(/\d+ MB available/, 'N MB available');
  assert.deepEqual(lines.map(shape), [
    'Build of 2 steps, one after another; heap limit 64 MB, N MB available', memory,
    'exit 0: started', memory, 'exit 0: completed in Ns', memory,
    'bad: started', memory, 'bad: failed in Ns', `bad: It failed by itself: there is no trace of a memory limit. ${memory}`,
    'Build failed: bad (exit code 3) in Ns', memory,
  ]);
});

test('several steps at once share the memory; none starts after one has failed', async () => {
  const slow = node('setTimeout(() => {}, 700)');
  const { result, documents } = await build({ sequential: false, concurrency: 2, heapMB: 2 ** 25, steps: [slow, 'exit 4', slow] });
  assert.deepEqual([reasons(result), result.exitCode], [['completed', 'failed', 'skipped'], 4]);
  assert.match(result.warnings[0], /for each of 2 steps at once\.$/);
  assert.deepEqual(documents.slice(1, 4).map(({ event }) => event), ['step', 'step', 'step-end'], 'both had begun');
});

test('what a step leaves behind is ended with it', NEEDS, async () => {
  const { result } = await build({ steps: ['sleep 60 & (sleep 61 &) & exit 0'] });
  const [{ leftProcesses, reason }] = result.steps;
  assert.equal(reason, 'completed');
  // One may not have become its program yet.
  assert.equal(leftProcesses.filter((text) => /^(sleep|sh) \(\d+\)$/.test(text)).length, 2, `${leftProcesses}`);
  for (const text of leftProcesses) assert.equal(isAlive(Number(/\((\d+)\)$/.exec(text)[1])), false, text);
});

test('a signal ends the steps that run, with all that they started', NEEDS, async () => {
  const controller = new AbortController();
  const building = build({ signal: controller.signal, steps: ['sleep 60 & sleep 61', 'exit 0'] });
  const processes = await treeOf(process.pid, (found) => found.filter(({ name }) => name === 'sleep').length === 2);
  controller.abort(new Error('enough'));
  await assert.rejects(building, /^Error: enough$/);
  for (const { pid } of processes.filter(({ name }) => name === 'sleep')) assert.equal(isAlive(pid), false);
});

test('a step that does not listen is killed', NEEDS, async () => {
  const controller = new AbortController();
  const building = build({ signal: controller.signal, steps: ['trap "" TERM; while true; do sleep 0.1; done'] });
  const processes = await treeOf(process.pid, (found) => found.some(({ name }) => name === 'sleep'));
  controller.abort();
  await assert.rejects(building, { name: 'AbortError' });
  const { pid } = processes.find(({ name }) => name === 'sh');
  assert.equal(isAlive(pid), false);
});

/** A program that runs a build whose step is `line`, once its tree has `names`. */
async function program(t, line, names, own = '') {
  const code = `${own}
    const { runManagedBuild } = require(${JSON.stringify(INDEX)});
    runManagedBuild({ steps: [${JSON.stringify(line)}], requiredMB: 1, json: true }).then(({ exitCode }) => process.exit(exitCode));`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const tree = await treeOf(child.pid, (found) => names.every((name) => found.some((each) => each.name === name)));
  return { child, ended: once(child, 'exit'), pids: tree.map(({ pid }) => pid) };
}

test('a program that ends by a signal ends its steps first', NEEDS, async (t) => {
  const { child, ended, pids } = await program(t, '(sleep 60 &) & sleep 61', ['sh', 'sleep']);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [null, 'SIGINT']);
  assert.deepEqual(pids.filter(isAlive), []);
});

test('its second signal does not wait', NEEDS, async (t) => {
  const { child, ended, pids } = await program(t, 'trap "" TERM; while true; do sleep 0.05; done', ['sh', 'sleep']);
  child.kill('SIGTERM');
  await treeOf(child.pid, (found) => !found.some(({ pid }) => pid === pids.at(-1)));
  child.kill('SIGHUP');
  assert.deepEqual(await ended, [null, 'SIGHUP']);
  await treeOf(pids[1], (found) => found.length === 0);
});

test('with a listener of its own it decides itself, and its exit ends what runs', NEEDS, async (t) => {
  const { child, ended, pids } = await program(t, 'sleep 60; exit 0', ['sh', 'sleep'], "process.on('SIGINT', () => process.exit(9));");
  child.kill('SIGINT');
  assert.deepEqual(await ended, [9, null]);
  await treeOf(pids[1], (found) => found.length === 0);
});

test('with a signal that is aborted already nothing starts', async () => {
  const documents = [];
  const signal = AbortSignal.abort(new Error('before'));
  await assert.rejects(runManagedBuild({ steps: ['exit 0'], signal, logger: { log: (line) => documents.push(line) } }), /before/);
  assert.deepEqual(documents, []);
});

test('a logger may abort the build', async () => {
  for (const [at, last] of [['begin', 'begin'], ['step', 'step'], ['step-end', 'step-end']]) {
    const controller = new AbortController();
    const events = [];
    const logger = { log(line) { events.push(JSON.parse(line).event); if (events.at(-1) === at) controller.abort(new Error(at)); } };
    await assert.rejects(runManagedBuild({ steps: ['sleep 0.1', 'sleep 60'], json: true, requiredMB: 1, logger, signal: controller.signal }), { message: at });
    assert.deepEqual(events.slice(-2), [last, 'interrupted']);
  }
});

test('a step that Node.js refuses to start ends the others', NEEDS, async () => {
  const steps = ['sleep 60', { name: 'zero', command: 'a\0b' }];
  await assert.rejects(build({ sequential: false, concurrency: 2, steps }), { code: 'ERR_INVALID_ARG_VALUE' });
  await treeOf(process.pid, (found) => !found.some(({ name }) => name === 'sleep'));
});

test('a logger that fails stops nothing', async () => {
  let calls = 0;
  const logger = { log() { calls += 1; throw new Error('full'); } };
  const { success } = await runManagedBuild({ steps: ['exit 0'], json: true, requiredMB: 1, logger });
  assert.deepEqual([success, calls], [true, 4]);
});
