// The memory of a process and of all that it started, as the system tells it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { processTree } = require('../../lib/memory/process-tree.js');
const native = require('../../lib/native.js');

const MB = 1024 * 1024;
const LINUX = process.platform === 'linux';
const NEEDS = { skip: !LINUX && 'needs Linux' };

/** A shell that is the leader of a group of its own, running `script`; gone with all of its group when the test ends. */
function shell(t, script) {
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  });
  return child;
}

const names = (tree) => tree.processes.map(({ name }) => name);

/** The tree as soon as `holds` of it. */
async function until(pid, holds) {
  for (let tries = 0; tries < 200; tries += 1) {
    const tree = processTree(pid);
    if (holds(tree)) return tree;
    await wait(50);
  }
  throw new assert.AssertionError({ message: `not in time: ${JSON.stringify(processTree(pid))}` });
}

test('what children of children allocate counts', NEEDS, async (t) => {
  const program = 'globalThis.held = Buffer.alloc(120 * 1024 * 1024, 1); console.log("held"); setInterval(() => {}, 1000)';
  const child = shell(t, `"${process.execPath}" -e '${program}' & wait`);
  await once(child.stdout, 'data');
  const tree = processTree(child.pid);
  assert.equal(tree.processes.length, 2);
  assert.deepEqual([tree.processes[0].pid, tree.processes[0].ppid, tree.processes[1].ppid], [child.pid, process.pid, child.pid]);
  const [small, large] = tree.processes;
  assert.ok(small.rssBytes < 20 * MB && large.anonymousBytes > 120 * MB && large.rssBytes > large.anonymousBytes, JSON.stringify(tree));
  for (const sum of ['rssBytes', 'anonymousBytes']) assert.equal(tree[sum], small[sum] + large[sum]);
  const own = processTree(process.pid).processes.map(({ pid }) => pid);
  assert.ok(own.includes(process.pid) && own.includes(large.pid), 'and for whoever started them all');
});

test('one whose parent has ended is found by its group', NEEDS, async (t) => {
  const child = shell(t, 'sleep 60 & exit 0');
  await once(child, 'exit');
  const tree = await until(child.pid, (found) => names(found).includes('sleep'));
  assert.equal(tree.processes.length, 1);
  assert.notEqual(tree.processes[0].pid, child.pid);
  assert.notEqual(tree.processes[0].ppid, child.pid);
  process.kill(tree.processes[0].pid);
  await until(child.pid, (found) => found.processes.length === 0);
});

test('nothing of a process that is not there', NEEDS, () => {
  assert.deepEqual(processTree(2 ** 31), { processes: [], rssBytes: 0, anonymousBytes: 0 });
});

test('processes that come and go meanwhile disturb nothing', NEEDS, async (t) => {
  const child = shell(t, 'while true; do (true & true & true); done');
  let most = 0;
  for (let reads = 0; reads < 100; reads += 1) {
    const { processes } = processTree(child.pid);
    most = Math.max(most, processes.length);
    assert.equal(processes[0].pid, child.pid);
    await wait(1);
  }
  assert.ok(most > 1, 'some were seen');
});

test('only Linux tells', () => {
  assert.equal(processTree(process.pid) === null, !LINUX);
});

test('what is no number is refused', () => {
  assert.throws(() => native.processTree('1'));
});
