// The limit of a worker's memory, with hogs of every kind. Each runs in a program of its own that has the flag which
// disables V8's limits of workers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../children/memory/workers/limited-pool.mjs', import.meta.url));

/** What came of a task of 64 MB, of one beside it and of one after it. */
async function tried(isolation, type, flags = ['--max-old-space-size=1000']) {
  const { stdout } = await run(process.execPath, [...flags, PROGRAM, isolation, type], { timeout: 60000, maxBuffer: 1 << 24 });
  return JSON.parse(stdout);
}

function assertLimited(came, type) {
  assert.deepEqual(
    { name: came.name, code: came.code, limitMB: came.limitMB, taskType: came.taskType, other: came.other, after: came.after, mainLimitKept: came.mainLimitKept },
    { name: 'WorkerMemoryLimitError', code: 'ERR_PGTAP_WORKER_MEMORY', limitMB: 64, taskType: type, other: 3, after: 7, mainLimitKept: true },
  );
  assert.ok(came.usedMB >= 64, `${came.usedMB} MB`);
}

for (const type of ['objects', 'buffers', 'strings', 'array']) {
  test(`a hog of ${type} in a process`, async () => {
    const came = await tried('process', type);
    assertLimited(came, type);
    assert.ok(came.peakMB < 150, `the program itself had ${came.peakMB} MB`);
  });
}

for (const type of ['objects', 'buffers', 'strings']) {
  test(`a hog of ${type} in a thread`, async () => {
    const came = await tried('thread', type);
    assertLimited(came, type);
    assert.equal(came.cause, type === 'objects' ? 'ERR_WORKER_OUT_OF_MEMORY' : null);
    assert.ok(came.peakMB < 400, `the program had ${came.peakMB} MB`);
  });
}

for (const flag of ['--max-heap-size=1000', '--max-semi-space-size=256']) {
  test(`the limit holds beside ${flag}`, async () => {
    const came = await tried('thread', 'objects', [flag]);
    assertLimited(came, 'objects');
    assert.equal(came.cause, 'ERR_WORKER_OUT_OF_MEMORY');
    assert.ok(came.peakMB < 400, `the program had ${came.peakMB} MB`);
  });
}

for (const isolation of ['thread', 'process']) {
  test(`garbage of a gigabyte is no hog in a ${isolation}`, async () => {
    const { result, other, after } = await tried(isolation, 'garbage');
    assert.deepEqual({ result, other, after }, { result: 1e9, other: 3, after: 7 });
  });
}
