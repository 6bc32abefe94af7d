'use strict';

const { ForcedCollections } = require('./garbage-collection.js');

let collections;

/**
 * What the faces of the toolkit work on: one of each for this environment, made on first use. Whatever takes `parts`
 * works on others with the same members, too.
 */
const PARTS = {
  engine: () => require('./engine.js').engine(),
  collections: () => (collections ??= new ForcedCollections({ collect: require('./collect.js').collect })),
  gcStatistics: () => require('./gc-statistics.js').gcStatistics,
  topConsumers: (most) => require('./tracker.js').memoryTracker.getTopConsumers(most).map(({ operation }) => operation),
  trimNativeMemory: () => require('./trim.js').trimNativeMemory(),
};

module.exports = { PARTS };
