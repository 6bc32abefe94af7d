// The GitHub Action: its steps are run as a runner runs them, with the program and GitHub replaced.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';

import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { version } = require('../package.json');

const text = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const action = parse(text('action.yml'));
const workflow = parse(text('examples/coverage-action/github-actions.yml'));
const [measure, comment, judge] = action.runs.steps;
const noBash = spawnSync('bash', ['-c', 'exit 0']).status !== 0 && 'bash is not installed';

const INPUTS = ['tests', 'migrations', 'fail-under', 'baseline', 'working-directory', 'comment', 'token'];

test('every input is described, used, and in the document', () => {
  assert.deepEqual(Object.keys(action.inputs), INPUTS);
  const [, docs] = text('docs/cli.md').split('\n## GitHub Action\n');
  for (const [name, { description, default: standard }] of Object.entries(action.inputs)) {
    assert.ok(description.length > 20 && typeof standard === 'string', name);
    assert.ok(JSON.stringify(action.runs).includes(`inputs.${name}`), `${name} is used`);
    assert.ok(docs.includes(`| \`${name}\` |`), `${name} is documented`);
  }
  const used = [...JSON.stringify(action.runs).matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(used)].sort(), [...INPUTS].sort());
});

test('no expression stands in a script: input comes by the environment only', () => {
  const scripts = action.runs.steps.flatMap(({ run, with: given }) => [run, given?.script]).filter(Boolean);
  assert.equal(scripts.length, 3);
  for (const script of scripts) assert.ok(!script.includes('${{'), script);
  // Every variable that a script reads is set beside it, or by the runner.
  for (const { run, env } of [measure, judge]) {
    const read = [...run.matchAll(/\$\{?([A-Z_]+)/g)].map(([, name]) => name);
    for (const name of read) assert.ok(name in env || /^(RUNNER|GITHUB)_/.test(name), name);
    for (const name of Object.keys(env)) assert.ok(read.includes(name), name);
  }
});

test('the steps of shell can be read by bash', { skip: noBash }, () => {
  for (const { run } of [measure, judge]) {
    assert.deepEqual(spawnSync('bash', ['-n'], { input: run, encoding: 'utf8' }).stderr, '');
  }
});

test('the example workflow uses what there is', () => {
  const steps = workflow.jobs.coverage.steps;
  const { uses, with: given, id } = steps.find((step) => step.uses?.startsWith('pgtap-scanner/'));
  assert.equal(uses, `pgtap-scanner/pgtap-scanner@v${version}`);
  for (const name of Object.keys(given)) assert.ok(INPUTS.includes(name), name);
  assert.deepEqual(workflow.permissions, { contents: 'read', 'pull-requests': 'write' });
  const outputs = [...JSON.stringify(steps).matchAll(/steps\.(\w+)\.outputs\.(\w+)/g)].map(([, step, output]) => [step, output]);
  assert.deepEqual(outputs, [[id, Object.keys(action.outputs)[0]]]);
});

/** A runner: a folder with an `npx` that does what `program` says, and how a step runs in it. */
function runner(t, program) {
  const root = suiteFolder(t, { 'bin/npx': `#!/usr/bin/env bash\n${program}\n`, summary: '', output: '' });
  chmodSync(join(root, 'bin/npx'), 0o755);
  mkdirSync(join(root, 'temp'));
  const env = {
    PATH: `${join(root, 'bin')}:${process.env.PATH}`, RUNNER_TEMP: join(root, 'temp'),
    GITHUB_OUTPUT: join(root, 'output'), GITHUB_STEP_SUMMARY: join(root, 'summary'),
  };
  const run = (step, inputs) => {
    writeFileSync(join(root, 'step.sh'), step.run);
    return spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', join(root, 'step.sh')], { cwd: root, env: { ...env, ...inputs }, encoding: 'utf8' });
  };
  const file = (name) => readFileSync(join(root, name), 'utf8');
  const outputs = () => Object.fromEntries(file('output').split('\n').filter(Boolean).map((line) => line.split(/=(.*)/s)));
  return { root, run, file, outputs };
}

// Writes what it was given, an argument a line, and both reports.
const PROGRAM = `
if [[ $4 == --version ]]; then exit 0; fi
printf '%s\\n' "$@" > args
for arg in "$@"; do
  case $arg in json:*) echo '{}' > "\${arg#json:}" ;; markdown:*) echo '## Coverage' > "\${arg#markdown:}" ;; esac
done
echo "a message" >&2
exit "\${CODE_OF_PROGRAM:-0}"`;

const NONE = { TESTS: '', MIGRATIONS: '', FAIL_UNDER: '', BASELINE: '' };

test('it measures with what is given, and goes on whatever comes of it', { skip: noBash }, (t) => {
  const { run, file, outputs } = runner(t, PROGRAM);
  const hostile = '"; touch pwned; $(touch pwned) `touch pwned` #';
  const given = { TESTS: `-${hostile}`, MIGRATIONS: hostile, FAIL_UNDER: 'tables=95,policies=100', BASELINE: 'a b.json', CODE_OF_PROGRAM: '1' };
  const { status, stderr } = run(measure, given);
  assert.deepEqual([status, stderr], [0, 'a message\n']);
  const { folder, code } = outputs();
  assert.equal(code, '1');
  assert.deepEqual(file('args').split('\n').slice(0, -1), [
    '--no-install', '--loglevel=error', 'pgtap-scanner', 'coverage', '--quiet', '--report', `json:${folder}/coverage.json`, '--report', `markdown:${folder}/coverage.md`,
    '--migrations', hostile, '--fail-under', 'tables=95,policies=100', '--baseline', 'a b.json', '--', `-${hostile}`,
  ]);
  assert.equal(file('summary'), '## Coverage\n');
  assert.deepEqual(readdirSync(folder).sort(), ['coverage.json', 'coverage.md', 'messages.txt']);
  const judged = run(judge, { CODE: code, FOLDER: folder });
  assert.deepEqual([judged.status, judged.stderr], [1, 'a message\n']);
});

test('without input it leaves all to the configuration, and is well when the program is', { skip: noBash }, (t) => {
  const { root, run, file, outputs } = runner(t, PROGRAM);
  assert.equal(run(measure, NONE).status, 0);
  assert.equal(file('args').split('\n').length, 10);
  const { folder, code } = outputs();
  assert.equal(code, '0');
  assert.deepEqual(run(judge, { CODE: code, FOLDER: folder }).stderr, '');
  assert.ok(!readdirSync(root).includes('pwned'));
});

test('a program that is not installed is said', { skip: noBash }, (t) => {
  const { status, stdout } = runner(t, 'exit 1').run(measure, NONE);
  assert.equal(status, 2);
  assert.match(stdout, /^::error::pgtap-scanner is not installed .*npm install --save-dev pgtap-scanner/);
});

/** Runs the script of the comment with a GitHub that has `comments`; answers what it asked for. */
async function commented(t, files, { comments = [], fails, project = '.' } = {}) {
  const asked = [];
  const rest = Object.fromEntries(['listComments', 'createComment', 'updateComment'].map((name) => [name, async (given) => {
    if (fails) throw Object.assign(new Error('no'), { status: fails });
    asked.push([name, given]);
    return { data: comments };
  }]));
  const github = { rest: { issues: rest }, paginate: async (call, given) => (await call(given)).data };
  const warnings = [];
  const AsyncFunction = (async () => {}).constructor;
  const script = new AsyncFunction('github', 'context', 'core', 'require', 'process', comment.with.script);
  const context = { repo: { owner: 'o', repo: 'r' }, issue: { number: 7 } };
  const env = { FOLDER: suiteFolder(t, files), PROJECT: project };
  await script(github, context, { warning: (message) => warnings.push(message) }, require, { env });
  return { asked: asked.filter(([name]) => name !== 'listComments'), warnings };
}

const MARKER = '<!-- pgtap-scanner . -->';

test('the comment is made once, then changed', async (t) => {
  const files = { 'coverage.md': '## Coverage\n', 'messages.txt': '' };
  const made = await commented(t, files, { comments: [{ id: 1, body: 'else' }, { id: 2, body: `quoted: ${MARKER}` }, { id: 3 }] });
  assert.deepEqual(made.asked, [['createComment', { owner: 'o', repo: 'r', issue_number: 7, body: `${MARKER}\n\n## Coverage\n` }]]);
  const changed = await commented(t, files, { comments: [{ id: 1, body: 'else' }, { id: 4, body: `${MARKER}\n\nold` }] });
  assert.deepEqual(changed.asked, [['updateComment', { owner: 'o', repo: 'r', comment_id: 4, body: `${MARKER}\n\n## Coverage\n` }]]);
  const other = await commented(t, files, { comments: [{ id: 4, body: `${MARKER}\n\nold` }], project: 'packages/db -->' });
  assert.equal(other.asked[0][0], 'createComment', 'another project has a comment of its own');
  assert.match(other.asked[0][1].body, /^<!-- pgtap-scanner packages%2Fdb%20--%3E -->\n/);
});

test('messages stand in the comment as they are, also when nothing could be measured', async (t) => {
  const { asked: [[, { body }]] } = await commented(t, { 'messages.txt': 'pgtap-scanner: **no**\n  <b>\n' });
  assert.equal(body, `${MARKER}\n\n    pgtap-scanner: **no**\n      <b>\n`);
  const { asked: [[, long]] } = await commented(t, { 'coverage.md': 'x'.repeat(70000) });
  assert.equal(long.body.length, 65536);
});

test('a token that may not comment is a warning, other failures are failures', async (t) => {
  const { warnings } = await commented(t, {}, { fails: 403 });
  assert.match(warnings[0], /pull-requests: write/);
  await assert.rejects(commented(t, {}, { fails: 500 }), /no/);
});

test('the comment is for pull requests, and can be refused', () => {
  assert.equal(comment.if, "inputs.comment == 'true' && github.event.pull_request");
  assert.match(comment.uses, /^actions\/github-script@v\d+$/);
});
