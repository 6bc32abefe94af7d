// createWorkerPool with real threads and processes: answers, errors, ends, aborts, the queue, replacement and shutdown.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { relative } from 'node:path';
import { test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createWorkerPool } from '../../lib/memory/workers/index.js';

const run = promisify(execFile);
const script = (name) => new URL(`../children/memory/workers/${name}`, import.meta.url);
const KINDS = ['thread', 'process'];

/** A pool that is shut down behind the test. */
function pool(t, name, options) {
  const made = createWorkerPool(script(name), options);
  t.after(() => made.shutdown({ force: true }));
  return made;
}

const exec = (workers, type, data, options) => workers.exec({ type, data }, options);

for (const isolation of KINDS) {
  test(`${isolation}: a script that answers by itself`, async (t) => {
    const workers = pool(t, 'port.mjs', { isolation, maxWorkers: 1 });
    assert.equal(await exec(workers, 'double', { n: 21 }), 42);
    await assert.rejects(exec(workers, 'fail'), { name: 'Error', message: 'as asked' });
    await assert.rejects(exec(workers, 'coded'), { name: 'TypeError', message: 'with a code', code: 'MINE', stack: /port\.mjs/ });
    const where = await exec(workers, 'where');
    assert.deepEqual([where.threadId > 0, where.pid === process.pid], [true, isolation === 'thread']);
    assert.deepEqual([workers.getStats().workersStarted, workers.getStats().totalTasksCompleted, workers.getStats().totalTasksFailed], [1, 2, 2]);
  });

  test(`${isolation}: a script that listens later, a function for all tasks, one for each type`, async (t) => {
    assert.equal(await exec(pool(t, 'late-port.mjs', { isolation }), 'any', 'late'), 'late');
    assert.equal(await exec(pool(t, 'one-function.cjs', { isolation }), 'kind', 'data'), 'kind data');
    const workers = pool(t, 'functions.cjs', { isolation });
    assert.deepEqual(await exec(workers, 'echo', { map: new Map([[1, new Date(0)]]) }), { map: new Map([[1, new Date(0)]]) });
    assert.equal(await exec(workers, 'type'), 'type');
    await assert.rejects(exec(workers, 'unheard'), { code: 'ERR_PGTAP_WORKER_TASK', message: /"unheard"; there are: where, size, echo/ });
  });

  test(`${isolation}: errors keep name, code, stack, fields and cause`, async (t) => {
    const workers = pool(t, 'functions.cjs', { isolation });
    const error = await exec(workers, 'fails').catch((caught) => caught);
    assert.ok(error instanceof Error);
    assert.deepEqual([error.name, error.message, error.code, error.distance, error.cause.message], ['RangeError', 'too far', 'FAR', 3, 'deeper']);
    assert.match(error.stack, /functions\.cjs/);
    await assert.rejects(exec(workers, 'text'), { name: 'Error', message: 'only text' });
    await assert.rejects(exec(workers, 'notCloneable'), { name: 'DataCloneError' });
  });

  test(`${isolation}: a worker that leaves or crashes fails its task, and the pool goes on`, async (t) => {
    const workers = pool(t, 'functions.cjs', { isolation, maxWorkers: 1 });
    await assert.rejects(exec(workers, 'leave'), { code: 'ERR_PGTAP_WORKER_EXIT', exitCode: 7 });
    assert.equal(workers.getStats().totalWorkers, 0, 'what ended is not counted');
    const crash = await exec(workers, 'crash').catch((error) => error);
    assert.deepEqual([crash.code, crash.cause.name, crash.cause.message], ['ERR_PGTAP_WORKER_EXIT', 'RangeError', 'nobody catches this']);
    assert.equal(await exec(workers, 'echo', 'on'), 'on');
    assert.equal(workers.getStats().workersStarted, 3);
    const ported = pool(t, 'port.mjs', { isolation, maxWorkers: 1 });
    await assert.rejects(exec(ported, 'leave'), { code: 'ERR_PGTAP_WORKER_EXIT', exitCode: 7 });
    await assert.rejects(exec(ported, 'crash'), { code: 'ERR_PGTAP_WORKER_EXIT' });
    assert.equal(await exec(ported, 'double', { n: 2 }), 4);
  });

  test(`${isolation}: a script that does not start fails every task, with few tries`, async (t) => {
    const workers = pool(t, 'broken.mjs', { isolation, maxWorkers: 1 });
    const errors = await Promise.all(Array.from({ length: 20 }, () => exec(workers, 'any').catch((error) => error)));
    assert.deepEqual([...new Set(errors.map(({ code, cause }) => `${code} ${cause.cause.message}`))], ['ERR_PGTAP_WORKER_START the script is broken']);
    assert.equal(workers.getStats().workersStarted, 3);
    assert.equal(workers.getStats().totalTasksFailed, 20);
    const silent = pool(t, 'nothing.mjs', { isolation });
    await assert.rejects(exec(silent, 'any'), { code: 'ERR_PGTAP_WORKER_START', message: /exit code 0/ });
  });

  test(`${isolation}: a signal ends what is queued and what runs`, async (t) => {
    const workers = pool(t, 'functions.cjs', { isolation, maxWorkers: 1 });
    const [running, queued] = [new AbortController(), new AbortController()];
    const first = exec(workers, 'untilCancelled', null, { signal: running.signal });
    const second = exec(workers, 'echo', 'never', { signal: queued.signal });
    const third = exec(workers, 'cancelled');
    queued.abort(new Error('not wanted'));
    await assert.rejects(second, { message: 'not wanted' });
    while (workers.getStats().busyWorkers === 0) await new Promise(setImmediate);
    running.abort(new Error('enough'));
    await assert.rejects(first, { message: 'enough' });
    assert.equal(await third, 1, 'the function ended by itself, and its worker went on');
    assert.equal(workers.getStats().workersStarted, 1);
    await assert.rejects(exec(workers, 'echo', 1, { signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
  });

  test(`${isolation}: what does not listen to its signal is ended with its worker`, async (t) => {
    const workers = pool(t, 'functions.cjs', { isolation, maxWorkers: 1, taskTimeout: 500 });
    await exec(workers, 'echo');
    await assert.rejects(exec(workers, 'spin'), { code: 'ERR_PGTAP_WORKER_TIMEOUT', taskType: 'spin', timeoutMs: 500 });
    await assert.rejects(exec(workers, 'hang'), { code: 'ERR_PGTAP_WORKER_TIMEOUT' });
    assert.equal(await exec(workers, 'echo', 'on'), 'on');
    assert.equal(workers.getStats().workersStarted, 3);
    const ported = pool(t, 'port.mjs', { isolation, maxWorkers: 1, taskTimeout: 500 });
    await assert.rejects(exec(ported, 'hang'), { code: 'ERR_PGTAP_WORKER_TIMEOUT' });
    assert.equal(await exec(ported, 'double', { n: 4 }), 8);
  });

  test(`${isolation}: other messages are events`, async (t) => {
    const workers = pool(t, 'functions.cjs', { isolation });
    const seen = [];
    workers.on('message', ({ message }) => seen.push(message));
    assert.equal(await exec(workers, 'post'), 'posted');
    const ported = pool(t, 'port.mjs', { isolation });
    ported.on('message', ({ message }) => seen.push(message));
    assert.equal(await exec(ported, 'progress'), 'done');
    assert.deepEqual(seen, [{ step: 1 }, { step: 2 }, { percent: 50 }]);
  });

  test(`${isolation}: a worker is replaced behind its tasks`, async (t) => {
    const workers = pool(t, 'functions.cjs', { isolation, maxWorkers: 1, maxTasksPerWorker: 2 });
    const recycled = [];
    workers.on('worker-recycle', ({ why }) => recycled.push(why));
    const places = await Promise.all(Array.from({ length: 5 }, () => exec(workers, 'where')));
    assert.equal(new Set(places.map(({ pid, threadId }) => `${pid} ${threadId}`)).size, 3);
    assert.deepEqual(recycled, ['tasks', 'tasks']);
    assert.equal(workers.getStats().workersRecycled, 2);
  });

  test(`${isolation}: a worker that keeps much is replaced behind its task`, async (t) => {
    const workers = pool(t, 'hogs.mjs', { isolation, maxWorkers: 1, maxWorkerMemoryMB: 96, memoryCheckMs: 10 });
    const recycled = [];
    workers.on('worker-recycle', ({ why }) => recycled.push(why));
    assert.equal(await exec(workers, 'keep', { mb: 30 }), 30);
    assert.equal(await exec(workers, 'keep', { mb: 1 }), 31);
    assert.deepEqual(recycled, []);
    assert.equal(await exec(workers, 'keep', { mb: 48 }), 79, 'it is finished');
    assert.equal(await exec(workers, 'keep', { mb: 1 }), 1, 'another worker');
    assert.deepEqual(recycled, ['memory']);
    const patient = pool(t, 'hogs.mjs', { isolation, maxWorkers: 1, maxWorkerMemoryMB: 96, memoryCheckMs: 10, onLimit: 'terminate' });
    await exec(patient, 'keep', { mb: 79 });
    assert.equal(await exec(patient, 'keep', { mb: 1 }), 80);
  });

  test(`${isolation}: a worker that goes on behind its task has the limit, too`, async (t) => {
    const workers = pool(t, 'hogs.mjs', { isolation, maxWorkers: 1, maxWorkerMemoryMB: 64 });
    const errors = [];
    workers.on('memory-limit', ({ error }) => errors.push(error));
    assert.equal(await exec(workers, 'goesOn'), 'answered');
    while (errors.length === 0) await later(20);
    assert.deepEqual([errors[0].name, errors[0].limitMB, errors[0].taskType], ['WorkerMemoryLimitError', 64, null]);
    assert.equal(await exec(workers, 'add', { a: 1, b: 2 }), 3);
    assert.deepEqual([workers.getStats().memoryLimitsReached, workers.getStats().totalTasksFailed, errors.length], [1, 0, 1]);
  });

  test(`${isolation}: an idle pool keeps no program alive`, async () => {
    const program = fileURLToPath(script('idle-pool.mjs'));
    const { stdout, stderr } = await run(process.execPath, [program, isolation], { timeout: 20000 });
    assert.deepEqual([stdout.trim(), stderr], ['answered', '']);
  });
}

test('a process that cannot be made fails its task', async (t) => {
  const { execPath } = process;
  t.after(() => { process.execPath = execPath; });
  const workers = pool(t, 'functions.cjs', { isolation: 'process' });
  process.execPath = '/no/such/program';
  await assert.rejects(exec(workers, 'echo', 1), { code: 'ERR_PGTAP_WORKER_START', message: /ENOENT/ });
  process.execPath = execPath;
  assert.equal(await exec(workers, 'echo', 'on'), 'on');
});

test('a debugger of the program is not asked for by its processes', async (t) => {
  const { execArgv } = process;
  t.after(() => { process.execArgv = execArgv; });
  process.execArgv = [...execArgv, '--inspect=127.0.0.1:1'];
  assert.equal(await exec(pool(t, 'functions.cjs', { isolation: 'process' }), 'echo', 'on'), 'on');
});

test('many workers one after another leave nothing behind', async (t) => {
  const controller = new AbortController();
  const workers = pool(t, 'functions.cjs', { isolation: 'thread', maxWorkers: 2, maxTasksPerWorker: 1, maxWorkerMemoryMB: 64 });
  const resources = () => process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length;
  await exec(workers, 'echo', 1, { signal: controller.signal });
  const before = resources();
  await Promise.all(Array.from({ length: 40 }, () => exec(workers, 'echo', 1, { signal: controller.signal })));
  await workers.shutdown();
  assert.equal(workers.getStats().workersRecycled, 41);
  assert.ok(resources() <= before, process.getActiveResourcesInfo().join());
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

test('what is transferred is moved to a thread, and refused for a process', async (t) => {
  const buffer = new ArrayBuffer(1000);
  for (const name of ['functions.cjs', 'port.mjs']) {
    const moved = new ArrayBuffer(1000);
    assert.equal(await exec(pool(t, name), 'size', moved, { transferList: [moved] }), 1000);
    assert.equal(moved.byteLength, 0);
  }
  await assert.rejects(exec(pool(t, 'functions.cjs', { isolation: 'process' }), 'size', buffer, { transferList: [buffer] }), { code: 'ERR_PGTAP_WORKER_TRANSFER' });
  assert.equal(buffer.byteLength, 1000);
});

test('what cannot be cloned fails its task alone', async (t) => {
  for (const isolation of KINDS) {
    const workers = pool(t, 'functions.cjs', { isolation, maxWorkers: 1 });
    await assert.rejects(exec(workers, 'echo', { fn() {} }), /could not be cloned/);
    assert.equal(await exec(workers, 'echo', 'on'), 'on');
    assert.equal(workers.getStats().workersStarted, 1);
  }
  await assert.rejects(exec(pool(t, 'functions.cjs', { isolation: 'process' }), 'shared'), /could not be cloned|SharedArrayBuffer/);
});

test('tasks wait for a worker in the order in which they came', async (t) => {
  const workers = pool(t, 'functions.cjs', { maxWorkers: 1 });
  const order = [];
  await Promise.all(Array.from({ length: 6 }, (_, at) => exec(workers, 'echo', at).then((answered) => order.push(answered))));
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5]);
});

test('the figures count workers and tasks', async (t) => {
  const workers = pool(t, 'functions.cjs', { maxWorkers: 2 });
  assert.deepEqual(Object.entries(workers.getStats()).slice(0, 5), [['totalWorkers', 0], ['busyWorkers', 0], ['idleWorkers', 0], ['queuedTasks', 0], ['totalTasksCompleted', 0]]);
  const tasks = Array.from({ length: 6 }, () => exec(workers, 'wait', { ms: 50 }));
  assert.equal(workers.getStats().queuedTasks, 6);
  await Promise.race(tasks);
  const during = workers.getStats();
  assert.deepEqual([during.totalWorkers, during.queuedTasks > 0, during.busyWorkers <= 2, during.totalTasksCompleted > 0], [2, true, true, true]);
  await Promise.all(tasks);
  const { totalWorkers, busyWorkers, idleWorkers, queuedTasks, totalTasksCompleted } = workers.getStats();
  assert.deepEqual({ totalWorkers, busyWorkers, idleWorkers, queuedTasks, totalTasksCompleted },
    { totalWorkers: 2, busyWorkers: 0, idleWorkers: 2, queuedTasks: 0, totalTasksCompleted: 6 });
});

test('idle workers are ended, but for as many as are kept', async (t) => {
  const workers = pool(t, 'functions.cjs', { maxWorkers: 2, minWorkers: 1, idleTimeout: 50 });
  await Promise.all([1, 2].map(() => exec(workers, 'wait', { ms: 50 })));
  assert.equal(workers.getStats().totalWorkers, 2);
  while (workers.getStats().totalWorkers > 1) await later(20);
  await later(300);
  assert.equal(workers.getStats().totalWorkers, 1);
  const [kept] = await Promise.all([exec(workers, 'where'), exec(workers, 'echo', 1)]);
  assert.ok(kept.threadId > 0);
});

test('what a task will take decides whether it waits', async (t) => {
  const workers = pool(t, 'functions.cjs', { maxWorkers: 4, maxPoolMemoryMB: 200 });
  const tasks = [exec(workers, 'wait', { ms: 300 }, { estimateMB: 150 }), exec(workers, 'echo', 'second', { estimateMB: 150 })];
  while (workers.getStats().busyWorkers === 0) await new Promise(setImmediate);
  assert.deepEqual([workers.getStats().busyWorkers, workers.getStats().queuedTasks], [1, 1]);
  await tasks[0];
  assert.equal(await tasks[1], 'second');
  assert.equal(await exec(workers, 'echo', 'alone', { estimateMB: 5000 }), 'alone', 'a task that is alone is begun in any case');
});

test('a pool that is shut down ends what it has and takes nothing more', async (t) => {
  const workers = pool(t, 'functions.cjs', { maxWorkers: 1 });
  const tasks = [1, 2, 3].map((n) => exec(workers, 'echo', n));
  const ending = workers.shutdown();
  await assert.rejects(exec(workers, 'echo'), { code: 'ERR_PGTAP_CLOSED' });
  assert.deepEqual(await Promise.all(tasks), [1, 2, 3]);
  await ending;
  assert.equal(workers.getStats().totalWorkers, 0);
  await workers.shutdown();
});

test('force ends what runs and what waits, also behind a shutdown that waits', async (t) => {
  for (const isolation of KINDS) {
    const workers = pool(t, 'functions.cjs', { isolation, maxWorkers: 1 });
    const tasks = [exec(workers, 'spin'), exec(workers, 'echo')];
    const failed = Promise.all(tasks.map((task) => assert.rejects(task, { code: 'ERR_PGTAP_CLOSED' })));
    while (workers.getStats().busyWorkers === 0) await new Promise(setImmediate);
    const ending = workers.shutdown();
    await workers.shutdown({ force: true });
    await Promise.all([ending, failed]);
    assert.equal(workers.getStats().totalWorkers, 0);
  }
});

// State -> a pool in it.
const STATES = {
  new: (workers) => workers,
  'with a task that waits': (workers) => {
    exec(workers, 'wait', { ms: 20 });
    exec(workers, 'wait', { ms: 20 });
    return workers;
  },
  idle: async (workers) => {
    await exec(workers, 'echo');
    return workers;
  },
  'shutting down': (workers) => {
    exec(workers, 'wait', { ms: 20 });
    workers.shutdown();
    return workers;
  },
  'shut down': async (workers) => {
    await workers.shutdown();
    return workers;
  },
};
const open = (state) => !state.startsWith('shut');
// Method -> the call, and what it gives in a state.
const CALLS = {
  exec: [(workers) => exec(workers, 'echo', 'here'), (state) => (open(state) ? 'here' : 'ERR_PGTAP_CLOSED')],
  'exec, aborted': [(workers) => exec(workers, 'echo', 1, { signal: AbortSignal.abort({ code: 'MINE' }) }), (state) => (open(state) ? 'MINE' : 'ERR_PGTAP_CLOSED')],
  getStats: [(workers) => Object.keys(workers.getStats()).length, () => 10],
  shutdown: [async (workers) => (await workers.shutdown()) ?? workers.getStats().totalWorkers, () => 0],
  'shutdown, twice': [async (workers) => (await Promise.all([workers.shutdown(), workers.shutdown()])) && workers.getStats().totalWorkers, () => 0],
  '@@asyncDispose': [async (workers) => (await workers[Symbol.asyncDispose]()) ?? workers.getStats().queuedTasks, () => 0],
};

test('every method in every state', async (t) => {
  let tried = 0;
  for (const [name, [call, expected]] of Object.entries(CALLS)) {
    for (const [state, make] of Object.entries(STATES)) {
      const workers = await make(pool(t, 'functions.cjs', { maxWorkers: 1 }));
      const outcome = await Promise.resolve().then(() => call(workers)).catch(({ code }) => code);
      assert.equal(outcome, expected(state), `${name}, ${state}`);
      await workers.shutdown();
      tried += 1;
    }
  }
  assert.equal(tried, 6 * 5);
});

test('asyncDispose shuts down', async () => {
  const workers = createWorkerPool(script('functions.cjs'));
  assert.equal(await exec(workers, 'echo', 1), 1);
  await workers[Symbol.asyncDispose]();
  await assert.rejects(exec(workers, 'echo'), { code: 'ERR_PGTAP_CLOSED' });
});

test('a script is named by a path or a URL', async (t) => {
  const url = script('functions.cjs');
  const path = fileURLToPath(url);
  for (const file of [url, url.href, path, relative(process.cwd(), path)]) {
    const workers = createWorkerPool(file);
    t.after(() => workers.shutdown());
    assert.equal(await exec(workers, 'echo', 1), 1);
  }
  assert.throws(() => createWorkerPool('./no-such-file.js'), { code: 'ERR_PGTAP_WORKER_SCRIPT', message: /no-such-file\.js; a relative path/ });
  assert.throws(() => createWorkerPool('https:\/\/example.org/a.js'), { code: 'ERR_PGTAP_WORKER_SCRIPT' });
  assert.throws(() => createWorkerPool(new URL('https://example.org/a.js')), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
});

test('verbose logs, a listener that throws disturbs nobody, and a logger neither', async (t) => {
  const lines = [];
  const warnings = [];
  const onWarning = ({ code }) => warnings.push(code);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const workers = pool(t, 'functions.cjs', { verbose: true, maxTasksPerWorker: 1, maxWorkers: 1, logger: { log(line) { lines.push(line); throw new Error('full'); } } });
  workers.on('worker-start', () => { throw new Error('mine'); });
  assert.equal(await exec(workers, 'echo', 1), 1);
  await workers.shutdown();
  assert.deepEqual(lines.map((line) => line.replace(/\d+/g, 'N')), ['Worker N started as a thread', 'Worker N is replaced: it did its tasks', 'Worker N ended: it was not needed any more']);
  await new Promise(setImmediate);
  assert.deepEqual(warnings, ['PGTAP_MEMORY_LISTENER', 'PGTAP_MEMORY_LISTENER']);
});

const WRONG_OPTIONS = {
  maxWorkers: [0, 257, 1.5, '4'], minWorkers: [-1, 5], idleTimeout: [0, '1'], verbose: [1], isolation: ['fiber', 1], maxWorkerMemoryMB: [15, 64.5, '64'],
  maxPoolMemoryMB: [0, '1'], maxPoolMemoryPercent: [0, 101], memoryCheckMs: [9, '250'], onLimit: ['ignore'], maxTasksPerWorker: [0], taskTimeout: [0], logger: [{}],
};

test('every wrong option is refused', async (t) => {
  for (const [name, values] of Object.entries(WRONG_OPTIONS)) {
    for (const value of values) {
      const call = () => createWorkerPool(script('functions.cjs'), { maxWorkers: 4, [name]: value });
      assert.throws(call, { code: 'ERR_PGTAP_INVALID_OPTION', message: new RegExp(`option "${name}"`), stack: /WorkerPool|worker-pool\.test/ }, `${name}: ${value}`);
    }
  }
  assert.throws(() => createWorkerPool(script('functions.cjs'), { maxPoolMemoryMB: 1, maxPoolMemoryPercent: 1 }), { code: 'ERR_PGTAP_INVALID_OPTION' });
  assert.throws(() => createWorkerPool(''), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  const workers = pool(t, 'functions.cjs');
  for (const task of [undefined, null, 'echo', {}, { type: '' }, { type: 3 }]) await assert.rejects(workers.exec(task), { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
  for (const options of [{ signal: {} }, { transferList: {} }, { estimateMB: 0 }]) await assert.rejects(workers.exec({ type: 'echo' }, options), { code: 'ERR_PGTAP_INVALID_OPTION' });
  await assert.rejects(workers.shutdown({ force: 1 }), { code: 'ERR_PGTAP_INVALID_OPTION' });
  assert.equal(workers.getStats().workersStarted, 0);
});
