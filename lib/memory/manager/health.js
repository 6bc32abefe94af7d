'use strict';

const { advice } = require('./advice.js');

const tenth = (value) => (value === null ? null : Math.round(value * 10) / 10);
const round = (value, digits) => (value === null ? null : Number(value.toFixed(digits)));

/** Memory now, in the form of the health of memory. */
function currentUsage(sample, platform) {
  return {
    heapUsed: sample.heapUsedBytes,
    heapTotal: sample.heapTotalBytes,
    usagePercentage: tenth(sample.percent),
    platform,
    usageOf: sample.of,
    limitBytes: sample.limitBytes,
    heapUtilization: tenth((sample.heapUsedBytes / sample.heapTotalBytes) * 100),
    heapLimitBytes: sample.heapLimitBytes,
    rssBytes: sample.rssBytes,
    externalBytes: sample.externalBytes,
  };
}

function trendFigures(trend, leak) {
  return {
    timeWindow: trend.timeWindow,
    averageUsage: tenth(trend.averageUsage),
    peakUsage: tenth(trend.peakUsage),
    growthRate: round(trend.growthRate, 3),
    isIncreasing: trend.isIncreasing,
    leakSuspected: leak.suspected,
    growthRateMBPerHour: round(trend.growthRateMBPerHour, 2),
    samples: trend.samples,
  };
}

function gcFigures(totals) {
  return {
    totalCollections: totals.collections,
    efficiency: totals.efficiency === null ? null : tenth(totals.efficiency * 100),
    averageDuration: tenth(totals.averagePauseMs),
    longestDuration: tenth(totals.longestPauseMs),
    majorCollections: totals.major,
    minorCollections: totals.minor,
    freedBytes: totals.freedBytes,
  };
}

/**
 * The health of memory in the form that `GET /api/memory/health` answers with; first the fields of the specification in
 * its order, then what is added.
 *
 * @param {{ level: string, sample: object, platform: string, trend: object, leak: object, gc: object,
 *   alerts: object[], consumers: string[] }} facts
 */
function healthMetrics({ level, sample, platform, trend, leak, gc, alerts, consumers }) {
  const of = { level, trend, leak, consumers, of: sample.of, alerts: alerts.map(({ type }) => type) };
  return {
    status: level,
    currentUsage: currentUsage(sample, platform),
    trend: trendFigures(trend, leak),
    gcStats: gcFigures(gc),
    recommendations: advice(of),
    alerts,
  };
}

module.exports = { currentUsage, healthMetrics };
