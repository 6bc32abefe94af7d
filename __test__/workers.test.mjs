// Threads, processes and their ends: nothing is shared that should not be, and nothing is left behind.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { scannedSuite, suiteFolder } from './suite-folder.mjs';

const library = fileURLToPath(new URL('../lib/index.js', import.meta.url));
const LOAD = `const { PgTapScanner } = require(${JSON.stringify(library)});`;

const suite = (count) => Object.fromEntries(Array.from({ length: count }, (_, at) => [
  `d${at % 7}/f${String(at).padStart(4, '0')}.sql`,
  `SELECT plan(2);\nSELECT has_table('app', 't${at % 50}', 'a table');\nSELECT has_column('app', 't${at % 50}', 'c', 'a column');\n`,
]));

/** Runs a program in a process of its own. */
function run(program, ...flags) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', LOAD + program], { encoding: 'utf8', timeout: 60_000 });
  return { status, signal, stdout: stdout.trim(), stderr };
}

const ANSWERS = `
  const answers = async (root) => {
    const scanner = new PgTapScanner();
    const files = await scanner.scanDirectory(root);
    const { objects } = await scanner.buildCoverageDatabase();
    const read = files.map((file) => [file.filePath, file.assertions]);
    return JSON.stringify([read, scanner.getStatistics(), scanner.getCoverageMap().tables, [...objects.columns.keys()]]);
  };`;

const work = (root) => new Worker(`${LOAD}${ANSWERS}
  const { parentPort, workerData } = require('node:worker_threads');
  answers(workerData).then((text) => parentPort.postMessage(text));`, { eval: true, workerData: root });

/** The worker's answer, once it has ended. */
async function answerOf(worker) {
  const ended = once(worker, 'exit');
  const [answer] = await once(worker, 'message');
  assert.deepEqual(await ended, [0]);
  return answer;
}

test('four workers at once answer as one does', async (t) => {
  const root = suiteFolder(t, suite(120));
  const other = suiteFolder(t, { 'x.sql': 'SELECT pass();' });
  const alone = await answerOf(work(root));
  assert.equal(JSON.parse(alone)[0].length, 120);
  const together = await Promise.all([work(root), work(root), work(other), work(root)].map(answerOf));
  for (const at of [0, 1, 3]) assert.equal(together[at], alone);
  assert.equal(JSON.parse(together[2])[0].length, 1);
});

test('the addon is first loaded in a worker that ends, then in another, then in the main thread', (t) => {
  const root = suiteFolder(t, suite(10));
  const program = `
    const { Worker } = require('node:worker_threads');
    const code = ${JSON.stringify(LOAD)} + 'new PgTapScanner().scanDirectory(' + ${JSON.stringify(JSON.stringify(root))}
      + ').then((files) => console.log(files.length))';
    const one = () => new Promise((settle) => new Worker(code, { eval: true }).on('exit', settle));
    one().then(one).then(() => {
      ${LOAD}
      return new PgTapScanner().scanDirectory(${JSON.stringify(root)});
    }).then((files) => console.log('main', files.length));`;
  // Not by run(): that loads the addon in the main thread first.
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60_000 });
  assert.equal(stderr, '');
  assert.deepEqual([status, stdout.trim().split('\n')], [0, ['10', '10', 'main 10']]);
});

test('a process that scans and does nothing else ends by itself', (t) => {
  const root = suiteFolder(t, suite(10));
  const { status, stdout, stderr } = run(`
    const scanner = new PgTapScanner();
    scanner.on('progress', () => {});
    scanner.on('memory_status', () => {});
    scanner.scanDirectory(${JSON.stringify(root)}).then(async (files) => {
      await scanner.buildCoverageDatabase();
      for await (const file of scanner.stream(${JSON.stringify(root)})) break;
      setImmediate(() => console.log(files.length, process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').join()));
    });`);
  assert.equal(stderr, '');
  assert.deepEqual([status, stdout.split(' ')[0]], [0, '10']);
  assert.doesNotMatch(stdout, /Timeout|Worker|TSFN/);
});

test('a process that only makes scanners ends by itself', () => {
  const { status, stderr } = run('globalThis.kept = [new PgTapScanner(), new PgTapScanner()];');
  assert.deepEqual([status, stderr], [0, '']);
});

