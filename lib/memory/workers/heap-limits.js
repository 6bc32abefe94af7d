'use strict';

const { setFlagsFromString } = require('node:v8');

/** V8's flags that override the `resourceLimits` of every worker that starts while they are set. */
const OVERRIDING = ['--max-old-space-size', '--max-heap-size', '--max-semi-space-size'];
/** V8's largest half of the young generation unless a flag says otherwise, in MB. */
const LARGEST_SEMI_SPACE_MB = 16;

/** Makes `resourceLimits` count again. Heaps that exist keep their limits: V8 reads the flags when it makes one. */
function releaseHeapFlags() {
  for (const flag of OVERRIDING) setFlagsFromString(`${flag}=0`);
}

/** The `resourceLimits` that add up to `limitMB`: V8 rounds half of the young generation to a power of two and holds three. */
function heapLimits(limitMB) {
  const semiSpaceMB = Math.min(LARGEST_SEMI_SPACE_MB, Math.max(1, 2 ** Math.floor(Math.log2(limitMB / 32))));
  const maxYoungGenerationSizeMb = 3 * semiSpaceMB;
  return { maxYoungGenerationSizeMb, maxOldGenerationSizeMb: limitMB - maxYoungGenerationSizeMb };
}

module.exports = { heapLimits, releaseHeapFlags };
