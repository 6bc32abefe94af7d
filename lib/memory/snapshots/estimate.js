'use strict';

const MB = 1024 * 1024;

// Measured with Node 20 and 26: objects of two fields with small strings took 15 to 22 bytes of memory for each byte of
// heap, larger ones 7 to 9; arrays and strings in the large-object spaces cost their edges and names at most.
const MEMORY_PER_SMALL_BYTE = 24;
const MEMORY_PER_LARGE_BYTE = 3;
// Files were 1.7 to 2.2 times the heap.
const DISK_PER_BYTE = 2.5;
// Milliseconds a MB, measured as 50 to 73.
const PAUSE_PER_SMALL_MB = 70;
// What was learned from one heap holds for the next one of the same process with this much room.
const ROOM = 1.5;
// In fewer bytes of small objects the fixed costs of a snapshot outweigh those of objects: nothing is learned from it.
const LEARN_FROM_BYTES = 16 * MB;

/**
 * What a heap snapshot will take.
 *
 * @param {{ usedBytes: number, largeBytes: number }} heap `largeBytes`: what lies in V8's large-object spaces
 * @param {{ memory: number | null, disk: number, pause: number } | undefined } learned from snapshots before: bytes of
 *   memory for each byte of small objects (`null`: unknown), of disk for each byte of heap, milliseconds for each MB of
 *   small objects
 * @returns {{ memoryBytes: number, diskBytes: number, pauseMs: number }}
 */
function estimate({ usedBytes, largeBytes }, learned) {
  const small = usedBytes - largeBytes;
  const memoryPerSmallByte = learned?.memory ? learned.memory * ROOM : MEMORY_PER_SMALL_BYTE;
  return {
    memoryBytes: Math.ceil(small * memoryPerSmallByte + largeBytes * MEMORY_PER_LARGE_BYTE),
    diskBytes: Math.ceil(usedBytes * (learned ? learned.disk * ROOM : DISK_PER_BYTE)),
    pauseMs: Math.ceil((small / MB) * (learned ? learned.pause * ROOM : PAUSE_PER_SMALL_MB)),
  };
}

/** The most memory that was seen: what an earlier snapshot left to the allocator is not taken again by a later one. */
function mostMemory(ratio, before) {
  if (ratio === null) return before;
  return Math.max(ratio, before ?? 0);
}

/**
 * What is known after a snapshot.
 *
 * @param {{ usedBytes: number, largeBytes: number }} heap before it
 * @param {{ memoryBytes: number | null, diskBytes: number, pauseMs: number }} took `memoryBytes`: `null` where it did
 *   not show in the process's peak
 * @param {ReturnType<typeof learn>} before what was known before it
 */
function learn({ usedBytes, largeBytes }, { memoryBytes, diskBytes, pauseMs }, before) {
  const small = usedBytes - largeBytes;
  if (small < LEARN_FROM_BYTES) return before;
  return {
    memory: mostMemory(memoryBytes === null ? null : memoryBytes / small, before?.memory ?? null),
    disk: diskBytes / usedBytes,
    pause: pauseMs / (small / MB),
  };
}

module.exports = { MB, estimate, learn };
