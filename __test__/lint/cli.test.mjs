// `pgtap-scanner lint` as a user runs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'pgtap-lint-cli-'));
after(() => rmSync(scratch, { recursive: true }));

const file = (sql) => `BEGIN;\nSELECT plan(1);\n${sql}\nSELECT * FROM finish();\nROLLBACK;\n`;
const MISREAD = file("SELECT has_table('public', 'users');");

/** A folder `tests` with these files, to run in. */
function folder(files) {
  const dir = mkdtempSync(join(scratch, 'suite-'));
  mkdirSync(join(dir, 'tests'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'tests', name), text);
  return dir;
}

function run(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'lint', ...args], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('errors end with 1, warnings with 0', () => {
  const dir = folder({ 'a.sql': MISREAD });
  assert.deepEqual(run(dir, 'tests'), {
    status: 1, stderr: '', stdout: [
      `${join('tests', 'a.sql')}:3:8: error: PostgreSQL reads has_table(table, description): 'public' is the table; has_table(schema, table) was meant (misread-overload)`,
      "    Write 'users'::name.",
      '1 file checked: 1 error, 0 warnings',
      '--fix mends 1 of them', '',
    ].join('\n'),
  });
  assert.equal(run(dir, 'tests', '--disable', 'misread-overload').status, 0);
  const warned = run(folder({ 'a.sql': file("SELECT has_unique('books', 'isbn');") }), 'tests');
  assert.deepEqual([warned.status, /1 file checked: 0 errors, 1 warning\n$/.test(warned.stdout)], [0, true]);
});

test('--fix says what it mended and what is left', () => {
  const dir = folder({ 'a.sql': MISREAD, 'b.sql': file("SELECT has_table('public', 'x', 'y', 'z');") });
  const { status, stdout } = run(dir, 'tests', '--fix');
  assert.equal(status, 1);
  assert.match(stdout, /^tests.a\.sql:3: mended: misread-overload: Write 'users'::name\.\n/);
  assert.match(stdout, /tests.b\.sql:3:8: error: .*\(cannot-run\)\n/);
  assert.match(stdout, /2 files checked: 1 error, 0 warnings, 1 mended\n$/);
  assert.equal(readFileSync(join(dir, 'tests', 'a.sql'), 'utf8'), MISREAD.replace("'users'", "'users'::name"));
  assert.equal(run(dir, 'tests', '--fix', '--disable', 'cannot-run').stdout, '2 files checked: 0 errors, 0 warnings\n');
});

test('--json is one document with names as they are, text shows no control character', () => {
  const name = '<b>\u001b[31m\n"x"</b>';
  const dir = folder({ 'a.sql': file(`SELECT has_function('f', '{"${name}"}');`) });
  const { status, stdout } = run(dir, 'tests', '--json');
  const document = JSON.parse(stdout);
  assert.deepEqual(Object.keys(document), ['version', 'root', 'findings', 'fixed', 'filesChecked', 'skipped']);
  assert.deepEqual([status, document.findings.length, document.filesChecked], [1, 1, 1]);
  assert.ok(document.findings[0].message.includes(name));
  const text = run(dir, 'tests').stdout;
  assert.ok(text.includes('<b>\\x1b[31m\\x0a"x"</b>'));
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f]/);
});

test('--rules lists them all', () => {
  const { status, stdout } = run(scratch, '--rules');
  assert.equal(status, 0);
  assert.equal(stdout.trim().split('\n').length, 16);
  assert.match(stdout, /^misread-overload {11}error /m);
  assert.equal(JSON.parse(run(scratch, '--rules', '--json').stdout).length, 16);
});

test('--pgtap-version decides how calls are read', () => {
  const dir = folder({ 'a.sql': file("SELECT has_pk('public', 'users'::name);") });
  assert.match(run(dir, 'tests').stdout, /version-dependent/);
  assert.match(run(dir, 'tests', '--pgtap-version', '1.2').stdout, /misread-overload/);
  assert.match(run(dir, 'tests', '--pgtap-version', '1.3').stdout, /0 errors, 0 warnings/);
});

test('wrong usage ends with 2 and says what is allowed', () => {
  const dir = folder({});
  for (const [args, words] of [
    [[], /Which tests\?/],
    [['nowhere'], /There is no folder nowhere/],
    [['tests', '--disable', 'no-plans'], /The rules are misread-overload, /],
    [['tests', '--pgtap-version', '2'], /Allowed choices are 1\.2, 1\.3/],
    [['tests', '--fixx'], /unknown option/],
  ]) {
    const { status, stdout, stderr } = run(dir, ...args);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /\n +at /);
  }
});
