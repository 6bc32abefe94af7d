/// <reference types="node" />
import type { TaskContext } from './workers/index.js';

/**
 * The tasks of a build, for `createWorkerPool(require.resolve('pgtap-scanner/memory/build-worker'))`. The project is the one in
 * the working directory. A workspace is named by its path there, or by its name in `workspaces` of package.json
 * (patterns `packages/core` and `packages/*`; the package's name with or without its scope, or that of its folder); what is
 * outside, or behind a link that leads outside, is refused with `ERR_PGTAP_BUILD_WORKSPACE`.
 *
 * Programs run without a shell, and are ended, with all that they started, when the task is cancelled.
 */

/** What came of a program that succeeded. */
export interface BuildResult {
  success: true;
  exitCode: 0;
  /** It was not ended by a signal. */
  signal: null;
  durationMs: number;
  /** The last 65536 characters of what it printed. */
  output: string;
  /**
   * The highest resident memory of the program and all that it started, added up ten times a second; pages that several share
   * are counted for each. `null` on systems other than Linux, and of what ended before it was looked at.
   */
  peakRssBytes: number | null;
}

/** What was removed. */
export interface CleanResult {
  success: true;
  /** Names in the folder of the workspace. */
  removed: string[];
  durationMs: number;
}

/** Runs the script `build` of a workspace. Rejects with `ERR_PGTAP_BUILD_TASK` when it fails, `ERR_PGTAP_BUILD_SCRIPT` when there is none. */
export function buildPackage(data: { workspace: string }, context: Pick<TaskContext, 'signal'>): Promise<BuildResult>;
/** Runs the script `typecheck` of a workspace, else the `tsc --noEmit` that it has installed. Rejects as `buildPackage`. */
export function typecheck(data: { workspace?: string }, context: Pick<TaskContext, 'signal'>): Promise<BuildResult>;
/** Runs the script `test` of a workspace, with a path in it as argument. Rejects as `buildPackage`. */
export function test(data: { workspace: string; testPath?: string }, context: Pick<TaskContext, 'signal'>): Promise<BuildResult>;
/** Runs the script `lint` of the project; with `fix` its script `lint:fix`, else `lint` with `--fix`. Rejects as `buildPackage`. */
export function lint(data: { fix?: boolean }, context: Pick<TaskContext, 'signal'>): Promise<BuildResult>;
/** Removes the folders `dist` and `build` and the files `*.tsbuildinfo` of a workspace. A link is removed, what it leads to stays. */
export function clean(data: { workspace: string }, context: Pick<TaskContext, 'signal'>): Promise<CleanResult>;
