'use strict';

const { engine } = require('./engine.js');

let collections;

function makeCollections() {
  const { collect } = require('./collect.js');
  const { ForcedCollections } = require('./garbage-collection.js');
  return new ForcedCollections({ collect });
}

/**
 * What the faces of the toolkit work on: one of each for this environment, made on first use. Whatever takes `parts`
 * works on others with the same members, too. A monitor at its defaults needs the engine alone; what else there is, is
 * loaded by the first that uses it.
 */
const PARTS = {
  engine,
  collections: () => (collections ??= makeCollections()),
  openGcStatistics: (listener) => require('./gc-statistics.js').openGcStatistics(listener),
  topConsumers: (most) => require('./memory-tracker.js').memoryTracker.getTopConsumers(most).map(({ operation }) => operation),
  onSpike: (listener) => require('./spike-detector.js').memorySpikeDetector.onSpike(listener),
  onOperation: (listener) => require('./operations.js').operations.on(listener),
  onShed: (listener) => require('./shed-events.js').onShed(listener),
  trimNativeMemory: () => require('./trim.js').trimNativeMemory(),
  get snapshotEvents() { return require('./snapshot-events.js').snapshotEvents; },
};

module.exports = { PARTS };
