/** What a request that is measured took: until now while it runs, in all when it ended. */
export interface MeasuredRequestMemory {
  /** Bytes of V8's heap in use when it began. */
  readonly startBytes: number;
  /** By how many bytes it grew since; negative when a collection ran. What `onSlow` is told counts what collections freed. */
  readonly deltaBytes: number;
  /**
   * `exclusive`: no other request and no tracked operation but its own ran beside it; else the figures are those of all of
   * them, `shared`.
   */
  readonly confidence: 'exclusive' | 'shared';
  /** How many others ran beside it for some time. */
  readonly overlapped: number;
}

/** What a request that is not measured carries, by `sampleRate` or because it is `exempt`: it has no figures. */
export interface UnmeasuredRequestMemory {
  readonly startBytes: null;
  readonly deltaBytes: null;
  readonly confidence: 'unmeasured';
  readonly overlapped: null;
}

/** What a request took, or that it is not measured. */
export type RequestMemory = MeasuredRequestMemory | UnmeasuredRequestMemory;

/** A request as a handler sees it; one that no middleware saw has no `memory`. Express's own type knows of it. */
export type WithMemory<Request> = Request & { memory?: RequestMemory };

declare global {
  namespace Express {
    interface Request {
      /** What the request took; of `memoryMonitoring` of pgtap-scanner. */
      memory?: RequestMemory;
    }
  }
}
