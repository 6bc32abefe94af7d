// The commands that compare tests with a schema, as a user runs them. The schema, the comparison and the renderers are
// replaced (children/faked-parts.cjs), so that every answer of theirs can be had; cli-coverage.test.mjs has the real ones.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { coverageOf } from './coverage-shape.mjs';
import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { wantsColour } = require('../lib/cli/colour.js');
const { writeWhole } = require('../lib/whole-file.js');

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const MAIN = here('../lib/cli/main.js');
const FAKES = here('children/faked-parts.cjs');

const ROWS = [['tables', 'app.a', 'asserted'], ['tables', 'app.b', 'untested'], ['policies', 'app.b.p', 'exercised'], ['views', 'app.v', 'asserted']];
const COVERAGE = coverageOf(ROWS);
const TEST_SQL = "BEGIN;\nSELECT plan(1);\nSELECT has_table('app', 'a', 'a exists');\nSELECT * FROM finish();\nROLLBACK;\n";
const FILES = { 'tests/a_test.sql': TEST_SQL, 'tests/sub/b_test.sql': TEST_SQL, 'migrations/001.sql': '', 'catalog.json': '{}', 'readme': '' };

/** A project, and how the program runs in it: `run(...args)` answers { code, out, err }, `calls(what)` what parts were told. */
function project(t, { coverage = COVERAGE, files = {}, env = {}, ...fakes } = {}) {
  const root = suiteFolder(t, { ...FILES, 'faked.json': JSON.stringify({ coverage, ...fakes }), ...files });
  const faked = join(root, 'faked.json');
  const { NO_COLOR, FORCE_COLOR, ...plain } = process.env;
  const start = (...args) => spawn(process.execPath, ['--require', FAKES, MAIN, ...args], { cwd: root, env: { ...plain, ...env, FAKED: faked } });
  const run = async (...args) => {
    const child = start(...args);
    const [out, err] = await Promise.all([child.stdout, child.stderr].map(async (stream) => (await stream.setEncoding('utf8').toArray()).join('')));
    const code = child.exitCode ?? await new Promise((resolve) => child.on('close', resolve));
    return { code, out, err };
  };
  const calls = (what) => (existsSync(`${faked}.log`) ? readFileSync(`${faked}.log`, 'utf8') : '').split('\n').filter(Boolean)
    .map((line) => JSON.parse(line)).filter(([name]) => name === what).map(([, value]) => value);
  const file = (name) => readFileSync(join(root, name), 'utf8');
  return { root, run, start, calls, file };
}

const SOURCE = ['--migrations', 'migrations'];

test('coverage prints a text, and says nothing else', async (t) => {
  const { run, calls } = project(t);
  assert.deepEqual(await run('coverage', 'tests', ...SOURCE), { code: 0, out: 'text of 4 objects\n', err: '' });
  assert.deepEqual(calls('source'), [{ migrations: 'migrations', signal: true }]);
  assert.deepEqual(calls('analyzeGaps'), [{ files: 2 }]);
  assert.deepEqual(calls('renderReport'), [{ format: 'text', colour: false, sources: [] }]);
});

test('each source is handed on as it was given', async (t) => {
  const { run, calls } = project(t, { env: { TEST_DB: 'postgres://u:secret@h/d' } });
  const sources = [
    [['--connection', 'postgres://h/d'], { connection: 'postgres://h/d' }],
    [['--connection', 'postgres://h/d', '--preset', 'none'], { connection: 'postgres://h/d', preset: null }],
    [['--connection', 'env:TEST_DB'], { connection: 'postgres://u:secret@h/d' }],
    [['--catalog', 'catalog.json'], { catalog: 'catalog.json' }],
    [['--schema', 's.sql', '--preset', 'supabase'], { schema: 's.sql', preset: 'supabase' }],
    [['--schema', 's.sql', '--migrations', 'm'], { schema: 's.sql', migrations: 'm' }],
    [['--migrations', 'm', '--continue'], { migrations: 'm', continueOnError: true }],
  ];
  for (const [args] of sources) assert.equal((await run('coverage', 'tests', ...args, '--quiet')).code, 0, args.join(' '));
  assert.deepEqual(calls('source'), sources.map(([, given]) => ({ ...given, signal: true })));
});

