// Programs that run out of memory, or nearly: what they are told, and what is known afterwards.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { suiteFolder } from '../suite-folder.mjs';

const { readBlackBox } = createRequire(import.meta.url)('../../lib/memory/index.js');
const child = (name) => fileURLToPath(new URL(`../children/memory/${name}`, import.meta.url));
const LINUX = process.platform === 'linux' ? false : 'needs /proc';

test('a program that grows hears of it level by level before it dies, and its black box tells', { skip: LINUX }, (t) => {
  const dir = suiteFolder(t);
  const { stdout, signal, status } = spawnSync(process.execPath, ['--max-old-space-size=64', child('growing.mjs'), dir], {
    encoding: 'utf8', timeout: 120_000,
  });
  assert.ok(signal === 'SIGABRT' || status === 134, `${signal} ${status}`);
  const told = [...new Set(stdout.trim().split('\n'))];
  assert.deepEqual(told.filter((name) => name !== 'oom-imminent'), ['warning', 'critical', 'emergency']);
  assert.ok(told.includes('oom-imminent'));
  const [file] = readdirSync(dir).filter((name) => !name.startsWith('.'));
  const story = readBlackBox(join(dir, file));
  assert.equal(story.ended, 'heap-out-of-memory', JSON.stringify({ ...story, samples: story.samples?.length }));
  assert.deepEqual(story.levels, ['healthy', 'warning', 'critical', 'emergency']);
});

/** MB, and what is told of them; far from each threshold, for a program that has just begun is never quite still. */
const SIZES = [[12, null], [38, 'medium'], [75, 'high'], [130, 'critical']];
for (const how of ['blocking', 'waiting']) {
  for (const fate of ['transient', 'retained']) {
    test(`spikes, ${how} and ${fate}, are told once and by their size`, { skip: LINUX }, async () => {
      const run = async ([megabytes, severity]) => {
        const { stdout } = await promisify(execFile)(process.execPath, [child('spiking.mjs'), String(megabytes), fate, how]);
        assert.deepEqual(JSON.parse(stdout).map((spike) => spike.severity), severity ? [severity] : [], `${megabytes} MB: ${stdout}`);
      };
      await Promise.all(SIZES.map(run));
    });
  }
}
