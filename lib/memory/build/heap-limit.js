'use strict';

const { PgTapError } = require('../../errors.js');
const { MB } = require('../figures.js');

/** So much of the memory that there is may be heap: buffers, code, the young generation and other programs need the rest. */
const HEAP_SHARE = 0.75;

const wholeMB = (bytes) => Math.floor(bytes / MB);

/** The largest heap limit that `atOnce` processes can have on this machine, in MB. */
const largestHeapMB = ({ totalBytes }, atOnce) => Math.max(1, wholeMB((totalBytes * HEAP_SHARE) / atOnce));

function refuse({ of, totalBytes, availableBytes }, requiredMB) {
  const availableMB = wholeMB(availableBytes);
  const message = `The build needs ${requiredMB} MB of memory, and ${availableMB} MB are available (the ${of} has ${wholeMB(totalBytes)} MB). `
    + `${requiredMB - availableMB} MB are missing: end other programs, give the ${of} more, or lower requiredMB.`;
  const error = new PgTapError('ERR_PGTAP_BUILD_MEMORY', message);
  return Object.assign(error, { requiredMB, availableMB, totalMB: wholeMB(totalBytes) });
}

/**
 * What is checked before the first step: the heap limit that the machine can hold, and what is to be said about it.
 *
 * @param {object} options `heapMB`, `requiredMB` and `concurrency` of the build
 * @param {object} memory what machineMemory() tells
 * @returns {{ heapMB: number, largestMB: number, warnings: string[] }}
 */
function checkMemory({ heapMB: wanted, requiredMB, concurrency }, memory) {
  if (memory.availableBytes < requiredMB * MB) throw refuse(memory, requiredMB);
  const largestMB = largestHeapMB(memory, concurrency);
  const heapMB = Math.min(wanted, largestMB);
  const warnings = [];
  const each = concurrency === 1 ? '' : ` for each of ${concurrency} steps at once`;
  if (heapMB < wanted) {
    warnings.push(`The ${memory.of} has ${wholeMB(memory.totalBytes)} MB: the heap limit of ${wanted} MB is lowered to ${heapMB} MB${each}.`);
  }
  const availableMB = wholeMB(memory.availableBytes);
  if (availableMB < heapMB * concurrency) {
    warnings.push(`Only ${availableMB} MB are available now: a step that fills its heap limit of ${heapMB} MB will not find the memory.`);
  }
  return { heapMB, largestMB, warnings };
}

module.exports = { checkMemory, largestHeapMB };
