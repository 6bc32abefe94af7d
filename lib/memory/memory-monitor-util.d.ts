import type { HealthMetrics } from './manager/service.js';
import type { MemoryStats, MonitorHandle } from './monitor.js';
import type { LeakReport } from './verdicts.js';

/** The options of `simulateMemoryPressure`. */
export interface SimulationOptions {
  /** Milliseconds that the memory is held. @defaultValue `5000` */
  holdMs?: number;
  /** Take more than half of what is available. Beyond V8's limit that ends the process. @defaultValue `false` */
  force?: boolean;
  /** On V8's heap, or outside it in Buffers. @defaultValue `'heap'` */
  kind?: 'heap' | 'buffer';
  /** Releases the memory and rejects with its reason. @defaultValue `null` */
  signal?: AbortSignal | null;
}

/** What a simulation did, and the highest figures meanwhile, in bytes. */
export interface SimulationResult {
  kind: 'heap' | 'buffer';
  heldMB: number;
  durationMs: number;
  peak: { rssBytes: number | null; heapUsedBytes: number; externalBytes: number };
}

/** What the environment's variables say; left out is what none says. */
export interface MemoryEnvironment {
  warningPercent?: number;
  criticalPercent?: number;
  emergencyPercent?: number;
  intervalMs?: number;
  leakDetection?: boolean;
  proactiveGc?: boolean;
  mediumSpikeMB?: number;
  highSpikeMB?: number;
  criticalSpikeMB?: number;
  snapshots?: boolean;
}

/** A report for people who look for the reason; it can be written as JSON. */
export interface MemoryReport {
  /** ISO 8601. */
  generatedAt: string;
  /** `v22.1.0`. */
  node: string;
  /** `linux-x64`. */
  platform: string;
  pid: number;
  uptimeSeconds: number;
  stats: MemoryStats;
  health: HealthMetrics;
  leak: LeakReport;
  environment: MemoryEnvironment;
}

/** Tools for development. */
export const memoryMonitorUtil: {
  /**
   * Logs memory at an interval, with the levels of the profile `local` (80 and 90 %), beside a monitor that runs.
   * @param intervalMs default 5000
   */
  startDevelopmentMonitoring(intervalMs?: number): MonitorHandle;
  /**
   * Takes `mb` MB, holds them, lets them go. Refuses more than half of what is available unless forced.
   * @throws `ERR_PGTAP_INVALID_ARGUMENT`, `ERR_PGTAP_INVALID_OPTION`
   */
  simulateMemoryPressure(mb: number, options?: SimulationOptions): Promise<SimulationResult>;
  /** What is known of memory now. */
  generateMemoryReport(): MemoryReport;
};
