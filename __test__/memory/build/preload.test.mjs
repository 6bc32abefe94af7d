// What is loaded into the Node.js processes of a step: it collects when their heap is nearly full, and breaks nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { transform } from 'esbuild';

import { suiteFolder } from '../../suite-folder.mjs';
import { start } from './building.mjs';

const PRELOAD = fileURLToPath(new URL('../../../lib/memory/build/preload.js', import.meta.url));
const FILLING = fileURLToPath(new URL('../../children/memory/filling-heap.mjs', import.meta.url));

/** V8 collects only when it must, so that whatever else is collected was asked for. */
const LAZY = ['--no-memory-reducer', '--no-incremental-marking', FILLING];

const stepOf = (t, waitMs, args) => start(t, ['--required', '1', '--json', '--heap', '200', ...args, '--', process.execPath, ...LAZY, waitMs]).ended;

test('garbage is collected when the heap of a step is nearly full', async (t) => {
  const { code, stderr } = await stepOf(t, '30000', []);
  assert.match(stderr, /^managed-build: process \d+: Critical memory usage: \d+% \(\d+\.\d\dMB \/ \d+\.\d\dMB\)$/m);
  const [, freed] = /^managed-build: process \d+: GC complete\. Freed (\d+\.\d\d)MB$/m.exec(stderr) ?? [];
  assert.ok(Number(freed) > 20, stderr);
  assert.equal(code, 0, 'the step saw it');
  assert.doesNotMatch(stderr, /: Memory: /, 'samples are for the build to log');
});

test('not without autoGC', async (t) => {
  const { code, stderr } = await stepOf(t, '4000', ['--no-gc']);
  assert.deepEqual([code, stderr], [3, ''], 'the step waited in vain');
});

test('processes with a small heap load nothing but the module', () => {
  const program = 'setTimeout(() => console.log(Object.keys(require.cache).length), 2500)';
  const { stdout, status } = spawnSync(process.execPath, ['-r', PRELOAD, '-e', program], { encoding: 'utf8' });
  assert.deepEqual([stdout, status], ['1\n', 0]);
});

test('it keeps no process alive', () => {
  assert.equal(spawnSync(process.execPath, ['-r', PRELOAD, '-e', '0'], { timeout: 20000 }).status, 0);
});

test('a toolkit that cannot be loaded is told once, and the step goes on', (t) => {
  const folder = suiteFolder(t);
  copyFileSync(PRELOAD, join(folder, 'preload.js'));
  const how = { encoding: 'utf8', timeout: 60000 };
  const { status, stderr } = spawnSync(process.execPath, ['--max-old-space-size=200', '-r', join(folder, 'preload.js'), ...LAZY, '4000'], how);
  assert.equal(status, 3, 'it ran to its end');
  assert.match(stderr, /^managed-build: process \d+: garbage is not collected early: Cannot find module '..\/monitor-functions.js'/);
  assert.equal(stderr.match(/managed-build/g).length, 1);
});

test('its syntax is as old as any Node.js', async () => {
  // esbuild refuses what it cannot write in that language: const, arrow functions, classes.
  await assert.doesNotReject(transform(readFileSync(PRELOAD, 'utf8'), { target: 'es5', logLevel: 'silent' }));
  await assert.rejects(transform('const a = 1;', { target: 'es5', logLevel: 'silent' }), 'the check can fail');
});
