/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { TransferListItem } from 'node:worker_threads';
import type { MemoryLogger } from '../monitor.js';

/** The options of `createWorkerPool`. A wrong type or range throws. */
export interface WorkerPoolOptions {
  /** Workers at most, 1 to 256. @defaultValue one less than the machine has cores, at least 1 and at most 4 */
  maxWorkers?: number;
  /** Workers that are kept when they are idle, up to `maxWorkers`. They are started when tasks first want them. @defaultValue `0` */
  minWorkers?: number;
  /** Milliseconds after which an idle worker is ended. @defaultValue `60000` */
  idleTimeout?: number;
  /** Log the start, replacement and end of workers, and each that reached its limit. @defaultValue `false` */
  verbose?: boolean;
  /**
   * What a worker is: a thread of this process, or a thread in a process of its own. A process costs about
   * twice the memory of a thread, and what a task and its answer hold is copied twice; in return nothing that a task does can
   * end this program. With `'thread'` a single allocation far beyond `maxWorkerMemoryMB` ends the whole program.
   * @defaultValue `'process'` when `maxWorkerMemoryMB` is set, else `'thread'`
   */
  isolation?: 'thread' | 'process' | null;
  /**
   * Memory that the JavaScript of a worker may take, in MB, an integer from 16: V8's heap and what hangs on it (Buffers, strings
   * outside the heap). What is above it, also after a collection, ends the worker, and its task rejects with
   * `WorkerMemoryLimitError`. Node.js itself takes 5 to 10 MB of it. While it is set, V8's flags for the size of heaps
   * (`--max-old-space-size` and the like) are reset: they would override the limit. @defaultValue none
   */
  maxWorkerMemoryMB?: number | null;
  /** Memory that all workers may take together, in MB: a task waits while there is not as much left as it is estimated to take. @defaultValue none */
  maxPoolMemoryMB?: number | null;
  /** The same in percent of the container's memory, or of the machine's where the container has no limit. Not beside `maxPoolMemoryMB`. @defaultValue none */
  maxPoolMemoryPercent?: number | null;
  /** Milliseconds between two looks at a worker's memory, an integer from 10; near the limit it is looked at more often. @defaultValue `250` */
  memoryCheckMs?: number;
  /**
   * `'recycle'`: a worker that still holds more than 80 % of `maxWorkerMemoryMB` when its task is done and garbage is
   * collected is replaced. `'terminate'`: only the limit itself ends a worker. @defaultValue `'recycle'`
   */
  onLimit?: 'recycle' | 'terminate';
  /** Tasks after which a worker is replaced. @defaultValue any number */
  maxTasksPerWorker?: number | null;
  /** Milliseconds that a task may run; one that runs longer rejects with `ERR_PGTAP_WORKER_TIMEOUT`. @defaultValue any time */
  taskTimeout?: number | null;
  /** Where `verbose` logs. @defaultValue `console` */
  logger?: MemoryLogger;
}

/** What a worker is asked to do. */
export interface WorkerTask {
  /** Which kind of task; chooses the function of a module that exports several. */
  type: string;
  /** What is handed to the worker; cloned as `structuredClone` does. */
  data?: unknown;
}

/** The options of `exec`. */
export interface ExecOptions {
  /**
   * Ends the task; `exec` rejects with the signal's reason at once. A function that runs is told (`context.signal`) and has one
   * second to end; a script that listens to `parentPort` is ended with its worker.
   */
  signal?: AbortSignal | null;
  /** Objects in `data` that are moved to the worker instead of copied; only with `isolation: 'thread'`. */
  transferList?: readonly TransferListItem[];
  /** Memory that the task will take, in MB. @defaultValue what 95 of 100 of the latest 64 tasks of its type took; unknown types take nothing */
  estimateMB?: number | null;
}

/** Figures of a pool. */
export interface WorkerPoolStats {
  /** Workers that there are, also those that start. */
  totalWorkers: number;
  /** Workers that run a task. */
  busyWorkers: number;
  idleWorkers: number;
  /** Tasks that wait for a worker or for memory. */
  queuedTasks: number;
  /** Tasks that were answered with a result. */
  totalTasksCompleted: number;
  /** Tasks that rejected, for whatever reason. */
  totalTasksFailed: number;
  workersStarted: number;
  /** Workers that were replaced because of `maxTasksPerWorker` or of what they held. */
  workersRecycled: number;
  /** Workers that were ended because of `maxWorkerMemoryMB`. */
  memoryLimitsReached: number;
  /** What the workers held when they were last looked at; `null` where memory is not watched. */
  usedBytes: number | null;
}

