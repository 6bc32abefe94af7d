/** How full memory is, by the thresholds of whoever asks. */
export type MemoryLevel = 'healthy' | 'warning' | 'critical' | 'emergency';

/**
 * What percentages are taken of: the limit that is nearest (`effective`), V8's heap limit alone, or what V8 committed so
 * far (`heapTotal`), which says nothing about how much is left and is there for programs that display it.
 */
export type MemoryBasis = 'effective' | 'heapLimit' | 'heapTotal';

/** A control group with a limit, in bytes. */
export interface ContainerMemory {
  limitBytes: number;
  /** What counts against the limit, without the inactive part of the page cache. */
  usedBytes: number;
}

/** Pressure stall information of Linux: percent of the last 10 and 60 seconds in which tasks waited for memory. */
export interface MemoryPressure {
  /** At least one task waited. */
  someAvg10: number;
  someAvg60: number;
  /** All tasks waited. */
  fullAvg10: number;
  fullAvg60: number;
  /** Microseconds since the system started in which at least one task waited. */
  someTotalUs: number;
  /** Microseconds since the system started in which all tasks waited. */
  fullTotalUs: number;
}

/** Memory at one moment. `null` is what this system does not tell, or what V8 could not be asked for. */
export interface MemorySample {
  /** Milliseconds since the epoch; never less than in the sample before. */
  at: number;
  /** Taken by the native thread while JavaScript did not answer for 250 ms or more: V8's seven figures are `null`. */
  blocked: boolean;
  /**
   * Memory of the whole process in RAM, on Linux, macOS and Windows (there the working set). All else that the system
   * tells is `null` on systems other than Linux.
   */
  rssBytes: number | null;
  /** The highest `rssBytes` since the sample before. */
  peakRssBytes: number | null;
  /** V8's heap of this environment (the main thread or a worker): in use, committed, and what it may grow to. */
  heapUsedBytes: number | null;
  heapTotalBytes: number | null;
  heapLimitBytes: number | null;
  /**
   * The old generation of the heap: V8 gives up when it is full, however much of the young generation's part of
   * `heapLimitBytes` is free (48 MB of it on Node 20 and 22, 192 on 24, 96 on 26). The limit is what
   * `--max-old-space-size` says.
   */
  oldUsedBytes: number | null;
  oldLimitBytes: number | null;
  /** Memory outside V8's heap that objects on it hold, ArrayBuffers among it. */
  externalBytes: number | null;
  arrayBuffersBytes: number | null;
  /** Of all control groups that hold the process, the one that leaves the least; `null` when none has a limit. */
  container: ContainerMemory | null;
  /** What the machine has for new work. */
  availableBytes: number | null;
  pressure: MemoryPressure | null;
  /** How full memory is: percent of `limitBytes`. */
  percent: number | null;
  /** Whose limit that is; the nearest one with basis `effective`. */
  of: 'heap' | 'oldGeneration' | 'container' | 'configured' | 'heapTotal' | null;
  limitBytes: number | null;
  /** The smallest of V8's heap limit, the container's and the configured one. */
  effectiveLimitBytes: number | null;
}

/** JavaScript did not run for 250 ms or more; told when it runs again. The samples of that time came before. */
export interface MemoryBlockedEvent {
  /** Milliseconds since the epoch. */
  at: number;
  /** When JavaScript was asked and did not answer; milliseconds since the epoch. */
  sinceMs: number;
  durationMs: number;
  /** Samples that were taken meanwhile. */
  samples: number;
  /** The highest resident memory meanwhile. */
  peakRssBytes: number | null;
}