test('an environment variable is read when its name is given, and never else', async (t) => {
  const { run, calls } = project(t, { env: { DATABASE_URL: 'postgres://u:secret@h/d' } });
  const { code, err } = await run('coverage', 'tests');
  assert.equal(code, 2);
  assert.match(err, /^pgtap-scanner: Which schema\?/);
  const unset = await run('coverage', 'tests', '--connection', 'env:OTHER');
  assert.deepEqual([unset.code, unset.err], [2, 'pgtap-scanner: The environment variable OTHER is not set; --connection env:OTHER takes the address of the database from it.\n']);
  assert.deepEqual(calls('source'), []);
});

test('--json is the coverage and nothing else, with the kind of its source and what was left out', async (t) => {
  const { run } = project(t);
  const { code, out, err } = await run('coverage', 'tests', ...SOURCE, '--continue', '--json');
  assert.deepEqual([code, err], [0, '']);
  assert.deepEqual(JSON.parse(out), { ...COVERAGE, source: { ...COVERAGE.source, kind: 'migrations' }, skipped: [{ file: '001.sql', line: 2, message: 'no' }] });
});

test('reports go to their files, beside the text', async (t) => {
  const { run, file, calls } = project(t);
  const { code, out } = await run('coverage', 'tests', ...SOURCE, '--report', 'csv:c.csv', '--report', 'html:page.html');
  assert.deepEqual([code, out, file('c.csv'), file('page.html')], [0, 'text of 4 objects\n', 'csv of 4 objects', 'html of 4 objects']);
  const { sources } = calls('renderReport').find(({ format }) => format === 'html');
  assert.deepEqual(sources, [{ path: 'a_test.sql', text: TEST_SQL }]);
});

test('one report may go to stdout instead of the text; --quiet leaves it', async (t) => {
  const { run, file } = project(t);
  assert.equal((await run('coverage', 'tests', ...SOURCE, '--report', 'markdown')).out, 'markdown of 4 objects\n');
  assert.equal((await run('coverage', 'tests', ...SOURCE, '--report', 'markdown', '--quiet')).out, 'markdown of 4 objects\n');
  assert.equal((await run('coverage', 'tests', ...SOURCE, '--report', 'csv:c.csv', '--quiet')).out, '');
  assert.equal((await run('coverage', 'tests', ...SOURCE, '--report', 'csv:c.csv', '--json')).out[0], '{');
  assert.equal(file('c.csv'), 'csv of 4 objects');
});

test('when one report fails, none is written', async (t) => {
  const { root, run } = project(t);
  const { code, err } = await run('coverage', 'tests', ...SOURCE, '--report', 'csv:c.csv', '--report', 'badge:b.svg');
  assert.deepEqual([code, err], [2, 'pgtap-scanner: no badge today\n']);
  assert.ok(!existsSync(join(root, 'c.csv')));
});

test('a page of html has no source from outside the folder of the tests', async (t) => {
  const path = '../secret.txt';
  const coverage = { ...COVERAGE, files: [...COVERAGE.files, { ...COVERAGE.files[0], path }, { ...COVERAGE.files[0], path: '/etc/passwd' }, { ...COVERAGE.files[0], path: '../tests-of-others/a' }] };
  const files = { 'secret.txt': 'secret', 'tests-of-others/a': 'secret', 'saved.json': JSON.stringify(coverage) };
  const { run, calls } = project(t, { coverage, files });
  assert.equal((await run('report', 'saved.json', '--report', 'html', '--tests', 'tests')).code, 0);
  assert.deepEqual(calls('renderReport')[0].sources.map((source) => source.path), ['a_test.sql']);
});

