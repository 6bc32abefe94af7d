/** How memory use went over some minutes. */
export interface MemoryTrend {
  /** Length of the window in minutes, as asked for. */
  timeWindow: number;
  /** Samples in the window. */
  samples: number;
  /** Mean use in percent; `null` without samples. */
  averageUsage: number | null;
  /** Highest use in percent; `null` without samples. */
  peakUsage: number | null;
  /** Slope in percent points per minute. */
  growthRate: number | null;
  /** Slope in MB per hour. */
  growthRateMBPerHour: number;
  /** The slope is above 0, and not by chance. */
  isIncreasing: boolean;
}

/** What kind of growth a leak is. */
export type LeakPattern = 'linear_growth' | 'buffer_leak' | 'listener_leak' | 'cache_growth' | 'native_growth' | 'churn';

/** What the leak detector says of the last window that it judged. */
export interface LeakReport {
  /** 0 to 100. */
  score: number;
  /** The score is 60 or more, and the growth is more than chance and noise. */
  suspected: boolean;
  /** Since when, in milliseconds since the epoch. */
  sinceMs: number | null;
  /** `null` where nothing speaks for any. */
  pattern: LeakPattern | null;
  /** Which memory it is about. */
  series: 'heap' | 'external' | 'native';
  /** Slope in MB per hour. */
  growthMBPerHour: number;
  /** When the window ended; `null` before the first one is full. */
  atMs: number | null;
  /** What to do next. */
  recommendations: string[];
}

/** A sudden rise of memory. */
export interface MemorySpike {
  severity: 'medium' | 'high' | 'critical';
  /** The whole rise in bytes. */
  memoryIncrease: number;
  /** When it was highest, in milliseconds since the epoch. */
  atMs: number;
  /** As many in a row as the limit, or more. */
  consecutive: boolean;
}
