// The example of memory tests passes, and fails when its service leaks.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { suiteFolder } from '../suite-folder.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLOSES = '      this.#open.delete(session);\n';

/** Runs the example as an installed copy, its service changed by `change`. */
function run(t, change) {
  const folder = suiteFolder(t);
  cpSync(join(ROOT, 'examples', 'memory-budget-tests'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'pgtap-scanner'), 'junction');
  const service = join(folder, 'service.mjs');
  writeFileSync(service, change(readFileSync(service, 'utf8')));
  // A run inside of a run would report to the outer one.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', 'memory.test.mjs'], { cwd: folder, env, encoding: 'utf8' });
  return { stdout, counts: ['pass', 'fail'].map((kind) => Number(new RegExp(`^# ${kind} (\\d+)`, 'm').exec(stdout)[1])) };
}

test('the example passes', (t) => {
  const { stdout, counts } = run(t, (service) => service);
  assert.deepEqual(counts, [3, 0], stdout);
});

test('a session that stays open fails all of it', (t) => {
  const { stdout, counts } = run(t, (service) => {
    assert.ok(service.includes(CLOSES));
    return service.replace(CLOSES, '');
  });
  assert.deepEqual(counts, [0, 3], stdout);
  for (const code of ['ERR_PGTAP_BUDGET_EXCEEDED', 'ERR_PGTAP_LEAK']) assert.ok(stdout.includes(code), stdout);
});