test('below a threshold it ends with 1, says why, and has written the reports', async (t) => {
  const { run, file } = project(t);
  const { code, out, err } = await run('coverage', 'tests', ...SOURCE, '--fail-under', '80,policies=1', '--fail-under', 'tables=50', '--report', 'json:c.json');
  assert.deepEqual([code, out], [1, 'text of 4 objects\n']);
  assert.equal(err, 'pgtap-scanner: The coverage is below its threshold:\n'
    + '  total: 50 % asserted (2 of 4), 80 % wanted; not asserted: app.b (tables), app.b.p (policies)\n'
    + '  policies: 0 % asserted (0 of 1), 1 % wanted; not asserted: app.b.p\n');
  assert.equal(JSON.parse(file('c.json')).objects.length, 4);
  assert.equal((await run('coverage', 'tests', ...SOURCE, '--fail-under', '50', '--quiet')).code, 0);
});

test('a baseline: well when it is the same, 1 when it is worse', async (t) => {
  const better = coverageOf(ROWS.map(([kind, display]) => [kind, display, 'asserted']));
  const { run } = project(t, { files: { 'same.json': JSON.stringify(COVERAGE), 'better.json': JSON.stringify(better) } });
  assert.deepEqual(await run('coverage', 'tests', ...SOURCE, '--quiet', '--baseline', 'same.json'), { code: 0, out: '', err: '' });
  const { code, err } = await run('coverage', 'tests', ...SOURCE, '--quiet', '--baseline', 'better.json', '--fail-under', '90');
  assert.equal(code, 1);
  assert.match(err, /^pgtap-scanner: The coverage is below its threshold:\n {2}total: .*\nThe coverage is worse than in better\.json:\n {2}total: 50 % .*\n {2}tables: [^]*\n {2}no longer asserted: app\.b\.p \(policies\)\n$/);
});

test('a long verdict is cut', async (t) => {
  const many = Array.from({ length: 30 }, (_, at) => ['tables', `app.t${at}`]);
  const files = { 'before.json': JSON.stringify(coverageOf(many.map((row) => [...row, 'asserted']))) };
  const { run } = project(t, { coverage: coverageOf(many.map((row) => [...row, 'untested'])), files });
  const { err } = await run('coverage', 'tests', ...SOURCE, '--quiet', '--baseline', 'before.json');
  assert.match(err, /\n {2}and 12 more\n$/);
  assert.equal(err.split('\n').length, 23);
});

const MISUSES = {
  'two sources': [['coverage', 'tests', ...SOURCE, '--catalog', 'catalog.json'], /cannot be used with option/],
  'a dump and a database': [['coverage', 'tests', '--schema', 's.sql', '--connection', 'postgres://h/d'], /cannot be used with option/],
  'a preset of a catalog': [['coverage', 'tests', '--catalog', 'catalog.json', '--preset', 'supabase'], /cannot be used with option/],
  'an unknown preset': [['coverage', 'tests', ...SOURCE, '--preset', 'firebase'], /Allowed choices are supabase, none/],
  'an unknown format': [['coverage', 'tests', ...SOURCE, '--report', 'htm:x'], /no format "htm"; the nearest one is "html"/],
  'a report without its file': [['coverage', 'tests', ...SOURCE, '--report', 'html:'], /The file behind "html:" is missing/],
  'an unknown kind': [['coverage', 'tests', ...SOURCE, '--fail-under', 'tabels=1'], /nearest one is "tables"/],
  'a threshold that is none': [['coverage', 'tests', ...SOURCE, '--fail-under', 'most'], /percentage from 0 to 100/],
  'a kind of suggestions': [['suggest', 'tests', ...SOURCE, '--kinds', 'tables,total'], /no kind "total"/],
  'two reports on stdout': [['coverage', 'tests', ...SOURCE, '--report', 'csv', '--json'], /Two reports go to stdout/],
  'two reports in a file': [['coverage', 'tests', ...SOURCE, '--report', 'csv:x', '--report', 'html:./x'], /Two reports go to .*x; /],
  'no tests': [['coverage', ...SOURCE], /^pgtap-scanner: Which tests\?/],
  'no schema': [['coverage', 'tests'], /^pgtap-scanner: Which schema\?/],
  'no schema to save': [['catalog'], /^pgtap-scanner: Which schema\?/],
  'no tests to scan': [['scan'], /^pgtap-scanner: Which tests\?/],
  'a missing folder of tests': [['coverage', 'test', ...SOURCE], /There is no folder test\./],
  'an empty name of a folder': [['coverage', '', ...SOURCE], /name of the folder is empty/],
  'a baseline that is missing': [['coverage', 'tests', ...SOURCE, '--baseline', 'b.json'], /Cannot read the coverage b\.json: .*no such file/],
  'a baseline that is no JSON': [['coverage', 'tests', ...SOURCE, '--baseline', 'readme'], /^pgtap-scanner: readme is not JSON: /],
  'a baseline that is something else': [['coverage', 'tests', ...SOURCE, '--baseline', 'catalog.json'], /catalog\.json is no coverage of a schema/],
  'a coverage of the future': [['report', 'future.json'], /future\.json is of version 2; this program reads version 1/],
  'a damaged coverage': [['report', 'damaged.json'], /damaged\.json is damaged/],
  'a report of nothing': [['report'], /missing required argument/],
  'a missing configuration': [['coverage', '--config', 'c.json'], /There is no configuration file c\.json/],
  'a report into nowhere': [['coverage', 'tests', ...SOURCE, '--report', 'csv:no/where.csv'], /^pgtap-scanner: Cannot write no\/where\.csv: .*no such file/],
};

