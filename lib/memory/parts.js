'use strict';

const { registerClearable } = require('./clearable.js');
const { ForcedCollections } = require('./garbage-collection.js');

/** The part of the timeline that stays when memory is scarce: what trends look at. */
const KEPT_MS = 30 * 60 * 1000;

let collections;

/**
 * What the faces of the toolkit work on: one of each for this environment, made on first use. Whatever takes `parts`
 * works on others with the same members, too.
 */
const PARTS = {
  engine: () => require('./engine.js').engine(),
  collections: () => (collections ??= new ForcedCollections({ collect: require('./collect.js').collect })),
  openGcStatistics: (listener) => require('./gc-statistics.js').openGcStatistics(listener),
  topConsumers: (most) => require('./memory-tracker.js').memoryTracker.getTopConsumers(most).map(({ operation }) => operation),
  trimNativeMemory: () => require('./trim.js').trimNativeMemory(),
};

registerClearable('memory_snapshots', 'timeline', () => PARTS.engine().forget(Date.now() - KEPT_MS));

module.exports = { PARTS };
