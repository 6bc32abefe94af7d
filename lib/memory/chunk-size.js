'use strict';

const { invalid } = require('../errors.js');
const { MemoryMonitor } = require('../memory-monitor.js');
const { readOptions, rule } = require('../options.js');

const above = (most, what) => rule(what, (value) => {
  if (typeof value !== 'number') return 'type';
  return value > 0 && value <= most ? undefined : 'range';
});
const COUNT = rule('an integer of 1 or more', (value) => {
  if (typeof value !== 'number') return 'type';
  return Number.isSafeInteger(value) && value >= 1 ? undefined : 'range';
});

const OPTIONS = {
  bytesPerItem: { default: 1024, ...above(Number.MAX_SAFE_INTEGER, 'a number of bytes above 0'), meaning: 'what one item takes in memory' },
  maxFraction: { default: 0.1, ...above(1, 'a number above 0 and up to 1'), meaning: 'the part of the memory that is left that a chunk may take' },
  min: { default: 1, ...COUNT, meaning: 'the least number of items' },
  max: { default: 10_000, ...COUNT, meaning: 'the most items' },
};

/** How many items a chunk may have; documented in chunk-size.d.ts. */
async function determineOptimalChunkSize(options) {
  const from = determineOptimalChunkSize;
  const { bytesPerItem, maxFraction, min, max } = readOptions(options, from, OPTIONS);
  if (min > max) throw invalid(`at most option "max" (${max})`, 'option "min"', min, { code: 'ERR_PGTAP_INVALID_OPTION', range: true, from });
  const { heapBytes, containerBytes, systemBytes } = MemoryMonitor.getAvailableMemory();
  const left = Math.min(heapBytes, containerBytes ?? Infinity, systemBytes);
  return Math.max(min, Math.min(max, Math.floor((left * maxFraction) / bytesPerItem)));
}

module.exports = { determineOptimalChunkSize };
