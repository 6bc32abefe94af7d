// Grows until V8 gives up, under the manager and a black box in the folder that it is told; says what it hears, at once.

import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const { MemoryManagerService, openBlackBox } = createRequire(import.meta.url)('../../../lib/memory/index.js');

openBlackBox({ dir: process.argv[2] });
const manager = MemoryManagerService.getInstance();
for (const name of ['warning', 'critical', 'emergency', 'oom-imminent']) manager.on(name, () => writeSync(1, `${name}\n`));
await manager.initialize({ profile: 'render', logger: { log() {} } });

const held = [];
setInterval(() => held.push(new Array(16_384).fill(held.length + 0.5)), 25);
