/// <reference types="node" />
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HealthMetrics, ManagerOptions } from '../manager/service.js';
import type { MemoryLevel } from '../sample.js';

/**
 * The options of `createHealthCheck`. A wrong type or range throws `ERR_PGTAP_INVALID_OPTION`. Levels are those of
 * `MemoryManagerService.initialize()`, from the same variables and profiles.
 */
export interface HealthCheckOptions extends Pick<
  ManagerOptions, 'profile' | 'warningPercent' | 'criticalPercent' | 'emergencyPercent' | 'intervalMs' | 'limitMB' | 'basis'
> {
  /** The level from which on the program is not ready for requests. @defaultValue `'critical'` */
  unreadyAt?: 'critical' | 'emergency';
  /**
   * Milliseconds of uninterrupted emergency after which the program is not live, so that it is restarted; `null` for never.
   * @defaultValue `60000`
   */
  restartAfterMs?: number | null;
  /**
   * Whether a request with `?verbose` may see figures and the reasons of failures. What it throws counts as no, and is
   * reported once as a process warning. @defaultValue nobody may
   */
  authorize?: ((request: IncomingMessage) => boolean | Promise<boolean>) | null;
}

/** Not `healthy` is `degraded`, which needs no action at once, or `unhealthy`. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** What came of a check of yours. */
export interface CheckResult {
  status: 'healthy' | 'unhealthy';
  durationMs: number;
  /** Why it failed: its error's message, or that it took too long. */
  error: string | null;
  /** What it answered; `null` if nothing. */
  details: unknown;
}

/** What `performEnhancedHealthCheck` answers. */
export interface HealthReport {
  /** The worst of memory and all checks. Memory is degraded at the level warning, and unhealthy from critical on. */
  status: HealthStatus;
  /** ISO 8601. */
  timestamp: string;
  /** Those of yours. */
  checks: Record<string, CheckResult>;
  metrics: {
    /** Memory now, with the level as `status`; percentages have one decimal. */
    memoryUsage: { status: MemoryLevel } & HealthMetrics['currentUsage'];
  };
}

/** Whether the program should go on running. */
export interface Liveness {
  ok: boolean;
  level: MemoryLevel;
  /** How long memory has been an emergency; `null` when it is none. */
  emergencyMs: number | null;
}

/** Whether the program should be given requests. */
export interface Readiness {
  ok: boolean;
  level: MemoryLevel;
  /** Names of the checks that speak against it. */
  failed: string[];
  /** Those of yours. */
  checks: Record<string, CheckResult>;
}

/** The health of a program. */
export interface HealthCheck {
  /**
   * Adds a check. All run at once, each once at a time: calls that come meanwhile share the run. One that has not ended
   * after its time fails, and is not started again before it has.
   *
   * @param name one that no check has yet; not `memory`
   * @param fn throws or rejects when something is wrong; what it answers is told as `details`. Its `signal` is aborted when
   *   its time is over
   * @param options `timeoutMs`: milliseconds that it may take, 1 to 2147483647; standard 2000
   * @returns removes the check
   */
  registerCheck(name: string, fn: (context: { signal: AbortSignal }) => unknown, options?: { timeoutMs?: number }): () => void;
  /** The health of all, with figures. */
  performEnhancedHealthCheck(): Promise<HealthReport>;
  /**
   * Whether the program should go on: it is not live only when memory has been an emergency for `restartAfterMs`, in which
   * cleanups have not helped. Neither a leak nor a failed check is a reason: a restart does not mend a database.
   */
  live(): Liveness;
  /**
   * Whether the program should be given requests: it is not ready while memory is at the level `unreadyAt` or above, and
   * while a check of yours fails. Levels rise and fall with hysteresis, so that readiness does not flap.
   */
  ready(): Promise<Readiness>;
  /**
   * Answers GET and HEAD of `/livez`, `/readyz` and `/healthz` with 200 or 503 and a word; with `?verbose` there is a line
   * for each check. What else comes goes to `next`, or is answered 404 or 405. It may be passed on by itself.
   */
  readonly handler: (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => Promise<void>;
  /** Ends the watch. Afterwards all methods refuse with `ERR_PGTAP_CLOSED`, and the handler answers 503. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Begins to watch the health of memory. It does not keep the program alive. */
export function createHealthCheck(options?: HealthCheckOptions): HealthCheck;
