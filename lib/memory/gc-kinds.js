'use strict';

const { constants } = require('node:perf_hooks');

/** What Node's constants end with, and what we call it. */
const NAMES = {
  MINOR: 'minor', MINOR_MARK_SWEEP: 'minor', MAJOR: 'major', INCREMENTAL: 'incremental', WEAKCB: 'weak',
};
const PREFIX = 'NODE_PERFORMANCE_GC_';

// By name, for the numbers differ between versions of V8.
const BY_NUMBER = new Map(Object.entries(constants)
  .filter(([name]) => name.startsWith(PREFIX) && NAMES[name.slice(PREFIX.length)])
  .map(([name, number]) => [number, NAMES[name.slice(PREFIX.length)]]));

const BY_TYPE = new Map([
  ['Scavenge', 'minor'], ['MinorMarkCompact', 'minor'], ['MinorMarkSweep', 'minor'], ['MarkSweepCompact', 'major'],
  ['IncrementalMarking', 'incremental'], ['ProcessWeakCallbacks', 'weak'],
]);

/** The kind of a performance entry; `other` for one that this table does not know. */
const kindOfEntry = (entry) => BY_NUMBER.get(entry.detail.kind) ?? 'other';

/** The kind of a record of V8's profiler; it calls some kinds `Unknown`. */
const kindOfType = (type) => BY_TYPE.get(type) ?? 'other';

/** V8's name of the space in which objects begin; a minor collection comes when it is full. */
const YOUNG = 'new_space';

module.exports = { YOUNG, kindOfEntry, kindOfType };
