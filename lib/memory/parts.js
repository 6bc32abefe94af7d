'use strict';

const { registerClearable } = require('./clearable.js');
const { collect } = require('./collect.js');
const { engine } = require('./engine.js');
const { ForcedCollections } = require('./garbage-collection.js');
const { openGcStatistics } = require('./gc-statistics.js');
const { memoryTracker } = require('./memory-tracker.js');
const { operations } = require('./operations.js');
const { onShed } = require('./shed-events.js');
const { snapshotEvents } = require('./snapshot-events.js');
const { memorySpikeDetector } = require('./spike-detector.js');
const { trimNativeMemory } = require('./trim.js');

/** The part of the timeline that stays when memory is scarce: what trends look at. */
const KEPT_MS = 30 * 60 * 1000;

let collections;

/**
 * What the faces of the toolkit work on: one of each for this environment, made on first use. Whatever takes `parts`
 * works on others with the same members, too.
 */
const PARTS = {
  engine,
  collections: () => (collections ??= new ForcedCollections({ collect })),
  openGcStatistics,
  topConsumers: (most) => memoryTracker.getTopConsumers(most).map(({ operation }) => operation),
  onSpike: (listener) => memorySpikeDetector.onSpike(listener),
  onOperation: (listener) => operations.on(listener),
  onShed,
  trimNativeMemory,
  snapshotEvents,
};

registerClearable('performance_metrics', 'operations', () => memoryTracker.reset());
registerClearable('memory_snapshots', 'timeline', () => engine().forget(Date.now() - KEPT_MS));

module.exports = { PARTS };
