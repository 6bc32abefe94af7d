// The program as a user runs it: a child process each, its exit code, what goes to stdout and what to stderr.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { folderFailure } = require('../lib/cli/failure.js');
const { version } = require('../package.json');
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'lib', 'cli', 'main.js');
const BOOKSHOP = join(ROOT, 'examples', 'bookshop', 'tests');

const scratch = mkdtempSync(join(tmpdir(), 'pgtap-cli-'));
after(() => rmSync(scratch, { recursive: true }));

/** A new folder with these files. */
function folder(files) {
  const dir = mkdtempSync(join(scratch, 'suite-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

function start(args, options = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, ...options });
  child.ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
  return child;
}

function text(stream) {
  const held = { text: '' };
  stream.setEncoding('utf8').on('data', (chunk) => { held.text += chunk; });
  return held;
}

async function run(...args) {
  const child = start(args);
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const { code } = await child.ended;
  return { code, out: out.text, err: err.text };
}

const CLEAN = 'BEGIN;\nSELECT plan(1);\nSELECT has_table(\'app\', \'users\', \'users exist\');\nSELECT * FROM finish();\nROLLBACK;\n';
const BROKEN = '/* never closed\n';

test('--version and --help', async () => {
  assert.deepEqual(await run('--version'), { code: 0, out: `${version}\n`, err: '' });
  for (const args of [['--help'], ['help'], ['scan', '--help'], ['help', 'scan']]) {
    const { code, out, err } = await run(...args);
    assert.deepEqual([code, err], [0, ''], args.join(' '));
    assert.match(out, /Usage: pgtap-scanner/);
    assert.match(out, /\$ pgtap-scanner scan /, 'it has an example');
  }
  const { out } = await run('scan', '--help');
  for (const word of ['Exit codes:', '--json', '--quiet', '130']) assert.ok(out.includes(word), word);
});

const MISUSES = {
  'no command': [],
  'an unknown command': ['scn', 'tests'],
  'no folder': ['scan'],
  'two folders': ['scan', BOOKSHOP, BOOKSHOP],
  'an unknown option': ['scan', BOOKSHOP, '--jsn'],
  'an empty name': ['scan', ''],
  'a folder that is missing': ['scan', join(scratch, 'missing')],
  'a file': ['scan', MAIN],
};

test('bad usage and missing folders end with 2 and a message on stderr', async () => {
  let tried = 0;
  for (const [what, args] of Object.entries(MISUSES)) {
    const { code, out, err } = await run(...args);
    assert.deepEqual([code, out], [2, ''], what);
    assert.ok(err.length > 20 && !/\n\s+at /.test(err), `${what}: ${err}`);
    tried += 1;
  }
  assert.equal(tried, 8);
  assert.match((await run('scan', join(scratch, 'missing'))).err, /There is no folder .*missing/);
  assert.match((await run('scan', MAIN)).err, /is a file, not a folder/);
});

test('a folder without permission', async (t) => {
  assert.match(folderFailure({ code: 'EACCES' }, 'secret').message, /^No permission to read the folder secret\./);
  assert.equal(folderFailure({ code: 'EACCES' }, 'secret').exitCode, 2);
  if (process.getuid?.() === 0) return t.skip('root may read everything');
  const dir = folder({});
  chmodSync(dir, 0);
  const { code, out, err } = await run('scan', dir);
  chmodSync(dir, 0o700);
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /No permission/);
});

test('the program can be run by its path', { skip: process.platform === 'win32' }, () => {
  assert.ok(statSync(MAIN).mode & 0o111);
});

test('a summary on stdout, and nothing else anywhere', async () => {
  const { code, out, err } = await run('scan', 'examples/bookshop/tests');
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^examples\/bookshop\/tests: \d+ files, \d+ assertions\n/);
  assert.match(out, /^ {2}tables +\d+$/m);
  assert.match(out, /^Exercised only/m);
  assert.match(out, /^ {2}test_helpers\.table_structure \(examples\/bookshop\/tests\/setup\/helpers\.sql:\d+\), 3 assertions$/m);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(out, /\x1b/, 'no colour');
});

test('--json is one document with everything', async () => {
  const { code, out, err } = await run('scan', BOOKSHOP, '--json');
  assert.deepEqual([code, err], [0, '']);
  const found = JSON.parse(out);
  assert.deepEqual(Object.keys(found), [
    'version', 'root', 'files', 'statistics', 'coverage', 'helpers', 'problems', 'warnings',
  ]);
  assert.deepEqual([found.version, found.root], [version, BOOKSHOP]);
  const sql = readdirSync(BOOKSHOP, { recursive: true }).filter((name) => name.endsWith('.sql'));
  const listed = found.files.map((file) => file.filePath);
  assert.deepEqual(listed, [...listed].sort());
  // Included files are listed whatever their names end with.
  assert.deepEqual(listed.filter((path) => path.endsWith('.sql')), sql.map((name) => join(BOOKSHOP, name)).sort());
  const assertions = found.files.flatMap((file) => file.assertions);
  assert.ok(assertions.length > 700);
  assert.equal(found.statistics.totalAssertions, assertions.length);
  assert.ok(assertions.every((a) => a.type && a.lineNumber > 0 && a.rawSql && Array.isArray(a.parameters)));
  const books = found.coverage.tables['catalog.books'];
  assert.ok(books.assertionTypes.includes('has_table') && books.testFiles.length > 1);
});

