'use strict';

const { queryCount } = require('./query.js');
const { megabytesAnHour, milliseconds, moment, percent, size, usage } = require('./text.js');

// Answers for people: sizes and shares as text, such as '245.67MB' and '48.0%'.

/** How many spikes there were, by severity; `null` when nothing looked for them, which is not the same as none. */
function spikeCounts(spikes) {
  const counts = spikes.getCounts();
  return spikes.active || Object.values(counts).some((count) => count > 0) ? counts : null;
}

function status({ manager, tracker, spikes, database }) {
  const { level, sample } = manager.getStatus();
  const { kept, folded } = tracker.names;
  return {
    status: level,
    timestamp: moment(sample.at),
    uptimeSeconds: Math.round(process.uptime()),
    monitoring: manager.initialized,
    current: usage(sample),
    tracking: { operations: kept, foldedOperations: folded, queries: database.getStats().length, spikes: spikeCounts(spikes) },
  };
}

const consumers = (tracker, spikes, top) => tracker.getReport({ top, spikes: spikeCounts(spikes) }).topMemoryConsumers;

function topConsumers({ tracker, spikes, query }) {
  return { topMemoryConsumers: consumers(tracker, spikes, queryCount(query, 'limit', { standard: 10, most: 1000 })) };
}

function history({ manager, query }) {
  const samples = manager.getHistory(queryCount(query, 'limit', { standard: 120, most: 5000 }));
  return { samples: samples.map((sample) => ({ timestamp: moment(sample.at), blocked: sample.blocked, ...usage(sample) })) };
}

const shownSpike = ({ severity, memoryIncrease, operation, timestamp, consecutive, inRow, baseBytes, durationMs }) => ({
  severity, operation, timestamp: moment(timestamp), memoryIncrease: size(memoryIncrease), base: size(baseBytes), duration: milliseconds(durationMs),
  consecutive, inRow,
});

function recentSpikes({ spikes, query }) {
  const newest = spikes.getSpikes().slice(-queryCount(query, 'limit', { standard: 100, most: 100 })).reverse();
  return { active: spikes.active, counts: spikes.getCounts(), spikes: newest.map(shownSpike) };
}

/** Of a query its type and table, as the operation's name has them; no statement. */
const shownQuery = ({ operation, callCount, totalBytes, averageBytes, averageMs, records, exceeded, sharedAbove, moreThanExpected }) => ({
  operation,
  totalMemory: size(totalBytes),
  // The tracker forgets names that were not used for long.
  callCount: callCount ?? null,
  avgMemory: size(averageBytes),
  avgDuration: milliseconds(averageMs),
  records, exceeded, sharedAbove, moreThanExpected,
});

/** The queries last used first. */
const queries = (database, most) => database.getStats().reverse().slice(0, most).map(shownQuery);

function databaseStatistics({ database, query }) {
  return { queries: queries(database, queryCount(query, 'limit', { standard: 100, most: 1000 })) };
}

function trendText({ timeWindow, samples, averageUsage, peakUsage, growthRateMBPerHour, isIncreasing }) {
  return {
    windowMinutes: timeWindow, samples, averageUsage: percent(averageUsage), peakUsage: percent(peakUsage),
    growth: megabytesAnHour(growthRateMBPerHour), isIncreasing,
  };
}

function leakText({ suspected, score, pattern, series, growthMBPerHour, windows, recommendations }) {
  return { suspected, confidence: percent(score), pattern, series, growth: megabytesAnHour(growthMBPerHour), windows, recommendations };
}

function collectionText({ totalCollections, efficiency, averageDuration, longestDuration, freedBytes }) {
  return {
    collections: totalCollections, efficiency: percent(efficiency), averagePause: milliseconds(averageDuration),
    longestPause: milliseconds(longestDuration), freed: size(freedBytes),
  };
}

function report({ manager, tracker, spikes, database }) {
  const { level, sample } = manager.getStatus();
  const { gcStats, recommendations } = manager.getHealthMetrics();
  return {
    current: usage(sample),
    topMemoryConsumers: consumers(tracker, spikes, 10),
    spikes: spikeCounts(spikes),
    generatedAt: moment(sample.at),
    status: level,
    trend: trendText(manager.getTrend()),
    leak: leakText(manager.getLeakReport()),
    collections: collectionText(gcStats),
    queries: queries(database, 10),
    recommendations,
  };
}

module.exports = { databaseStatistics, history, leakText, recentSpikes, report, status, topConsumers };