/** What a pool tells, and with what. */
export interface WorkerPoolEvents {
  /** A worker takes tasks; `id` is that of its thread or process. */
  'worker-start': [{ id: number }];
  /** A worker will be replaced: it did its `tasks`, or holds too much `memory`. */
  'worker-recycle': [{ id: number; why: 'tasks' | 'memory' }];
  /** A worker ended. */
  'worker-exit': [{ id: number }];
  /** A worker was ended because of its memory. */
  'memory-limit': [{ error: WorkerMemoryLimitError }];
  /** What a script posted beside its answers, or a function with `context.post`. */
  message: [{ id: number; message: unknown }];
}

/**
 * Runs tasks in workers. It keeps the program alive only while tasks wait or run. A listener that throws is reported as a
 * process warning and disturbs nothing.
 */
export interface WorkerPool extends EventEmitter {
  /**
   * What the worker answers.
   *
   * Rejects with the task's own error (name, message, stack, code and other fields are kept), with the signal's reason, or with
   * `WorkerMemoryLimitError`, `ERR_PGTAP_WORKER_EXIT`, `ERR_PGTAP_WORKER_START`, `ERR_PGTAP_WORKER_TASK`,
   * `ERR_PGTAP_WORKER_TIMEOUT`, `ERR_PGTAP_WORKER_TRANSFER` or `ERR_PGTAP_CLOSED`.
   */
  exec<Result = unknown>(task: WorkerTask, options?: ExecOptions): Promise<Result>;
  getStats(): WorkerPoolStats;
  /** Refuses new tasks, lets those that wait or run end, and ends all workers. With `force` these reject with `ERR_PGTAP_CLOSED`. */
  shutdown(options?: { force?: boolean }): Promise<void>;
  /** `shutdown()`. */
  [Symbol.asyncDispose](): Promise<void>;
  on<Name extends keyof WorkerPoolEvents>(event: Name, listener: (...payload: WorkerPoolEvents[Name]) => void): this;
  once<Name extends keyof WorkerPoolEvents>(event: Name, listener: (...payload: WorkerPoolEvents[Name]) => void): this;
  off<Name extends keyof WorkerPoolEvents>(event: Name, listener: (...payload: WorkerPoolEvents[Name]) => void): this;
}

/** What a function of a worker's module gets beside its task. */
export interface TaskContext {
  type: string;
  /** Aborted when nobody waits for the task any more: it has one second to end. */
  signal: AbortSignal;
  /** Sends something beside the answer; the pool emits it as `message`. */
  post(value: unknown): void;
}

/** A function that a worker's module exports as the only one: it gets every task. */
export type TaskFunction = (task: Required<WorkerTask>, context: TaskContext) => unknown;
/** A function that a worker's module exports under the name of a type of task. */
export type TypedTaskFunction<Data = never> = (data: Data, context: TaskContext) => unknown;

/** A worker took more memory than `maxWorkerMemoryMB`, or than V8 gives a thread; it was ended. */
export class WorkerMemoryLimitError extends Error {
  constructor(how: { usedMB: number | null; limitMB: number | null; taskType: string | null; cause?: unknown });
  readonly code: 'ERR_PGTAP_WORKER_MEMORY';
  /** MB of its heap and what hangs on it; where V8 itself gave up, at least the limit. `null` when nobody looked. */
  readonly usedMB: number | null;
  /** `maxWorkerMemoryMB`; `null` when none was set. */
  readonly limitMB: number | null;
  /** The type of the task that ran; `null` between tasks. */
  readonly taskType: string | null;
}

/**
 * A pool of workers that run the tasks of a script.
 *
 * The script either listens to `parentPort` of `node:worker_threads` and posts one `{ success: true, result }` or
 * `{ success: false, error }` for each task, or it exports what answers: one function for every task (`TaskFunction`), or
 * functions by type of task (`TypedTaskFunction`). A script that listens is taken as one that answers by itself, whatever it
 * exports. CommonJS and ES modules, in threads and in processes.
 *
 * @param file a path, absolute or from the working directory, or a `file:` URL
 * @throws `ERR_PGTAP_WORKER_SCRIPT` when there is no such file
 */
export function createWorkerPool(file: string | URL, options?: WorkerPoolOptions): WorkerPool;
