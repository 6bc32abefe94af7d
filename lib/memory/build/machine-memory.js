'use strict';

const { freemem, totalmem } = require('node:os');

const { systemMemory } = require('../../native.js');

/**
 * The memory of the container, if it has a limit below the machine's, else of the machine: what there is, what is in use,
 * and what may still be taken, of whichever leaves less.
 *
 * `events` counts how often the container met its limits and how many of its processes the kernel killed for want of
 * memory; `null` where the system does not count.
 *
 * @returns {{ of: 'container' | 'machine', totalBytes: number, usedBytes: number, availableBytes: number, events: object | null }}
 */
function machineMemory() {
  const { availableBytes, container, events } = JSON.parse(systemMemory());
  const total = totalmem();
  // Only Linux counts what is available without swapping.
  const available = availableBytes ?? freemem();
  if (container === null || container.limitBytes >= total) {
    return { of: 'machine', totalBytes: total, usedBytes: total - available, availableBytes: available, events };
  }
  const { limitBytes, usedBytes } = container;
  return { of: 'container', totalBytes: limitBytes, usedBytes, availableBytes: Math.max(0, Math.min(available, limitBytes - usedBytes)), events };
}

module.exports = { machineMemory };
