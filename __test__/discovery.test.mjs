// Which files of a folder are scanned, and what is said of those that are not.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';

import { PgTapScanner, suiteFolder } from './suite-folder.mjs';

const PASS = "SELECT pass('x');\n";
const asFiles = (paths) => Object.fromEntries(paths.map((path) => [path, PASS]));

/** The paths found below `root`, with `/` between names, and the warnings. */
async function found(root, options = {}) {
  const scanner = new PgTapScanner(options);
  const warnings = [];
  scanner.on('warning', (warning) => warnings.push(warning));
  const files = await scanner.scanDirectory(root);
  const paths = files.map((file) => relative(root, file.filePath).split(sep).join('/'));
  return { paths, warnings, problems: scanner.problems, scanner };
}

const TREE = ['a.sql', 'b.test.sql', 'c.pg', 'd.pgtap', 'e.txt', 'sub/f.sql', 'sub/deep/g.sql', '.hidden.sql',
  '.folder/h.sql', 'node_modules/i.sql', 'sub/node_modules/j.sql', 'SUB2/K.SQL', '.git/l.sql'];

const CASES = [
  ['the defaults', {}, ['a.sql', 'b.test.sql', 'sub/deep/g.sql', 'sub/f.sql']],
  ['a longer extension', { fileExtensions: ['.test.sql'] }, ['b.test.sql']],
  ['several extensions', { fileExtensions: ['.pg', '.pgtap'] }, ['c.pg', 'd.pgtap']],
  ['extensions are case-sensitive', { fileExtensions: ['.SQL'] }, ['SUB2/K.SQL']],
  ['an include pattern', { includePatterns: ['sub/**'] }, ['sub/deep/g.sql', 'sub/f.sql']],
  ['* stays within a folder', { includePatterns: ['*.sql'] }, ['a.sql', 'b.test.sql']],
  ['braces and classes', { includePatterns: ['{a,b.test}.sql', 'sub/[f-g].sql'] }, ['a.sql', 'b.test.sql', 'sub/f.sql']],
  ['a question mark', { includePatterns: ['?.sql'] }, ['a.sql']],
  ['exclusion wins', { includePatterns: ['sub/**'], excludePatterns: ['**/g.sql', '**/node_modules/**'] }, ['sub/f.sql']],
  ['an excluded folder by name', { excludePatterns: ['sub', '**/node_modules/**'] }, ['a.sql', 'b.test.sql']],
  ['no exclusions; hidden names still are', { excludePatterns: [] },
    ['a.sql', 'b.test.sql', 'node_modules/i.sql', 'sub/deep/g.sql', 'sub/f.sql', 'sub/node_modules/j.sql']],
  ['an include pattern that names hidden ones', { includePatterns: ['**/.*', '.folder/**'], excludePatterns: [] },
    ['.folder/h.sql', '.hidden.sql']],
  ['which exclusion beats, too', { includePatterns: ['**/.*'] }, []],
  ['depth 0 is the folder itself', { maxDepth: 0 }, ['a.sql', 'b.test.sql']],
  ['depth 1', { maxDepth: 1 }, ['a.sql', 'b.test.sql', 'sub/f.sql']],
  ['a regular expression', { ignorePatterns: [/deep/] }, ['a.sql', 'b.test.sql', 'sub/f.sql']],
  ['one that only JavaScript runs', { ignorePatterns: [/(?<!test)\.sql$/] }, ['b.test.sql']],
  ['a backreference', { ignorePatterns: [/d(e)\1p/] }, ['a.sql', 'b.test.sql', 'sub/f.sql']],
  ['flag i', { ignorePatterns: [/SUB[/\\]/i] }, ['a.sql', 'b.test.sql']],
  ['flag g keeps no position', { ignorePatterns: [/sub/g] }, ['a.sql', 'b.test.sql']],
  ['flags g and y in JavaScript', { ignorePatterns: [/(?<=su)b[/\\]/g] }, ['a.sql', 'b.test.sql']],
];

