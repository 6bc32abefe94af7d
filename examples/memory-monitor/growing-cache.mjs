// A program whose cache has no bound, and a manager that clears it in time.
//
//   node --max-old-space-size=64 --max-semi-space-size=1 growing-cache.mjs
import { setTimeout } from 'node:timers/promises';

import { MemoryManagerService, formatMemoryUsage } from 'pgtap-scanner/memory';

/** Without one the program would end with "JavaScript heap out of memory" after some 60 pages of 1 MB. */
const cache = new Map();
const page = (number) => Array.from({ length: 131_072 }, (_, at) => number + at / 2);

const manager = MemoryManagerService.getInstance();
manager.on('warning', () => console.log(`warning: ${formatMemoryUsage()}`));
manager.on('critical', () => console.log(`critical: ${formatMemoryUsage()}`));
manager.on('recovered', () => console.log(`recovered: ${formatMemoryUsage()}`));
manager.on('cleanup', ({ type, percentBefore, percentAfter }) => {
  console.log(`cleanup ${type}: ${Math.round(percentBefore)}% -> ${Math.round(percentAfter)}%`);
});

// Before the collection (priority 100), so that this has something to free.
manager.registerCleanup('cache', 110, 65, () => cache.clear());
await manager.initialize({ intervalMs: 100, cooldownMs: 1000, warningPercent: 50, criticalPercent: 75, emergencyPercent: 85 });

const PAGES = 120;
for (let number = 0; number < PAGES; number += 1) {
  cache.set(number, page(number));
  await setTimeout(50);
}
console.log(`${PAGES} pages read`);
await manager.shutdown();
