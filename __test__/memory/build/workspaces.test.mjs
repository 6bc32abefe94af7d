// npm workspaces as steps, in the order in which they need each other.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { suiteFolder } from '../../suite-folder.mjs';
import { start } from './building.mjs';

const require = createRequire(import.meta.url);
const { workspaceSteps } = require('../../../lib/memory/build/index.js');

/** A folder with workspaces: name -> what else its package.json has. */
function workspaces(t, packages) {
  const files = { 'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['packages/*'] }) };
  for (const [name, more] of Object.entries(packages)) {
    const folder = `packages/${name.replace('/', '-')}`;
    files[`${folder}/package.json`] = JSON.stringify({ name, version: '1.0.0', scripts: { build: `echo built ${name}` }, ...more });
  }
  return suiteFolder(t, files);
}

const names = async (folder, script) => (await workspaceSteps({ folder, script })).map(({ name }) => name);

test('those come first that others depend on, by any kind of dependency', async (t) => {
  const folder = workspaces(t, {
    app: { dependencies: { '@x/lib': '*', express: '5' } }, '@x/lib': { devDependencies: { tools: '*' }, peerDependencies: { 'z-last': '*' } },
    tools: { optionalDependencies: { 'y-alone': '*' } }, 'y-alone': {}, 'z-last': {}, 'no-script': { scripts: { lint: 'x' }, dependencies: { app: '*' } },
  });
  const order = await names(folder);
  assert.deepEqual([...order].sort(), ['@x/lib', 'app', 'tools', 'y-alone', 'z-last']);
  for (const [first, second] of [['@x/lib', 'app'], ['tools', '@x/lib'], ['z-last', '@x/lib'], ['y-alone', 'tools']]) {
    assert.ok(order.indexOf(first) < order.indexOf(second), `${first} before ${second}: ${order}`);
  }
  assert.deepEqual(await names(folder, 'lint'), ['no-script']);
});

test('an order goes through a workspace that has no such script', async (t) => {
  const folder = workspaces(t, { a: { dependencies: { b: '*' } }, b: { scripts: {}, dependencies: { c: '*' } }, c: {} });
  assert.deepEqual(await names(folder), ['c', 'a']);
});

test('what cannot be ordered is refused', async (t) => {
  const circle = workspaces(t, { a: { dependencies: { b: '*' } }, b: { devDependencies: { c: '*' } }, c: { dependencies: { b: '*' } } });
  await assert.rejects(workspaceSteps({ folder: circle }), { code: 'ERR_PGTAP_WORKSPACES', message: /in a circle: b -> c -> b\./ });
  await assert.rejects(workspaceSteps({ folder: workspaces(t, { a: {} }), script: 'none' }), { code: 'ERR_PGTAP_WORKSPACES', message: /has a script "none"/ });
  await assert.rejects(workspaceSteps({ folder: suiteFolder(t) }), (error) => {
    assert.deepEqual([error.code, error.cause instanceof Error], ['ERR_PGTAP_WORKSPACES', true]);
    assert.match(error.message, /^npm cannot tell the workspaces of .*package\.json/s);
    return true;
  });
});

test('the program builds them, and ends with the code of the one that fails', async (t) => {
  const folder = workspaces(t, { a: { dependencies: { b: '*' } }, b: {}, c: { scripts: { build: 'exit 4' } }, d: {} });
  const { code, stdout, stderr } = await start(t, ['--json', '--required', '1', '--workspaces'], { cwd: folder }).ended;
  const { steps } = JSON.parse(stdout.trim().split('\n').at(-1));
  assert.deepEqual(steps.map(({ name, reason }) => [name, reason]), [['b', 'completed'], ['a', 'completed'], ['c', 'failed'], ['d', 'skipped']]);
  assert.equal(code, 4);
  assert.match(stderr, /^built b$[^]*^built a$/m);
});
