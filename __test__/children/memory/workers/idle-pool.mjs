// A program that uses a pool, prints what it answers, and does not shut it down.
import { createWorkerPool } from '../../../../lib/memory/workers/index.js';

const [isolation] = process.argv.slice(2);
const pool = createWorkerPool(new URL('functions.cjs', import.meta.url), { isolation, minWorkers: 1, maxWorkers: 1, maxWorkerMemoryMB: 64 });
console.log(await pool.exec({ type: 'echo', data: 'answered' }));
