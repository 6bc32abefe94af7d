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

/** The `--max-old-space-size` that fits when `processes` share the room. */
function fittingMB({ heap, ...facts }, processes = 1) {
  const young = heap === null ? YOUNG_BYTES : heap.limitBytes - heap.oldLimitBytes;
  const old = (roomOf(facts).bytes * HEAP_SHARE) / processes - young;
  return Math.max(LEAST_MB, Math.floor(old / MB));
}

/** What the heaps of all Node.js processes of the container may grow to. */
function heapSum({ heap, neighbours }) {
  const young = heap === null ? YOUNG_BYTES : heap.limitBytes - heap.oldLimitBytes;
  const others = neighbours.map(({ flags }) => (flags['max-old-space-size'] ? flags['max-old-space-size'].value * MB + young : heap?.limitBytes ?? 0));
  return others.reduce((sum, bytes) => sum + bytes, heap?.limitBytes ?? 0);
}

const snapshotBytes = ({ heap }) => SNAPSHOT_HEAPS * heap.limitBytes;

/** Where a flag stands, or undefined when it is not given. */
const flagPlace = ({ flags }, name) => flags[name] && `--${name} in ${flags[name].from}`;

const groupFile = ({ container }) => container.folder;

module.exports = { fittingMB, flagPlace, groupFile, heapSum, roomOf, snapshotBytes };
