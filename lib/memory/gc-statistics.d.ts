/** What a collection was: of young objects, of all, a step of marking, callbacks for collected objects, or unknown to us. */
export type GcKind = 'minor' | 'major' | 'incremental' | 'weak' | 'other';

/** One collection. */
export interface GcRecord {
  /** When it began, in milliseconds since the epoch, with fractions. */
  at: number;
  kind: GcKind;
  /** How long it stopped the program, in milliseconds. */
  pauseMs: number;
  /** Bytes of V8's heap in use before; null when this collection was not measured. */
  heapBeforeBytes: number | null;
  /** Bytes of V8's heap in use after; null when this collection was not measured. */
  heapAfterBytes: number | null;
  /** What it freed of V8's heap, in bytes; null when this collection was not measured. */
  freedBytes: number | null;
}

/** Sums over all collections since the statistics of this environment were first opened, while they were open. */
export interface GcTotals {
  /** All collections. */
  collections: number;
  minor: number;
  major: number;
  incremental: number;
  weak: number;
  other: number;
  /** Minor and major collections whose bytes are known. */
  measured: number;
  /** Milliseconds that the program stood still. */
  pauseMs: number;
  /** Milliseconds; null when there was no collection. */
  averagePauseMs: number | null;
  /** Milliseconds; null when there was no collection. */
  longestPauseMs: number | null;
  /** Bytes that the measured collections freed of V8's heap. */
  freedBytes: number;
  /** The part of the heap that measured major collections freed, 0 to 1; null when there was none. */
  efficiency: number | null;
}

/** A user's hold on the statistics of this environment's collections. */
export interface GcStatistics {
  /** Sums until now. */
  totals(): GcTotals;
  /** Tells listeners now what would be told within five seconds. Cheap; does nothing when it was called too often. */
  rotate(): void;
  /** Ends this use. When nobody uses them, nothing is observed. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Begins to observe the collections of this environment. All users share one observer and one profiler.
 *
 * @param listener told of each collection once, in order, within five seconds
 * @throws TypeError `ERR_PGTAP_INVALID_ARGUMENT`: `listener` is no function
 */
export function openGcStatistics(listener?: (record: GcRecord) => unknown): GcStatistics;
