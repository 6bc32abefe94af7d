/// <reference types="node" />

/** Options of {@link loadTestWithMemoryMonitoring}. */
export interface LoadTestOptions {
  /** The path, or the whole URL. */
  endpoint: string;
  /** What a path is relative to. Default: `http://127.0.0.1:` and the environment's `PORT`, or 10000 */
  baseUrl?: string;
  /** Requests in flight at once, 1 to 10,000. Default: 10 */
  concurrent?: number;
  /** For how long requests are sent, in milliseconds. The collections between come on top. Default: 10000 */
  duration?: number;
  /** Bytes of heap and Buffers that the server may have in use. Default: no limit */
  memoryThreshold?: number;
  /** Default: `'GET'` */
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
  /** The one status that is no error. Default: each from 200 to 399 */
  expectStatus?: number;
  /** How long an answer may take, in milliseconds. Default: 10000 */
  requestTimeout?: number;
  /** Send to hosts other than `localhost`, `127.*` and `[::1]`. Default: false */
  allowRemote?: boolean;
  /**
   * Tells the memory of a server in another process, in bytes; asked four times a second.
   * Default: the server is in this process
   */
  memory?: () => ServerMemory | Promise<ServerMemory>;
  /** Rejects with its reason. */
  signal?: AbortSignal;
}

/** What `process.memoryUsage()` of the server says. */
export interface ServerMemory {
  heapUsed: number;
  rss: number;
  /** Default: 0 */
  external?: number;
}

/** What a load test found. */
export interface LoadTestResult {
  /** Requests that were answered or failed. */
  requests: number;
  /** Those that failed or had a status that was not expected. */
  errors: number;
  /** How often each way to fail happened: `'status 500'`, `'ECONNRESET'`, `'timeout'`. */
  failures: Record<string, number>;
  /** Milliseconds; `null` without any request. */
  latencyMs: { p50: number | null; p95: number | null; p99: number | null };
  memory: {
    /** The most heap and Buffers that were in use. */
    peakUsedBytes: number;
    peakRssBytes: number;
    /** The least that was in use between the parts of the test. */
    floorBytes: number;
  };
  leak: {
    /** The floors grow in both halves, by 3 MB and a tenth of the first at least. */
    suspected: boolean;
    growthBytes: number;
    /** After each of the seven parts. In this process after a full collection, else the lowest of the part. */
    floorsBytes: number[];
  };
  thresholdExceeded: boolean;
}

/**
 * Sends requests to a server and watches its memory.
 *
 * The test has seven parts with a pause between, for a floor each; the first part is the warm-up. With the server in
 * this process the requests' own memory counts too (some MB).
 *
 * @returns what was found; a leak is for the test to assert. Rejects with `ERR_PGTAP_MEMORY_THRESHOLD` when
 *   `memoryThreshold` was exceeded (`error.result` is a {@link LoadTestResult}), `ERR_PGTAP_GC_UNAVAILABLE`,
 *   `ERR_PGTAP_INVALID_ARGUMENT`, what `memory` throws, or the reason of `signal`
 */
export function loadTestWithMemoryMonitoring(options: LoadTestOptions): Promise<LoadTestResult>;
