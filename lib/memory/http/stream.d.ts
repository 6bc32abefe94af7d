import type { GcKind, GcTotals } from '../gc-statistics.js';
import type { MemoryAction } from '../manager/service.js';
import type { OperationStats } from '../memory-tracker.js';
import type { BlockResult } from '../operations.js';
import type { MemoryLevel, MemorySample } from '../sample.js';
import type { SpikeSeverity } from '../spike-detector.js';
import type { LeakReport } from '../verdicts.js';

/** A sample, and the level by the thresholds of the manager. */
export interface StreamedSample extends MemorySample {
  level: MemoryLevel;
}

/** A collection. */
export interface StreamedCollection {
  /** Milliseconds since the epoch. */
  at: number;
  kind: GcKind;
  /** For how long the program stood still, in milliseconds. */
  pauseMs: number;
  /** Bytes of V8's heap; `null` when it was not measured. */
  freedBytes: number | null;
}

/** A spike, as JSON has it. */
export interface StreamedSpike {
  severity: SpikeSeverity;
  /** The rise, in bytes. */
  memoryIncrease: number;
  /** The operation that allocated it; `null` for a rise of the process. */
  operation: string | null;
  /** ISO 8601. */
  timestamp: string;
  consecutive: boolean;
  inRow: number;
  /** Bytes of resident memory before; `null` for an operation. */
  baseBytes: number | null;
  /** Milliseconds; `null` for an operation. */
  durationMs: number | null;
}

/** An operation that ended; without its context. */
export type StreamedOperation = Pick<BlockResult,
  'name' | 'at' | 'durationMs' | 'adjustedBytes' | 'externalDeltaBytes' | 'gcCount' | 'confidence' | 'overlapped'>;

/** Which operations there are. */
export interface StreamedOperations {
  /** How many run now. */
  running: number;
  /** How many names are kept apart, and how many were folded. */
  names: { kept: number; folded: number };
  /** The last 20 that ended while there was a stream, the last one at the end. */
  last: StreamedOperation[];
}

/** What a stream begins with, and goes on with after its client has fallen behind. */
export interface StreamStart {
  process: { pid: number; node: string; platform: string; upMs: number };
  /** Where levels begin, in percent. */
  thresholds: { warning: number; critical: number; emergency: number };
  /** Memory now. */
  sample: StreamedSample;
  /**
   * Samples of three hours, oldest first, each a row of what `fields` names; not more than 1,920. For a client that has
   * fallen behind they begin a minute before it did: they take the place of what it has from then on.
   */
  history: {
    fields: Array<'at' | 'heapUsedBytes' | 'externalBytes' | 'rssBytes' | 'heapLimitBytes' | 'effectiveLimitBytes' | 'percent'>;
    rows: Array<Array<number | null>>;
  };
  /** All collections that were counted. */
  totals: GcTotals;
  /** The last 100. */
  spikes: StreamedSpike[];
  leak: LeakReport;
  consumers: OperationStats[];
  operations: StreamedOperations;
}

/** The events of `GET stream` by name, and the JSON of their data. */
export interface MemoryStreamEvents {
  /** First, and when something was left out because the client did not read. */
  start: StreamStart;
  /** At most one a second. */
  sample: StreamedSample;
  level: { from: MemoryLevel; to: MemoryLevel; at: number; percent: number };
  /** Collections since the last such event, at most one event a second: the last 20, and how many more there were. */
  gc: { records: StreamedCollection[]; left: number; totals: GcTotals };
  spike: StreamedSpike;
  /** When the report is another one. */
  leak: LeakReport;
  /** What a cleanup came to, without the text of an error. */
  cleanup: MemoryAction;
  /** A heap snapshot: `file` is a name without its folder, `at` is ISO 8601. Or that one failed, with the code of its error. */
  snapshot:
    | { file: string; at: string; reason: string; bytes: number; pauseMs: number; failed?: undefined }
    | { failed: true; code: string | null };
  /** Every five seconds: the ten operations whose calls allocate most. */
  consumers: OperationStats[];
  /** Every five seconds. */
  operations: StreamedOperations;
}
