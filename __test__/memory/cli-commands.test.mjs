// `pgtap-scanner memory` as a user runs it on this machine: status, gc, simulate, test, report and doctor.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { memoryGroup } from '../memory-group.mjs';

const require = createRequire(import.meta.url);
const { RULES } = require('../../lib/cli/doctor/rules.js');
const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));
const MB = 1024 * 1024;
const noProc = process.platform !== 'linux' && 'only Linux tells of other processes';

const scratch = mkdtempSync(join(tmpdir(), 'pgtap-memory-'));
after(() => rmSync(scratch, { recursive: true }));

function runAs([program, args], env = {}) {
  const { NODE_OPTIONS: _, ...clean } = process.env;
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...clean, ...env } });
  return { code: status, out: stdout, err: stderr };
}

const run = (args, env) => runAs([process.execPath, [MAIN, 'memory', ...args]], env);
const json = (args, env) => JSON.parse(run([...args, '--json'], env).out);

/** A Node.js that waits, with this environment and these flags; gone when the test ends. */
async function waiting(t, flags = [], env = {}) {
  const child = spawn(process.execPath, [...flags, '-e', "const held = Buffer.alloc(30e6, 1); console.log('ready'); setInterval(() => held, 1e6)"], { env: { ...process.env, NODE_OPTIONS: '', ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid;
}

test('status: what a program started here would have', () => {
  const { code, out, err } = run(['status'], { NODE_OPTIONS: '--max-old-space-size=300' });
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^Heap +up to \d+\.\d MB, 300\.0 MB of it old objects \(Node\.js \d+\.\d+\.\d+; --max-old-space-size=300 in NODE_OPTIONS\)$/m);
  for (const word of ['Container', 'Machine', 'Pressure', 'Percent', 'Levels']) assert.match(out, new RegExp(`^${word} `, 'm'));
  const found = json(['status'], { NODE_OPTIONS: '--max-old-space-size=300', MEMORY_WARNING_THRESHOLD: '33' });
  assert.deepEqual([found.oldLimitBytes, found.levels.warningPercent, found.flags['max-old-space-size'].from], [300 * MB, 33, 'NODE_OPTIONS']);
  assert.ok(found.effectiveLimitBytes <= found.heapLimitBytes && found.machine.totalBytes > 0);
});

test('status of a process: its memory, its flags, what it started', { skip: noProc }, async (t) => {
  const pid = await waiting(t, ['--max-old-space-size=200']);
  const found = json(['status', '--pid', `${pid}`]);
  assert.deepEqual([found.pid, found.oldLimitBytes, found.flags['max-old-space-size'].from], [pid, 200 * MB, 'the command line']);
  assert.ok(found.rssBytes > 30e6 && found.peakRssBytes >= found.rssBytes && found.anonymousBytes > 30e6);
  assert.ok(found.tree.processes.some((each) => each.pid === pid));
  const { out } = run(['status', '--pid', `${process.pid}`]);
  assert.match(out, /^Resident +\d/m);
  assert.match(out, /^With what it started: \d+ processes, /m);
});

test('gc without a server is this command\'s own', () => {
  const { code, out } = run(['gc']);
  assert.equal(code, 0);
  assert.match(out, /^Collected: .* freed, the program stood still for \d+\.\d ms\.\nThat was this command's own heap; --url asks a server/);
  const action = json(['gc']);
  assert.deepEqual([action.success, action.kind], [true, 'major']);
});

test('simulate says which levels it reaches', () => {
  const { code, out } = run(['simulate', '52', '--force', '--hold', '600'], { NODE_OPTIONS: '--max-old-space-size=60' });
  assert.equal(code, 0);
  assert.match(out, /^(warning|critical|emergency): \d+\.\d % of 60\.0 MB \(oldGeneration\)$/m);
  assert.match(out, /^Held 52 MB on V8's heap for \d/m);
  const calm = json(['simulate', '5', '--hold', '0', '--kind', 'buffer']);
  assert.deepEqual([calm.kind, calm.heldMB, calm.levels], ['buffer', 5, []]);
  assert.ok(calm.peak.externalBytes >= 5 * MB);
});

test('simulate takes no more than half of what is available', () => {
  const { code, out, err } = run(['simulate', '60', '--hold', '0'], { NODE_OPTIONS: '--max-old-space-size=60' });
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /^pgtap-scanner: 60 MB is too much: at most \d+ \(half of the \d+ MB that are available; --force takes more\)\.\n$/);
});

test('test: every step passes on this machine, with figures', { skip: noProc }, () => {
  const { code, out } = run(['test']);
  assert.equal(code, 0, out);
  const names = [...out.matchAll(/^passed +(\w+) +\S/gm)].map(([, name]) => name);
  assert.deepEqual(names, ['status', 'collection', 'pressure', 'spike', 'cleanup', 'recovery']);
  assert.match(out, /^6 passed, 0 failed, 0 skipped$/m);
});

test('report of a program as it begins here, in words and in a file', () => {
  const { code, out, err } = run(['report'], { MEMORY_WARNING_THRESHOLD: '33' });
  assert.deepEqual([code, err], [0, '']);
  for (const pattern of [/^Memory of process \d+, Node\.js v\d/, /^Level +healthy/m, /^Leak +not judged yet/m, /^Environment +warningPercent=33$/m]) assert.match(out, pattern);
  const file = join(scratch, 'report.json');
  assert.deepEqual(run(['report', '--json', '--output', file]), { code: 0, out: '', err: '' });
  const report = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(report.node, process.version);
  assert.equal(run(['report', '-o', join(scratch, 'missing', 'report')]).code, 2);
});

test('doctor on this machine says what it finds, and every finding is of a rule', () => {
  const { code, out, err } = run(['doctor', '--', process.execPath, '--expose-gc', '--max-old-space-size=200', 'app.js']);
  assert.ok([0, 1].includes(code) && err === '', err);
  for (const id of ['expose-gc', 'worker-limits-off']) assert.match(out, new RegExp(`^(note|warning)  ${id}\n  .+\\.\n  Set:   .+\n  Where: --.* in the command line$`, 'm'));
  assert.match(out, new RegExp(`; ${RULES.length} rules\n$`));
  const found = json(['doctor']);
  const ids = RULES.map(({ id }) => id);
  assert.ok(found.findings.every(({ id }) => ids.includes(id)));
  assert.ok(found.heap.limitBytes > 0);
});

test('doctor finds a heap above the machine critical', () => {
  const { code, out } = run(['doctor', '--', process.execPath, '--max-old-space-size=99999999', 'app.js']);
  assert.equal(code, 1);
  assert.match(out, /^critical  heap-above-limit$/m);
});

test('doctor in a container that is too small for the heap', (t) => {
  const group = memoryGroup(t, 200 * MB);
  if (!group) return;
  const inside = (...args) => runAs(group.command(process.execPath, MAIN, 'memory', 'doctor', '--json', ...args));
  const { code, out } = inside('--', process.execPath, '--max-old-space-size=400', '--heapsnapshot-near-heap-limit=1', 'app.js');
  const found = JSON.parse(out);
  assert.equal(code, 1);
  assert.deepEqual([found.container.limitBytes, found.container.isOwn], [200 * MB, true]);
  assert.deepEqual(found.findings.filter(({ severity }) => severity === 'critical').map(({ id }) => id), ['heap-above-limit', 'snapshot-near-limit']);
  // What it says to set is no more found.
  const [, advised] = /--max-old-space-size=(\d+)/.exec(found.findings[0].set);
  const mended = JSON.parse(inside('--', process.execPath, `--max-old-space-size=${advised}`, 'app.js').out);
  assert.deepEqual(mended.findings.filter(({ id }) => id.startsWith('heap-')), []);
});

test('doctor finds a limit where Node.js does not look: on a group above', (t) => {
  const group = memoryGroup(t, 300 * MB);
  if (!group) return;
  // The shell joins a group below, and goes back so that this can be removed.
  const script = 'mkdir "$2/below"; echo $$ > "$2/below/cgroup.procs"; "$0" "$1" memory doctor --json; echo $$ > "$2/cgroup.procs"; rmdir "$2/below"';
  const [shell, args] = group.command();
  const { out } = runAs([shell, [...args, 'sh', '-c', script, process.execPath, MAIN, dirname(args.at(-1))]]);
  const found = JSON.parse(out);
  assert.deepEqual([found.container.isOwn, found.container.limitBytes], [false, 300 * MB]);
  const where = Object.fromEntries(found.findings.map((each) => [each.id, each.where]));
  assert.deepEqual([where['heap-above-limit'], where['limit-unseen']], ['the default of V8', found.container.folder]);
});

test('doctor reads the flags and limits of a process', { skip: noProc }, async (t) => {
  const pid = await waiting(t, ['--expose-gc'], { NODE_OPTIONS: '--max-old-space-size=150' });
  const found = json(['doctor', '--pid', `${pid}`]);
  const where = Object.fromEntries(found.findings.map((each) => [each.id, each.where]));
  assert.equal(where['expose-gc'], '--expose-gc in the command line');
  assert.equal(where['worker-limits-off'], '--max-old-space-size in NODE_OPTIONS');
  assert.deepEqual([found.pid, found.heap.oldLimitBytes], [pid, 150 * MB]);
});

test('doctor runs no code of the command\'s', () => {
  const file = join(scratch, 'ran');
  const code = `require('fs').writeFileSync(${JSON.stringify(file)}, '')`;
  run(['doctor', '--', process.execPath, '-e', code], { NODE_OPTIONS: `--require ${JSON.stringify(MAIN.replace('main.js', 'kinds.js'))}` });
  assert.throws(() => readFileSync(file), { code: 'ENOENT' });
});

const MISUSES = {
  'status of two things': [['status', '--url', 'http://localhost', '--pid', '1'], /give one/],
  'a number that is none': [['status', '--pid', 'x'], /number of a process/],
  'a process that is not there': [['status', '--pid', '4194999'], /There is no process 4194999/],
  'no megabytes': [['simulate'], /missing required argument/],
  'megabytes that are none': [['simulate', '-5'], /unknown option|number of MB/],
  'a kind that is none': [['simulate', '5', '--kind', 'stack'], /Allowed choices are heap, buffer/],
  'a doctor of two things': [['doctor', '--pid', '1', '--', 'node'], /give no command with it/],
  'a doctor of no Node.js': [['doctor', '--', 'npm', 'start'], /npm is not Node\.js/],
  'a Node.js that is not there': [['doctor', '--', '/nowhere/node'], /Cannot ask \/nowhere\/node/],
  'a flag that Node.js refuses': [['doctor', '--', process.execPath, '--max-old-space-size=99999999999999999999999'], /Cannot ask .*node/],
  'a monitor of two things': [['monitor', '--pid', '1', '--', 'ls'], /give one/],
  'a command once': [['monitor', '--once', '--', 'ls'], /leave it out/],
  'an interval that is too short': [['monitor', '--interval', '5'], /from 100 to 3600000/],
  'a command that is not there': [['monitor', '--', '/nowhere/program'], /Cannot start \/nowhere\/program: there is no such program/],
  'a monitor of no process': [['monitor', '--pid', '4194999'], /There is no process/],
};

test('misuse ends with 2, a message and nothing on stdout', { skip: noProc }, () => {
  for (const [what, [args, pattern]] of Object.entries(MISUSES)) {
    const { code, out, err } = run(args);
    assert.deepEqual([code, out], [2, ''], `${what}: ${err}`);
    assert.match(err, pattern, what);
    assert.doesNotMatch(err, /\n\s+at /, what);
  }
});

test('every command explains itself', () => {
  for (const name of ['status', 'gc', 'simulate', 'monitor', 'test', 'report', 'doctor']) {
    const { code, out } = run([name, '--help']);
    assert.equal(code, 0);
    for (const word of ['Examples:', `pgtap-scanner memory ${name}`, 'Exit codes:']) assert.ok(out.includes(word), `${name}: ${word}`);
  }
});
