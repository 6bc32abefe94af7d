/** Options of {@link takeSnapshot}. */
export interface SnapshotOptions {
  /**
   * The folder for the file; made (0700) when it is missing. Whoever can read it can read all that the program holds
   * in memory: passwords, keys, its users' data. Default: `heap-snapshots` below the working directory
   */
  dir?: string;
  /** Why it is taken. It is answered as given; the file name carries its letters and digits, 40 at most. Default: `'manual'` */
  reason?: string;
  /** Take it although memory, disk or pause speak against it. Default: false */
  force?: boolean;
  /** Refuse when JavaScript would stop for longer than this, in milliseconds; `Infinity` is allowed. Default: 2000 */
  maxPauseMs?: number;
  /**
   * How many snapshots stay in `dir`, the new one among them; older ones are removed. Only files of our own naming
   * count, of all processes that write there. 1 to 10,000. Default: 3
   */
  keep?: number;
  /** Rejects with its reason, until V8 has begun to write; that cannot be interrupted. */
  signal?: AbortSignal;
}

/** A snapshot that was written. */
export interface SnapshotInfo {
  refused?: undefined;
  /** The path of the file. It is there as a whole, readable by this user alone (0600). */
  file: string;
  /** Its size. */
  bytes: number;
  /** From the beginning of the write to the end of the rotation. */
  durationMs: number;
  /** For how long JavaScript stood still. */
  pauseMs: number;
  /** V8's heap in use right before. */
  heapUsedBytes: number;
  /** As it was given. */
  reason: string;
  /** When it was begun. */
  at: Date;
  /** The paths of older files that were removed. */
  removed: string[];
}

/** A snapshot that was not taken. Nothing was written. */
export interface SnapshotRefused {
  refused: true;
  /**
   * `memory`: the least of what the system and the container have left is too little. `disk`: the folder's disk has too
   * little room. `pause`: it would stop JavaScript for longer than `maxPauseMs`. `busy`: another snapshot of this
   * heap is being taken (`force` does not change that).
   */
  why: 'memory' | 'disk' | 'pause' | 'busy';
  /** What it may take, for `memory` and `disk`. */
  needBytes: number | null;
  /** What there is, for `memory` and `disk`. */
  haveBytes: number | null;
  /** The pause that is expected, for `pause`. */
  pauseMs?: number;
  /** All of that in a sentence. */
  message: string;
}

/**
 * Writes a heap snapshot of this isolate, if the machine can bear it.
 *
 * V8 stops JavaScript for the whole time, some 70 ms for each MB of small objects, and takes up to 24 bytes of memory
 * for each byte of them. Snapshots are judged by these figures until one of 16 MB of small objects or more was taken, then
 * by what it took and half as much again; of memory by the most that one took, if the process's peak rose with it.
 *
 * One at a time: a call while another is in flight answers `busy`.
 *
 * Rejects with `ERR_PGTAP_INVALID_ARGUMENT`, `ERR_PGTAP_SNAPSHOT_FOLDER`, `ERR_PGTAP_SNAPSHOT_FULL`,
 * `ERR_PGTAP_SNAPSHOT_IO`, or the reason of `signal`.
 */
export function takeSnapshot(options?: SnapshotOptions): Promise<SnapshotInfo | SnapshotRefused>;
