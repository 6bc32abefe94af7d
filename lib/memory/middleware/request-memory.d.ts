/** What a request took: until now while it runs, in all when it ended. */
export interface RequestMemory {
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

/** A request that may be measured: not all are, by `sampleRate` and `exempt`. Express's own type knows of it. */
export type WithMemory<Request> = Request & { memory?: RequestMemory };

declare global {
  namespace Express {
    interface Request {
      /** What the request took; of `monitorRequestMemory` of pgtap-scanner. */
      memory?: RequestMemory;
    }
  }
}
