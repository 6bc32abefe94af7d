/** What `configure()` takes. What is left out stays as it is. */
export interface SpikeOptions {
  /** From how many MB on a rise is a spike. Default 25. */
  mediumThresholdMB?: number;
  /** From how many MB on its severity is `high`. Default 50, and not below `mediumThresholdMB`. */
  highThresholdMB?: number;
  /** From how many MB on its severity is `critical`. Default 100, and not below `highThresholdMB`. */
  criticalThresholdMB?: number;
  /** The spike with this number in a row, and those after it, are `consecutive`. A whole number; default 3. */
  consecutiveSpikesLimit?: number;
  /** Takes a heap snapshot at each critical spike. Default false; needs a detector that was made with `takeSnapshot`. */
  enableHeapSnapshots?: boolean;
}

/** How large a spike is, by the thresholds. */
export type SpikeSeverity = 'medium' | 'high' | 'critical';

/** A sudden rise of memory. */
export interface Spike {
  readonly severity: SpikeSeverity;
  /** The whole rise, in bytes. */
  readonly memoryIncrease: number;
  /** The tracked operation that allocated it; `null` for a rise of the process. */
  readonly operation: string | null;
  /** When memory was highest; for an operation, when it ended. */
  readonly timestamp: Date;
  /** As many in a row as `consecutiveSpikesLimit`, or more. In a row are spikes with no more than a minute between. */
  readonly consecutive: boolean;
  /** Which one in a row it is, from 1. Spikes of operations have a row of their own. */
  readonly inRow: number;
  /** Resident memory before the rise, in bytes; `null` for an operation. */
  readonly baseBytes: number | null;
  /** How long it rose; `null` for an operation. */
  readonly durationMs: number | null;
}

/** What `feedSample()` reads of a sample. */
export interface SpikeSample {
  /** Milliseconds since the epoch. */
  at: number;
  /** Resident memory of the process in bytes; `null` where the system does not tell, and then nothing is found. */
  rssBytes: number | null;
  /** The highest since the sample before, in bytes. */
  peakRssBytes?: number | null;
}

/** What `feedOperation()` takes. */
export interface SpikeOperation {
  /** Its name. */
  operation: string;
  /** What it allocated, in bytes. */
  bytes: number;
  /** When it ended, in milliseconds since the epoch. Default: now. */
  at?: number;
}

/**
 * Finds sudden rises of memory, in samples of the process and in tracked operations.
 *
 * A rise is measured from the lowest sample of the last five to ten seconds. It is one spike, however many samples it
 * takes, and is told when it ends: when half of it was given back, when memory stood still for a second, or after ten
 * seconds.
 */
export class MemorySpikeDetector {
  /**
   * `takeSnapshot` is called with each critical spike while `enableHeapSnapshots` is true. `feed` is called when somebody
   * listens or configures it, and answers with what ends the feeding.
   */
  constructor(options?: {
    takeSnapshot?: ((spike: Spike) => unknown) | null;
    feed?: ((detector: MemorySpikeDetector) => () => void) | null;
  });
  /**
   * Sets options and begins counting rows anew; spikes that were found stay.
   * @throws TypeError or RangeError with code `ERR_PGTAP_INVALID_ARGUMENT` for a wrong option, an unknown one, or
   * thresholds out of order. Nothing is set then.
   */
  configure(options?: SpikeOptions): void;
  /** All options as they are. */
  readonly options: Readonly<Required<SpikeOptions>>;
  /**
   * Calls `callback` with each spike from now on; the answer unsubscribes it. What a callback throws, or rejects with,
   * is reported once for each callback, as a process warning with the code `PGTAP_MEMORY_LISTENER`.
   */
  onSpike(callback: (spike: Spike) => unknown): () => void;
  /** The last 100 spikes, oldest first. */
  getSpikes(): Spike[];
  /** Whether it is fed by the engine and by operations: while somebody listens, and from `configure()` to `reset()`. */
  readonly active: boolean;
  /** How many spikes there were, by severity, since the start or the last `reset()`. */
  getCounts(): Record<SpikeSeverity, number>;
  /** Forgets all spikes and samples; options and callbacks stay. */
  reset(): void;
  /** Takes a sample, in order of time; the spike that it ends, or `null`. */
  feedSample(sample: SpikeSample): Spike | null;
  /** Takes an operation that ended; the spike if it is one, or `null`. */
  feedOperation(done: SpikeOperation): Spike | null;
}

/** The detector of this environment. */
export const memorySpikeDetector: MemorySpikeDetector;