test('misuse ends with 2 and one message, and nothing else is printed', async (t) => {
  const files = { 'future.json': '{"format":"pgtap-scanner-coverage","version":2}', 'damaged.json': '{"format":"pgtap-scanner-coverage","version":1}' };
  const { run } = project(t, { files });
  let tried = 0;
  for (const [what, [args, message]] of Object.entries(MISUSES)) {
    const { code, out, err } = await run(...args);
    assert.equal(code, 2, `${what}: ${err}`);
    assert.match(err, message, what);
    assert.doesNotMatch(err, /\n\s+at /, what);
    if (what !== 'a report into nowhere') assert.equal(out, '', what);
    tried += 1;
  }
  assert.equal(tried, 25);
});

test('what fails with a code of its own is one sentence; a bug brings its stack', async (t) => {
  const failed = await project(t, { schema: 'fails' }).run('coverage', 'tests', ...SOURCE);
  assert.deepEqual(failed, { code: 2, out: '', err: 'pgtap-scanner: Nothing listens at localhost, port 1. Is PostgreSQL running?\n' });
  const broken = await project(t, { schema: 'breaks' }).run('catalog', ...SOURCE);
  assert.equal(broken.code, 2);
  assert.match(broken.err, /^pgtap-scanner: PgTapError: a bug\n\s+at /);
});

test('a known layout is used for what was not given, and said', async (t) => {
  const { root, run, calls } = project(t, { layout: { tests: 'tests', migrations: 'migrations', preset: 'supabase' } });
  const found = await run('coverage');
  assert.deepEqual(found, { code: 0, out: 'text of 4 objects\n', err: 'Found tests and migrations, preset supabase.\n' });
  assert.equal((await run('coverage', '--quiet')).err, '');
  assert.equal((await run('coverage', 'tests')).err, 'Found migrations, preset supabase.\n');
  assert.equal((await run('coverage', '--catalog', 'catalog.json')).err, 'Found tests.\n');
  assert.equal((await run('coverage', 'tests', ...SOURCE)).err, '');
  assert.deepEqual(calls('source').map(({ signal, ...given }) => given), [
    ...Array(3).fill({ migrations: 'migrations', preset: 'supabase' }), { catalog: 'catalog.json' }, { migrations: 'migrations' },
  ]);
  assert.equal((await run('scan', '--quiet')).code, 0);
  assert.equal(JSON.parse((await run('scan', '--json')).out).root, join(root, 'tests'));
});

