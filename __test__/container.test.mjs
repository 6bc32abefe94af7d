// In a container with a real limit a scan stays below it, and the limit is what is told.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { generateCorpus } from '../benchmark/generate.mjs';
import { memoryGroup } from './memory-group.mjs';
import { suiteFolder } from './suite-folder.mjs';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'children', 'contained-scan.mjs');
const MB = 1 << 20;
const LIMIT = 160 * MB;
const FILES = 10_000;
const ASSERTIONS = 40;

test('10,000 files within a container of 160 MB', (t) => {
  const group = memoryGroup(t, LIMIT);
  if (!group) return;
  const run = (...program) => {
    const [command, args] = group.command(process.execPath, ...program);
    return spawnSync(command, args, { encoding: 'utf8' });
  };
  const root = suiteFolder(t);
  generateCorpus({ files: FILES, assertions: ASSERTIONS, seed: 1, out: root });
  const { status, signal, stdout, stderr } = run(CHILD, root, '100');
  assert.deepEqual([status, signal], [0, null], stderr);
  const { container, enough, files, assertions, objects } = JSON.parse(stdout);
  assert.deepEqual([files, assertions], [FILES, FILES * ASSERTIONS]);
  assert.ok(objects > 100_000, `${objects} objects`);
  assert.equal(container.limitBytes, LIMIT);
  assert.ok(container.usedBytes > 4 * MB && container.usedBytes < LIMIT, `${container.usedBytes}`);
  assert.deepEqual(enough, { 16: true, 160: false, 400: false });
  t.diagnostic(`the most it used, page cache and all: ${((group.most() ?? NaN) / MB).toFixed(0)} MB`);
  // The limit is real: who takes more is ended by the system. With swap it would only become slow.
  if (readFileSync('/proc/swaps', 'utf8').trim().split('\n').length === 1) {
    assert.equal(run('-e', 'Buffer.alloc(400 * 2 ** 20, 1)').signal, 'SIGKILL');
  }
});