test('--quiet prints problems and warnings only', async () => {
  assert.deepEqual(await run('scan', folder({ 'a.sql': CLEAN }), '--quiet'), { code: 0, out: '', err: '' });
  const { code, out, err } = await run('scan', folder({ 'a.sql': CLEAN, 'b.sql': BROKEN }), '--quiet');
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^Problems: 1\n {2}.*b\.sql:1: \w+: .*unterminated comment.* \(ERR_PGTAP_UNTERMINATED\)\n$/);
});

test('the first 20 problems are listed, then how many more', async () => {
  const names = Array.from({ length: 25 }, (_, i) => [`broken_${i}.sql`, BROKEN]);
  const dir = folder(Object.fromEntries(names));
  const { out } = await run('scan', dir);
  assert.equal(out.match(/ERR_PGTAP_UNTERMINATED/g).length, 20);
  assert.match(out, /^Problems: 25\n/m);
  assert.match(out, /^ {2}and 5 more; --json lists all$/m);
  const { problems } = JSON.parse((await run('scan', dir, '--json')).out);
  assert.equal(problems.length, 25);
});

test('a plan that does not match is a problem that names the file', async () => {
  const { code, out } = await run('scan', folder({ 'short.sql': CLEAN.replace('plan(1)', 'plan(3)') }));
  assert.equal(code, 0);
  assert.match(out, /^Problems: 1\n {2}.*short\.sql:\d+: warning: .* \(ERR_PGTAP_PLAN_MISMATCH\)$/m);
});

test('an empty folder is no failure', async () => {
  const { code, out, err } = await run('scan', folder({}));
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /: 0 files, 0 assertions\n[^]*No test files found/);
  assert.deepEqual(JSON.parse((await run('scan', folder({}), '--json')).out).files, []);
});

test('names from files cannot write to the terminal', { skip: process.platform === 'win32' }, async () => {
  const dir = mkdtempSync(join(scratch, 'suite-'));
  mkdirSync(join(dir, 'x\x1b[2J\ny'));
  writeFileSync(join(dir, 'x\x1b[2J\ny', 'b.sql'), BROKEN);
  const { code, out } = await run('scan', dir);
  assert.equal(code, 0);
  assert.ok(out.includes('x\\x1b[2J\\x0ay'), out);
});

/** A suite whose JSON is larger than any pipe holds. */
function largeSuite() {
  const calls = Array.from({ length: 60 }, (_, i) => `SELECT has_column('t${i}', 'c${i}', 'column c${i} of t${i} exists');\n`);
  return folder(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`file_${i}.sql`, calls.join('')])));
}

test('a reader that stops reading ends it quietly', async () => {
  const dir = largeSuite();
  for (const args of [['scan', dir, '--json'], ['scan', dir]]) {
    const child = start(args);
    const err = text(child.stderr);
    child.stdout.once('data', () => child.stdout.destroy());
    if (args.length === 2) child.stdout.destroy();
    assert.deepEqual(await child.ended, { code: 0, signal: null });
    assert.equal(err.text, '');
  }
});

test('Ctrl-C ends it with 130', { skip: process.platform === 'win32' }, async () => {
  const child = start(['scan', largeSuite(), '--json']);
  const err = text(child.stderr);
  // The program waits for its reader now, in the middle of the document.
  await new Promise((resolve) => child.stdout.once('readable', resolve));
  child.kill('SIGINT');
  const out = text(child.stdout);
  assert.deepEqual(await child.ended, { code: 130, signal: null });
  assert.equal(err.text, 'pgtap-scanner: Interrupted.\n');
  assert.throws(() => JSON.parse(out.text));
});

test('signals are heard while a file is written, though such writes never wait', async () => {
  const program = `
    const { print } = require(${JSON.stringify(join(ROOT, 'lib', 'cli', 'output.js'))});
    let turns = 0;
    const timer = setInterval(() => { turns += 1; }, 1);
    print(Array(200).fill('x'.repeat(65536))).then(() => { clearInterval(timer); console.error(turns > 2); });
  `;
  const file = openSync(join(scratch, 'written'), 'w');
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', file, 'pipe'] });
  const err = text(child.stderr);
  await new Promise((resolve) => child.on('close', resolve));
  closeSync(file);
  assert.equal(err.text, 'true\n');
  assert.equal(statSync(join(scratch, 'written')).size, 200 * 65536);
});
