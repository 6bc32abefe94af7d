// Each example of docs/lint.md on a real server: the bad one does what its rule says, the good one passes, and what
// --fix writes tests what it says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { generateSuite } from '../../benchmark/generate.mjs';
import index from '../../lib/index.js';
import { startPostgres, withoutPostgres } from '../postgres/server.mjs';
import { EXPECTED, RULES, SCHEMA, lintExample, lintFiles, nameOf } from './examples.mjs';

const skip = withoutPostgres;
const scratch = mkdtempSync(join(tmpdir(), 'pgtap-lint-run-'));
let server;

before(async () => {
  if (skip) return;
  server = await startPostgres();
  psql('postgres', ['CREATE DATABASE lint']);
  psql('lint', ['CREATE EXTENSION pgtap', SCHEMA, 'ALTER DATABASE lint SET search_path = app, public']);
});

after(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

/** Runs one file in a folder of the suite's, as \i wants it. */
function psqlFile(database, cwd, file) {
  const { host, port, user } = server.settings;
  const args = ['-XAtq', '-v', 'VERBOSITY=verbose', '-h', host, '-p', String(port), '-U', user, '-d', database, '-f', file];
  return spawnSync('psql', args, { encoding: 'utf8', cwd });
}

/** Runs texts in one session, as psql's files one after the other; what it printed. */
function psql(database, texts) {
  const files = texts.flatMap((text, at) => {
    const file = join(scratch, `${at}.sql`);
    writeFileSync(file, text);
    return ['-f', file];
  });
  const { host, port, user } = server.settings;
  const args = ['-XAtq', '-v', 'VERBOSITY=verbose', '-h', host, '-p', String(port), '-U', user, '-d', database, ...files];
  const { stdout, stderr, error } = spawnSync('psql', args, { encoding: 'utf8' });
  if (error) throw error;
  return { stdout, stderr };
}

/** What a test runner makes of a file: the first error's SQLSTATE, `fails`, `no plan`, `planned N ran M` or `passes`. */
function outcome(sql, database = 'lint') {
  const { stdout, stderr } = psql(database, [sql]);
  const state = /ERROR: {2}(\w{5}):/.exec(stderr)?.[1];
  if (state) return state;
  if (/^not ok/m.test(stdout)) return 'fails';
  const ran = stdout.match(/^ok /gm)?.length ?? 0;
  const planned = /^1\.\.(\d+)$/m.exec(stdout)?.[1];
  if (planned === undefined) return 'no plan';
  return Number(planned) === ran ? 'passes' : `planned ${planned} ran ${ran}`;
}

test('every rule and every example has an expectation', () => {
  assert.deepEqual(Object.keys(EXPECTED), RULES.map(({ rule }) => rule));
  for (const { rule, bad } of RULES) assert.equal(EXPECTED[rule].length, bad.length, rule);
});

/** The tables as they were: a bad example may commit. */
const clean = () => psql('lint', ['DELETE FROM app.users']);

for (const { rule, bad, good } of RULES) {
  bad.forEach((sql, at) => {
    const [does, mended] = EXPECTED[rule][at];
    test(`${rule}, bad example ${at + 1}: ${does}`, { skip }, () => {
      assert.equal(outcome(sql), does);
      clean();
    });
    test(`${rule}, good example ${at + 1} passes`, { skip }, () => {
      assert.equal(outcome(good[at]), 'passes');
    });
    test(`${rule}, bad example ${at + 1} mended: ${mended ?? 'is left as it is'}`, { skip }, async () => {
      const { after: files, findings, fixed } = await lintExample(rule, 'bad', sql, { fix: true });
      const written = files[nameOf(rule, 'bad')].toString();
      assert.equal(written !== sql, mended !== undefined);
      assert.equal(fixed.length, mended === undefined ? 0 : 1);
      assert.deepEqual(findings.map(({ code }) => code), mended === undefined ? [rule] : []);
      if (mended) assert.equal(outcome(written), mended);
      clean();
    });
  });
}

const ROWS = "SELECT 'rows: ' || count(*) FROM app.users;\n";
const rowsBehind = (sql) => /rows: (\d+)/.exec(psql('lint', [sql, ROWS]).stdout)[1];

test('what missing-rollback says of the session and of the database', { skip }, () => {
  const { bad: [open, committed], good: [rolledBack] } = RULES.find(({ rule }) => rule === 'missing-rollback');
  assert.equal(rowsBehind(open), '1', 'the next file runs inside the transaction');
  assert.equal(rowsBehind(''), '0', 'and the end of the session rolls it back');
  assert.equal(rowsBehind(rolledBack), '0');
  psql('lint', [committed]);
  assert.equal(rowsBehind(''), '1', 'committed rows stay');
  clean();
});

test('a duplicate finds nothing new', { skip }, () => {
  const { bad: [sql] } = RULES.find(({ rule }) => rule === 'duplicate-assertion');
  const [, first, second] = psql('lint', [sql]).stdout.split('\n');
  assert.equal(first.replace('ok 1', 'ok 2'), second);
});

test('runtests takes a bare schema for a pattern', { skip }, async () => {
  const made = "CREATE SCHEMA shopping; CREATE FUNCTION shopping.test_a() RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN NEXT pass('ran'); END$$;\n";
  const sql = "SELECT runtests('shopping');\n";
  const { after: files } = await lintFiles({ 'a.sql': sql, 'schema.sql': made }, { fix: true });
  const run = (text) => psql('lint', [`BEGIN;\n${made}${text}ROLLBACK;\n`]).stdout;
  assert.doesNotMatch(run(sql), /ok 1 - ran/);
  assert.match(run(files['a.sql'].toString()), /ok 1 - ran/);
});

/** The functions that vacuous-absence and misread-overload tell apart, called for what does not exist. */
test('what denies passes without its object, or fails', { skip }, async () => {
  const calls = {
    hasnt_table: 2, hasnt_view: 2, hasnt_sequence: 2, hasnt_column: 3, hasnt_index: 3, hasnt_trigger: 3, hasnt_function: 2,
    hasnt_type: 2, hasnt_enum: 2, hasnt_domain: 2, hasnt_rule: 3, hasnt_pk: 2, hasnt_fk: 2, col_isnt_pk: 3, col_isnt_fk: 3,
    isnt_partitioned: 2, hasnt_inherited_tables: 2, col_hasnt_default: 3, isnt_definer: 2, isnt_strict: 2, isnt_aggregate: 2,
  };
  const names = ["'app'", "'nothing'", "'nowhere'"];
  for (const [name, count] of Object.entries(calls)) {
    const sql = `SELECT plan(1);\nSELECT ${name}(${names.slice(0, count)});\nSELECT * FROM finish();\n`;
    const { findings } = await lintExample('misread-overload', 'bad', sql);
    const codes = findings.map(({ code }) => code);
    assert.deepEqual(codes, [{ passes: 'vacuous-absence', fails: 'misread-overload' }[outcome(sql)]], name);
  }
});

/** The text of a finding. */
function textOf(source, { line, column, endLine, endColumn }) {
  const lines = source.replace(/^\uFEFF/, '').split('\n').slice(line - 1, endLine).map((each) => [...each]);
  lines[lines.length - 1] = lines.at(-1).slice(0, endColumn - 1);
  lines[0] = lines[0].slice(column - 1);
  return lines.map((each) => each.join('')).join('\n');
}

test('PostgreSQL refuses every call of random suites that lint says it refuses', { skip }, async () => {
  const suites = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`s${at}.sql`, generateSuite(at, 40).sql]));
  const { findings } = await lintFiles(suites);
  const refused = findings.filter(({ code }) => code === 'cannot-run' || code === 'ambiguous-call');
  // In a decoded body only the line is known, and psql would substitute variables.
  const texts = refused.map((finding) => textOf(suites[finding.file], finding)).filter((text) => text && !/:['"]?\w/.test(text.replaceAll('::', '')));
  assert.ok(texts.length > 1000, `${texts.length} calls`);
  const script = texts.map((text, at) => `\\echo #${at}\nPREPARE q AS SELECT ${text};\n\\echo state :SQLSTATE\nDEALLOCATE ALL;\n`);
  const states = psql('lint', [script.join('')]).stdout.split(/^#(\d+)$/m);
  const state = (at) => /^state (\w{5})$/m.exec(states[2 * at + 2])[1];
  const accepted = texts.filter((_, at) => state(at) === '00000');
  assert.deepEqual(accepted, []);
});

const BOOKSHOP = fileURLToPath(new URL('../../examples/bookshop', import.meta.url));

test('the mistakes of the example suite pass on the server, and mended they fail', { skip }, async () => {
  const copy = join(scratch, 'bookshop');
  cpSync(BOOKSHOP, copy, { recursive: true });
  const migrations = readdirSync(join(copy, 'migrations')).sort().map((name) => readFileSync(join(copy, 'migrations', name), 'utf8'));
  psql('postgres', ['CREATE DATABASE bookshop']);
  const { stderr } = psql('bookshop', [...migrations, 'CREATE EXTENSION IF NOT EXISTS pgtap']);
  assert.doesNotMatch(stderr, /ERROR/);
  const scanner = new index.PgTapScanner();
  await scanner.scanDirectory(join(copy, 'tests'));
  const { fixed } = await scanner.lint({ fix: true });
  await scanner.close();
  assert.deepEqual(fixed.map(({ file, fixes }) => [file, fixes.length]), [
    ['functions/signatures_test.sql', 1], ['functions/triggers_test.sql', 1], ['schema/01_tables_test.sql', 1], ['schema/04_sales_columns_test.sql', 1],
  ]);
  for (const { file } of fixed) {
    const run = (folder) => {
      const { stdout, stderr: told } = psqlFile('bookshop', folder, join('tests', file));
      assert.doesNotMatch(told, /ERROR/, `${folder}/${file}`);
      return stdout.match(/^not ok .*$/gm) ?? [];
    };
    assert.deepEqual(run(BOOKSHOP), [], `${file} passes as it is`);
    // There is no catalog.legacy_books: that one tests what it says now, and passes.
    assert.equal(run(copy).length, file === 'schema/01_tables_test.sql' ? 0 : 1, `${file} mended`);
  }
});
