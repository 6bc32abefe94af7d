import type { SnapshotAmount, SnapshotObject, SnapshotProgress } from './analyze.js';

export interface DiffSnapshotsOptions {
  /**
   * By what classes are ordered: `class`, the growth of the bytes of their objects alone (the default, and faster), or
   * `retained`, the growth of the bytes that they retain.
   */
  by?: 'class' | 'retained';
  /** How many classes are listed; 1 to 10000. Default 20. */
  topN?: number;
  /** Ends the comparison; the promise rejects with its reason. */
  signal?: AbortSignal;
  /** Told of progress, about twenty times a second. What it throws becomes a warning (`PGTAP_MEMORY_LISTENER`). */
  onProgress?: (progress: SnapshotProgress) => void;
}

/** A class in one of the snapshots, or the difference between them (second less first). */
export interface SnapshotClassTotals {
  count: number;
  /** Bytes of the objects alone. */
  shallowBytes: number;
  /** Bytes that would be freed with them; `null` unless `by` is `retained`. */
  retainedBytes: number | null;
}

/** A class that differs. */
export interface SnapshotClassDiff {
  name: string;
  before: SnapshotClassTotals;
  after: SnapshotClassTotals;
  /** `after` less `before`; negative when the class shrank. */
  grown: SnapshotClassTotals;
  /** Objects of the second snapshot alone. */
  new: SnapshotAmount;
  /** Objects of the first alone. */
  gone: SnapshotAmount;
  /**
   * The object of the class that grew most, with what holds it; a new one grew by all that it has. `null` when the
   * second snapshot has none of the class.
   */
  example: SnapshotObject | null;
}

/** What grew between two snapshots. */
export interface SnapshotDiff {
  /** Full paths of the two files. */
  files: [string, string];
  by: 'class' | 'retained';
  /** All objects of the first snapshot. */
  before: SnapshotAmount;
  /** All objects of the second. */
  after: SnapshotAmount;
  /** Objects of the second alone. */
  new: SnapshotAmount;
  /** Objects of the first alone. */
  gone: SnapshotAmount;
  /** Objects of both, with their bytes in the second. */
  kept: SnapshotAmount;
  /** How many classes differ. */
  classCount: number;
  /** Those that grew most, most first. */
  classes: SnapshotClassDiff[];
}

/**
 * Compares two snapshots of one process. V8 gives an object an id that it keeps while it lives: objects with the same
 * id and class are the same one. Ids of different processes mean nothing to each other; then only counts and sizes
 * tell something.
 *
 * Rejects as `analyzeSnapshot` does.
 */
export function diffSnapshots(before: string, after: string, options?: DiffSnapshotsOptions): Promise<SnapshotDiff>;