test('options choose the files', async (t) => {
  const root = suiteFolder(t, asFiles(TREE));
  let ran = 0;
  for (const [what, options, expected] of CASES) {
    const { paths } = await found(root, options);
    assert.deepEqual(paths, expected, what);
    ran += 1;
  }
  assert.equal(ran, 21);
});

test('a folder below maxDepth is skipped with a warning', async (t) => {
  const root = suiteFolder(t, asFiles(['a/b/c/x.sql', 'a/y.sql']));
  const { paths, warnings, problems } = await found(root, { maxDepth: 1 });
  assert.deepEqual(paths, ['a/y.sql']);
  assert.deepEqual(problems.map((problem) => [problem.code, problem.filePath]), [['ERR_PGTAP_MAX_DEPTH', join(root, 'a', 'b')]]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0].message, /maxDepth/);
});

test('an excluded folder is not entered', { skip: process.getuid?.() === 0 && 'root reads everything' }, async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql', 'locked/b.sql']));
  chmodSync(join(root, 'locked'), 0);
  const problems = async (options) => (await found(root, options)).problems.length;
  const counts = [await problems({}), await problems({ excludePatterns: ['locked/**'] })];
  // Here, not in a hook: the folder is removed by an earlier one.
  chmodSync(join(root, 'locked'), 0o700);
  assert.deepEqual(counts, [1, 0]);
});

test('an excluded folder that is too deep is not warned of', async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql', 'sub/b.sql']));
  assert.equal((await found(root, { maxDepth: 0 })).problems.length, 1);
  assert.equal((await found(root, { maxDepth: 0, excludePatterns: ['sub/**'] })).problems.length, 0);
});

test('links are followed when asked, cycles end, and a file counts once', async (t) => {
  const root = suiteFolder(t, asFiles(['real/a.sql', 'b.sql']));
  const outside = suiteFolder(t, asFiles(['c.sql']));
  symlinkSync(root, join(root, 'real', 'cycle'));
  symlinkSync(join(root, 'real'), join(root, 'alias'));
  symlinkSync(join(root, 'b.sql'), join(root, 'z.sql'));
  symlinkSync(outside, join(root, 'outside'));
  symlinkSync(join(root, 'nowhere.sql'), join(root, 'broken.sql'));
  assert.deepEqual((await found(root)).paths, ['b.sql', 'real/a.sql']);
  const { paths } = await found(root, { followSymlinks: true });
  assert.equal(paths.length, 3);
  assert.deepEqual(paths.map((path) => path.split('/').at(-1).replace('z', 'b')).sort(), ['a.sql', 'b.sql', 'c.sql']);
});

test('a broken link is reported when links are followed', async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql']));
  symlinkSync(join(root, 'nowhere.sql'), join(root, 'broken.sql'));
  const { paths, problems } = await found(root, { followSymlinks: true });
  assert.deepEqual(paths, ['a.sql']);
  assert.deepEqual(problems.map(({ code, severity }) => [code, severity]), [['ERR_PGTAP_UNREADABLE', 'error']]);
});

test('a root that is a link is scanned', async (t) => {
  const real = suiteFolder(t, asFiles(['a.sql']));
  const link = join(suiteFolder(t), 'link');
  symlinkSync(real, link);
  assert.deepEqual((await found(link)).paths, ['a.sql']);
});

test('hard links are two names', async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql']));
  linkSync(join(root, 'a.sql'), join(root, 'b.sql'));
  assert.deepEqual((await found(root)).paths, ['a.sql', 'b.sql']);
});

test('what is no folder rejects', async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql']));
  const scanner = new PgTapScanner();
  await assert.rejects(scanner.scanDirectory(join(root, 'none')), (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.code, 'ENOENT');
    assert.match(error.message, /ENOENT/);
    return true;
  });
  await assert.rejects(scanner.scanDirectory(join(root, 'a.sql')), /Path is not a directory/);
  for (const value of [undefined, null, '', 1]) {
    await assert.rejects(scanner.scanDirectory(value), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  }
  assert.equal((await scanner.scanDirectory(root)).length, 1, 'the scanner stays usable');
});

