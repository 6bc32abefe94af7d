// What callers see of analyzeSnapshot and diffSnapshots: answers, wrong arguments, faults, aborts, progress.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { SMALL, scratch, unpacked } from './snapshot-files.mjs';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const INDEX = require.resolve('../../lib/memory/snapshots/index.js');
const { analyzeSnapshot, diffSnapshots } = require(INDEX);

const folder = () => mkdtempSync(join(scratch, 'case-'));
/** Ends as soon as the file is known to be there. */
const never = { signal: AbortSignal.abort(new Error('enough')) };

test('an analysis has the fields that are documented', async () => {
  const found = await analyzeSnapshot(SMALL, { topN: 3 });
  assert.deepEqual(Object.keys(found), ['file', 'nodeCount', 'edgeCount', 'shallowBytes', 'extraNativeBytes', 'unreachable',
    'detached', 'classCount', 'classes', 'largest']);
  assert.deepEqual([found.file, found.nodeCount, found.classes.length, found.largest.length], [SMALL, 600, 3, 3]);
  assert.deepEqual(Object.keys(found.classes[0]), ['name', 'count', 'shallowBytes', 'retainedBytes']);
  assert.deepEqual(Object.keys(found.largest[0]), ['id', 'type', 'name', 'className', 'shallowBytes', 'retainedBytes', 'depth', 'path']);
  assert.deepEqual(Object.keys(found.largest[0].path[0]), ['depth', 'edge', 'id', 'type', 'name']);
});

test('without dominators the counts are the same, and what needs references is null', async () => {
  const [whole, quick] = await Promise.all([true, false].map((dominators) => analyzeSnapshot(SMALL, { topN: 1000, dominators })));
  const counts = ({ classes }) => new Map(classes.map(({ name, count, shallowBytes }) => [name, [count, shallowBytes]]));
  assert.deepEqual(counts(quick), counts(whole));
  assert.equal(quick.edgeCount, whole.edgeCount);
  assert.equal(quick.unreachable, null);
  assert.ok(quick.classes.every(({ retainedBytes }) => retainedBytes === null));
  assert.ok(quick.largest.every(({ depth, path, retainedBytes }) => depth === null && path.length === 0 && retainedBytes === null));
});

test('a snapshot that this process writes', async () => {
  const file = join(folder(), 'own.heapsnapshot');
  const { writeHeapSnapshot } = await import('node:v8');
  class HeldByThisTest {}
  globalThis.heldByThisTest = Array.from({ length: 77 }, () => new HeldByThisTest());
  writeHeapSnapshot(file);
  delete globalThis.heldByThisTest;
  const { classes } = await analyzeSnapshot(file, { topN: 10000, dominators: false });
  assert.equal(classes.find(({ name }) => name === 'HeldByThisTest').count, 77);
});

const WRONG = [
  [() => analyzeSnapshot(), /a path .* for file but received undefined/],
  [() => analyzeSnapshot(''), /for file but received ''/],
  [() => analyzeSnapshot(SMALL, null), /an object for options but received null/],
  [() => analyzeSnapshot(SMALL, { topN: 0 }), /1 to 10000 for option "topN" but received 0/, RangeError],
  [() => analyzeSnapshot(SMALL, { topN: '5' }), /for option "topN" but received '5'/],
  [() => analyzeSnapshot(SMALL, { dominators: 1 }), /a boolean for option "dominators"/],
  [() => analyzeSnapshot(SMALL, { signal: {} }), /an AbortSignal for option "signal"/],
  [() => analyzeSnapshot(SMALL, { onProgress: true }), /a function for option "onProgress"/],
  [() => analyzeSnapshot(SMALL, { top: 5 }), /topN, dominators, signal, onProgress for the name of an option but received 'top'/, RangeError],
  [() => diffSnapshots(SMALL), /for after but received undefined/],
  [() => diffSnapshots(1, SMALL), /for before but received 1/],
  [() => diffSnapshots(SMALL, SMALL, { by: 'size' }), /'class' or 'retained' for option "by"/, RangeError],
  [() => diffSnapshots(SMALL, SMALL, { dominators: true }), /for the name of an option/, RangeError],
];