test('scanners that are dropped leave no memory behind', (t) => {
  const root = suiteFolder(t, suite(20));
  const { status, stdout, stderr } = run(`
    const settled = () => new Promise((settle) => setImmediate(settle));
    const rounds = async (count) => {
      let least = Infinity;
      for (let at = 0; at < count; at += 1) {
        const scanner = new PgTapScanner({ threads: 2 });
        await scanner.scanDirectory(${JSON.stringify(root)});
        if (at % 10 === 0) {
          (await scanner.buildCoverageDatabase()).objects.tables.get('app.t1').assertions.length;
          gc();
          await settled();
          least = Math.min(least, process.memoryUsage.rss());
        }
      }
      return least / 1048576;
    };
    (async () => {
      await rounds(300);
      const before = await rounds(200);
      const after = await rounds(500);
      console.log(JSON.stringify({ before, after }));
    })();`, '--expose-gc');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const { before, after } = JSON.parse(stdout);
  assert.ok(after - before < 5, `resident memory grew from ${before.toFixed(1)} to ${after.toFixed(1)} MB in 500 scanners`);
});

test('200 scans leave native and resident memory flat', (t) => {
  const root = suiteFolder(t, suite(400));
  const program = `
    (async () => {
      const figures = [];
      for (let scan = 1; scan <= 200; scan += 1) {
        const scanner = new PgTapScanner({ cleanupInterval: 0 });
        await scanner.scanDirectory(${JSON.stringify(root)});
        await scanner.buildCoverageDatabase();
        const { native } = scanner.getMemoryStats();
        await scanner.close();
        if (scan % 50 === 0) {
          globalThis.gc();
          // V8 gives back little of what it once had; what it uses, and all beside it, must not grow.
          const { rss, heapTotal, heapUsed } = process.memoryUsage();
          figures.push({ beside: rss - heapTotal, heapUsed, native: native.current });
        }
      }
      console.log(JSON.stringify(figures));
    })();`;
  const { status, stdout, stderr } = run(program, '--expose-gc');
  assert.deepEqual([status, stderr], [0, '']);
  const figures = JSON.parse(stdout);
  assert.equal(figures.length, 4);
  const [first, , , last] = figures;
  // Files come in any order, and tables grow a little differently.
  assert.ok(Math.abs(last.native - first.native) < first.native / 10, JSON.stringify(figures));
  assert.ok(last.beside - first.beside < 8e6, JSON.stringify(figures));
  assert.ok(last.heapUsed - first.heapUsed < 1e6, JSON.stringify(figures));
});

test('process.exit() in the middle of a scan', (t) => {
  const root = suiteFolder(t, suite(400));
  let ran = 0;
  for (const when of ['process.exit(7)', "scanner.once('directory', () => process.exit(7))", "scanner.once('progress', () => process.exit(7))",
    'setTimeout(() => process.exit(7), 3)', "process.on('exit', () => scanner.scanDirectory(process.argv[1]).catch(() => {})); process.exit(7)"]) {
    const { status, signal, stderr } = run(`
      const scanner = new PgTapScanner({ threads: 2 });
      scanner.scanDirectory(${JSON.stringify(root)}).then(() => setTimeout(() => process.exit(7), 50));
      ${when};`);
    assert.deepEqual([status, signal, stderr], [7, null, ''], when);
    ran += 1;
  }
  assert.equal(ran, 5);
});

test('worker.terminate() in the middle of a scan', async (t) => {
  const root = suiteFolder(t, suite(400));
  const { scanner } = await scannedSuite(t, { 'a.sql': 'SELECT pass();' });
  let ran = 0;
  for (let at = 0; at < 12; at += 1) {
    const worker = new Worker(`${LOAD}
      const { parentPort, workerData } = require('node:worker_threads');
      const scanner = new PgTapScanner({ threads: 2 });
      scanner.on('progress', () => {});
      scanner.scanDirectory(workerData).catch(() => {});
      parentPort.postMessage('started');`, { eval: true, workerData: root });
    await once(worker, 'message');
    await new Promise((settle) => {
      setTimeout(settle, at);
    });
    await worker.terminate();
    ran += 1;
  }
  assert.equal(ran, 12);
  assert.equal(scanner.testFiles[0].assertions.length, 1, 'this thread goes on');
  assert.equal((await scanner.scanDirectory(root)).length, 400);
});

test('an uncaught error in the middle of a scan', (t) => {
  const root = suiteFolder(t, suite(100));
  const { status, signal } = run(`new PgTapScanner().scanDirectory(${JSON.stringify(root)}); setTimeout(() => { throw new Error('mine'); }, 1);`);
  assert.ok(status === 1 && signal === null);
});
