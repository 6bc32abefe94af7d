// scanner.lint(): what it takes, what it answers, and what its fixes leave as it was.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { generateFile } from '../../benchmark/generate.mjs';
import index from '../../lib/index.js';
import { lintFiles } from './examples.mjs';

const { PgTapScanner } = index;
const scratch = mkdtempSync(join(tmpdir(), 'pgtap-lint-api-'));
after(() => rmSync(scratch, { recursive: true }));

/** A whole file around statements. */
const file = (sql, count = 1) => `BEGIN;\nSELECT plan(${count});\n${sql}\nSELECT * FROM finish();\nROLLBACK;\n`;
const MISREAD = file("SELECT has_table('public', 'users');");
const codes = ({ findings }) => findings.map(({ code }) => code);

test('a finding has every field of its shape', async () => {
  const { findings, fixed, filesChecked, skipped } = await lintFiles({ 'a.sql': MISREAD });
  assert.deepEqual([fixed, filesChecked, skipped], [[], 1, []]);
  assert.deepEqual(findings, [{
    code: 'misread-overload', severity: 'error', file: 'a.sql', line: 3, column: 8, endLine: 3, endColumn: 36,
    message: "PostgreSQL reads has_table(table, description): 'public' is the table; has_table(schema, table) was meant",
    help: "Write 'users'::name.",
    fix: { from: 57, to: 57, text: '::name', certain: true },
  }]);
});

test('findings are in the order of files and places', async () => {
  const sql = file("SELECT has_table('public', 'b'); SELECT has_tabel('x');\nSELECT has_table('public', 'c');", 3);
  const { findings } = await lintFiles({ 'b.sql': sql, 'a.sql': sql, 'B.sql': sql });
  const places = findings.map(({ file: name, line, column }) => [name, line, column]);
  assert.deepEqual(places, ['B.sql', 'a.sql', 'b.sql'].flatMap((name) => [[name, 3, 8], [name, 3, 41], [name, 4, 8]]));
});

test('fixes leave all other bytes, the mode and the folder as they were', async () => {
  const path = join(scratch, 'bytes');
  mkdirSync(path);
  const bytes = (name) => Buffer.concat([
    Buffer.from('\uFEFFBEGIN;\r\nSELECT plan(2);\r\n-- '), Buffer.from([0xe9, 0xff, 0x0d, 0x0a]),
    Buffer.from(`SELECT has_table('public', '\u{1F600}'${name});\r\nSELECT has_table('public', 'b'${name});\r\nSELECT * FROM finish();\r\nROLLBACK;`),
  ]);
  writeFileSync(join(path, 'a.sql'), bytes(''));
  chmodSync(join(path, 'a.sql'), 0o640);
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(path);
  const { findings, fixed, skipped } = await scanner.lint({ fix: true });
  assert.deepEqual([findings, skipped], [[], []]);
  assert.deepEqual(fixed.map(({ file: name, fixes }) => [name, codes({ findings: fixes })]), [['a.sql', ['misread-overload', 'misread-overload']]]);
  const { default: fs } = await import('node:fs');
  assert.deepEqual(fs.readFileSync(join(path, 'a.sql')), bytes('::name'));
  if (process.platform !== 'win32') assert.equal(statSync(join(path, 'a.sql')).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(path), ['a.sql']);
  // The file is not what was scanned any more, but what lint left.
  assert.equal((await scanner.lint()).skipped.length, 1);
  await scanner.scanDirectory(path);
  assert.deepEqual(await scanner.lint({ fix: true }), { findings: [], fixed: [], filesChecked: 1, skipped: [] });
  await scanner.close();
});

test('a file that changed since the scan is left alone, and said', async () => {
  const path = join(scratch, 'changed');
  mkdirSync(path);
  writeFileSync(join(path, 'a.sql'), MISREAD);
  writeFileSync(join(path, 'b.sql'), MISREAD);
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(path);
  writeFileSync(join(path, 'a.sql'), `${MISREAD}-- later\n`);
  const { fixed, filesChecked, skipped } = await scanner.lint({ fix: true });
  assert.deepEqual([fixed.map(({ file: name }) => name), filesChecked], [['b.sql'], 1]);
  assert.deepEqual(skipped, [{ file: 'a.sql', message: 'changed since it was scanned; scan the folder again' }]);
  assert.equal(statSync(join(path, 'a.sql')).size, MISREAD.length + 9);
  await scanner.close();
});

