'use strict';

const MB = 1024 * 1024;

/** What V8's heap may take of a limit: the rest is for Buffers, native memory, stacks and code. */
const HEAP_SHARE = 0.75;
/** No Node.js starts with less. */
const LEAST_MB = 16;
/** A young generation where nothing is known of it. */
const YOUNG_BYTES = 48 * MB;
/** What writing a heap snapshot of small objects takes at the limit, in heaps. */
const SNAPSHOT_HEAPS = 15;

/** What a process may use in all: its container's limit, or the machine. */
function roomOf({ container, machine }) {
  return container === null ? { name: 'the machine', bytes: machine.totalBytes } : { name: 'the container', bytes: container.limitBytes };
}

/** The part of V8's limit that is for young objects. */
const youngBytes = (heap) => (heap === null ? YOUNG_BYTES : heap.limitBytes - heap.oldLimitBytes);

/** The `--max-old-space-size` that fits when `processes` share the room. */
function fittingMB({ heap, ...facts }, processes = 1) {
  const old = (roomOf(facts).bytes * HEAP_SHARE) / processes - youngBytes(heap);
  return Math.max(LEAST_MB, Math.floor(old / MB));
}

/** What the heaps of all Node.js processes of the container may grow to. */
function heapSum({ heap, neighbours }) {
  const own = heap?.limitBytes ?? 0;
  const limitOf = ({ flags: { 'max-old-space-size': said } }) => (said ? said.value * MB + youngBytes(heap) : own);
  return neighbours.reduce((sum, each) => sum + limitOf(each), own);
}

/** Two values of --max-old-space-size, of which the last counts; null when there is one. */
function twoHeapLimits({ flags: { 'max-old-space-size': said } }) {
  return said && said.before !== null && said.before !== said.value ? [said.before, said.value] : null;
}

/** What the young generation may take by --max-semi-space-size; 0 without it. */
const saidYoungBytes = ({ flags }) => 3 * MB * (flags['max-semi-space-size']?.value ?? 0);

const snapshotBytes = ({ heap }) => SNAPSHOT_HEAPS * heap.limitBytes;

/** Where a flag stands, or undefined when it is not given. */
const flagPlace = ({ flags }, name) => flags[name] && `--${name} in ${flags[name].from}`;

const groupFile = ({ container }) => container.folder;

module.exports = { fittingMB, flagPlace, groupFile, heapSum, roomOf, saidYoungBytes, snapshotBytes, twoHeapLimits };
