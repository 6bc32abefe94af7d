import type { BlockResult } from './operations.js';

/** Sums of the results of one confidence. */
export interface OperationPart {
  count: number;
  /** Bytes allocated on V8's heap. */
  totalBytes: number;
  /** Bytes of the call that allocated most; null when there was none. */
  largestBytes: number | null;
  gcCount: number;
}

/** What the operations of one name took. */
export interface OperationStats {
  operation: string;
  callCount: number;
  /** Bytes that all calls allocated, if the shared ones were as the exclusive ones; null when none was exclusive. */
  totalBytes: number | null;
  /** Mean bytes of the exclusive calls; null when there was none. */
  averageBytes: number | null;
  /** Median bytes of the last 31 exclusive calls; null when there was none. */
  medianBytes: number | null;
  /** Mean bytes by which memory outside V8's heap grew in exclusive calls; null when there was none. */
  averageExternalBytes: number | null;
  /** The part of the calls that were exclusive, 0 to 1: how far the figures can be trusted. */
  coverage: number;
  exclusive: OperationPart;
  /** Whose bytes belong to all that ran at the time; never part of the figures above. */
  shared: OperationPart;
  averageMs: number;
  longestMs: number;
}

/** How many spikes there were, by severity. */
export interface SpikeCounts {
  critical: number;
  high: number;
  medium: number;
}

/** A report to display: sizes as text, such as '245.67MB'. */
export interface TrackingReport {
  /** V8's heap; `utilization` is the part of `heapTotal` that is in use, and says nothing of the limit. */
  current: { heapUsed: string; heapTotal: string; utilization: string };
  /** Sizes are null for an operation that never ran alone. */
  topMemoryConsumers: Array<{ operation: string; totalMemory: string | null; callCount: number; avgMemory: string | null }>;
  /** As given; by default `memorySpikeDetector.getCounts()`, or null when that detector is not active and has counted nothing. */
  spikes: SpikeCounts | null;
}

/** What operations took, by name. 1,000 names are kept apart; those not used for longest become `(other)`. */
export interface MemoryTracker {
  /** The `n` operations (standard 10) whose calls allocate most; at the end those that never ran alone. */
  getTopConsumers(n?: number): OperationStats[];
  /** Null for a name that is not known. */
  getStats(name: string): OperationStats | null;
  /** How many names are kept apart, and how many were folded into `(other)`. */
  readonly names: { kept: number; folded: number };
  /** Counts a result that was made elsewhere; those of `operations` count by themselves. */
  add(result: BlockResult): void;
  reset(): void;
  getReport(options?: { spikes?: SpikeCounts | null; top?: number }): TrackingReport;
}

export const memoryTracker: MemoryTracker;