test('wrong arguments are told', async () => {
  for (const [call, message, Kind = TypeError] of WRONG) {
    await assert.rejects(call, (error) => {
      assert.match(error.message, message);
      assert.ok(error instanceof Kind, error.message);
      assert.equal(error.code, 'ERR_PGTAP_INVALID_ARGUMENT');
      assert.match(error.stack, /snapshots\.test\.mjs/);
      return true;
    });
  }
});

test('what is no heap snapshot is an error with its place', async () => {
  const file = join(folder(), 'cut.heapsnapshot');
  writeFileSync(file, readFileSync(SMALL));
  truncateSync(file, 40000);
  for (const call of [() => analyzeSnapshot(file), () => diffSnapshots(SMALL, file), () => diffSnapshots(file, SMALL)]) {
    await assert.rejects(call, (error) => {
      const { code, path, offset, expected, found } = error;
      assert.deepEqual({ code, path }, { code: 'ERR_PGTAP_SNAPSHOT_FORMAT', path: file });
      assert.ok(offset > 0 && offset <= 40000 && expected && found, error.message);
      assert.ok(error.message.includes(`at byte ${offset}`), error.message);
      return true;
    });
  }
});

test('what cannot be read is an error', async () => {
  for (const path of [join(folder(), 'missing'), folder()]) {
    await assert.rejects(() => analyzeSnapshot(path), { code: 'ERR_PGTAP_SNAPSHOT_IO', path });
  }
});

test('a signal ends it', async () => {
  await assert.rejects(() => analyzeSnapshot(SMALL, never), { message: 'enough' });
  const file = unpacked('v26-after');
  let told = 0;
  for (const call of [
    (options) => analyzeSnapshot(file, options),
    (options) => diffSnapshots(file, file, { by: 'retained', ...options }),
  ]) {
    const controller = new AbortController();
    const onProgress = () => {
      told += 1;
      controller.abort(new Error('stop'));
    };
    await assert.rejects(() => call({ signal: controller.signal, onProgress }), { message: 'stop' });
  }
  assert.ok(told >= 2);
});

test('progress tells of both files, and a listener that fails is warned of once', async () => {
  const events = [];
  await diffSnapshots(SMALL, SMALL, { by: 'retained', onProgress: (event) => events.push(event) });
  const length = readFileSync(SMALL).length;
  for (const phase of ['reading', 'retaining']) {
    const ends = events.filter((event) => event.phase === phase && event.bytesRead === length);
    assert.ok(ends.length >= 2, `${phase}: ${ends.length}`);
  }
  assert.ok(events.every(({ file, totalBytes }) => file === SMALL && totalBytes === length));

  const warnings = [];
  const listen = (warning) => warnings.push(warning);
  process.on('warning', listen);
  for (const onProgress of [() => { throw new Error('mine'); }, async () => { throw new Error('mine'); }]) {
    assert.equal((await analyzeSnapshot(SMALL, { onProgress })).nodeCount, 600);
  }
  await new Promise(setImmediate);
  process.off('warning', listen);
  assert.deepEqual(warnings.map(({ code }) => code), ['PGTAP_MEMORY_LISTENER', 'PGTAP_MEMORY_LISTENER']);
});

test('a program whose analysis runs ends when it is over, and may exit before', async () => {
  const file = unpacked('v24-after');
  const program = (rest) => `const { analyzeSnapshot } = require(${JSON.stringify(INDEX)});
    analyzeSnapshot(${JSON.stringify(file)}).then((found) => console.log(found.nodeCount)); ${rest}`;
  assert.equal((await run(process.execPath, ['-e', program('')])).stdout, '56581\n');
  assert.equal((await run(process.execPath, ['-e', program('setImmediate(() => process.exit(0));')])).stdout, '');
});