test('a folder without candidates warns', async (t) => {
  const { paths, warnings } = await found(suiteFolder(t, { 'a.txt': '' }));
  assert.deepEqual(paths, []);
  assert.deepEqual(warnings.map(({ type, message }) => [type, message]), [['warning', 'No test files found']]);
});

test('an unreadable file ends nothing', { skip: process.getuid?.() === 0 && 'root reads everything' }, async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql', 'b.sql']));
  chmodSync(join(root, 'b.sql'), 0);
  const { paths, problems } = await found(root);
  assert.deepEqual(paths, ['a.sql']);
  assert.deepEqual(problems.map(({ code, filePath }) => [code, filePath]), [['ERR_PGTAP_UNREADABLE', join(root, 'b.sql')]]);
});

test('a pipe with the name of a test is reported and not opened', { skip: process.platform === 'win32' }, async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql']));
  execFileSync('mkfifo', [join(root, 'x.sql')]);
  const { paths, problems } = await found(root);
  assert.deepEqual(paths, ['a.sql']);
  assert.deepEqual(problems.map(({ code, filePath }) => [code, filePath]), [['ERR_PGTAP_NOT_A_FILE', join(root, 'x.sql')]]);
});

test('a folder with the name of a test is a folder', async (t) => {
  assert.deepEqual((await found(suiteFolder(t, asFiles(['x.sql/y.sql'])))).paths, ['x.sql/y.sql']);
});

test('files that vanish while the scan runs end nothing', async (t) => {
  const names = Array.from({ length: 3000 }, (_, at) => `f${String(at).padStart(5, '0')}.sql`);
  const root = suiteFolder(t, asFiles(names));
  const scanner = new PgTapScanner({ threads: 1 });
  const scan = scanner.scanDirectory(root);
  for (const name of names.slice(1500)) unlinkSync(join(root, name));
  const files = await scan;
  const unreadable = scanner.problems.filter(({ code }) => code === 'ERR_PGTAP_UNREADABLE').length;
  assert.ok(files.length >= 1500);
  assert.equal(scanner.problems.length, unreadable, 'nothing but files that could not be read');
  assert.ok(files.length + unreadable <= 3000);
  assert.ok(!existsSync(join(root, names[2999])));
});

test('names of any bytes are scanned', { skip: process.platform !== 'linux' && 'only Linux takes any bytes' }, async (t) => {
  const root = suiteFolder(t);
  const names = [Buffer.from('latin\xff1.sql', 'latin1'), Buffer.from('new\nline.sql'), Buffer.from('q"uo\'te.sql'),
    Buffer.from('\u{1F600}.sql'), Buffer.from('back\\slash.sql'), Buffer.from(' .sql'), Buffer.from('[a]{b}*.sql')];
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(root + sep), name]), PASS);
  const { scanner, problems } = await found(root);
  assert.equal(scanner.testFiles.length, names.length);
  assert.deepEqual(problems, []);
  let ran = 0;
  for (const file of scanner.testFiles) {
    assert.equal(file.assertions.length, 1, JSON.stringify(file.filePath));
    ran += 1;
  }
  assert.equal(ran, 7);
});

test('files come sorted by path, whatever the order on disk', async (t) => {
  const names = ['b/1.sql', 'a/2.sql', 'a.sql', 'B.sql', 'a/10.sql', 'a-b.sql', 'ä.sql', 'a b.sql', 'b.sql', 'a/b/c.sql'];
  const root = suiteFolder(t, asFiles(names));
  mkdirSync(join(root, 'empty'));
  const { paths } = await found(root);
  const bytewise = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual(paths, bytewise);
  for (let again = 0; again < 5; again += 1) assert.deepEqual((await found(root, { threads: 4 })).paths, paths);
});

test('paths are absolute, also for a relative folder', async (t) => {
  const root = suiteFolder(t, asFiles(['a.sql']));
  const scanner = new PgTapScanner();
  const [file] = await scanner.scanDirectory(relative(process.cwd(), root));
  assert.equal(file.filePath, join(root, 'a.sql'));
  assert.equal(file.fileName, 'a.sql');
});
