/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { Allocator } from './sampling.js';
import type { SnapshotInfo, SnapshotOptions, SnapshotRefused } from './take.js';

/** What the schedule reads of a spike. */
export interface SpikeLike {
  severity: string;
}

/** Where spikes are told: an object with onSpike() that answers how to leave, or an emitter of `spike`. */
export type SpikeSource =
  | { onSpike(callback: (spike: SpikeLike) => void): () => void }
  | Pick<EventEmitter, 'on' | 'off'>;

/** Options of {@link scheduleSnapshots}. */
export interface SnapshotScheduleOptions {
  /** The folder for snapshots and summaries; see {@link SnapshotOptions.dir}. Default: `heap-snapshots` below the working directory */
  dir?: string;
  /** Critical spikes trigger too, but not within five minutes of the end of a save. */
  spikes?: SpikeSource;
  /** Default: whether `NODE_ENV` is `production` */
  production?: boolean;
  /** At least 1,000. Default: 30 minutes in production, 10 minutes elsewhere */
  intervalMs?: number;
  /** How each snapshot is taken. */
  take?: Pick<SnapshotOptions, 'force' | 'maxPauseMs' | 'keep'>;
}

/** The sampling profile that was saved instead of a snapshot. */
export interface AllocationSummary {
  /** A JSON file; the newest 48 stay. */
  file: string;
  at: Date;
  reason: string;
  /** Why there is no snapshot. */
  why: 'disabled' | SnapshotRefused['why'];
  /** The 30 functions that hold most. */
  allocators: Allocator[];
  /** The paths of older files that were removed. */
  removed: string[];
}

/**
 * A schedule that runs. `failure` without a listener is a process warning with the error's code.
 * What a listener throws goes no further; it is reported once for each, as a warning with the code `PGTAP_MEMORY_LISTENER`.
 */
export interface SnapshotSchedule extends EventEmitter {
  readonly intervalMs: number;
  /** Whether it takes heap snapshots, or summaries only. */
  readonly snapshots: boolean;
  on(event: 'snapshot', listener: (info: SnapshotInfo) => void): this;
  on(event: 'refused', listener: (refusal: SnapshotRefused) => void): this;
  on(event: 'summary', listener: (summary: AllocationSummary) => void): this;
  on(event: 'failure', listener: (error: Error & { code?: string }) => void): this;
  /** Ends it; a snapshot that is being taken is finished. A second call does nothing. */
  stop(): void;
  [Symbol.dispose](): void;
}

/**
 * Takes a snapshot at an interval and on critical spikes. In production only with `MEMORY_ENABLE_SNAPSHOTS=true` in the
 * environment; elsewhere unless the variable says otherwise. Where snapshots are off or refused, the same triggers save
 * a summary of the sampling profile. It does not keep the process alive.
 */
export function scheduleSnapshots(options: SnapshotScheduleOptions): SnapshotSchedule;