test('a catalog tells schemas, relations and functions', async () => {
  const catalog = { format: 'pgtap-scanner-catalog', version: 1, schemas: [{ name: 'shop' }], relations: [], functions: [] };
  const sql = file("SELECT has_table('shop', 'users');");
  assert.deepEqual(codes(await lintFiles({ 'a.sql': sql })), ['description-is-identifier']);
  const known = await lintFiles({ 'a.sql': sql }, { catalog });
  assert.deepEqual([codes(known), known.findings[0].fix.certain], [['misread-overload'], true]);
  const relation = await lintFiles({ 'a.sql': sql }, { catalog: { ...catalog, relations: [{ schema: 'public', name: 'shop' }] } });
  assert.deepEqual([codes(relation), relation.findings[0].fix.certain], [['misread-overload'], false]);
  const own = file("SELECT has_tables('shop');", 0);
  assert.deepEqual(codes(await lintFiles({ 'a.sql': own }, { catalog })), ['unknown-function']);
  assert.deepEqual(codes(await lintFiles({ 'a.sql': own }, { catalog: { ...catalog, functions: [{ schema: 'app', name: 'has_tables' }] } })), []);
});

test('what one file shows counts for the others', async () => {
  const sql = file("SELECT has_table('shop', 'users');");
  assert.deepEqual(codes(await lintFiles({ 'a.sql': sql, 'b.sql': 'CREATE SCHEMA shop;' })), ['misread-overload']);
  // A relation of the schema's name: then the fix is not certain, and --fix leaves it.
  const named = { 'a.sql': sql, 'b.sql': `CREATE SCHEMA shop;\n${file("SELECT has_table('shop', 'there is a shop');")}` };
  const { findings, fixed } = await lintFiles(named, { fix: true });
  assert.deepEqual([findings.map(({ fix }) => fix.certain), fixed], [[false], []]);
  const call = file("SELECT has_tables('shop');", 0);
  assert.deepEqual(codes(await lintFiles({ 'a.sql': call, 'b.sql': 'CREATE FUNCTION app.has_tables(text) RETURNS text LANGUAGE sql AS $$SELECT $1$$;' })), []);
});

test('plans and transactions count with the files they include', async () => {
  const body = "SELECT has_schema('a');\n";
  assert.deepEqual(codes(await lintFiles({ 'main.sql': `SELECT plan(1);\n\\ir part.sql\nSELECT * FROM finish();\n`, 'part.sql': body })), []);
  assert.deepEqual(codes(await lintFiles({ 'main.sql': `\\ir begin.sql\n${body}SELECT * FROM finish();\n`, 'begin.sql': 'BEGIN;\nSELECT plan(1);\n' })), []);
  assert.deepEqual(codes(await lintFiles({ 'main.sql': `BEGIN;\nSELECT plan(1);\n${body}\\ir end.sql\n`, 'end.sql': 'SELECT * FROM finish();\nROLLBACK;\n' })), []);
  assert.deepEqual(codes(await lintFiles({ 'main.sql': `\\ir nowhere.sql\n${body}` })), []);
  assert.deepEqual(codes(await lintFiles({ 'main.sql': `\\ir plan.sql\nSELECT plan(1);\n${body}SELECT * FROM finish();\n`, 'plan.sql': 'SELECT plan(1);\n' })), ['several-plans']);
});

test('a plan short of a result that an unknown helper may make is a warning', async () => {
  const { findings } = await lintFiles({ 'a.sql': file("SELECT has_schema('a');\nSELECT app.check_all();", 5) });
  assert.deepEqual(findings.map(({ code, severity }) => [code, severity]), [['plan-mismatch', 'warning']]);
});

test('files that patterns leave out are told, those that are excluded are not', async () => {
  const files = { 'a.sql': file("SELECT has_schema('a');"), 'b.pg': file("SELECT has_schema('b');"), 'c.pg': 'CREATE SCHEMA c;', 'd.txt': file('') };
  const found = async (options) => (await lintFiles(files, {}, options)).findings.map(({ file: name, code }) => `${name} ${code}`);
  assert.deepEqual(await found({}), ['b.pg unmatched-file']);
  assert.deepEqual(await found({ fileExtensions: ['.sql', '.pg'] }), []);
  assert.deepEqual(await found({ includePatterns: ['b*'] }), ['a.sql unmatched-file', 'b.pg unmatched-file']);
  assert.deepEqual(await found({ excludePatterns: ['b.*'] }), []);
  assert.deepEqual(await found({ ignorePatterns: [/b\.pg$/] }), []);
  // Only JavaScript has a look behind.
  assert.deepEqual(await found({ ignorePatterns: [/(?<=\/)b\.pg$/] }), []);
});

