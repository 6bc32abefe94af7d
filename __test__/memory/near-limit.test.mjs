// armNearHeapLimit: what is armed does write near the limit, and what cannot is refused with its reason.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

import { suiteFolder } from '../suite-folder.mjs';

const require = createRequire(import.meta.url);
const { armWith, folderOfNode } = require('../../lib/memory/snapshots/near-limit-arming.js');
const { armNearHeapLimit } = require('../../lib/memory/snapshots/near-limit.js');
const LIBRARY = JSON.stringify(fileURLToPath(new URL('../../lib/memory/snapshots/near-limit.js', import.meta.url)));
const MB = 1024 * 1024;

/** Arms over a machine that has room, in Node without or with heap profiles near the limit. */
function arm(options, machine = {}) {
  const calls = [];
  const room = {
    setProfile: undefined,
    setSnapshot: (n) => calls.push(['snapshot', n]),
    limitBytes: () => 100 * MB,
    availableBytes: () => 1500 * MB,
    freeBytes: () => 250 * MB,
    startSampling: () => calls.push(['sampling']),
    node: () => ({ execArgv: [], env: {} }),
  };
  const answer = armWith(options, { ...room, ...machine }, arm);
  return { ...answer, calls };
}
const newer = (calls) => ({ setProfile: (n) => calls.push(['profile', n]), startSampling: () => calls.push(['sampling']) });

test('auto: the profile where Node has one, else a snapshot that fits', () => {
  const calls = [];
  const profile = arm({}, newer(calls));
  assert.deepEqual([profile.armed, profile.why, profile.dir], ['profile', null, process.cwd()]);
  assert.deepEqual(calls, [['sampling'], ['profile', 1]], 'without the sampler Node would write nothing');
  const snapshot = arm({});
  assert.deepEqual([snapshot.armed, snapshot.why, snapshot.calls], ['snapshot', null, [['snapshot', 1]]]);
});

test('refused, and why', () => {
  const cases = [
    [{}, { availableBytes: () => 1500 * MB - 1 }, 'memory'],
    [{}, { freeBytes: () => 250 * MB - 1 }, 'disk'],
    [{ mode: 'profile' }, {}, 'unsupported'],
    [{ mode: 'off' }, {}, 'off'],
    [{ dir: '/other' }, {}, 'folder'],
    [{}, { node: () => ({ execArgv: ['--diagnostic-dir=/does/not/exist'], env: {} }) }, 'folder'],
  ];
  for (const [options, machine, why] of cases) {
    const { armed, why: found, message, calls } = arm(options, machine);
    assert.deepEqual([armed, found, calls], ['none', why, []]);
    assert.ok(message.length > 8);
  }
});

test('the folder is the one that Node writes into: the last flag counts, and the command line before NODE_OPTIONS', () => {
  const cases = [
    [[], undefined, process.cwd()], [['--diagnostic-dir=/a'], '--diagnostic-dir=/b', '/a'], [['--diagnostic-dir', '/a b'], undefined, '/a b'],
    [['--diagnostic-dir=/a', '--diagnostic_dir=/c'], undefined, '/c'], [['--diagnostic_dir', '/c', '--diagnostic-dir=/a'], '', '/a'],
    [['--inspect'], '--no-warnings --diagnostic-dir=/b -r x', '/b'], [[], '--diagnostic-dir "/b c"', '/b c'], [[], '"--diagnostic_dir=/b c"', '/b c'],
    [[], '--diagnostic-dir=/x  --diagnostic-dir="/b \\"c\\\\"', '/b "c\\'], [[], '--diagnostic-dir=rel/', join(process.cwd(), 'rel')],
  ];
  for (const [execArgv, NODE_OPTIONS, expected] of cases) assert.equal(folderOfNode({ execArgv, env: { NODE_OPTIONS } }), resolve(expected));
});

test('Node reads its flags as they are read here', (t) => {
  const root = realpathSync(suiteFolder(t));
  for (const name of ['a', 'b c', 'd']) mkdirSync(join(root, name));
  const program = `console.log(require(${LIBRARY}.replace('near-limit.js', 'near-limit-arming.js')).folderOfNode(process))`;
  // A profile of the processor goes where a near-limit file does, without a heap that is full.
  const wrote = (flags, options, cwd) => {
    const env = { ...process.env, NODE_OPTIONS: options };
    const { stdout } = spawnSync(process.execPath, ['--cpu-prof', ...flags, '-e', program], { encoding: 'utf8', cwd: join(root, cwd), env });
    const folder = stdout.trim();
    return [folder, readdirSync(folder).filter((name) => name.endsWith('.cpuprofile')).length];
  };
  assert.deepEqual(wrote([], '--no-warnings --diagnostic-dir="../b c"', 'a'), [join(root, 'b c'), 1]);
  assert.deepEqual(wrote(['--diagnostic-dir=../a', '--diagnostic_dir', '../d'], '--diagnostic-dir=../a', 'a'), [join(root, 'd'), 1]);
});

test('a folder is the same under another name', { skip: process.platform === 'win32' }, (t) => {
  const root = suiteFolder(t, { 'real/x': '', 'other/x': '' });
  const [real, link] = [join(root, 'real'), join(root, 'link')];
  symlinkSync(real, link);
  const node = () => ({ execArgv: [`--diagnostic-dir=${link}`], env: {} });
  assert.deepEqual([arm({ dir: real }, { node }).armed, arm({ dir: link }, { node }).dir], ['snapshot', link]);
  assert.equal(arm({ dir: join(root, 'other') }, { node }).why, 'folder');
  assert.match(arm({ dir: join(root, 'none') }, { node }).message, /start it with --diagnostic-dir=/);
});

const auto = v8.setHeapProfileNearHeapLimit ? 'profile' : 'snapshot';
for (const mode of new Set([auto, 'snapshot'])) {
  test(`a process that runs out of heap leaves a file: ${mode}`, { skip: process.platform === 'win32' }, (t) => {
    const dir = suiteFolder(t);
    const program = `
      const { armed } = require(${LIBRARY}).armNearHeapLimit({ mode: '${mode}', dir: ${JSON.stringify(dir)} });
      console.log(armed);
      const held = [];
      for (;;) held.push(new Array(1000).fill(1));`;
    const flags = ['--max-old-space-size=40', `--diagnostic-dir=${dir}`];
    const { stdout, status } = spawnSync(process.execPath, [...flags, '-e', program], { encoding: 'utf8', cwd: dir });
    assert.equal(stdout.split('\n')[0], mode);
    assert.notEqual(status, 0);
    const [file, ...others] = readdirSync(dir).filter((name) => name.endsWith(mode === 'profile' ? '.heapprofile' : '.heapsnapshot'));
    assert.deepEqual(others, []);
    assert.ok(JSON.parse(readFileSync(join(dir, file), 'utf8'))[mode === 'profile' ? 'head' : 'nodes']);
  });
}

test('wrong options', () => {
  for (const options of [{ mode: 'x' }, { mode: 1 }, { dir: 5 }, { dir: '' }, null]) {
    assert.throws(() => armNearHeapLimit(options), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  }
});
