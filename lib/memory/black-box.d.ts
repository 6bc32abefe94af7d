/** How a run ended. */
export type RunEnd =
  /** It goes on: its process still holds the file. */
  | 'running'
  /** The program closed the black box, or ended by itself. {@link Story.exitCode} tells whether it failed. */
  | 'clean'
  /** The kernel killed it for want of memory. */
  | 'oom-kill'
  /** V8 gave up at its heap limit. */
  | 'heap-out-of-memory'
  /** A signal or a crash, and nothing speaks of memory. */
  | 'killed'
  /** The machine was started anew meanwhile, or it was another one, and nothing speaks of memory. */
  | 'reboot';

/** A sample of a black box. `null` is what was not told. */
export interface RecordedSample {
  /** Milliseconds since the epoch. */
  at: number;
  /** Taken while the JavaScript thread did not answer; then V8's five figures are `null`. */
  blocked: boolean;
  level: 'healthy' | 'warning' | 'critical' | 'emergency';
  rssBytes: number | null;
  /** The highest resident memory since the sample before. */
  peakRssBytes: number | null;
  heapUsedBytes: number | null;
  heapTotalBytes: number | null;
  heapLimitBytes: number | null;
  externalBytes: number | null;
  arrayBuffersBytes: number | null;
  container: { limitBytes: number; usedBytes: number } | null;
  /** What the machine had for new work. */
  availableBytes: number | null;
  /** Percent of the last 10 and 60 seconds in which some or all tasks waited for memory. */
  pressure: { someAvg10: number; someAvg60: number; fullAvg10: number; fullAvg60: number } | null;
}

/** What a black box tells of a run. */
export interface Story {
  /** The file's full path. */
  file: string;
  ended: RunEnd;
  /** What `ended` was concluded from, in one sentence. */
  why: string;
  /** `'exit'`, or what `close` was given; `null` when it was not closed. */
  reason: string | null;
  /** The process's exit code; `null` unless `reason` is `'exit'`. An uncaught exception has 1. */
  exitCode: number | null;
  /** Milliseconds since the epoch; `null` when it was not closed. */
  closedAt: number | null;
  pid: number;
  /** The program's file name, without its folder and arguments. */
  name: string;
  nodeVersion: string;
  /** When the file was made, in milliseconds since the epoch. */
  createdAt: number;
  /** How far samples lie apart at least. */
  intervalMs: number;
  /** Minutes between the first sample and the last. */
  minutes: number;
  /** The highest resident memory; `null` when it was not told. */
  peakRssBytes: number | null;
  /** Levels in the order they were entered. */
  levels: RecordedSample['level'][];
  /** Samples that were not read: half written when the process ended, or damaged since. */
  tornSamples: number;
  /** `null` when there is none. */
  lastSample: RecordedSample | null;
  /** In the order they were taken. */
  samples: RecordedSample[];
}

export interface BlackBoxOptions {
  /** The folder of the files; made (for the owner alone) where it is missing. On a local disk. */
  dir: string;
  /** How far back samples are kept: 1 to 30 minutes. Default 10. */
  minutes?: number;
  /** How many files of runs that are over are kept: 0 to 1000. Default 3. */
  keep?: number;
}

/** An open black box. */
export interface BlackBox {
  /** The file's full path. */
  readonly file: string;
  /** How the last run of the folder ended; `null` when there was none. */
  readonly previous: Story | null;
  /**
   * Ends the recording and marks it as ended by the program. A second time does nothing. Without it that happens when
   * the process ends by itself (its `'exit'` event).
   * @param reason 1 to 64 bytes; default `'closed'`
   * @throws `ERR_PGTAP_BLACK_BOX_IO` when the mark cannot be written
   */
  close(reason?: string): void;
  [Symbol.dispose](): void;
}

/**
 * Begins to keep the last minutes of memory samples in a file that outlives the process, also when it is killed.
 *
 * First it reads how the last run with the same folder ended (`previous`), and removes the files of older runs. A last run
 * whose file cannot be read, or a file that cannot be removed, is a process warning with the error's code.
 *
 * @throws `ERR_PGTAP_INVALID_OPTION`, `ERR_PGTAP_INVALID_ARGUMENT`: an option is of a wrong type or out of range
 * @throws `ERR_PGTAP_BLACK_BOX_FOLDER`: no file can be made or locked there
 * @throws `ERR_PGTAP_BLACK_BOX_FULL`: the disk has no room for the whole file
 * @throws `ERR_PGTAP_BLACK_BOX_UNSUPPORTED`: on Windows
 */
export function openBlackBox(options: BlackBoxOptions): BlackBox;

/**
 * What a black box tells. The file may be one of a run that goes on.
 * @throws `ERR_PGTAP_BLACK_BOX_FOREIGN`, `ERR_PGTAP_BLACK_BOX_NEWER`, `ERR_PGTAP_BLACK_BOX_DAMAGED`,
 *   `ERR_PGTAP_BLACK_BOX_IO`
 */
export function readBlackBox(file: string): Story;
