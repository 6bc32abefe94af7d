import type { ResultLogger } from './log-result.js';
import type { OperationStats } from './memory-tracker.js';

/** A query that allocated more than its threshold, or answered with more records than were expected. */
export interface QueryReport {
  reason: 'memory' | 'records';
  /** `DB.SELECT.users`. */
  operation: string;
  /** When it began, in milliseconds since the epoch. */
  at: number;
  /** Bytes allocated on V8's heap; those of all that ran at the time when `confidence` is `shared`. */
  bytes: number;
  confidence: 'exclusive' | 'shared';
  durationMs: number;
  /** The threshold of this type of operation. */
  thresholdMB: number;
  /** Null when the answer does not tell. */
  records: number | null;
  expectedRecords: number | null;
}

/** What the queries of one name took. The figures of memory are there while `memoryTracker` knows the name. */
export interface QueryStats extends Partial<OperationStats> {
  operation: string;
  /** Records in answers that tell; null when none did. */
  records: number | null;
  /** Queries above their threshold that ran alone: these are reported. */
  exceeded: number;
  /** Queries above it that ran beside others: the memory may be theirs, so that nothing is reported. */
  sharedAbove: number;
  moreThanExpected: number;
}

export interface DatabaseMemoryOptions {
  /** SELECT, find, count, aggregate and what is not listed below: 10. */
  selectThresholdMB?: number;
  /** INSERT, UPDATE, DELETE, UPSERT, MERGE, create: 5. */
  writeThresholdMB?: number;
  /** UPLOAD: 25. */
  uploadThresholdMB?: number;
  /** BULK, COPY, createMany, updateMany, deleteMany: 50. */
  bulkThresholdMB?: number;
  /** MIGRATION, MIGRATE, ALTER: 100. */
  migrationThresholdMB?: number;
  /** Texts of reported queries that are kept, 0 to 100; they contain the literals of the query. Standard 0. */
  keepStatements?: number;
  /** Warned of each report. Standard null. */
  logger?: ResultLogger | null;
}

export interface DatabaseMemoryMonitor {
  /**
   * Runs a query as the operation `DB.<queryType>.<table>`. The value and the error are those of `fn`.
   *
   * @param queryType SELECT, INSERT, BULK ...; decides about the threshold
   * @param sql kept only as `keepStatements` allows
   * @param options `expectedRecords`: more are reported
   */
  monitorQuery<T>(queryType: string, sql: string, table: string, fn: () => T | PromiseLike<T>, options?: { expectedRecords?: number | undefined }): Promise<T>;
  /** Sets all options; those not given become the standard. */
  configure(options?: DatabaseMemoryOptions): void;
  /** @returns takes the listener off again */
  onExceeded(listener: (report: QueryReport) => unknown): () => void;
  /** Of each operation, the last used last; at most 1,000. */
  getStats(): QueryStats[];
  /** The newest first; texts of at most 500 characters. */
  readonly statements: Array<{ operation: string; at: number; sql: string }>;
  reset(): void;
}

export const dbMemoryMonitor: DatabaseMemoryMonitor;
