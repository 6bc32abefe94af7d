// 100,000 files within 100 MB and within 16: nothing is lost, and memory does not follow the size of the suite.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { generateCorpus } from '../benchmark/generate.mjs';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'children', 'large-scan.mjs');
const ASSERTIONS = 29;

const folder = mkdtempSync(join(tmpdir(), 'pgtap-large-'));
after(() => rmSync(folder, { recursive: true }));

function corpus(files) {
  const out = join(folder, `${files}`);
  generateCorpus({ files, assertions: ASSERTIONS, seed: 1, out });
  return out;
}

const scan = (root, maxMemoryMB) => JSON.parse(execFileSync(process.execPath, ['--max-old-space-size=64', CHILD, root, `${maxMemoryMB}`], { encoding: 'utf8' }));

/** Three runs, the one that took the least memory first: V8 and a busy machine add up to a tenth. */
const threeRuns = (root, maxMemoryMB) => Array.from({ length: 3 }, () => scan(root, maxMemoryMB)).sort((a, b) => a.residentMB - b.residentMB);

test('100,000 files take little more memory than 10,000, and everything is read back', (t) => {
  const [small] = threeRuns(corpus(10_000), 100);
  const root = corpus(100_000);
  const whole = scan(root, 2000);
  assert.deepEqual([whole.files, whole.assertions, whole.moved], [100_000, 100_000 * ASSERTIONS, 0]);
  assert.deepEqual([whole.read, whole.objects > 1_500_000, whole.covering > whole.objects], [2000 * ASSERTIONS, true, true]);
  let ran = 0;
  for (const maxMemoryMB of [100, 16]) {
    const [{ residentMB, moved, ...found }, , { residentMB: mostMB }] = threeRuns(root, maxMemoryMB);
    const { residentMB: roomy, moved: none, ...expected } = whole;
    assert.deepEqual(found, expected);
    assert.ok(moved >= 3, `${moved} moves`);
    t.diagnostic(`maxMemoryMB ${maxMemoryMB}: ${residentMB.toFixed(0)} to ${mostMB.toFixed(0)} MB resident, 10,000 files ${small.residentMB.toFixed(0)}, without a limit ${roomy.toFixed(0)}`);
    assert.ok(mostMB <= 130, `${mostMB} MB`);
    assert.ok(residentMB <= 1.3 * small.residentMB, `${residentMB} MB, ${small.residentMB} for 10,000 files`);
    ran += 1;
  }
  assert.equal(ran, 2);
});
