// Runs one task in a pool whose workers may take 64 MB, beside a task of another worker; prints what came of both.
import { getHeapStatistics } from 'node:v8';

import { createWorkerPool } from '../../../../lib/memory/workers/index.js';

const [isolation, type] = process.argv.slice(2);
const limit = getHeapStatistics().heap_size_limit;
const pool = createWorkerPool(new URL('hogs.mjs', import.meta.url), { isolation, maxWorkers: 2, maxWorkerMemoryMB: 64 });

// Both run before either takes memory.
await Promise.all([1, 2].map(() => pool.exec({ type: 'add', data: { a: 0, b: 0, ms: 100 } })));
let peakBytes = 0;
const watch = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 5);
const other = pool.exec({ type: 'add', data: { a: 1, b: 2, ms: 1500 } });
const came = await pool.exec({ type, data: { mb: 1000 } }).then((result) => ({ result }), (error) => ({
  name: error.name, code: error.code, usedMB: error.usedMB, limitMB: error.limitMB, taskType: error.taskType, cause: error.cause?.code ?? null,
}));
const seen = { ...came, other: await other, after: await pool.exec({ type: 'add', data: { a: 3, b: 4 } }) };
clearInterval(watch);
await pool.shutdown();
console.log(JSON.stringify({ ...seen, peakMB: peakBytes / 2 ** 20, mainLimitKept: getHeapStatistics().heap_size_limit === limit }));