test('a configuration stands in for options, and options win', async (t) => {
  const config = { tests: 'tests', migrations: 'migrations', failUnder: { tables: 90 }, report: 'csv:out.csv', scanner: { excludePatterns: ['sub/**'] } };
  const { run, calls, file } = project(t, { files: { 'pgtap-scanner.config.json': JSON.stringify(config) } });
  const { code, err } = await run('coverage');
  assert.deepEqual([code, err.split('\n')[1]], [1, '  tables: 50 % asserted (1 of 2), 90 % wanted; not asserted: app.b']);
  assert.equal(file('out.csv'), 'csv of 4 objects');
  assert.equal(calls('analyzeGaps')[0].files, 1);
  assert.equal((await run('coverage', '--fail-under', '10')).code, 0);
  assert.equal((await run('coverage', '--no-config')).code, 2);
  assert.match((await run('scan')).out, /^tests: 1 file, /, 'a scan heeds the options of the scanner');
});

test('problems of test files are counted on stderr', async (t) => {
  const { run } = project(t, { files: { 'tests/broken.sql': '/* never closed\n' } });
  const { code, err } = await run('coverage', 'tests', ...SOURCE);
  assert.deepEqual([code, err], [0, "1 problem in the test files; 'pgtap-scanner scan tests --quiet' lists them.\n"]);
});

test('suggest prints a test file, or writes it', async (t) => {
  const { run, file } = project(t);
  assert.deepEqual(await run('suggest', 'tests', ...SOURCE), { code: 0, out: 'SELECT plan(4);\n', err: '' });
  assert.deepEqual(await run('suggest', 'tests', ...SOURCE, '--kinds', 'tables,views', '-o', 'missing.sql'), { code: 0, out: 'missing.sql: 1 suggestion\n', err: '' });
  assert.equal(file('missing.sql'), 'SELECT plan(3);\n');
  const found = JSON.parse((await run('suggest', 'tests', ...SOURCE, '--json', '-o', 'missing.sql', '--kinds', 'policies')).out);
  assert.deepEqual(found, { sql: 'SELECT plan(1);\n', objects: [{ kind: 'policies', display: 'app.b.p', suggestion: "SELECT pass('policies app.b.p');" }] });
  assert.equal(file('missing.sql'), found.sql);
});

test('catalog prints the schema, or writes it; what was left out is said', async (t) => {
  const { run, file } = project(t);
  const { code, out, err } = await run('catalog', ...SOURCE);
  assert.deepEqual([code, err, JSON.parse(out).format], [0, '', 'pgtap-scanner-catalog']);
  assert.deepEqual(await run('catalog', ...SOURCE, '--continue', '-o', 'c.json'), { code: 0, out: 'c.json: 2 relations, 1 function\n', err: 'Left out: 001.sql:2: no\n' });
  assert.equal(file('c.json'), out);
  assert.equal((await run('catalog', ...SOURCE, '-o', 'c.json', '--json')).out, out);
});

test('report renders what was saved', async (t) => {
  const { run, file } = project(t, { files: { 'saved.json': JSON.stringify(COVERAGE) } });
  assert.deepEqual(await run('report', 'saved.json'), { code: 0, out: 'text of 4 objects\n', err: '' });
  assert.deepEqual(await run('report', 'saved.json', '--report', 'lcov:l.info', '--quiet'), { code: 0, out: '', err: '' });
  assert.equal(file('l.info'), 'lcov of 4 objects');
  assert.deepEqual(JSON.parse((await run('report', 'saved.json', '--json')).out), COVERAGE);
});

test('Ctrl-C ends it with 130, and leaves no report', { skip: process.platform === 'win32' && 'no signals' }, async (t) => {
  const { root, start } = project(t, { schema: 'waits', files: { 'old.csv': 'old' } });
  for (const command of ['coverage', 'suggest']) {
    const more = command === 'coverage' ? ['--report', 'csv:old.csv', '--report', 'html:new.html'] : ['-o', 'old.csv'];
    const child = start(command, 'tests', ...SOURCE, ...more);
    const err = child.stderr.setEncoding('utf8').toArray();
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 130);
    assert.equal((await err).join(''), 'pgtap-scanner: Interrupted.\n');
  }
  assert.deepEqual(readdirSync(root).filter((name) => /old|new|tmp/.test(name)), ['old.csv']);
  assert.equal(readFileSync(join(root, 'old.csv'), 'utf8'), 'old');
});

