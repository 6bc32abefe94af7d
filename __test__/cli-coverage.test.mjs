// The commands that compare tests with a schema, with all their parts: the bookshop's migrations are applied to a PGlite.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { suiteFolder } from './suite-folder.mjs';

const require = createRequire(import.meta.url);
const { FORMATS } = require('../lib/cli/outputs.js');
const { KINDS } = require('../lib/cli/kinds.js');

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const MAIN = here('../lib/cli/main.js');
const BOOKSHOP = here('../examples/bookshop');
async function run(cwd, ...args) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd });
  const read = async (stream) => (await stream.setEncoding('utf8').toArray()).join('');
  const closed = new Promise((resolve) => child.on('close', resolve));
  const [out, err, code] = await Promise.all([read(child.stdout), read(child.stderr), closed]);
  return { code, out, err };
}

/** A project of its own with the bookshop's tests and migrations. */
function bookshop(t, files = {}) {
  const root = suiteFolder(t, files);
  for (const folder of ['tests', 'migrations']) cpSync(join(BOOKSHOP, folder), join(root, folder), { recursive: true });
  return root;
}

const json = (root, file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

test('a project is measured by its layout, saved, and compared with what was saved', async (t) => {
  const root = bookshop(t);
  const first = await run(root, 'coverage', '--report', 'json:coverage.json');
  assert.deepEqual([first.code, first.err], [0, 'Found tests and migrations.\n']);
  const coverage = json(root, 'coverage.json');
  assert.match(first.out, new RegExp(`^${coverage.summary.asserted} of ${coverage.summary.total} objects asserted`, 'm'));
  assert.deepEqual(Object.keys(coverage.kinds), KINDS.filter((kind) => kind in coverage.kinds));
  assert.ok(Object.keys(coverage.kinds).length >= 20);
  assert.deepEqual([coverage.source.kind, coverage.skipped], ['migrations', []]);

  const saved = await run(root, 'catalog', '-o', 'catalog.json');
  assert.equal(saved.code, 0);
  assert.match(saved.out, /^catalog\.json: \d+ relations, \d+ functions\n$/);
  const printed = await run(root, 'catalog', '--catalog', 'catalog.json');
  assert.equal(printed.out, readFileSync(join(root, 'catalog.json'), 'utf8'), 'stdout is as the file');
  const again = await run(root, 'coverage', 'tests', '--catalog', 'catalog.json', '--json', '--baseline', 'coverage.json');
  assert.deepEqual([again.code, again.err], [0, '']);
  const of = JSON.parse(again.out);
  assert.equal(of.source.kind, 'snapshot');
  assert.deepEqual(of.objects, coverage.objects);

  // Without a file of its tests the same schema is covered worse.
  writeFileSync(join(root, 'tests/schema/01_tables_test.sql'), '');
  const worse = await run(root, 'coverage', 'tests', '--catalog', 'catalog.json', '--quiet', '--baseline', 'coverage.json');
  assert.deepEqual([worse.code, worse.out], [1, '']);
  assert.match(worse.err, /^pgtap-scanner: The coverage is worse than in coverage\.json:\n {2}total: [^]*no longer asserted: /);
});

test('what suggest writes covers what was not covered', async (t) => {
  const root = bookshop(t);
  const catalog = join(BOOKSHOP, 'catalog.json');
  const before = await run(root, 'coverage', 'tests', '--catalog', catalog, '--quiet', '--fail-under', 'tables=100,views=100');
  assert.equal(before.code, 1);
  assert.match(before.err, /^ {2}tables: .*; not asserted: reporting\.\w+, reporting\.\w+, reporting\.\w+ and \d+ more$/m);
  const some = await run(root, 'suggest', 'tests', '--catalog', catalog, '--kinds', 'tables,views', '-o', 'tests/missing_test.sql');
  assert.equal(some.code, 0);
  const after = await run(root, 'coverage', 'tests', '--catalog', catalog, '--quiet', '--fail-under', 'tables=100,views=100');
  assert.deepEqual(after, { code: 0, out: '', err: '' });

  const rest = JSON.parse((await run(root, 'suggest', 'tests', '--catalog', catalog, '--json')).out);
  assert.ok(rest.objects.length > 50 && rest.objects.every(({ suggestion }) => rest.sql.includes(suggestion)));
  writeFileSync(join(root, 'tests/rest_test.sql'), rest.sql);
  assert.deepEqual(await run(root, 'coverage', 'tests', '--catalog', catalog, '--quiet', '--fail-under', '100'), { code: 0, out: '', err: '' });
});

test('every format is written, and that of a saved coverage is the same', async (t) => {
  const { REPORT_FORMATS } = require('../lib/reports.js');
  assert.deepEqual(FORMATS, REPORT_FORMATS);
  const root = bookshop(t);
  const reports = (folder) => FORMATS.flatMap((format) => ['--report', `${format}:${folder}/${format}`]);
  for (const folder of ['first', 'second']) mkdirSync(join(root, folder));
  const made = await run(root, 'coverage', 'tests', '--catalog', join(BOOKSHOP, 'catalog.json'), '--quiet', ...reports('first'));
  assert.deepEqual(made, { code: 0, out: '', err: '' });
  assert.deepEqual(readdirSync(join(root, 'first')).sort(), [...FORMATS].sort());
  assert.equal((await run(root, 'report', 'first/json', '--tests', 'tests', ...reports('second'), '--quiet')).code, 0);
  const bare = (text) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|timestamp="\d+"/g, 'then');
  for (const format of FORMATS) {
    const [first, second] = ['first', 'second'].map((folder) => readFileSync(join(root, folder, format), 'utf8'));
    assert.ok(first.length > 100, format);
    assert.equal(bare(second), bare(first), format);
  }
  assert.ok(readFileSync(join(root, 'first/html'), 'utf8').includes('select plan(48);'), 'the page has the source of the tests');
});

