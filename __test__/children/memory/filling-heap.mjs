// Fills nearly all of an old generation of 200 MB, lets go of half and waits for somebody to ask V8 for a collection: exits
// with 0 when that happened, 3 when not. V8 itself, without its incremental marking and memory reducer, has no reason to.
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';

const FILLED_BYTES = 182 * 1024 * 1024;
const OLD = ['old_space', 'large_object_space'];
const WAIT_MS = Number(process.argv[2]);

let forced = false;
new PerformanceObserver((list) => {
  forced ||= list.getEntries().some(({ detail }) => (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0);
}).observe({ entryTypes: ['gc'] });

const held = [];
const filled = () => getHeapSpaceStatistics().reduce((sum, space) => sum + (OLD.includes(space.space_name) ? space.space_used_size : 0), 0);
while (filled() < FILLED_BYTES) held.push(new Array(50_000).fill(0.5));
held.length >>= 1;
for (let waited = 0; waited < WAIT_MS && !forced; waited += 50) await wait(50);
process.exit(forced ? 0 : 3);
