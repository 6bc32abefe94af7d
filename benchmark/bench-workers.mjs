// The worker pool: tasks per second against a thread for every task, what an idle worker costs, and what comes of hogs.
//
//   npm run bench -- workers [--tasks 5000] [--workers 8] [--keep NAME]
//
// `tasks` of each row, three times in turn, of which the best counts: other work on the machine only slows. `workers`: idle
// workers that are weighed together, in a fresh process.
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

import { keep } from './keep.mjs';
import { createWorkerPool } from '../lib/memory/workers/index.js';

const run = promisify(execFile);
const { values } = parseArgs({ options: { tasks: { type: 'string', default: '5000' }, workers: { type: 'string', default: '8' }, keep: { type: 'string' } } });
const SCRIPTS = new URL('../__test__/children/memory/workers/', import.meta.url);
const FUNCTIONS = new URL('functions.cjs', SCRIPTS);
const LIMITED = fileURLToPath(new URL('limited-pool.mjs', SCRIPTS));
const MB = 2 ** 20;
/** Tasks that need a thread or process of their own each take some 50 ms. */
const FEWER = 100;
const AT_ONCE = 8;
const ROUNDS = 3;

const POOLS = {
  'threads': { isolation: 'thread' },
  'threads, 64 MB each': { isolation: 'thread', maxWorkerMemoryMB: 64 },
  'processes': { isolation: 'process' },
  'processes, 64 MB each': { isolation: 'process', maxWorkerMemoryMB: 64 },
};

/** Tasks per second of `exec`, as many at once as a busy program has. */
async function speed(tasks, exec) {
  await exec();
  const begin = performance.now();
  let left = tasks;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left > 0) {
      left -= 1;
      await exec();
    }
  }));
  return Math.round(tasks / ((performance.now() - begin) / 1000));
}

async function speedOfPool(options) {
  const pool = createWorkerPool(FUNCTIONS, { maxWorkers: 2, ...options });
  const perSecond = await speed(Number(values.tasks), () => pool.exec({ type: 'echo', data: { n: 1 } }));
  await pool.shutdown();
  return perSecond;
}

const ONE_TASK = "const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage(workerData);";

/** A thread for every task. */
const inThread = () => once(new Worker(ONE_TASK, { eval: true, workerData: { n: 1 } }), 'message');

/** The best of some rounds, in which the rows take turns. */
async function speeds() {
  const rows = { 'a thread for every task': () => speed(FEWER, inThread) };
  for (const [name, options] of Object.entries(POOLS)) rows[name] = () => speedOfPool(options);
  const best = new Map();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, measure] of Object.entries(rows)) best.set(name, Math.max(best.get(name) ?? 0, await measure()));
  }
  return best;
}

/** Resident memory of a process without what it shares with others; Linux tells it. */
function privateBytes(pid) {
  const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
  return (resident - shared) * 4096;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 500));

/** MB that each of `values.workers` idle workers takes; in a program of its own, for the memory of this one is in use. */
async function weigh(options) {
  const count = Number(values.workers);
  const pool = createWorkerPool(FUNCTIONS, { maxWorkers: count, ...options });
  const ids = [];
  pool.on('worker-start', ({ id }) => ids.push(id));
  const before = privateBytes('self');
  await Promise.all(Array.from({ length: count }, () => pool.exec({ type: 'wait', data: { ms: 1000 } })));
  await settled();
  const own = privateBytes('self') - before;
  const others = options.isolation === 'process' ? ids.reduce((sum, pid) => sum + privateBytes(pid), 0) : 0;
  await pool.shutdown();
  return (own + others) / count / MB;
}

/** What came of a hog in a worker of 64 MB, and of tasks beside it and after it. */
async function hog(isolation, type) {
  const { stdout } = await run(process.execPath, ['--max-old-space-size=1000', LIMITED, isolation, type], { maxBuffer: 1 << 24 });
  const { name, usedMB, other, after, peakMB } = JSON.parse(stdout);
  return { error: name, 'ended at MB': usedMB, 'the program, MB': Math.round(peakMB), 'others went on': other === 3 && after === 7 };
}

async function weights() {
  const found = {};
  for (const name of Object.keys(POOLS)) {
    const child = fork(fileURLToPath(import.meta.url), ['--workers', values.workers], { env: { ...process.env, WEIGH: name } });
    const [mb] = await once(child, 'message');
    found[name] = Number(mb.toFixed(1));
  }
  return found;
}

async function hogs() {
  const found = {};
  for (const [isolation, types] of [['thread', ['objects', 'buffers', 'strings']], ['process', ['objects', 'buffers', 'strings', 'array']]]) {
    for (const type of types) found[`${type} in a ${isolation}`] = await hog(isolation, type);
  }
  return found;
}

async function main() {
  console.log(`Node.js ${process.version}`);
  const tasksPerSecond = Object.fromEntries(await speeds());
  console.table(tasksPerSecond);
  const idleMB = process.platform === 'linux' ? await weights() : null;
  if (idleMB !== null) console.table(idleMB);
  const limited = await hogs();
  console.table(limited);
  if (values.keep) keep(values.keep, `npm run bench -- workers --tasks ${values.tasks} --workers ${values.workers}`, { tasksPerSecond, idleMB, hogs: limited });
}

if (process.env.WEIGH) process.send(await weigh(POOLS[process.env.WEIGH]), () => process.disconnect());
else await main();
