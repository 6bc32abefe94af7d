// Uses what pgtap-scanner/memory/workers and pgtap-scanner/memory/build-worker declare. Only compiled, never run.
import type { BuildResult, CleanResult } from 'pgtap-scanner/memory/build-worker';
import { clean, lint } from 'pgtap-scanner/memory/build-worker';
import { WorkerMemoryLimitError, createWorkerPool } from 'pgtap-scanner/memory/workers';
import type { ExecOptions, TaskContext, TaskFunction, TypedTaskFunction, WorkerPool, WorkerPoolOptions, WorkerPoolStats, WorkerTask } from 'pgtap-scanner/memory/workers';

const options: WorkerPoolOptions = {
  maxWorkers: 4, minWorkers: 0, idleTimeout: 60000, verbose: true, isolation: 'process', maxWorkerMemoryMB: 64, maxPoolMemoryMB: null,
  maxPoolMemoryPercent: 50, memoryCheckMs: 250, onLimit: 'recycle', maxTasksPerWorker: 100, taskTimeout: 1000, logger: console,
};
await using pool: WorkerPool = createWorkerPool(new URL('file:///worker.js'), options);
const task: WorkerTask = { type: 'resize', data: { width: 3 } };
const how: ExecOptions = { signal: AbortSignal.timeout(100), transferList: [new ArrayBuffer(8)], estimateMB: 20 };
const size: number = await pool.exec<number>(task, how);
const anything: unknown = await pool.exec({ type: 'noData' });
const stats: WorkerPoolStats = pool.getStats();
const used: number | null = stats.usedBytes;
pool.on('worker-recycle', ({ id, why }) => console.log(id.toFixed(), why === 'tasks')).once('memory-limit', ({ error }) => console.log(error.limitMB));
try {
  await pool.shutdown({ force: true });
} catch (error) {
  if (error instanceof WorkerMemoryLimitError) console.log(error.code === 'ERR_PGTAP_WORKER_MEMORY', error.usedMB, error.taskType?.length);
}

const one: TaskFunction = ({ type, data }, { signal, post }) => (signal.aborted ? post(type) : data);
const typed: TypedTaskFunction<{ width: number }> = ({ width }, context: TaskContext) => width + context.type.length;
const built: BuildResult = await lint({ fix: true }, { signal: AbortSignal.timeout(1) });
const cleaned: CleanResult = await clean({ workspace: 'core' }, { signal: AbortSignal.timeout(1) });

// @ts-expect-error misspelt option
createWorkerPool('./a.js', { maxWorker: 4 });
// @ts-expect-error no such isolation
createWorkerPool('./a.js', { isolation: 'fiber' });
// @ts-expect-error a task has a type
await pool.exec({ data: 1 });
// @ts-expect-error may be null
stats.usedBytes.toFixed();
// @ts-expect-error clean needs a workspace
await clean({}, { signal: AbortSignal.timeout(1) });

export { anything, built, cleaned, one, size, typed, used };
