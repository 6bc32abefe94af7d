/** Options of {@link expectNoLeak}. */
export interface NoLeakOptions {
  /** How often the function is called and measured; at least 4. Default: 6 */
  cycles?: number;
  /** Calls before that, which fill caches and compile code. Default: 2 */
  warmup?: number;
  /** What all cycles together may add, in MB (1,048,576 bytes). Default: 1 */
  maxGrowthMB?: number;
  /** Classes of which no more instances may be alive from cycle to cycle; instances of subclasses count as theirs. */
  classes?: Function[];
}

/** What was alive. */
export interface NoLeakResult {
  cycles: number;
  /** Twice the smaller growth of both halves of the series: growth that goes on. */
  growthBytes: number;
  /** Heap and Buffers after full collections: before the first cycle, and after each. */
  floorsBytes: number[];
  /** Instances of each class at the same moments; `growth` as for bytes. */
  classes: { name: string; counts: number[]; growth: number }[];
}

/**
 * Fails when a function leaves more behind each time it is called.
 *
 * What is alive is measured after full collections. A leak grows in both halves of the cycles; a cache that fills once
 * grows in one, and passes.
 *
 * @param fn may be async
 * @returns what was alive. Rejects with `ERR_PGTAP_LEAK` (`error.result` is a {@link NoLeakResult}; the message has the
 *   growth per cycle and the classes), `ERR_PGTAP_GC_UNAVAILABLE`, `ERR_PGTAP_INVALID_ARGUMENT`, or what the function throws
 */
export function expectNoLeak(fn: () => unknown, options?: NoLeakOptions): Promise<NoLeakResult>;
