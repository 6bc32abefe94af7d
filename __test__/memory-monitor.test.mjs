// MemoryMonitor: what it measures is so, and what it promises to fit does fit.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { MemoryMonitor } = require('../lib/index.js');
const LIBRARY = JSON.stringify(fileURLToPath(new URL('../lib/index.js', import.meta.url)));
const MB = 1024 * 1024;

/** Runs a program in a process of its own; answers what it prints, as JSON. */
function child(program, { flags = [], before = [] } = {}) {
  const code = `const { MemoryMonitor } = require(${LIBRARY}); ${program}`;
  const [command, ...args] = [...before, process.execPath, ...flags, '-e', code];
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
}

test('usage is in whole MB', () => {
  const usage = MemoryMonitor.getMemoryUsage();
  assert.deepEqual(Object.keys(usage), ['rss', 'heapUsed', 'heapTotal', 'external']);
  assert.ok(Object.values(usage).every(Number.isInteger));
  assert.ok(Math.abs(usage.rss - process.memoryUsage.rss() / MB) < 20);
});

test('the system tells of the process', { skip: process.platform !== 'linux' }, () => {
  const { residentBytes, peakBytes, availableBytes, container } = MemoryMonitor.getSystemMemory();
  assert.ok(Math.abs(residentBytes - process.memoryUsage.rss()) < 20 * MB, `${residentBytes}`);
  assert.ok(peakBytes >= residentBytes);
  assert.ok(availableBytes > MB);
  assert.ok(container === null || container.limitBytes > 0);
});

for (const flags of [[], ['--expose-gc']]) {
  test(`a forced collection collects: node ${flags}`, () => {
    const [ran, freed, exposed] = child(`
      let held = Array.from({ length: 1e6 }, (_, at) => ({ at }));
      const before = process.memoryUsage().heapUsed;
      held = null;
      const ran = MemoryMonitor.forceGC() && MemoryMonitor.forceGC();
      const { runInNewContext } = require('node:vm');
      console.log(JSON.stringify([ran, before - process.memoryUsage().heapUsed, runInNewContext('typeof gc')]));`, { flags });
    assert.equal(ran, true);
    assert.ok(freed > 15 * MB, `${freed}`);
    assert.equal(exposed, flags.length > 0 ? 'function' : 'undefined', 'the flag is as it was');
  });
}

test('a gc that collects nothing is told from one that does', () => {
  assert.deepEqual(child(`
    let called = 0;
    globalThis.gc = () => { called += 1; };
    console.log(JSON.stringify([MemoryMonitor.forceGC(), called]));`), [false, 1]);
});

test('cleanup is due above 80 %', () => {
  const cases = [[80, 100, false], [80.1, 100, true], [0, 1, false], [1, 1, true], [Infinity, 500, true], [400, 500, false]];
  for (const [current, max, expected] of cases) assert.equal(MemoryMonitor.shouldTriggerCleanup(current, max), expected, `${current}/${max}`);
});

test('statistics are logged in one line', (t) => {
  const lines = [];
  MemoryMonitor.logMemoryStats('Scan', { log: (line) => lines.push(line) });
  const log = t.mock.method(console, 'log', (line) => lines.push(line));
  MemoryMonitor.logMemoryStats();
  log.mock.restore();
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^\[Scan\] Heap: \d+\/\d+ MB, RSS: \d+ MB$/);
  assert.match(lines[1], /^\[Memory\] Heap: /);
});

test('memory suffices as far as V8 may grow', () => {
  const small = { flags: ['--max-old-space-size=64'] };
  const [little, much, heapBytes] = child(`
    console.log(JSON.stringify([MemoryMonitor.hasSufficientMemory(20), MemoryMonitor.hasSufficientMemory(200),
      MemoryMonitor.getAvailableMemory().heapBytes]));`, small);
  assert.deepEqual([little, much], [true, false]);
  assert.ok(heapBytes < 130 * MB, `${heapBytes}`);
  const [before, after] = child(`
    const before = MemoryMonitor.getAvailableMemory().heapBytes;
    globalThis.held = Array.from({ length: 3e5 }, (_, at) => ({ at, more: [at] }));
    console.log(JSON.stringify([before, MemoryMonitor.getAvailableMemory().heapBytes]));`, small);
  assert.ok(before - after > 20 * MB, 'what is held is no longer there to take');
  assert.equal(MemoryMonitor.hasSufficientMemory(0), true);
  assert.equal(MemoryMonitor.hasSufficientMemory(1e9), false);
});

/** Whether a process may have mounts of its own. */
function canMount() {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

test("memory suffices as far as the container's limit goes", { skip: !canMount() && 'needs mounts of its own' }, (t) => {
  // The kernel's own files are covered, for this child alone, by those of a container with 100 MB, 60 of them used.
  const root = suiteFolder(t);
  mkdirSync(join(root, 'group'));
  const files = {
    'memory.max': `${100 * MB}\n`, 'memory.current': `${80 * MB}\n`, 'memory.stat': `inactive_file ${20 * MB}\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'group', name), text);
  writeFileSync(join(root, 'cgroup'), '0::/\n');
  writeFileSync(join(root, 'mountinfo'), `1 0 0:1 / ${join(root, 'group')} rw - cgroup2 none rw\n`);
  const script = `for name in cgroup mountinfo; do mount --bind "${root}/$name" /proc/$$/$name || exit 9; done; exec "$@"`;
  const before = ['unshare', '-m', 'sh', '-c', script, 'sh'];
  const [enough, short, container] = child(`
    console.log(JSON.stringify([MemoryMonitor.hasSufficientMemory(40), MemoryMonitor.hasSufficientMemory(41),
      MemoryMonitor.getSystemMemory().container]));`, { before });
  assert.deepEqual(container, { limitBytes: 100 * MB, usedBytes: 60 * MB });
  assert.deepEqual([enough, short], [true, false]);
});

test('every argument with every wrong value', () => {
  const wrong = [undefined, null, true, '1', {}, [], 1n, Symbol('x'), () => {}, NaN, -1];
  const calls = {
    'shouldTriggerCleanup, current': (value) => MemoryMonitor.shouldTriggerCleanup(value, 1),
    'shouldTriggerCleanup, max': (value) => MemoryMonitor.shouldTriggerCleanup(1, value),
    hasSufficientMemory: (value) => MemoryMonitor.hasSufficientMemory(value),
    label: (value) => MemoryMonitor.logMemoryStats(value ?? null, { log() {} }),
    logger: (value) => MemoryMonitor.logMemoryStats('x', value ?? null),
  };
  let ran = 0;
  for (const [name, call] of Object.entries(calls)) {
    for (const value of wrong) {
      if (name === 'label' && typeof value === 'string') continue;
      assert.throws(() => call(value), { code: 'ERR_PGTAP_INVALID_ARGUMENT' }, `${name}: ${String(value)}`);
      ran += 1;
    }
  }
  assert.equal(ran, 54);
  assert.throws(() => MemoryMonitor.shouldTriggerCleanup(1, 0), RangeError);
});
