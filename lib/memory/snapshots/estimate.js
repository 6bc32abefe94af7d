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

/**
 * What a heap snapshot will take.
 *
 * @param {{ usedBytes: number, largeBytes: number }} heap `largeBytes`: what lies in V8's large-object spaces
 * @param {{ memory: number, disk: number, pause: number } | undefined } learned from the snapshot before: bytes of
 *   memory and of disk for each byte of heap, milliseconds for each MB of small objects
 * @returns {{ memoryBytes: number, diskBytes: number, pauseMs: number }}
 */
function estimate({ usedBytes, largeBytes }, learned) {
  const small = usedBytes - largeBytes;
  const memory = learned
    ? usedBytes * learned.memory * ROOM
    : small * MEMORY_PER_SMALL_BYTE + largeBytes * MEMORY_PER_LARGE_BYTE;
  return {
    memoryBytes: Math.ceil(memory),
    diskBytes: Math.ceil(usedBytes * (learned ? learned.disk * ROOM : DISK_PER_BYTE)),
    pauseMs: Math.ceil((small / MB) * (learned ? learned.pause * ROOM : PAUSE_PER_SMALL_MB)),
  };
}

/**
 * What a snapshot taught.
 *
 * @param {{ usedBytes: number, largeBytes: number }} heap before it
 * @param {{ memoryBytes: number, diskBytes: number, pauseMs: number }} took
 */
function learn({ usedBytes, largeBytes }, { memoryBytes, diskBytes, pauseMs }) {
  return {
    // The highest resident size may have been reset by others meanwhile; no snapshot takes less than the heap.
    memory: Math.max(1, memoryBytes / usedBytes),
    disk: diskBytes / usedBytes,
    pause: pauseMs / Math.max(1, (usedBytes - largeBytes) / MB),
  };
}

module.exports = { MB, estimate, learn };
