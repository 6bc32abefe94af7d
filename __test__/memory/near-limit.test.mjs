// armNearHeapLimit: what is armed does write near the limit, and what cannot is refused with its reason.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

import { suiteFolder } from '../suite-folder.mjs';

const require = createRequire(import.meta.url);
const { armWith } = require('../../lib/memory/snapshots/near-limit-arming.js');
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
    flags: () => [],
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
    [{}, { flags: () => ['--diagnostic-dir=/does/not/exist'] }, 'folder'],
  ];
  for (const [options, machine, why] of cases) {
    const { armed, why: found, message, calls } = arm(options, machine);
    assert.deepEqual([armed, found, calls], ['none', why, []]);
    assert.ok(message.length > 8);
  }
});

test('the folder is the one that Node writes into', (t) => {
  const dir = suiteFolder(t);
  for (const flags of [[`--diagnostic-dir=${dir}`], ['--no-warnings', '--diagnostic-dir', dir], [`--diagnostic_dir=${dir}`]]) {
    const { armed, dir: found } = arm({ dir, mode: 'snapshot' }, { flags: () => flags });
    assert.deepEqual([armed, found], ['snapshot', dir]);
  }
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