test('colours: where FORCE_COLOR says so, for stdout only', async (t) => {
  const { run, calls } = project(t, { env: { FORCE_COLOR: '1' } });
  await run('coverage', 'tests', ...SOURCE, '--report', 'text:t.txt', '--report', 'markdown');
  await run('coverage', 'tests', ...SOURCE);
  assert.deepEqual(calls('renderReport').map(({ format, colour }) => [format, colour]), [['text', false], ['markdown', true], ['text', true]]);
});

const COLOURS = [
  [{ isTTY: true }, { TERM: 'xterm' }, true],
  [{ isTTY: true }, { TERM: 'xterm', NO_COLOR: '1' }, false],
  [{ isTTY: true }, { TERM: 'dumb' }, false],
  [{ isTTY: true }, { TERM: 'xterm', FORCE_COLOR: '0' }, false],
  [{}, { TERM: 'xterm' }, false],
  [{}, { FORCE_COLOR: '1' }, true],
  [{}, { FORCE_COLOR: '3' }, true],
  [{}, { FORCE_COLOR: '0' }, false],
];

test('colours obey NO_COLOR, FORCE_COLOR, TERM and the terminal', () => {
  for (const [stream, env, expected] of COLOURS) assert.equal(wantsColour(stream, env), expected, JSON.stringify([stream, env]));
  assert.equal(COLOURS.length, 8);
});

test('a file is written as a whole or not at all', async (t) => {
  const root = suiteFolder(t, { 'old.txt': 'old' });
  const file = join(root, 'old.txt');
  await assert.rejects(writeWhole(file, 'new', AbortSignal.abort(new Error('stop'))));
  assert.deepEqual([readFileSync(file, 'utf8'), readdirSync(root)], ['old', ['old.txt']]);
  const controller = new AbortController();
  const writing = writeWhole(file, 'x'.repeat(1 << 26), controller.signal);
  while (readdirSync(root).length === 1) await nextTurn();
  controller.abort(new Error('stop'));
  await assert.rejects(writing);
  assert.deepEqual([readFileSync(file, 'utf8'), readdirSync(root)], ['old', ['old.txt']], 'the half that was written is gone');
  await writeWhole(file, 'new');
  await writeWhole(join(root, 'other.txt'), 'other');
  assert.deepEqual([readFileSync(file, 'utf8'), readdirSync(root)], ['new', ['old.txt', 'other.txt']]);
  await assert.rejects(writeWhole(root, 'new'), { code: 'EISDIR' });
});

test('a link stays a link, and a pipe is written to, not replaced', { skip: process.platform === 'win32' && 'needs links' }, async (t) => {
  const root = suiteFolder(t, { 'real/file.txt': 'old' });
  symlinkSync('real/file.txt', join(root, 'link.txt'));
  await writeWhole(join(root, 'link.txt'), 'new');
  assert.deepEqual([readFileSync(join(root, 'real/file.txt'), 'utf8'), readdirSync(root).sort()], ['new', ['link.txt', 'real']]);
  // Never a device of the system here: root could replace it.
  const pipe = join(root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = spawn('cat', [pipe]);
  t.after(() => reader.kill());
  const read = reader.stdout.setEncoding('utf8').toArray();
  await writeWhole(pipe, 'through');
  assert.ok(statSync(pipe).isFIFO());
  assert.equal((await read).join(''), 'through');
});

test('every command explains itself, with examples and exit codes', async (t) => {
  const { run } = project(t);
  const { program } = require('../lib/cli/program.js');
  const leaves = (command, path) => (command.commands.length === 0 ? [path] : command.commands.flatMap((each) => leaves(each, [...path, each.name()])));
  const all = leaves(program(), []);
  for (const path of all) {
    const { code, out, err } = await run(...path, '--help');
    assert.deepEqual([code, err], [0, ''], path.join(' '));
    for (const word of ['Examples:', `pgtap-scanner ${path.join(' ')}`, 'Exit codes:', '  0    ', '  2    ']) assert.ok(out.includes(word), `${path.join(' ')}: ${word}`);
  }
  assert.ok(all.length >= 9, `${all.length}`);
});
