'use strict';

/** What may be cleared, by kind: name and function of each part that has some. */
const CLEARABLE = { performance_metrics: new Map(), memory_snapshots: new Map() };

/**
 * A part of the toolkit offers to forget what it keeps when memory is scarce.
 *
 * @param {'performance_metrics' | 'memory_snapshots'} kind
 * @param {string} name of the part; registering it again replaces it
 * @param {() => void} clear
 */
function registerClearable(kind, name, clear) {
  CLEARABLE[kind].set(name, clear);
}

/** Clears what is registered; the names of the parts. */
function clearAll(kind) {
  const parts = [...CLEARABLE[kind]];
  for (const [, clear] of parts) clear();
  return parts.map(([name]) => name);
}

module.exports = { clearAll, registerClearable };
