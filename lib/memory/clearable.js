'use strict';

/** What may be cleared, by kind: name and function of each part that has some. */
const CLEARABLE = { performance_metrics: new Map(), memory_snapshots: new Map() };

/**
 * A part of the toolkit offers to forget what it keeps when memory is scarce.
 *
 * @param {'performance_metrics' | 'memory_snapshots'} kind
 * @param {string} name of the part; registering it again replaces it
 * @param {() => number | void} clear answers the bytes that it freed, if it knows
 */
function registerClearable(kind, name, clear) {
  CLEARABLE[kind].set(name, clear);
}

/** Clears what is registered: the names of the parts, and the bytes that they say they freed. */
function clearAll(kind) {
  const parts = [...CLEARABLE[kind]];
  const freed = parts.map(([, clear]) => clear()).filter(Number.isFinite);
  return {
    cleared: parts.map(([name]) => name),
    freedBytes: freed.length > 0 ? freed.reduce((sum, bytes) => sum + bytes) : null,
  };
}

/** The part of the timeline that stays when memory is scarce: what trends look at. */
const KEPT_MS = 30 * 60 * 1000;

registerClearable('performance_metrics', 'operations', () => require('./memory-tracker.js').memoryTracker.reset());
registerClearable('memory_snapshots', 'timeline', () => require('./engine.js').engine().forget(Date.now() - KEPT_MS));

module.exports = { clearAll, registerClearable };
