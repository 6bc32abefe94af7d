'use strict';

const { moment, usage } = require('./text.js');

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

module.exports = { status };
