/** Counts of the things of one kind. */
export interface ResourceCounts {
  /** Neither released nor collected. */
  live: number;
  tracked: number;
  released: number;
  /** Collected by V8 without having been released: of a file or a socket, this is a leak. */
  collected: number;
  /** Live ones by the place that called `track`, where `stack` was set. */
  sites: Record<string, number>;
}

export interface ResourceSnapshot {
  /** Milliseconds since the epoch. */
  at: number;
  kinds: Record<string, ResourceCounts>;
}

export interface ResourceDiff {
  elapsedMs: number;
  /** What changed from one snapshot to the other; `sites` has only those that changed. */
  kinds: Record<string, ResourceCounts>;
}

/** Counts things that must be let go, and keeps none of them alive. 100 kinds, and 100 places of each, are kept apart. */
export interface ResourceTracker {
  /**
   * Counts `object` until it is released or collected. One that is counted already is not counted again.
   *
   * @param kind 1 to 100 characters
   * @param options `stack`: count by the place that calls, too (about 10 us)
   * @returns the object
   */
  track<T extends object>(kind: string, object: T, options?: { stack?: boolean }): T;
  /** Whether it was counted. */
  release(object: object): boolean;
  snapshot(): ResourceSnapshot;
  diff(a: ResourceSnapshot, b: ResourceSnapshot): ResourceDiff;
}

export const ResourceTracker: ResourceTracker;
