// Runs all tests and says how many cases ran: `node scripts/test.mjs`.
//
// A suite that runs fewer cases than it is known to have fails: a glob that misses its files must not pass for green.

import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The least number of cases each suite has; raise it with every case that is added. */
const LEAST = {
  'cargo test --no-default-features': 464,
  'cargo test': 455,
  'cargo test --test hostile': 2,
  'node --test': 1769,
};

/** Names and reasons of the node tests that were skipped, as TAP has them. */
const skippedCases = (text) => [...text.matchAll(/^\s*ok \d+ - (.*) # SKIP ?(.*)$/gm)].map(([, name, reason]) => `${name}${reason && `: ${reason}`}`);

function run(name, command, args, count) {
  console.log(`\n> ${name}`);
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  process.stdout.write(stdout);
  const cases = count(stdout);
  const enough = cases.passed + cases.failed >= LEAST[name];
  if (!enough) console.error(`${name} ran ${cases.passed + cases.failed} cases; at least ${LEAST[name]} were expected`);
  return { name, ...cases, ok: status === 0 && enough, left: skippedCases(stdout) };
}

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, [, n]) => total + Number(n), 0);

const cargoCases = (text) => ({
  passed: sum(text, /^test result: \w+\. (\d+) passed/gm),
  failed: sum(text, /^test result: .* (\d+) failed/gm),
  skipped: sum(text, /^test result: .* (\d+) ignored/gm),
});

const nodeCases = (text) => ({
  passed: sum(text, /^# pass (\d+)/gm),
  failed: sum(text, /^# fail (\d+)/gm),
  skipped: sum(text, /^# skipped (\d+)/gm),
});

/** Test files below `folder`; children and fixtures are no tests. */
function testFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'node_modules' ? [] : testFiles(path);
    return name.endsWith('.test.mjs') ? [path] : [];
  });
}

/** Counts the work of reading hostile input, so that nothing has to be timed. */
const HOSTILE = ['test', '--no-default-features', '--features', 'count-work', '--test', 'hostile', '--quiet'];

const suites = [
  run('cargo test --no-default-features', 'cargo', ['test', '--no-default-features', '--quiet'], cargoCases),
  run('cargo test', 'cargo', ['test', '--quiet'], cargoCases),
  run('cargo test --test hostile', 'cargo', HOSTILE, cargoCases),
  run('node --test', process.execPath, ['--test', '--test-reporter=tap', ...testFiles(join(root, '__test__'))], nodeCases),
];

const total = (key) => suites.reduce((all, suite) => all + suite[key], 0);
console.log('');
for (const name of suites.flatMap((suite) => suite.left)) console.log(`skipped: ${name}`);
for (const { name, passed, failed, skipped } of suites) console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exitCode = suites.every((suite) => suite.ok) ? 0 : 1;
