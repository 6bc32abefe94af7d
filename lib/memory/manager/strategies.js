'use strict';

const { clearAll } = require('../clearable.js');

/** Clears what parts of the toolkit offered of this kind. */
function cleared(kind) {
  const parts = clearAll(kind);
  return parts.length > 0 ? { cleared: parts } : { success: false, skipped: 'nothing-registered' };
}

/**
 * The cleanups that every manager has. Each begins above its percentage of the limit.
 *
 * @param {{ collect: (reason: string) => object, trim: () => object }} how
 */
const strategies = ({ collect, trim }) => [
  { name: 'force_gc', priority: 100, atPercent: 70, run: ({ reason }) => collect(reason) },
  { name: 'clear_performance_metrics', priority: 80, atPercent: 80, run: () => cleared('performance_metrics') },
  { name: 'clear_memory_snapshots', priority: 60, atPercent: 85, run: () => cleared('memory_snapshots') },
  { name: 'malloc_trim', priority: 50, atPercent: 0, emergencyOnly: true, run: trim },
];

module.exports = { strategies };
