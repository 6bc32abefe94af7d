/** Memory use over some minutes. */
export interface MemoryTrend {
  /** Length of the window in minutes, as asked for. */
  timeWindow: number;
  /** Samples in the window. */
  samples: number;
  /** Mean in bytes; `null` without samples. */
  averageBytes: number | null;
  /** Highest in bytes; `null` without samples. */
  peakBytes: number | null;
  /** Mean in percent of the limit; `null` without samples or a limit. */
  averageUsage: number | null;
  /** Highest in percent of the limit; `null` without samples or a limit. */
  peakUsage: number | null;
  /**
   * Slope of a least-squares line, in percent points of the limit per minute; `null` without a limit, 0 before there are
   * five samples over half a minute.
   */
  growthRate: number | null;
  /** The same in MB per hour. */
  growthRateMBPerHour: number;
  /** Share of the variance that the line explains, 0 to 1. */
  rSquared: number;
  /** How likely a series without a trend would rise as much, 0 to 1 (one-sided Mann-Kendall, over 60 means at most). */
  riseByChance: number;
  /** The slope is above 0 and `riseByChance` below 0.05. */
  isIncreasing: boolean;
}

/** A kind of growth; docs/toolkit/leaks.md says what each means and what to do. `churn` is not a leak. */
export type LeakPattern = 'linear_growth' | 'buffer_leak' | 'listener_leak' | 'cache_growth' | 'native_growth' | 'churn';

/** What the leak detector says of the last window that it judged. */
export interface LeakReport {
  /** 0 to 100: the sum of `parts`. */
  score: number;
  /** The score is 60 or more, and everything in `gate` is true. */
  suspected: boolean;
  /** Since when a leak has been suspected without being resolved, in milliseconds since the epoch; `null` if none is. */
  sinceMs: number | null;
  /** What the score is the sum of: up to 40, 20, 20, 15 and 5. */
  parts: { growth: number; consistency: number; peak: number; efficiency: number; additional: number };
  /** Slope of the floors of `series`. Under 5 is healthy, above 50 worth an alert. */
  growthMBPerHour: number;
  /** The kind of growth; of the suspicion while it lasts. `null` where nothing speaks for any. */
  pattern: LeakPattern | null;
  /** Which memory it is about: the heap, memory outside that V8 knows of, or the rest of resident memory. */
  series: 'heap' | 'external' | 'native';
  /** What must hold beside the score. */
  gate: {
    /** The fitted growth is at least 3 MB, and 10 % of the median floor. */
    grown: boolean;
    /** The line explains more than 0.3 of the variance. */
    fitted: boolean;
    /** The lowest floor lies above the last window's median. */
    aboveLast: boolean;
    /** The last window rose, too. */
    lastRose: boolean;
    /** There were at least three major collections. */
    collected: boolean;
  };
  /** How long the window was; 0 before the first one is full. */
  windowMs: number;
  /** When it ended, in milliseconds since the epoch; `null` before the first one is full. */
  atMs: number | null;
  /** Windows judged so far. */
  windows: number;
  /** Major collections in the window. */
  majors: number;
  /** The numbers behind it. */
  evidence: {
    /** Median of the floors. */
    floorBytes: number;
    /** What the line grows within the window. */
    fittedGrowthBytes: number;
    rSquared: number;
    /** How likely floors without a trend would rise as much, 0 to 1. */
    riseByChance: number;
    heapMBPerHour: number;
    externalMBPerHour: number;
    nativeMBPerHour: number;
    /** Highest use in percent of the limit. */
    peakPercent: number;
    /** Median share of the heap that major collections freed, 0 to 1; `null` without any. */
    freedShare: number | null;
    /** Bytes that all collections freed. */
    freedBytes: number;
    /** How far the heap's growth bulges above a straight line, as a part of what it grows. */
    bulge: number;
    /** The standard error of `bulge`. */
    bulgeNoise: number;
  };
  /** What to do next; empty where there is nothing to do. */
  recommendations: string[];
}
