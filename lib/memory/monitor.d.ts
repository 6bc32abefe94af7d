import type { MemoryBasis, MemoryLevel } from './sample.js';

/** Where lines are logged; `console` is one. */
export interface MemoryLogger {
  log(line: string): void;
}

/** The options of `startMemoryMonitor`. `undefined` stands for the default; a wrong type or range throws. */
export interface MemoryMonitorConfig {
  /** Milliseconds between two samples that are judged, an integer from 10. @defaultValue `60000` */
  intervalMs?: number;
  /**
   * Called with a message when the level rises to warning: `High memory usage: 78% (6400.00MB / 8192.00MB)`. Once for each
   * time that it rises. @defaultValue `null`
   */
  onWarning?: ((message: string) => void) | null;
  /** Called with a message when the level rises to critical: `Critical memory usage: …`. @defaultValue `null` */
  onCritical?: ((message: string) => void) | null;
  /**
   * Collect garbage while the level is critical. Not within `gcCooldownMs`, not when the pause would be too long, and not
   * when the last full collection freed less than 10 % and little was allocated since. @defaultValue `false`
   */
  autoGC?: boolean;
  /** Log each sample, each change of the level and each collection. @defaultValue `false` */
  verbose?: boolean;
  /** Where the level warning begins, in percent. @defaultValue `75` */
  warningPercent?: number;
  /** Where the level critical begins, in percent; above `warningPercent`. @defaultValue `90` */
  criticalPercent?: number;
  /** Milliseconds between two collections of `autoGC`. @defaultValue `30000` */
  gcCooldownMs?: number;
  /** `autoGC` runs no full collection whose predicted pause is longer, in milliseconds. @defaultValue `500` */
  maxGcPauseMs?: number;
  /** What percentages are of. @defaultValue `'heapLimit'` */
  basis?: MemoryBasis;
  /** Stops the monitor when it is aborted. With one that is aborted already nothing starts. @defaultValue `null` */
  signal?: AbortSignal | null;
  /** Where `verbose` logs. @defaultValue `console` */
  logger?: MemoryLogger;
}

/** A monitor that was started. Once it is stopped, or another was started after that, its methods do nothing. */
export interface MonitorHandle {
  /** Stops the monitor. */
  stop(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** Memory now, in MB of 1,048,576 bytes with two decimals. `null` is what this system does not tell. */
export interface MemoryStats {
  heapUsedMB: number;
  /** What V8's heap may grow to. */
  heapLimitMB: number;
  /** Whole percent of that limit; of what V8 committed so far if the monitor runs with `basis: 'heapTotal'`. */
  heapUsagePercent: number;
  /** At or above `warningPercent`, by the basis of the monitor that runs, else of the heap limit. */
  isWarning: boolean;
  /** At or above `criticalPercent`. */
  isCritical: boolean;
  /** Memory of the whole process in RAM. */
  rssMB: number | null;
  /** Memory outside the heap that objects on it hold. */
  externalMB: number;
  /** The smaller of V8's limit and the container's. */
  effectiveLimitMB: number;
  /** The level of the monitor that runs, which is entered and left with delay; without one that of this moment. */
  level: MemoryLevel;
}

/**
 * Starts to judge the heap at an interval. There is one monitor: a second call goes on with the new options and gives the
 * same handle. It does not keep the process alive.
 * @throws `ERR_PGTAP_INVALID_OPTION`
 */
export function startMemoryMonitor(config?: MemoryMonitorConfig): MonitorHandle;
/** Stops the monitor, if one runs. */
export function stopMemoryMonitor(): void;
/** Memory now. */
export function getMemoryStats(): MemoryStats;
/** What is to be said of the memory now, in the words of the callbacks; `null` below the level warning. */
export function checkMemoryUsage(): string | null;
/**
 * `1024.50MB / 8192.00MB (13%)`.
 * @param stats default those of now
 */
export function formatMemoryUsage(stats?: Pick<MemoryStats, 'heapUsedMB' | 'heapLimitMB' | 'heapUsagePercent'>): string;
/**
 * Collects garbage now, with and without `--expose-gc`; the program stands still meanwhile (a full collection of 500 MB takes
 * about 0.7 s). No cooldown holds it back.
 * @param kind `'minor'` for young objects only; default `'major'`
 * @returns whether V8 collected
 */
export function triggerGarbageCollection(kind?: 'major' | 'minor'): boolean;
/**
 * Collects garbage if memory is critical now and it is wise, by the options of the monitor that runs or the defaults.
 * @returns whether V8 collected
 */
export function autoGarbageCollection(): boolean;
