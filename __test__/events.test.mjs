// Events: what they carry, and what a listener may do.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { PgTapScanner, suiteFolder } from './suite-folder.mjs';

const NAMES = ['directory', 'progress', 'warning', 'cleanup', 'memory_status', 'success', 'error'];
const files = (count) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${String(at).padStart(4, '0')}.sql`, "SELECT pass('x');\n"]));

/** Gathers all events of `scanner` as [name, payload]. */
function gather(scanner, names = NAMES) {
  const seen = [];
  for (const name of names) scanner.on(name, (payload) => seen.push([name, payload]));
  return seen;
}

const of = (seen, name) => seen.filter(([each]) => each === name).map(([, payload]) => payload);

test('every payload has a message and a time', async (t) => {
  const root = suiteFolder(t, { ...files(5), 'wrong.sql': "SELECT plan(3);\nSELECT pass('x');\n" });
  const scanner = new PgTapScanner({ batchSize: 2, cleanupInterval: 1 });
  const seen = gather(scanner);
  await scanner.scanDirectory(root);
  await scanner.buildCoverageDatabase();
  scanner.reset();
  for (const [name, payload] of seen) {
    assert.equal(typeof payload.message, 'string', name);
    assert.notEqual(payload.message, '', name);
    assert.ok(payload.timestamp instanceof Date, name);
  }
  assert.deepEqual([...new Set(seen.map(([name]) => name))].sort(), ['cleanup', 'directory', 'memory_status', 'progress', 'success', 'warning']);
});

test('directory comes once and first, success last', async (t) => {
  const scanner = new PgTapScanner({ cleanupInterval: 0 });
  const seen = gather(scanner);
  const root = suiteFolder(t, { ...files(3), 'a/x.sql': "SELECT pass(), ok(true);" });
  await scanner.scanDirectory(root);
  assert.equal(of(seen, 'directory').length, 1);
  assert.equal(seen[0][0], 'directory');
  assert.deepEqual([seen[0][1].type, seen[0][1].data.path], ['directory', root]);
  assert.equal(seen.at(-1)[0], 'success');
  assert.equal(seen.at(-1)[1].message, 'Scanned 4 test files and found 5 assertions');
});

test('progress counts files and batches', async (t) => {
  const scanner = new PgTapScanner({ batchSize: 4 });
  const seen = gather(scanner, ['progress']);
  const root = suiteFolder(t, files(10));
  await scanner.scanDirectory(root);
  const progress = of(seen, 'progress').filter(({ type }) => type === 'progress');
  const batches = of(seen, 'progress').filter(({ type }) => type === 'batch_processed');
  assert.equal(progress.length, 10);
  progress.forEach(({ percentage, data }, at) => {
    assert.deepEqual([percentage, data.filesProcessed, data.totalFiles], [(at + 1) * 10, at + 1, 10]);
  });
  assert.deepEqual(progress.map(({ data }) => data.filePath).sort(), Object.keys(files(10)).map((name) => join(root, name)));
  assert.deepEqual(batches.map(({ batch, totalBatches, itemsProcessed }) => [batch, totalBatches, itemsProcessed]), [[1, 3, 4], [2, 3, 8], [3, 3, 10]]);
  for (const { memoryUsage } of batches) {
    assert.deepEqual(Object.keys(memoryUsage), ['rss', 'heapUsed', 'heapTotal', 'external']);
    assert.ok(memoryUsage.rss > 1 && memoryUsage.rss < 100_000, 'in MB');
  }
});

test('a problem is a warning, and an error for who listens to it', async (t) => {
  const root = suiteFolder(t, { 'a.sql': "SELECT pass('x');\n", 'b.sql': "SELECT plan(2);\nSELECT pass('x');\n" });
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(root, 'x.sql')]);
  const quiet = new PgTapScanner();
  const warnings = gather(quiet, ['warning']);
  await quiet.scanDirectory(root);
  assert.deepEqual(of(warnings, 'warning').map(({ type, data }) => [type, data.code]).sort(), [
    ['warning', 'ERR_PGTAP_NOT_A_FILE'], ['warning', 'ERR_PGTAP_PLAN_MISMATCH'],
  ]);
  const heard = new PgTapScanner();
  const seen = gather(heard, ['warning', 'error']);
  await heard.scanDirectory(root);
  assert.equal(of(seen, 'warning').length, 1);
  const [{ type, error, data }] = of(seen, 'error');
  assert.equal(type, 'error');
  assert.ok(error instanceof Error);
  assert.equal(data.filePath, join(root, 'x.sql'));
});

test('a file beyond a limit of its own is told as such, and read as far as it goes', async (t) => {
  const rows = Array.from({ length: 10_001 }, (_, at) => `('t${at}')`).join();
  const root = suiteFolder(t, {
    'deep.sql': `SELECT has_table('a');\nSELECT ok(${'('.repeat(70_000)}1${')'.repeat(70_000)});\nSELECT has_table('b');`,
    'many.sql': `${'\\endif\n'.repeat(200)}SELECT has_table('c');`,
    'helper.sql': `CREATE FUNCTION big(a text) RETURNS SETOF text LANGUAGE sql AS $$ ${"SELECT has_table(a, 'It is there');".repeat(2000)} $$;\n${"SELECT big('x');\n".repeat(200)}`,
    'plan.sql': "SELECT plan(3);\nSELECT pass('x');",
    'rows.sql': `SELECT has_table('app', t, 'It is there') FROM (VALUES ${rows}) AS v(t);`,
  });
  const scanner = new PgTapScanner({ cleanupInterval: 0 });
  const seen = gather(scanner, ['warning']);
  await scanner.scanDirectory(root);
  const limits = of(seen, 'warning').filter(({ type }) => type === 'file_limit');
  assert.deepEqual(limits.map(({ data }) => data.code).toSorted(), ['ERR_PGTAP_MORE_PROBLEMS', 'ERR_PGTAP_TOO_DEEP', 'ERR_PGTAP_TOO_MANY_EXPANDED']);
  for (const { message, data } of limits) assert.ok(/not (read|listed)/.test(message) && data.filePath.startsWith(root), message);
  assert.equal(of(seen, 'warning').find(({ data }) => data.code === 'ERR_PGTAP_PLAN_MISMATCH').type, 'warning');
  const database = await scanner.buildCoverageDatabase();
  assert.deepEqual(['public.a', 'public.b', 'public.c'].map((name) => database.objects.tables.has(name)), [true, true, true]);
});

test('problems of included files are told once, also of those that are no candidates', async (t) => {
  const broken = '\\endif\nSELECT ok(1);\n';
  const root = suiteFolder(t, {
    'a.sql': "\\ir setup.psql\n\\ir b.sql\n\\ir left/out.sql\nSELECT pass('x');", 'b.sql': broken, 'setup.psql': broken, 'left/out.sql': broken,
  });
  const scanner = new PgTapScanner({ cleanupInterval: 0, excludePatterns: ['left/**'] });
  const seen = gather(scanner, ['warning']);
  const found = await scanner.scanDirectory(root);
  assert.deepEqual(found.map(({ fileName }) => fileName), ['a.sql', 'b.sql', 'setup.psql']);
  const files = of(seen, 'warning').filter(({ data }) => data.code === 'ERR_PGTAP_BRANCHES').map(({ data }) => data.filePath.slice(root.length + 1));
  assert.deepEqual(files.toSorted(), ['b.sql', 'setup.psql']);
});

test('validatePlans: false keeps quiet', async (t) => {
  const scanner = new PgTapScanner({ validatePlans: false });
  const seen = gather(scanner, ['warning']);
  await scanner.scanDirectory(suiteFolder(t, { 'b.sql': "SELECT plan(2);\nSELECT pass('x');\n" }));
  assert.deepEqual(seen, []);
});

test('files that JavaScript ignores are not warned of', async (t) => {
  const scanner = new PgTapScanner({ ignorePatterns: [/(?<=b)ad/] });
  const seen = gather(scanner, ['warning']);
  const root = suiteFolder(t, { 'bad.sql': 'SELECT plan(2);\n/* open', 'good.sql': 'SELECT pass();' });
  assert.equal((await scanner.scanDirectory(root)).length, 1);
  for await (const file of scanner.stream(root)) assert.equal(file.fileName, 'good.sql');
  assert.deepEqual(seen, []);
  assert.deepEqual(scanner.problems, []);
});

test('more than 1,000 files turn streaming on', async (t) => {
  const root = suiteFolder(t, files(1001));
  const scanner = new PgTapScanner();
  const seen = gather(scanner, ['warning', 'progress']);
  await scanner.scanDirectory(root);
  assert.deepEqual(of(seen, 'warning').map(({ type }) => type), ['memory_threshold']);
  assert.equal(scanner.memoryState.streamingMode, true);
  assert.equal((await scanner.buildCoverageDatabase()).streamingMode, true);
  assert.equal(of(seen, 'progress').filter(({ type }) => type === 'progress').at(-1).data.filesProcessed, 1001);
  const never = new PgTapScanner({ enableStreaming: false });
  await never.scanDirectory(root);
  assert.equal(never.memoryState.streamingMode, false);
});

test('a listener that throws ends the scan with its error, and the scanner stays usable', async (t) => {
  const root = suiteFolder(t, { ...files(20), 'b.sql': 'SELECT plan(9);' });
  let ran = 0;
  for (const name of ['directory', 'progress', 'warning', 'success', 'memory_status']) {
    const scanner = new PgTapScanner({ cleanupInterval: 1000 });
    const mine = new Error(name);
    scanner.once(name, () => {
      throw mine;
    });
    await assert.rejects(scanner.scanDirectory(root), (error) => error === mine, name);
    assert.equal((await scanner.scanDirectory(root)).length, 21, name);
    assert.equal(scanner.totalAssertions, 20, name);
    ran += 1;
  }
  assert.equal(ran, 5);
});

test('a listener that throws out of the timer ends the scan, too', async (t) => {
  const root = suiteFolder(t, files(800));
  const scanner = new PgTapScanner({ cleanupInterval: 1, threads: 1 });
  const mine = new Error('mine');
  scanner.on('memory_status', () => {
    throw mine;
  });
  await assert.rejects(scanner.scanDirectory(root), (error) => error === mine);
  scanner.removeAllListeners();
  assert.equal((await scanner.scanDirectory(root)).length, 800);
});

test('a listener may throw undefined', async (t) => {
  const scanner = new PgTapScanner();
  scanner.once('directory', () => {
    throw undefined;
  });
  const outcome = await scanner.scanDirectory(suiteFolder(t, files(1))).then(() => 'resolved', (error) => error);
  assert.equal(outcome, undefined);
});

test('a second scan while one runs is refused', async (t) => {
  const root = suiteFolder(t, files(5));
  const scanner = new PgTapScanner();
  const first = scanner.scanDirectory(root);
  await assert.rejects(scanner.scanDirectory(root), { code: 'ERR_PGTAP_BUSY' });
  assert.equal((await first).length, 5);
});

test('memory_status comes while a scan runs, and nothing after it', async (t) => {
  const root = suiteFolder(t, files(800));
  const scanner = new PgTapScanner({ cleanupInterval: 10, maxMemoryMB: 1000, threads: 1 });
  const seen = gather(scanner, ['memory_status']);
  await scanner.scanDirectory(root);
  assert.ok(seen.length >= 1);
  for (const [, status] of seen) {
    assert.deepEqual([status.max, status.threshold], [1000, 800]);
    assert.ok(status.current > 0);
    assert.equal(typeof status.streamingMode, 'boolean');
  }
  const count = seen.length;
  await new Promise((settle) => {
    setTimeout(settle, 50);
  });
  assert.equal(seen.length, count);
});

test('above the threshold memory is cleaned up', async (t) => {
  const scanner = new PgTapScanner({ maxMemoryMB: 1, cleanupInterval: 10 });
  const seen = gather(scanner, ['cleanup', 'warning']);
  await scanner.scanDirectory(suiteFolder(t, files(3)));
  const [cleanup] = of(seen, 'cleanup');
  assert.equal(cleanup.type, 'memory_cleanup');
  assert.equal(cleanup.gcPerformed, true);
  assert.ok(cleanup.freedMB >= 0);
  assert.ok(of(seen, 'warning').some(({ type }) => type === 'memory_threshold'));
});

test('100 scanners add nothing to the process', async () => {
  const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
  const scanners = Array.from({ length: 100 }, () => new PgTapScanner());
  assert.deepEqual(process.eventNames().map((name) => [name, process.listenerCount(name)]), before);
  assert.ok(scanners.every((scanner) => scanner instanceof EventEmitter));
  const library = fileURLToPath(new URL('../lib/index.js', import.meta.url));
  const program = `const { PgTapScanner } = require(${JSON.stringify(library)});
    for (let at = 0; at < 100; at += 1) new PgTapScanner();
    process.on('warning', (warning) => { console.log(warning.name); });
    setTimeout(() => console.log('done'), 20);`;
  assert.equal(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }), 'done\n');
});

test('an aborted signal starts nothing', async (t) => {
  const scanner = new PgTapScanner();
  const seen = gather(scanner);
  const root = suiteFolder(t, files(2));
  await assert.rejects(scanner.scanDirectory(root, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  const reason = new Error('mine');
  await assert.rejects(scanner.scanDirectory(root, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  assert.deepEqual(seen, []);
});

test('a signal ends a running scan', async (t) => {
  const root = suiteFolder(t, files(1000));
  const scanner = new PgTapScanner({ threads: 1 });
  const controller = new AbortController();
  scanner.once('directory', () => controller.abort());
  await assert.rejects(scanner.scanDirectory(root, { signal: controller.signal }), { name: 'AbortError' });
  assert.deepEqual(scanner.testFiles, [], 'nothing of the scan is kept');
  assert.equal((await scanner.scanDirectory(root)).length, 1000);
});

test('an aborted scan stops reading', async (t) => {
  const scanner = new PgTapScanner({ threads: 1 });
  const seen = gather(scanner, ['progress']);
  const controller = new AbortController();
  const scan = scanner.scanDirectory(suiteFolder(t, files(1000)), { signal: controller.signal });
  controller.abort();
  await assert.rejects(scan, { name: 'AbortError' });
  assert.ok(of(seen, 'progress').every(({ data }) => !data || data.filesProcessed < 1000));
});

test('a signal keeps no listener of a scan that is over', async (t) => {
  const root = suiteFolder(t, files(2));
  const { signal } = new AbortController();
  let held = 0;
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (...all) => {
    held += 1;
    return add.apply(signal, all);
  };
  signal.removeEventListener = (...all) => {
    held -= 1;
    return remove.apply(signal, all);
  };
  const scanner = new PgTapScanner();
  await scanner.scanDirectory(root, { signal });
  for await (const file of scanner.stream(root, { signal })) assert.ok(file);
  assert.equal(held, 0);
});

test('stream yields each file once, in path order', async (t) => {
  const root = suiteFolder(t, { ...files(100), 'a/b.sql': "SELECT has_table('t');" });
  const scanner = new PgTapScanner();
  const seen = [];
  for await (const file of scanner.stream(root)) seen.push(file);
  const scanned = await scanner.scanDirectory(root);
  assert.deepEqual(seen.map(({ filePath }) => filePath), scanned.map(({ filePath }) => filePath));
  assert.deepEqual(seen[0].assertions, scanned[0].assertions);
});

test('stream ends with break, and with the signal', async (t) => {
  const root = suiteFolder(t, files(200));
  const scanner = new PgTapScanner();
  let count = 0;
  for await (const file of scanner.stream(root)) {
    count += file.assertions.length;
    if (count === 3) break;
  }
  assert.equal(count, 3);
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const file of scanner.stream(root, { signal: controller.signal })) {
      count += file.assertions.length;
      if (count === 10) controller.abort();
    }
  }, { name: 'AbortError' });
  assert.equal(count, 10);
  await assert.rejects(scanner.stream(join(root, 'none')).next(), { code: 'ENOENT' });
  await assert.rejects(scanner.stream(root, { signal: AbortSignal.abort() }).next(), { name: 'AbortError' });
  assert.equal((await scanner.scanDirectory(root)).length, 200);
});

test('stream reads little ahead of a slow caller', async (t) => {
  const root = suiteFolder(t, Object.fromEntries(Object.keys(files(200)).map((name) => [name, 'SELECT plan(5); SELECT pass();'])));
  const scanner = new PgTapScanner();
  const iterator = scanner.stream(root);
  await iterator.next();
  // What was read already cannot see the change; what was not, does.
  const { writeFileSync } = await import('node:fs');
  for (const name of Object.keys(files(200))) writeFileSync(join(root, name), 'SELECT pass(), pass();');
  let old = 1;
  for await (const file of iterator) if (file.planCount === 5) old += 1;
  assert.ok(old <= 64, `${old} files were read ahead`);
});

test('stream warns of plans as a scan does', async (t) => {
  const scanner = new PgTapScanner();
  const seen = gather(scanner, ['warning']);
  for await (const file of scanner.stream(suiteFolder(t, { 'a.sql': 'SELECT plan(5); SELECT pass();' }))) assert.ok(file);
  assert.deepEqual(of(seen, 'warning').map(({ data }) => data.code), ['ERR_PGTAP_PLAN_MISMATCH']);
});

test('options that were spoilt after construction reject, and can be mended', async (t) => {
  const root = suiteFolder(t, files(2));
  const scanner = new PgTapScanner();
  scanner.options.includePatterns = ['[z'];
  await assert.rejects(scanner.scanDirectory(root), { code: 'ERR_PGTAP_INVALID_OPTION' });
  scanner.options.includePatterns = ['**/*'];
  assert.equal((await scanner.scanDirectory(root)).length, 2);
});
