/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { MemoryLogger } from '../monitor.js';
import type { SnapshotInfo } from '../snapshots/take.js';
import type { MemoryBasis, MemoryBlockedEvent, MemoryLevel, MemoryPressure, MemorySample } from '../sample.js';
import type { Spike } from '../spike-detector.js';
import type { LeakReport, MemoryTrend } from '../verdicts.js';

/** Where the program runs, as far as levels go. */
export type MemoryPlatform = 'render' | 'local' | 'default';

/**
 * The options of `initialize`. What is left out, or `null`, comes from the environment's variables, else from the profile.
 * A wrong type or range rejects.
 */
export interface ManagerOptions {
  /** Levels and interval by where the program runs. @defaultValue found from RENDER, KUBERNETES_SERVICE_HOST and NODE_ENV */
  profile?: MemoryPlatform | null;
  /** Where the level warning begins, in percent; below `criticalPercent`. */
  warningPercent?: number | null;
  /** Where the level critical begins, in percent. */
  criticalPercent?: number | null;
  /** Where the level emergency begins, in percent; above `criticalPercent`. */
  emergencyPercent?: number | null;
  /** Milliseconds between two `sample` events, an integer from 10. Between them memory is watched more often. */
  intervalMs?: number | null;
  /**
   * Resident memory in MB that the program should stay within, beside the limits of V8 and the container. @defaultValue none;
   * 512 in the profile `render` where no container has a limit
   */
  limitMB?: number | null;
  /** What percentages are of. @defaultValue `'effective'` */
  basis?: MemoryBasis;
  /** Tell of leaks and answer them. @defaultValue `true` */
  leakDetection?: boolean | null;
  /** Collect garbage above 70 % already, not only in an emergency. @defaultValue `true` */
  proactiveGc?: boolean | null;
  /** Milliseconds between two runs of one cleanup, and between two forced collections. @defaultValue `30000` */
  cooldownMs?: number;
  /** No full collection whose predicted pause is longer, in milliseconds. @defaultValue `500` */
  maxGcPauseMs?: number;
  /** Milliseconds that a single cleanup may take. @defaultValue `5000` */
  cleanupTimeoutMs?: number;
  /** Where the details of a leak are logged. @defaultValue `console` */
  logger?: MemoryLogger;
}

/** Settings in force; `ManagerOptions` says what each means. */
export interface ManagerSettings {
  platform: MemoryPlatform;
  warningPercent: number;
  criticalPercent: number;
  emergencyPercent: number;
  intervalMs: number;
  basis: MemoryBasis;
  leakDetection: boolean;
  proactiveGc: boolean;
  cooldownMs: number;
  maxGcPauseMs: number;
  cleanupTimeoutMs: number;
  /** The configured limit of resident memory, or that of the profile; `null` for none. */
  limitBytes: number | null;
}

/** What came of a cleanup. */
export interface MemoryAction {
  /** Its name: `force_gc`, `clear_performance_metrics`, `clear_memory_snapshots`, `malloc_trim`, or that of one of your own. */
  type: string;
  /** Why it was run. */
  reason: string;
  /** It did what it is for. */
  success: boolean;
  /** Bytes that it freed; `null` where it does not say. */
  freedBytes: number | null;
  durationMs: number;
  /** Of a collection. */
  kind?: 'major' | 'minor';
  /** Why it was left out: `cooldown`, `pause`, `little-freed` or `nothing-registered`. */
  skipped?: string;
  /** The same in a sentence. */
  detail?: string;
  /** Why it failed. */
  error?: string;
  /** Parts of the toolkit that were cleared. */
  cleared?: string[];
  /** Of a cleanup. */
  priority?: number;
  /** Use in percent before it. */
  percentBefore?: number | null;
  /** Use in percent after it. */
  percentAfter?: number | null;
}

/** A condition that somebody should know of; told once until it is resolved. */
export interface MemoryAlert {
  type: 'high_usage' | 'memory_leak' | 'gc_failure' | 'rapid_growth' | 'snapshot_failure';
  severity: 'warning' | 'critical' | 'emergency';
  message: string;
  /** Milliseconds since the epoch; `null` where it is not known. */
  at: number | null;
  /** Of `high_usage`. */
  percent?: number;
  /** Of `memory_leak`. */
  report?: LeakReport;
  /** Of `memory_leak`: what to do. */
  recommendations?: string[];
  /** Of `rapid_growth`. */
  spike?: Spike;
  /** Of `gc_failure`. */
  action?: MemoryAction;
  /** Of `snapshot_failure`: the error's. */
  code?: string | null;
}

