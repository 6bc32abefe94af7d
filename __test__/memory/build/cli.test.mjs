// The program managed-build as its users run it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { memoryGroup } from '../../memory-group.mjs';
import { suiteFolder } from '../../suite-folder.mjs';
import { MB, isAlive, start, treeOf } from './building.mjs';

const NEEDS = { skip: process.platform !== 'linux' && 'needs Linux' };
const FAST = ['--required', '1'];

const run = (t, args, how) => start(t, args, how).ended;
const lines = (stdout) => stdout.trim().split('\n').map((line) => JSON.parse(line));

test('help explains, and says what there is', async (t) => {
  const { code, stdout } = await run(t, ['--help']);
  assert.equal(code, 0);
  for (const text of ['--workspaces', '--steps', '--safe', 'Exit codes', '"managed-build"', '134', '130']) assert.ok(stdout.includes(text), text);
  assert.ok(stdout.split('\n').every((line) => line.length <= 100));
});

test('a command, its output and its code', async (t) => {
  const { code, stdout } = await run(t, [...FAST, '--', process.execPath, '-e', 'console.log("built"); process.exit(5)']);
  assert.equal(code, 5);
  assert.match(stdout, /^Build of 1 step, one after another; heap limit \d+ MB, \d+ MB available\nMemory: .*\n[^]*: started\n[^]*^built\n[^]*Build failed: .*\(exit code 5\)/m);
  assert.equal((await run(t, [...FAST, '--', process.execPath, '-e', '0'])).code, 0);
});

test('JSON lines have stdout for themselves', async (t) => {
  const { code, stdout, stderr } = await run(t, [...FAST, '--json', '--heap', '100', '--', process.execPath, '-e', 'console.log("built"); process.exit(6)']);
  const documents = lines(stdout);
  assert.deepEqual([code, documents.map(({ event }) => event), documents.at(-1).exitCode, documents[0].heapMB], [6, ['begin', 'step', 'step-end', 'end'], 6, 100]);
  assert.equal(stderr, 'built\n');
});

test('--safe is clamped and says so', async (t) => {
  const { stdout } = await run(t, [...FAST, '--json', '--safe', '--steps', 'steps.json'], {
    cwd: suiteFolder(t, { 'steps.json': JSON.stringify({ steps: ['exit 0'] }) }),
  });
  const [{ heapMB, warnings, memory }] = lines(stdout);
  const most = Math.floor((memory.totalBytes * 0.75) / MB);
  assert.equal(heapMB, Math.min(16384, most));
  assert.equal(warnings.some((text) => text.includes('is lowered to')), most < 16384);
});

test('the steps of a file or of package.json run in its folder', async (t) => {
  const folder = suiteFolder(t);
  const settings = { requiredMB: 1, heapMB: 77, steps: ['pwd', { name: 'sub', command: 'sh', args: ['-c', 'pwd'], cwd: 'sub' }] };
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ 'managed-build': settings }));
  writeFileSync(join(folder, 'mine.json'), JSON.stringify({ ...settings, heapMB: 66 }));
  const found = await run(t, ['--json'], { cwd: join(folder, 'sub') });
  assert.deepEqual([found.code, lines(found.stdout)[0].heapMB], [0, 77]);
  assert.deepEqual(found.stderr.trim().split('\n').map((line) => line.split('/').at(-1)), [folder.split('/').at(-1), 'sub']);
  const named = await run(t, ['--json', '--steps', '../mine.json'], { cwd: join(folder, 'sub') });
  assert.deepEqual([named.code, lines(named.stdout)[0].heapMB, named.stderr], [0, 66, found.stderr]);
  const over = await run(t, ['--json', '--heap', '55'], { cwd: folder });
  assert.equal(lines(over.stdout)[0].heapMB, 55, 'the command line is nearer');
});

test('wrong usage ends with 2 and says what is wrong', async (t) => {
  const folder = suiteFolder(t, {
    'empty.json': '{}', 'broken.json': '{', 'list.json': '[]', 'unknown.json': '{"steps":["exit 0"],"heap":5}', 'wrong.json': '{"steps":["exit 0", 5]}',
  });
  const cases = [
    [[], 'There is nothing to build'], [['--heap', 'x', '--', 'a'], '--heap'], [['--heap', '0', '--', 'a'], '--heap'], [['--bogus'], 'unknown option'],
    [['--steps', 'none.json'], 'none.json'], [['--steps', 'broken.json'], 'broken.json'], [['--steps', 'empty.json'], 'at least one step'],
    [['--steps', 'list.json'], 'no object with "steps"'], [['--steps', 'unknown.json'], 'Unknown option "heap"'], [['--steps', 'wrong.json'], 'steps[1]'],
    [['--workspaces', '--', 'a'], 'a command or --workspaces, not both'], [['--workspaces'], 'npm cannot tell the workspaces'],
    [['--required', '33554432', '--', 'a'], 'are missing'], [['--interval', '9', '--', 'a'], '--interval'],
  ];
  for (const [args, text] of cases) {
    const { code, stdout, stderr } = await run(t, args, { cwd: folder });
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.ok(stderr.includes(text), `${args.join(' ')}: ${stderr}`);
    assert.doesNotMatch(stderr, /\n {4}at /, 'no stack');
  }
});

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  test(`${signal} ends the whole tree`, NEEDS, async (t) => {
    const { child, ended } = start(t, [...FAST, '--', 'sh', '-c', '(sleep 60 &) & sleep 61']);
    const tree = await treeOf(child.pid, (found) => found.filter(({ name }) => name === 'sleep').length === 2);
    child.kill(signal);
    const { code: found, stdout } = await ended;
    assert.equal(found, code);
    assert.match(stdout, /Stopped: the steps that ran were ended\.\n$/);
    for (const { pid } of tree) assert.equal(isAlive(pid), false);
  });
}

test('the second Ctrl-C does not wait', NEEDS, async (t) => {
  const { child, ended } = start(t, [...FAST, '--', 'sh', '-c', 'trap "" TERM; echo deaf; while true; do sleep 0.05; done']);
  const tree = await treeOf(child.pid, (found) => found.some(({ name }) => name === 'sleep'));
  child.kill('SIGINT');
  // It has been heard when the shell's sleep has ended.
  await treeOf(child.pid, (found) => !found.some(({ pid }) => pid === tree.at(-1).pid));
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  assert.equal(code, 130);
  assert.doesNotMatch(stdout, /Stopped/);
  await treeOf(tree.find(({ name }) => name === 'sh').pid, (found) => found.length === 0);
});

const HOG = 'const held = []; setInterval(() => held.push(Buffer.alloc(16 * 1024 * 1024, 1)), 5)';

test('the limit of a container is told from other kills', NEEDS, async (t) => {
  const group = memoryGroup(t, 320 * MB);
  if (!group) return;
  const { code, stdout } = await run(t, [...FAST, '--json', '--', process.execPath, '-e', HOG], { command: group.command });
  const documents = lines(stdout);
  const { steps: [step] } = documents.at(-1);
  assert.deepEqual([code, step.reason, step.signal], [137, 'container-limit', 'SIGKILL']);
  assert.match(step.explanation, /the container's limit of 320\.00MB was met\. At the peak, \S+ \(process \d+\) took/);
  assert.deepEqual([documents[0].memory.of, documents[0].memory.totalBytes, documents[0].heapMB], ['container', 320 * MB, 240]);
  const other = await run(t, [...FAST, '--json', '--', process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'], { command: group.command });
  const [found] = lines(other.stdout).at(-1).steps;
  assert.deepEqual([other.code, found.reason], [137, 'killed'], 'in the same group, whose limit was met before');
});