const FAILURES = {
  'a server that is not there': [['--connection', 'postgres://me:secret@127.0.0.1:1/shop'], /127\.0\.0\.1:1.*nothing listens/],
  'no address': [['--connection', 'secret'], /connection string/],
  'a folder that is missing': [['--migrations', 'nowhere'], /nowhere/],
  'a folder without migrations': [['--migrations', 'empty'], /empty holds no migrations/],
  'SQL that is none': [['--schema', 'readme.sql'], /readme\.sql:2: .*syntax error/],
  'a catalog that is none': [['--catalog', 'other.json'], /other\.json is no catalog/],
};

test('a schema that cannot be had is one sentence and 2, without a password', async (t) => {
  const root = suiteFolder(t, { 'tests/a.sql': '', 'empty/readme': '', 'readme.sql': 'SELECT 1;\nnonsense secret;\n', 'other.json': '{}' });
  const commands = [['coverage', 'tests'], ['suggest', 'tests'], ['catalog']];
  let tried = 0;
  for (const [what, [args, message]] of Object.entries(FAILURES)) {
    const { code, out, err } = await run(root, ...commands[tried % 3], ...args);
    assert.deepEqual([code, out], [2, ''], `${what}: ${err}`);
    assert.match(err, message, what);
    assert.match(err, /^pgtap-scanner: .*\n$/, `${what}: one line`);
    assert.ok(!err.includes(':secret@'), what);
    tried += 1;
  }
  assert.equal(tried, 6);
});

test('--continue leaves out what fails, and says what', async (t) => {
  const root = suiteFolder(t, { 'tests/a.sql': '', 'm/1.sql': 'CREATE TABLE a (id int);\nCREATE TABLE b (id nonsense);\nCREATE TABLE c (id int);\n' });
  const { code, out, err } = await run(root, 'coverage', 'tests', '--migrations', 'm', '--continue', '--json');
  assert.deepEqual([code, err], [0, '']);
  const { kinds, skipped } = JSON.parse(out);
  assert.deepEqual([kinds.tables.total, skipped.map(({ file, line }) => [file, line])], [2, [['m/1.sql', 2]]]);
  const saved = await run(root, 'catalog', '--migrations', 'm', '--continue', '-o', 'c.json');
  assert.match(saved.err, /^Left out: m\/1\.sql:2: .*nonsense.*\n$/);
});

/** A project whose migrations take a while. */
function manyMigrations(t) {
  const many = Array.from({ length: 400 }, (_, at) => [`migrations/${1000 + at}.sql`, `CREATE TABLE t${at} (id int PRIMARY KEY);\n`]);
  return suiteFolder(t, { 'tests/a.sql': '', ...Object.fromEntries(many) });
}

test('Ctrl-C as soon as it runs ends it with 130, and nothing is written', { skip: process.platform === 'win32' && 'no signals' }, async (t) => {
  const root = manyMigrations(t);
  const child = spawn(process.execPath, [MAIN, 'coverage', '--report', 'html:page.html'], { cwd: root });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    if (!err) child.kill('SIGINT');
    err += text;
  });
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 130);
  assert.equal(err, 'Found tests and migrations.\npgtap-scanner: Interrupted.\n');
  assert.deepEqual(readdirSync(root).sort(), ['migrations', 'tests']);
});

// util-linux's: runs a command in a terminal of its own.
const noTerminal = spawnSync('script', ['-qec', 'exit 7', '/dev/null']).status !== 7 && 'no script(1) of util-linux';

test('a terminal shows progress, and Ctrl-C ends it at once and leaves the terminal as it was', { skip: noTerminal }, async (t) => {
  const root = manyMigrations(t);
  const command = `'${process.execPath}' '${MAIN}' coverage --report html:page.html`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: root, env: { ...process.env, TERM: 'xterm' } });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const began = !/Applying/.test(out);
    out += text;
    if (began && /Applying/.test(out)) child.stdin.write('\x03');
  });
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 130);
  assert.match(out, /Applying .* of 400 files/);
  assert.doesNotMatch(out, /39\d of 400 files/, 'it did not go on to the end');
  // Lines wrap again, the bar is gone, and the message stands alone.
  assert.match(out, /\x1b\[\?7h[^]*\x1b\[2Kpgtap-scanner: Interrupted\.\r\n$/);
  assert.ok(!existsSync(join(root, 'page.html')));
});