/** The health of memory, in the form that an endpoint answers with. Percentages have one decimal. */
export interface HealthMetrics {
  status: MemoryLevel;
  currentUsage: {
    /** Bytes. */
    heapUsed: number;
    /** Bytes that V8 committed. */
    heapTotal: number;
    /** Percent of `limitBytes`, not of `heapTotal`. */
    usagePercentage: number;
    platform: MemoryPlatform;
    /** Whose limit `limitBytes` is; the nearest one with the basis `effective`. */
    usageOf: MemorySample['of'];
    limitBytes: number;
    /** `heapUsed` in percent of `heapTotal`: it says nothing about how much is left. */
    heapUtilization: number;
    heapLimitBytes: number;
    rssBytes: number | null;
    externalBytes: number;
  };
  trend: {
    /** Minutes. */
    timeWindow: number;
    averageUsage: number | null;
    peakUsage: number | null;
    /** Percent points per minute. */
    growthRate: number | null;
    isIncreasing: boolean;
    leakSuspected: boolean;
    growthRateMBPerHour: number;
    samples: number;
  };
  gcStats: {
    totalCollections: number;
    /** Percent of the heap that collections freed. */
    efficiency: number | null;
    /** Milliseconds. */
    averageDuration: number | null;
    /** Milliseconds. */
    longestDuration: number | null;
    majorCollections: number;
    minorCollections: number;
    freedBytes: number | null;
  };
  /** What to do, most urgent first. */
  recommendations: string[];
  /** Those that are not resolved. */
  alerts: MemoryAlert[];
}

/** What `checkMemoryPressure` found and did. */
export interface PressureState {
  level: MemoryLevel;
  /** The level is not healthy. */
  isUnderPressure: boolean;
  percent: number | null;
  of: MemorySample['of'];
  limitBytes: number | null;
  /** Pressure stall information of Linux. */
  pressure: MemoryPressure | null;
  sample: MemorySample;
  /** Cleanups that were due. */
  actions: MemoryAction[];
}

/** A change of the level. */
export interface LevelChange {
  from: MemoryLevel;
  to: MemoryLevel;
  percent: number;
  sample: MemorySample;
}

/** What a cleanup of yours is told. */
export interface CleanupContext {
  reason: string;
  /** Aborted when the cleanup takes longer than `cleanupTimeoutMs`, and by `shutdown`. */
  signal: AbortSignal;
}

/** The events of `MemoryManagerService`, and what their listeners are given. */
export interface MemoryManagerEvents {
  sample: [MemorySample];
  level: [LevelChange];
  warning: [LevelChange];
  critical: [LevelChange];
  emergency: [LevelChange];
  recovered: [LevelChange];
  gc: [MemoryAction];
  'gc-skipped': [MemoryAction];
  leak: [LeakReport];
  'leak-resolved': [LeakReport];
  spike: [Spike];
  alert: [MemoryAlert];
  cleanup: [MemoryAction];
  snapshot: [SnapshotInfo];
  blocked: [MemoryBlockedEvent];
  'oom-imminent': [MemorySample];
}

/**
 * Watches memory and acts before it runs out. There is one for each environment (the main thread, each worker). What its
 * listeners and cleanups throw is reported as a process warning and goes nowhere else; it does not keep the process alive.
 */
export class MemoryManagerService extends EventEmitter {
  private constructor();
  /** The one of this environment. */
  static getInstance(): MemoryManagerService;
  /** Starts to watch. While it does, further calls change nothing: `shutdown()` first to change options. */
  initialize(options?: ManagerOptions): Promise<void>;
  /** Stops; a cleanup that runs is told to end. Cleanups stay registered, and it may be initialized again. */
  shutdown(): Promise<void>;
  /**
   * Collects garbage if the cooldown, the predicted pause and what the last collection freed allow it; `skipped` tells why
   * not. `triggerGarbageCollection` collects in any case.
   */
  forceGarbageCollection(reason: string): Promise<MemoryAction>;
  /**
   * Runs every cleanup, highest priority first. If memory was not healthy they end as soon as it is. The collection waits for
   * no cooldown, but keeps to `maxGcPauseMs`. Calls at the same time share one run.
   */
  performEmergencyCleanup(): Promise<MemoryAction[]>;
  /** The level and a sample of now, with percentages as in `getHealthMetrics`. No cleanup runs, and no history keeps it. */
  getStatus(): { level: MemoryLevel; sample: MemorySample };
  /** The health of memory now. */
  getHealthMetrics(): HealthMetrics;
  /** Takes a sample, judges it, and runs the cleanups that are due. Before `initialize` it only looks. */
  checkMemoryPressure(): Promise<PressureState>;
  /**
   * Adds a cleanup of yours. It runs above `atPercent` of use, at most every `cooldownMs`, and in emergencies; those of higher
   * priority run before it.
   * @param name one that no cleanup has yet
   * @param fn may answer the bytes that it freed
   * @returns removes the cleanup
   */
  registerCleanup(name: string, priority: number, atPercent: number, fn: (context: CleanupContext) => unknown): () => void;
  /** What the leak detector says. */
  getLeakReport(): LeakReport;
  /** How memory use went. @param minutes up to 720; default 30 */
  getTrend(minutes?: number): MemoryTrend;
  /** The samples of up to 12 hours, oldest first. @param most only so many, the newest */
  getHistory(most?: number): MemorySample[];
  /** Whether it watches: from `initialize()` to `shutdown()`. */
  readonly initialized: boolean;
  /** The settings in force: those of `initialize()`, else those that the environment and the profile say. */
  getSettings(): ManagerSettings;

  on<E extends keyof MemoryManagerEvents>(event: E, listener: (...args: MemoryManagerEvents[E]) => void): this;
  once<E extends keyof MemoryManagerEvents>(event: E, listener: (...args: MemoryManagerEvents[E]) => void): this;
  off<E extends keyof MemoryManagerEvents>(event: E, listener: (...args: MemoryManagerEvents[E]) => void): this;
}
