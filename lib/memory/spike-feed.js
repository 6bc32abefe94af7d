'use strict';

/** Milliseconds between samples; a sample knows the peak since the one before. */
const EVERY_MS = 1000;

/**
 * Feeds a detector from the engine's samples and from tracked operations. Of operations only those that ran alone count:
 * what others took is nobody's spike.
 *
 * @returns {() => void} ends it
 */
function feedSpikes(detector) {
  const watch = require('./engine.js').engine().watch({ intervalMs: EVERY_MS });
  watch.on('sample', (sample) => detector.feedSample(sample));
  const off = require('./operations.js').operations.on(({ name, adjustedBytes, confidence }) => {
    if (confidence === 'exclusive' && adjustedBytes > 0) detector.feedOperation({ operation: name, bytes: adjustedBytes });
  });
  return () => {
    watch.stop();
    off();
  };
}

/** Takes a snapshot because of a spike, where the environment allows it and there is room; see takeSnapshot(). */
function snapshotOfSpike({ severity, memoryIncrease }) {
  const { snapshotsEnabled } = require('./snapshots/snapshot-schedule.js');
  if (!snapshotsEnabled(process.env.NODE_ENV === 'production')) return undefined;
  const { takeSnapshot } = require('./snapshots/take.js');
  return takeSnapshot({ reason: `${severity} spike of ${Math.round(memoryIncrease / 2 ** 20)} MB` });
}

module.exports = { feedSpikes, snapshotOfSpike };
