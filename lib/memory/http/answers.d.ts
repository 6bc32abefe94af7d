import type { HealthMetrics, ManagerSettings, MemoryAction, MemoryAlert, MemoryPlatform } from '../manager/service.js';
import type { MemoryLevel, MemorySample } from '../sample.js';
import type { SpikeOptions, SpikeSeverity } from '../spike-detector.js';
import type { SpikeCounts, TrackingReport } from '../memory-tracker.js';
import type { LeakReport, MemoryTrend } from '../verdicts.js';
import type { MemoryRouteGroup } from './index.js';

// What the routes answer, for clients in TypeScript; openapi.json is the same for others. In the first part figures are
// numbers whose names or comments have the unit; in the second, sizes are text such as '245.67MB', shares '48.0%', times
// '12.3ms', growth '4.57MB/h' and moments ISO 8601.

/** Every refusal. `code` is stable; the message is for people. */
export interface MemoryErrorAnswer {
  error: { code: string; message: string };
}

/** `GET health`. Alerts come without their figures. */
export interface MemoryHealthAnswer extends Omit<HealthMetrics, 'alerts'> {
  alerts: Array<Pick<MemoryAlert, 'type' | 'severity' | 'message' | 'at'>>;
}

/** `GET metrics`. */
export interface MemoryMetricsAnswer {
  status: MemoryLevel;
  platform: MemoryPlatform;
  uptimeSeconds: number;
  sample: MemorySample;
  /** Of 30 minutes. */
  trend: MemoryTrend;
  gcStats: HealthMetrics['gcStats'];
  /** In V8's order. */
  heapSpaces: Array<{ name: string; sizeBytes: number; usedBytes: number; availableBytes: number; physicalBytes: number }>;
}

/** `GET leak-detection`. */
export type MemoryLeakAnswer = LeakReport;

/** `GET config`. */
export interface MemoryConfigAnswer {
  /** The manager watches. */
  monitoring: boolean;
  settings: ManagerSettings;
  spikes: Required<SpikeOptions> & { active: boolean };
  routes: { basePath: string; enabled: MemoryRouteGroup[]; authorizeConfigured: boolean; loopback: boolean; actionIntervalMs: number };
  /** `v22.1.0`. */
  node: string;
}

/** Memory at one moment. */
export interface MemoryUsageText {
  heapUsed: string | null;
  /** What V8 committed. */
  heapTotal: string | null;
  /** `heapUsed` of `heapTotal`; it says nothing about how much is left. */
  utilization: string | null;
  /** Of `limit`, the nearest. */
  usage: string | null;
  limit: string | null;
  limitOf: MemorySample['of'];
  rss: string | null;
  external: string | null;
}

/** `GET status`. */
export interface MemoryStatusAnswer {
  status: MemoryLevel;
  timestamp: string;
  uptimeSeconds: number;
  monitoring: boolean;
  current: MemoryUsageText;
  tracking: {
    /** Names of operations that are kept apart. */
    operations: number;
    /** Names that became `(other)`. */
    foldedOperations: number;
    /** Names of queries. */
    queries: number;
    /** `null` when nothing looked for spikes. */
    spikes: SpikeCounts | null;
  };
}

/** `GET top-consumers?limit=10`. */
export type MemoryTopConsumersAnswer = Pick<TrackingReport, 'topMemoryConsumers'>;

/** `GET history?limit=120`, oldest first. */
export interface MemoryHistoryAnswer {
  samples: Array<MemoryUsageText & { timestamp: string; blocked: boolean }>;
}

/** `GET spikes?limit=100`, newest first. */
export interface MemorySpikesAnswer {
  active: boolean;
  counts: SpikeCounts;
  spikes: Array<{
    severity: SpikeSeverity;
    operation: string | null;
    timestamp: string;
    memoryIncrease: string;
    base: string | null;
    duration: string | null;
    consecutive: boolean;
    inRow: number;
  }>;
}

/** The queries of one type and table. */
export interface MemoryQueryText {
  operation: string;
  totalMemory: string | null;
  callCount: number | null;
  avgMemory: string | null;
  avgDuration: string | null;
  records: number | null;
  exceeded: number;
  sharedAbove: number;
  moreThanExpected: number;
}

/** `GET database?limit=100`, last used first. */
export interface MemoryDatabaseAnswer {
  queries: MemoryQueryText[];
}

/** A leak report. */
export interface MemoryLeakText extends Pick<LeakReport, 'suspected' | 'pattern' | 'series' | 'windows' | 'recommendations'> {
  confidence: string;
  growth: string;
}

/** A heap snapshot that was written. */
export interface MemorySnapshotText {
  /** Its name in the snapshot folder. */
  file: string;
  size: string;
  reason: string;
  at: string;
  heapUsed: string;
  pause: string;
}

/** `GET heap-analysis`. */
export interface MemoryHeapAnswer {
  current: MemoryUsageText;
  spaces: Array<{ name: string; size: string; used: string; available: string }>;
  leak: MemoryLeakText;
  /** `null` unless `startAllocationSampling()` runs. */
  allocators: Array<{ functionName: string; script: string; line: number | null; column: number | null; memory: string }> | null;
  latestSnapshot: MemorySnapshotText | null;
}

/** `GET report`. */
export interface MemoryReportAnswer extends Omit<TrackingReport, 'current'> {
  current: MemoryUsageText;
  generatedAt: string;
  status: MemoryLevel;
  trend: { windowMinutes: number; samples: number; averageUsage: string | null; peakUsage: string | null; growth: string | null; isIncreasing: boolean };
  leak: MemoryLeakText;
  collections: { collections: number; efficiency: string | null; averagePause: string | null; longestPause: string | null; freed: string | null };
  queries: MemoryQueryText[];
  recommendations: string[];
}

/** `POST gc`: what came of it in numbers, and for display. It is left out where it would not be wise: see `skipped`. */
export interface MemoryGcAnswer extends Omit<MemoryAction, 'error'> {
  /** How long the program stood still, measured. */
  pauseMs: number;
  freed: string | null;
  before: MemoryUsageText;
  after: MemoryUsageText;
}

/** `POST emergency-cleanup`. */
export interface MemoryCleanupAnswer {
  actions: Array<Omit<MemoryAction, 'error'>>;
  /** The sum of what is known. */
  freedBytes: number;
  freed: string;
  before: MemoryUsageText;
  after: MemoryUsageText;
}

/** `POST snapshot`. */
export interface MemorySnapshotAnswer extends MemorySnapshotText {
  bytes: number;
  pauseMs: number;
  /** Older snapshots that were removed. */
  removed: number;
}
