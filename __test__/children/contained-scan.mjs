// Says what memory it sees, scans a folder within a budget, and says what it found.
//
//   node contained-scan.mjs DIR MAX_MEMORY_MB

import { MemoryMonitor, PgTapScanner } from '../../lib/index.js';

const [root, maxMemoryMB] = process.argv.slice(2);
const { container } = MemoryMonitor.getSystemMemory();
const enough = Object.fromEntries([16, 160, 400].map((mb) => [mb, MemoryMonitor.hasSufficientMemory(mb)]));
const scanner = new PgTapScanner({ maxMemoryMB: Number(maxMemoryMB) });
await scanner.scanDirectory(root);
const database = await scanner.buildCoverageDatabase();
let objects = 0;
for (const map of Object.values(database.objects)) for (const name of map.keys()) objects += name.length > 0 ? 1 : 0;
console.log(JSON.stringify({ container, enough, files: scanner.filesProcessed, assertions: database.totalAssertions, objects }));
await scanner.close();
