import type { MemoryLogger } from '../monitor.js';

export * from './esbuild-plugin.js';

/** A command of a build. */
export interface BuildStep {
  /** What it is called in the log and in the result. */
  name: string;
  /** The program; a command line with `shell`. */
  command: string;
  /** Its arguments. @defaultValue `[]` */
  args?: string[];
  /** The folder that it runs in. @defaultValue the working folder */
  cwd?: string;
  /** Variables beside those of this process. `NODE_OPTIONS` is kept, with the heap limit of the build in it. @defaultValue `{}` */
  env?: Record<string, string>;
  /** Run it by the system's shell. On Windows, batch files such as `npm` need it. @defaultValue `false` */
  shell?: boolean;
}

/** The options of {@link runManagedBuild}. `undefined` stands for the default; a wrong type or range rejects. */
export interface ManagedBuildOptions {
  /** At least one. A string is a command line for the system's shell, and its own name. */
  steps: (BuildStep | string)[];
  /**
   * The heap limit of each Node.js process of a step, in whole MB (`--max-old-space-size`). A limit above three quarters of
   * the memory of the container or machine, divided by the steps that run at once, is lowered to that, with a warning.
   * @defaultValue `8192`
   */
  heapMB?: number;
  /** One step at a time. @defaultValue `true` */
  sequential?: boolean;
  /** With `sequential: false`: so many steps at once, 1 to 1024. `null` for as many as there are cores. @defaultValue `null` */
  concurrency?: number | null;
  /** The build is refused when less memory is available, in MB; 0 for never. @defaultValue `256` */
  requiredMB?: number;
  /** Milliseconds between two lines about memory, an integer from 10. Memory is sampled four times a second all the same. @defaultValue `30000` */
  intervalMs?: number;
  /**
   * The main threads of Node.js processes of the steps collect garbage while their heap is above 90 % of its limit, at most
   * every 30 seconds and where that is wise (see `startMemoryMonitor`). Such a process loads a small module before its
   * program, and has `--expose-gc`. One that is busy without a pause cannot: V8 collects by itself there. @defaultValue `true`
   */
  autoGC?: boolean;
  /** Log one JSON document a line. What the steps print to stdout then goes to stderr. @defaultValue `false` */
  json?: boolean;
  /** Where the build logs. @defaultValue `console` */
  logger?: MemoryLogger;
  /** Ends the processes of the steps when it is aborted; the promise then rejects with its reason. @defaultValue `null` */
  signal?: AbortSignal | null;
}

/**
 * Why a step ended:
 * - `'completed'`: with code 0;
 * - `'heap-limit'`: V8 gave up at the heap limit, and said so;
 * - `'container-limit'`: the kernel killed a process of the control group, whose limit was met;
 * - `'machine-memory'`: the kernel killed a process of the control group for want of memory elsewhere;
 * - `'killed'`: SIGKILL, and not by the kernel for want of memory;
 * - `'killed-unknown'`: SIGKILL, and this system does not count what the kernel kills;
 * - `'aborted'`: SIGABRT, and V8 said nothing of its heap;
 * - `'signal'`: another signal;
 * - `'node-options'`: its Node.js refuses an option of NODE_OPTIONS;
 * - `'not-started'`: there is no such program or folder, or it may not be run;
 * - `'failed'`: any other code;
 * - `'skipped'`: it did not run, because another step failed.
 */
export type BuildStepReason = 'completed' | 'heap-limit' | 'container-limit' | 'machine-memory' | 'killed' | 'killed-unknown'
  | 'aborted' | 'signal' | 'node-options' | 'not-started' | 'failed' | 'skipped';

/** What became of a step. */
export interface BuildStepResult {
  name: string;
  command: string;
  reason: BuildStepReason;
  /** Its code; what a shell answers for one that was ended by a signal (128 and its number) or not found (127). `null` when skipped. */
  exitCode: number | null;
  /** The signal that ended it. */
  signal: NodeJS.Signals | null;
  durationMs: number;
  /**
   * The most that its processes took in RAM, of samples 250 ms apart; `null` where the system does not tell (no Linux), or for
   * a step that ended before the first. Pages that several processes share count for each.
   */
  peakRssBytes: number | null;
  /** The same, without pages of files and shared memory: a lower bound. */
  peakAnonymousBytes: number | null;
  /** The most processes that it had. */
  peakProcesses: number | null;
  /** Processes that it started and that ran on when it had ended, as `name (pid)`. They were ended. */
  leftProcesses: string[];
  /** Why it did not complete, what to do, and the memory then; `null` for one that completed or was skipped. */
  explanation: string | null;
}

/** What became of a build. */
export interface ManagedBuildResult {
  /** All steps completed. */
  success: boolean;
  /** That of the first step of the list that failed; 0 when none did. */
  exitCode: number;
  /** The heap limit that held, in MB. */
  heapMB: number;
  /** What was found before the first step: a limit that was lowered, memory that is missing, a flag that was replaced. */
  warnings: string[];
  durationMs: number;
  /** In the order in which the steps were given. */
  steps: BuildStepResult[];
}

/**
 * Runs the steps of a build, each in a session of its own with `NODE_OPTIONS` that limit the heap of its Node.js processes, and
 * logs memory before, during and after each. After a step that fails no other is started; that is a result and no error.
 * Whatever a step leaves running in its session is ended with it.
 *
 * A program that has no listener of SIGINT, SIGTERM or SIGHUP and gets one of them ends with its steps, and by that signal; a
 * second one does not wait for them to end by themselves.
 *
 * What the steps print goes to this process's stdout and stderr; their stdin is empty.
 * @throws `ERR_PGTAP_BUILD_MEMORY` when less than `requiredMB` are available
 * @throws `ERR_PGTAP_INVALID_OPTION`
 */
export function runManagedBuild(options: ManagedBuildOptions): Promise<ManagedBuildResult>;

/**
 * The steps that run a script of each npm workspace that has it, those first that others depend on; npm itself says which
 * workspaces there are.
 * @param options `folder` of the root package.json, default the working folder; `script`, default `'build'`
 * @throws `ERR_PGTAP_WORKSPACES` when npm cannot tell them, none has the script, or they depend on each other in a circle
 */
export function workspaceSteps(options?: { folder?: string; script?: string }): Promise<BuildStep[]>;
