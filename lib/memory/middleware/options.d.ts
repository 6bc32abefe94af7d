/// <reference types="node" />
import type { IncomingMessage } from 'node:http';
import type { ResultLogger } from '../log-result.js';
import type { BlockResult } from '../operations.js';
import type { MemoryLevel } from '../sample.js';

/**
 * How memory is watched. A watch keeps no process alive, and ends with `close()`. A wrong type or range of any option here
 * throws `ERR_PGTAP_INVALID_OPTION`.
 */
export interface MemoryGaugeOptions {
  /**
   * Where levels begin, in percent of the limit that is nearest, growing. Standard: MEMORY_WARNING_THRESHOLD,
   * MEMORY_CRITICAL_THRESHOLD and MEMORY_EMERGENCY_THRESHOLD, else those of the profile, as `MemoryManagerService` has them.
   */
  thresholds?: { warning: number; critical: number; emergency: number } | null;
  /**
   * Resident memory in MB that the process should stay within, beside the limits of V8 and the container. Standard: none; 512
   * in the profile `render` where no container has a limit.
   */
  limitMB?: number | null;
  /**
   * Milliseconds between two samples, an integer from 10; standard 500. The level does not wait for it: near the limit it is
   * judged up to 20 times a second.
   */
  intervalMs?: number;
}

/** Options of the headers. */
export interface MemoryHeaderOptions {
  /** Whether they are set. Standard `null`: unless NODE_ENV was `production` when the middleware was made. */
  enabled?: boolean | null;
}

/** Options of the memory of requests. `Request` is what `name` is given. */
export interface RequestMemoryOptions<Request = IncomingMessage> {
  /**
   * Which requests are measured. `'auto'`, the standard: all, as long as there are no more than 300 in a second, and 300 a
   * second by chance of more, which keeps their cost below 1 % of a processor; in the first second of a sudden load up to 600.
   * A number from 0 to 1: that part of the requests, whatever it costs. Chance alone
   * chooses: neither what is asked for nor where in a second it comes counts. The others are still known to run beside those
   * that are measured; their `memory` has the confidence `unmeasured`, they are never told to `onSlow` and not counted in
   * `memoryTracker`, and what they track after an await is taken to run beside them unless `als` is `true`.
   */
  sampleRate?: 'auto' | number;
  /**
   * A measured request that took more MB of V8's heap and of what it keeps outside is told to `onSlow`, or logged; standard 10. When
   * others ran beside it, what counts is the part of each if all took alike.
   */
  slowMB?: number;
  /**
   * Whether operations that a request tracks are known as its own, so that both stay `exclusive`. `'auto'`, the standard, as
   * `operations.nesting` is: on Node.js 24 and above also after an await, before only until the first one. `true` sets
   * `operations.nesting` to `'async'`, for the whole program: on Node.js 20 and 22 each await then costs 0.3 to 0.7 us.
   * `false`: they are taken to run beside it.
   */
  als?: 'auto' | boolean;
  /**
   * The name that a request is counted under in `memoryTracker`, asked for when it ended. It should name what is asked for,
   * not who asks: no ids. With `null`, or none, it is the method and the route that the framework matched,
   * `GET /users/:id`, or `GET (no route)`. After 300 different names others go under `GET (other)`; names are cut at 200
   * characters.
   */
  name?: ((request: Request) => string | null | undefined) | null;
  /**
   * Paths whose requests are not measured, and not known to run beside others, with all below them: long streams belong
   * here, for while one is open no request is `exclusive`. Standard `['/health', '/api/memory']`.
   */
  exempt?: string[];
  /** Told of measured requests that took more than `slowMB`, once each, within two turns of the event loop after they ended. */
  onSlow?: ((result: BlockResult, request: IncomingMessage) => unknown) | null;
  /** Where they are logged (`warn`) when there is no `onSlow`; standard `console`. */
  logger?: ResultLogger;
}

/** Options of the refusal of requests. */
export interface MemoryPressureOptions {
  /**
   * The level from which on requests are refused; standard `'emergency'`. They are let in again when it was left. Where V8's
   * heap is the nearest limit, `'critical'` is wiser: V8 may give up from 80 % on. While requests are refused, garbage is
   * collected at most once a second, for at most a tenth of the time, and never with a predicted pause above 500 ms; at the
   * level before, at most every ten seconds, and not when the last collection freed little.
   */
  at?: 'warning' | 'critical' | 'emergency';
  /** Seconds after which clients are told to come back, an integer up to 86,400; standard 10. */
  retryAfter?: number;
  /**
   * Paths that are never refused, with all below them, by whole segments; standard `['/health', '/api/memory']`. They are
   * compared with what the client sent, without its query and case by case; a request whose path has `//`, `.`, `..` or an
   * escape (`%`) is never exempt.
   */
  exempt?: string[];
  /**
   * `'reject'`, the standard: every request while the level is `at` or above. `'probabilistic'`: a part of them, which grows
   * with memory, from none at the threshold of the level before `at` to all at that of `at` (not `'warning'`). It begins when
   * that level is entered.
   */
  mode?: 'reject' | 'probabilistic';
  /** Told of each request that is refused: the level and the percentage of the last sample. */
  onShed?: ((pressure: { level: MemoryLevel; percent: number | null }, request: IncomingMessage) => unknown) | null;
}

/** Options for a whole server: each part is on, `false` for off, or an object of its options. All are on at first. */
export interface MemoryServerOptions<Request = IncomingMessage> extends MemoryGaugeOptions {
  /** As `memoryMonitoring.addMemoryHeaders`. */
  headers?: boolean | MemoryHeaderOptions;
  /** As `memoryMonitoring.monitorRequestMemory`. */
  requests?: boolean | RequestMemoryOptions<Request>;
  /** As `memoryMonitoring.handleMemoryPressure`. */
  pressure?: boolean | MemoryPressureOptions;
}
