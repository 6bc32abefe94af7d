/** What a tracked operation took. */
export interface BlockResult {
  name: string;
  /** When it began, in milliseconds since the epoch. */
  at: number;
  durationMs: number;
  /** Bytes by which V8's heap grew; negative when it shrank. */
  heapDeltaBytes: number;
  /** Bytes by which what V8 keeps outside its heap grew, such as buffers. */
  externalDeltaBytes: number;
  /** Bytes of V8's heap that collections freed meanwhile. */
  gcFreedBytes: number;
  /** Minor and major collections meanwhile. */
  gcCount: number;
  /** Of these, those that were not measured: `gcFreedBytes` counts them with what the last ones like them freed. */
  gcEstimated: number;
  /** What was allocated on V8's heap: `heapDeltaBytes + gcFreedBytes`. */
  adjustedBytes: number;
  /** `exclusive`: no other tracked operation ran beside it; else the figures are those of all of them, `shared`. */
  confidence: 'exclusive' | 'shared';
  /** How many other operations ran beside it for some time; its own parts and what it is a part of are not counted. */
  overlapped: number;
  /** What was given with it. */
  context: object | undefined;
}

/** Knows which operations run now, and tells what each took. */
export interface Operations {
  /** How many run now. */
  readonly running: number;
  /**
   * How it is known that an operation is a part of another. `async`: whatever begins in its calls, also after an await.
   * `sync`: only what begins before its first await; anything later is taken to run beside it. The standard is `async` from
   * Node.js 24 on; before, it makes every await of the program slower (by 0.3 to 0.7 us) and must be asked for. Set it
   * before the first operation.
   */
  nesting: 'async' | 'sync';
  /**
   * Tells `listener` of each operation that ended, in the order in which they ended, within two turns of the event loop.
   *
   * @returns takes the listener off again
   */
  on(listener: (result: BlockResult) => unknown): () => void;
  /** Tells the listeners now of all that ended. Figures of collections in this turn of the loop may be estimates. */
  flush(): void;
}

export const operations: Operations;
