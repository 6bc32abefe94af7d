// The five tasks of a build in a real pool, in a project of the test's own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';

import { createWorkerPool } from '../../lib/memory/workers/index.js';
import { suiteFolder } from '../suite-folder.mjs';

const WORKER = createRequire(import.meta.url).resolve('../../lib/memory/build-worker.js');
const json = (value) => JSON.stringify(value);
// A script prints where it runs and what it was given.
const SAYS = 'node -e "console.log(process.cwd(), process.argv.slice(1).join())" --';

/** A project with two workspaces; the working directory is in it until the test ends. */
function project(t) {
  const root = suiteFolder(t, {
    'package.json': json({ workspaces: ['packages/*', 'tools/one'], scripts: { lint: SAYS } }),
    'packages/core/package.json': json({ name: '@mine/kernel', scripts: { build: SAYS, test: SAYS, typecheck: 'node -e "process.exit(3)"' } }),
    'packages/core/dist/a.js': '', 'packages/core/build/b.js': '', 'packages/core/src/c.js': '', 'packages/core/tsconfig.tsbuildinfo': '',
    'packages/cli/package.json': json({ name: 'cli', scripts: { build: 'node hang.js' } }),
    'packages/cli/hang.js': "require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000);",
    'packages/cli/tsconfig.json': json({ files: ['a.ts'], compilerOptions: { types: [] } }), 'packages/cli/a.ts': "export const a: number = 'text';",
    'tools/one/package.json': json({ name: 'cli-tool' }),
    'plain/readme.txt': '', 'outside.txt': 'kept',
  });
  const before = process.cwd();
  process.chdir(root);
  const pool = createWorkerPool(WORKER, { maxWorkers: 2 });
  t.after(async () => {
    await pool.shutdown({ force: true });
    process.chdir(before);
  });
  return { root, run: (type, data, options) => pool.exec({ type, data }, options) };
}

test('scripts of workspaces, named by path, package or folder', async (t) => {
  const { root, run } = project(t);
  for (const workspace of ['packages/core', 'core', 'kernel', '@mine/kernel', join(root, 'packages/core')]) {
    const { success, exitCode, output, durationMs } = await run('buildPackage', { workspace });
    assert.deepEqual({ success, exitCode }, { success: true, exitCode: 0 });
    assert.match(output, /packages\/core/);
    assert.ok(durationMs > 0);
  }
  assert.match((await run('test', { workspace: 'core', testPath: 'src/tools; echo no' })).output, /core src\/tools; echo no\n/);
  assert.match((await run('lint', {})).output, /\n\S+ \n/);
  assert.match((await run('lint', { fix: true })).output, /\n\S+ --fix\n/);
});

test('what fails rejects with what it printed', async (t) => {
  const { root, run } = project(t);
  await assert.rejects(run('typecheck', { workspace: 'core' }), { code: 'ERR_PGTAP_BUILD_TASK', exitCode: 3, signal: null, output: /process\.exit\(3\)/ });
  await assert.rejects(run('test', { workspace: 'packages/cli' }), { code: 'ERR_PGTAP_BUILD_SCRIPT', script: 'test' });
  await assert.rejects(run('typecheck', { workspace: 'packages/cli' }), { code: 'ERR_PGTAP_BUILD_SCRIPT' });
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(createRequire(import.meta.url).resolve('typescript/package.json'), '..'), join(root, 'node_modules', 'typescript'));
  const failed = await run('typecheck', { workspace: 'packages/cli' }).catch((error) => error);
  assert.deepEqual([failed.code, /TS2322/.test(failed.output)], ['ERR_PGTAP_BUILD_TASK', true]);
  if (process.platform === 'linux') assert.ok(failed.peakRssBytes > 20 * 2 ** 20, `${failed.peakRssBytes}`);
  else assert.equal(failed.peakRssBytes, null);
});

test('what is no workspace of the project is refused', async (t) => {
  const { root, run } = project(t);
  symlinkSync('/usr', join(root, 'packages', 'link'));
  for (const workspace of ['..', '../elsewhere', '/etc', 'packages/none', 'plain', 'packages/link', 'packages/core/package.json']) {
    await assert.rejects(run('clean', { workspace }), { code: 'ERR_PGTAP_BUILD_WORKSPACE', workspace }, workspace);
  }
  for (const workspace of [undefined, '', 3]) await assert.rejects(run('buildPackage', { workspace }), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  for (const testPath of ['../cli', '/etc', '--help', '']) await assert.rejects(run('test', { workspace: 'core', testPath }), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  await assert.rejects(run('lint', { fix: 'yes' }), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  for (const data of [null, 'core']) await assert.rejects(run('clean', data), { code: 'ERR_PGTAP_INVALID_ARGUMENT', message: /an object for data/ });
  await assert.rejects(run('publish', {}), { code: 'ERR_PGTAP_WORKER_TASK' });
  const other = json({ name: '@other/cli' });
  mkdirSync(join(root, 'packages', 'second'));
  writeFileSync(join(root, 'packages', 'second', 'package.json'), other);
  await assert.rejects(run('buildPackage', { workspace: 'cli' }), { code: 'ERR_PGTAP_BUILD_WORKSPACE', message: /several have this name: packages\/cli, packages\/second/ });
});

test('clean removes what builds leave, and never what a link leads to', async (t) => {
  const { root, run } = project(t);
  const core = join(root, 'packages', 'core');
  const { success, removed } = await run('clean', { workspace: 'core' });
  assert.deepEqual({ success, removed }, { success: true, removed: ['build', 'dist', 'tsconfig.tsbuildinfo'] });
  assert.deepEqual([existsSync(join(core, 'dist')), existsSync(join(core, 'src', 'c.js')), existsSync(join(core, 'package.json'))], [false, true, true]);
  symlinkSync(root, join(core, 'dist'));
  mkdirSync(join(core, 'build'));
  symlinkSync(root, join(core, 'build', 'up'));
  assert.deepEqual((await run('clean', { workspace: 'core' })).removed, ['build', 'dist']);
  assert.equal(readFileSync(join(root, 'outside.txt'), 'utf8'), 'kept');
});

const isRunning = (pid) => new Promise((resolve) => {
  execFile('ps', ['-o', 'stat=', '-p', pid], (error, stdout) => resolve(error === null && !stdout.startsWith('Z')));
});

test('a build that is cancelled ends with all that it started', async (t) => {
  const { root, run } = project(t);
  const controller = new AbortController();
  const build = run('buildPackage', { workspace: 'packages/cli' }, { signal: controller.signal });
  const file = join(root, 'packages', 'cli', 'pid');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await later(20);
  const pid = readFileSync(file, 'utf8');
  assert.equal(await isRunning(pid), true);
  controller.abort(new Error('no more'));
  await assert.rejects(build, { message: 'no more' });
  for (let tries = 0; (await isRunning(pid)) && tries < 100; tries += 1) await later(50);
  assert.equal(await isRunning(pid), false);
});
