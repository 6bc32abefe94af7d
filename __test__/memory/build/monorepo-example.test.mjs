// The example monorepo: its scripts run, and its files for Docker and GitHub name what there is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

import { suiteFolder } from '../../suite-folder.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples', 'managed-monorepo');
const read = (file) => readFileSync(join(EXAMPLE, file), 'utf8');
const { scripts, workspaces } = JSON.parse(read('package.json'));

/** The example as npm would install it. */
function installed(t) {
  const folder = suiteFolder(t);
  cpSync(EXAMPLE, folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  for (const made of ['.bin', '@managed-monorepo']) mkdirSync(join(modules, made), { recursive: true });
  symlinkSync(ROOT, join(modules, 'pgtap-scanner'), 'junction');
  symlinkSync(join(ROOT, 'node_modules', 'esbuild'), join(modules, 'esbuild'), 'junction');
  symlinkSync(join(ROOT, 'node_modules', 'esbuild', 'bin', 'esbuild'), join(modules, '.bin', 'esbuild'));
  for (const name of ['core', 'cli']) symlinkSync(join(folder, 'packages', name), join(modules, '@managed-monorepo', name), 'junction');
  return folder;
}

const npm = (cwd, ...args) => spawnSync('npm', args, { cwd, encoding: 'utf8' });

for (const script of ['build:managed', 'build:safe']) {
  test(`npm run ${script}`, (t) => {
    const folder = installed(t);
    const { status, stdout, stderr } = npm(folder, 'run', script);
    assert.equal(status, 0, stdout + stderr);
    const steps = [...stdout.matchAll(/^(\S+): completed in \d+\.\d\ds/gm)].map(([, name]) => name);
    assert.deepEqual(steps, ['@managed-monorepo/core', '@managed-monorepo/cli']);
    assert.equal(stdout.match(/^Memory: \d+\.\d\dMB \/ \d+\.\d\dMB \(\d+%\)/gm).length, 6);
    assert.equal(npm(folder, '--silent', 'start', '--', 'four words to count').stdout, '4\n');
  });
}

test('a package that cannot be built ends the build with its code', (t) => {
  const folder = installed(t);
  writeFileSync(join(folder, 'packages', 'core', 'src', 'index.js'), 'export const = 1;');
  const { status, stdout } = npm(folder, 'run', 'build:managed');
  assert.equal(status, 1);
  assert.match(stdout, /^@managed-monorepo\/core: failed in [^]*^Build failed: @managed-monorepo\/core \(exit code 1\)/m);
  assert.equal(existsSync(join(folder, 'packages', 'cli', 'dist')), false);
});

test('npm run bundle and npm run clean', (t) => {
  const folder = installed(t);
  npm(folder, 'run', 'build:managed');
  const { status, stdout, stderr } = npm(folder, 'run', 'bundle');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^Bundled\. Memory: \d+\.\d\dMB \/ \d+\.\d\dMB \(\d+%\)$/m);
  const bundle = join(folder, 'dist', 'managed-monorepo.js');
  rmSync(join(folder, 'packages'), { recursive: true });
  assert.equal(spawnSync(process.execPath, [bundle, 'a b c'], { encoding: 'utf8' }).stdout, '3\n', 'it needs no other file');
  assert.equal(npm(folder, 'run', 'clean').status, 0);
  assert.equal(existsSync(bundle), false);
});

test('scripts/buildWorker.js builds in a pool', (t) => {
  const folder = installed(t);
  const program = `
    import { createWorkerPool } from 'pgtap-scanner/memory/workers';
    const pool = createWorkerPool('./scripts/buildWorker.js');
    for (const workspace of ['packages/core', 'packages/cli']) {
      const { success } = await pool.exec({ type: 'buildPackage', data: { workspace } });
      console.log(workspace, success);
    }
    await pool.shutdown();`;
  writeFileSync(join(folder, 'pool.mjs'), program);
  const { stdout, stderr } = spawnSync(process.execPath, ['pool.mjs'], { cwd: folder, encoding: 'utf8' });
  assert.equal(stdout, 'packages/core true\npackages/cli true\n', stderr);
  assert.equal(npm(folder, '--silent', 'start', '--', 'four words to count').stdout, '4\n');
});

test('the Dockerfile copies what there is and runs scripts that there are', () => {
  const text = read('Dockerfile');
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => files.split(' '));
  const ofInstall = copied.filter((file) => file !== '.' && file !== 'package-lock.json');
  assert.deepEqual(ofInstall.sort(), ['package.json', ...workspaces.map((name) => `${name}/package.json`)].sort());
  assert.ok(ofInstall.every((file) => existsSync(join(EXAMPLE, file))));
  const ran = [...text.matchAll(/npm run (\S+)/g)].map(([, script]) => script);
  assert.ok(ran.length === 2 && ran.every((script) => script in scripts), `${ran}`);
  const [, made] = /^COPY --from=build \/app\/(\S+)/m.exec(text);
  assert.ok(read('scripts/bundle.js').includes(`outfile: '${made}'`));
});

test('the workflow of GitHub Actions', () => {
  const { on, permissions, jobs } = parse(read('github-actions.yml'));
  assert.deepEqual([on, permissions], [['push', 'pull_request'], { contents: 'read' }]);
  const { steps } = jobs.build;
  const ran = steps.flatMap(({ run }) => /^npm run (\S+)$/.exec(run ?? '')?.[1] ?? []);
  assert.deepEqual(ran, ['build:safe', 'bundle']);
  assert.ok(ran.every((script) => script in scripts));
  assert.ok(steps.every(({ uses, run }) => Boolean(uses) !== Boolean(run)));
});