test('files that only JavaScript ignores are neither checked nor mended', async () => {
  const result = await lintFiles({ 'a.sql': MISREAD, 'b.sql': MISREAD }, { fix: true }, { ignorePatterns: [/(?<=\/)b\.sql$/] });
  assert.deepEqual([result.filesChecked, result.fixed.map(({ file: name }) => name)], [1, ['a.sql']]);
  assert.equal(result.after['b.sql'].toString(), MISREAD);
});

test('names stay as they are', async () => {
  const name = `<b>"x"</b>\n=cmd()\u0007${'y'.repeat(10000)}`;
  const { findings } = await lintFiles({ 'a.sql': file(`SELECT has_table('public', 'a', $$d e$$);\nSELECT has_tables('${name}');\nSELECT has_function('f', '{${name}}');`, 2) });
  const { message } = findings.find(({ code }) => code === 'array-as-description');
  assert.ok(message.includes('<b>"x"</b>\n=cmd()\u0007yyy'), message.slice(0, 200));
  assert.ok(message.length < 400, 'long names are cut');
});

test('the example suite has the mistakes that are left in on purpose, and no others', async () => {
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(fileURLToPath(new URL('../../examples/bookshop/tests', import.meta.url)));
  const { findings } = await scanner.lint();
  await scanner.close();
  const found = findings.map(({ file: name, code, message }) => `${name} ${code} ${/\w+(?=\()/.exec(message) ?? ''}`.trim());
  assert.deepEqual(found, [
    'functions/signatures_test.sql array-as-description has_function',
    'functions/signatures_test.sql description-is-identifier is_strict',
    'functions/triggers_test.sql vacuous-absence hasnt_trigger',
    'schema/01_tables_test.sql vacuous-absence hasnt_table',
    'schema/04_sales_columns_test.sql vacuous-absence hasnt_column',
    'schema/06_indexes_test.sql description-is-identifier has_index',
    'schema/08_views_test.sql description-is-identifier has_unique',
    'schema/08_views_test.sql vacuous-absence',
  ]);
});

test('right suites have no error', async () => {
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}.sql`, generateFile(7, at, 40).sql]));
  const { findings, filesChecked } = await lintFiles(files);
  assert.equal(filesChecked, 60);
  assert.deepEqual(findings.filter(({ code }) => code !== 'duplicate-assertion'), []);
});

test('every argument is checked', async () => {
  const scanner = new PgTapScanner();
  const refused = async (options, words) => assert.rejects(scanner.lint(options), (error) => {
    assert.match(error.code, /^ERR_PGTAP_INVALID_(OPTION|ARGUMENT)$/);
    assert.match(error.message, words);
    assert.match(error.stack.split('\n').find((line) => line.includes(' at ')), /lint\.test\.mjs/);
    return true;
  });
  await refused(null, /options of lint/);
  await refused({ fix: 1 }, /option "fix"/);
  await refused({ disable: 'no-plan' }, /option "disable"/);
  await refused({ disable: ['no-plan', 'no-plans'] }, /option "disable\[1\]"/);
  await refused({ pgtapVersion: '1.1' }, /'1\.2', '1\.3' or null/);
  await refused({ catalog: {} }, /pgtap-scanner-catalog/);
  await assert.rejects(scanner.lint(), { code: 'ERR_PGTAP_NOT_SCANNED' });
  await scanner.close();
  await assert.rejects(scanner.lint(), { code: 'ERR_PGTAP_CLOSED' });
});

test('a signal ends it', async () => {
  const path = join(scratch, 'signal');
  mkdirSync(path);
  for (let at = 0; at < 50; at += 1) writeFileSync(join(path, `${at}.sql`), generateFile(1, at, 40).sql);
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(path);
  await assert.rejects(scanner.lint({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  const controller = new AbortController();
  const running = scanner.lint({ signal: controller.signal });
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
  assert.equal((await scanner.lint()).filesChecked, 50);
  await scanner.close();
});
