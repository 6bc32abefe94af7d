/** What `testMemoryBudget` checks. */
export interface MemoryBudgetOptions<Input = unknown> {
  /** The most MB that one call may hold at once, and that all calls together may keep. Above 0. */
  maxMemoryMB: number;
  /** Calls that are measured. An integer from 1 to 1,000,000. @defaultValue `100` */
  iterations?: number;
  /** Calls before, for what is made once: caches, compiled code. An integer from 0. @defaultValue `3` */
  warmup?: number;
  /** What the function is called with. */
  input?: Input;
}

/** What was measured, in MB of V8's heap and of what hangs on it (Buffers). */
export interface MemoryBudgetResult {
  name: string;
  iterations: number;
  /** What the budget is for: the larger of the next two. */
  usedMB: number;
  /** The most that a call held at once. */
  peakMB: number;
  /** What all calls together left behind, after a full collection. */
  keptMB: number;
  /** The same for each call, in bytes. */
  keptBytesPerCall: number;
}

/**
 * Calls a function again and again and rejects when it takes more memory than it may, with `ERR_PGTAP_MEMORY_BUDGET` and
 * the figures of {@link MemoryBudgetResult} and `maxMemoryMB` on the error.
 *
 * Before each call garbage is collected. What a call holds is what is in use after each collection that V8 runs meanwhile,
 * and when the call is over while its result is still held; small objects that live between two collections only (up to
 * the size of the young generation, 16 MB by default in most versions) do not count. So garbage is not charged, and a
 * function may seem to hold less than it does, never more. A promise is awaited; nothing else should run meanwhile, for
 * its memory would count.
 *
 * @param name what is tested; without `fn` a function that `registerBudgetTarget()` made known by this name
 * @throws TypeError or RangeError (as a rejection) `ERR_PGTAP_INVALID_OPTION`, `ERR_PGTAP_INVALID_ARGUMENT`; an unknown name
 */
export function testMemoryBudget<Input>(
  name: string,
  options: MemoryBudgetOptions<Input>,
  fn?: (input: Input) => unknown,
): Promise<MemoryBudgetResult>;

/** Makes a function known to `testMemoryBudget` by name. The last 1,000 names are remembered; a name given again is replaced. */
export function registerBudgetTarget(name: string, fn: (input: any) => unknown): void;

/** How `expectNoLeak` looks. */
export interface LeakTestOptions {
  /** Floors after the first. An integer from 3. @defaultValue `6` */
  cycles?: number;
  /** Calls between two floors. @defaultValue `10` */
  iterationsPerCycle?: number;
  /** Calls before the first floor. @defaultValue `10` */
  warmup?: number;
  /** Growth from the first floor to the last that is no leak, in MB. @defaultValue `0.25` */
  maxGrowthMB?: number;
  /** Classes of which instances are counted (`v8.queryObjects`): one more in each cycle is a leak, however small. */
  classes?: Function[];
}

/** What was measured. */
export interface LeakTestResult {
  cycles: number;
  /** From the first floor to the last, in bytes. */
  growthBytes: number;
  growthPerCycleBytes: number[];
  /** How many more instances of each class there were at the end. */
  classes: { className: string; grownBy: number }[];
}

/**
 * Calls a function (a promise is awaited) in cycles, collects garbage after each, and rejects with
 * `ERR_PGTAP_MEMORY_LEAK` (and the fields of {@link LeakTestResult}) when what is left rises by more than `maxGrowthMB`
 * and in every cycle but one, or when instances of a class stay.
 */
export function expectNoLeak(fn: () => unknown, options?: LeakTestOptions): Promise<LeakTestResult>;

/** What load, and on which server. */
export interface LoadTestOptions {
  /** A path of `baseUrl`, or a whole URL. */
  endpoint: string;
  /** @defaultValue `'http://127.0.0.1:3000'` */
  baseUrl?: string;
  /** Requests at a time, from 1 to 10,000. @defaultValue `10` */
  concurrent?: number;
  /** Milliseconds, after a tenth as long to warm up. @defaultValue `10000` */
  duration?: number;
  /** Bytes of heap in use that the load must not exceed; the result says whether it did. */
  memoryThreshold?: number | null;
  /** @defaultValue `'GET'` */
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer | null;
  /** Any other status is a failure; by default 400 and above is. */
  expectStatus?: number | null;
  /**
   * Tells the memory of a server in another process, in bytes, four times a second. Without it the server is taken to run
   * in this process.
   */
  memory?: (() => { heapUsed: number; rss?: number } | Promise<{ heapUsed: number; rss?: number }>) | null;
  /** Put load on another machine; only with its owner's leave. @defaultValue `false` */
  allowRemote?: boolean;
  /** Ends the test early: it rejects with the signal's reason. */
  signal?: AbortSignal | null;
}

/** What the load did. */
export interface LoadTestResult {
  /** Answered or failed. */
  requests: number;
  failed: number;
  /** Up to 20 kinds of failures (`status 500`, `ECONNRESET`), the most frequent first; the rest as `(others)`. */
  failures: { kind: string; count: number }[];
  bytesReceived: number;
  seconds: number;
  requestsPerSecond: number;
  /** Milliseconds, at most 3 % above the truth; `null` when nothing was answered. */
  latencyMs: { p50: number | null; p95: number | null; p99: number | null; max: number | null };
  /** Heap in use before and after the load (in this process: after a full collection), and the peaks, in bytes. */
  memory: { beforeBytes: number; afterBytes: number; peakHeapUsedBytes: number; peakRssBytes: number | null };
  /** The heap in use went above `memoryThreshold`, and when first. */
  thresholdExceeded: boolean;
  thresholdExceededAfterMs: number | null;
  leak: {
    /** More than 2 MB stayed, and more than 16 bytes of each request. */
    suspected: boolean;
    keptBytes: number;
    keptBytesPerRequest: number;
    /** The lowest heap in use in each tenth of the time. */
    floorsBytes: number[];
  };
}

/**
 * Sends requests in a bounded loop (as many at a time as `concurrent`, each when one is answered) and follows the
 * server's memory.
 *
 * Rejects with `ERR_PGTAP_UNREACHABLE` when the server does not answer at all. Requests that fail later are counted.
 */
export function loadTestWithMemoryMonitoring(options: LoadTestOptions): Promise<LoadTestResult>;
