'use strict';

const { clearAll } = require('../clearable.js');

/** Clears what parts of the toolkit offered of this kind. */
function cleared(kind) {
  const outcome = clearAll(kind);
  return outcome.cleared.length > 0 ? outcome : { success: false, skipped: 'nothing-registered' };
}

/** Gives back what was freed and the allocator still holds. */
async function trimmed(trim) {
  const { ran, why, rssBeforeBytes, rssAfterBytes } = await trim();
  if (!ran) return { success: false, skipped: 'not-available', detail: why };
  const known = rssBeforeBytes !== null && rssAfterBytes !== null;
  return { freedBytes: known ? Math.max(0, rssBeforeBytes - rssAfterBytes) : null };
}

/**
 * The cleanups that every manager has. Each begins above its percentage of the limit. One that
 * `letsGo` makes garbage, which a collection may free.
 *
 * @param {{ collect: (context: { reason: string, byHand: boolean }) => object, trim: () => object }} how
 */
const strategies = ({ collect, trim }) => [
  { name: 'force_gc', priority: 100, atPercent: 70, run: collect },
  { name: 'clear_performance_metrics', priority: 80, atPercent: 80, letsGo: true, run: () => cleared('performance_metrics') },
  { name: 'clear_memory_snapshots', priority: 60, atPercent: 85, letsGo: true, run: () => cleared('memory_snapshots') },
  { name: 'malloc_trim', priority: 50, atPercent: 0, emergencyOnly: true, run: () => trimmed(trim) },
];

module.exports = { strategies };
