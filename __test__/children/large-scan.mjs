// Scans a folder within a budget and prints what it found, how it was read back, and what it took.
//
//   node large-scan.mjs DIR MAX_MEMORY_MB

import { createHash } from 'node:crypto';

import { PgTapScanner } from '../../lib/index.js';

const [root, maxMemoryMB] = process.argv.slice(2);
const scanner = new PgTapScanner({ maxMemoryMB: Number(maxMemoryMB), threads: 2, cleanupInterval: 0 });
let moved = 0;
scanner.on('cleanup', ({ step }) => { moved += step === 'spill' ? 1 : 0; });
const files = await scanner.scanDirectory(root);
const database = await scanner.buildCoverageDatabase();

const hash = createHash('sha256');
let [objects, covering] = [0, 0];
for (const [kind, map] of Object.entries(database.objects)) {
  for (const [name, { metadata }] of map) {
    objects += 1;
    covering += metadata.assertionCount;
    hash.update(`${kind}:${name}:${metadata.assertionCount}\n`);
  }
}
// Assertions of some files as they stand there; of all of them it would take a minute.
let read = 0;
for (let at = 0; at < files.length; at += 50) read += files[at].assertions.length;
console.log(JSON.stringify({
  files: files.length, assertions: database.totalAssertions, objects, covering, read, checksum: hash.digest('hex'), moved,
  residentMB: process.resourceUsage().maxRSS / 1024,
}));
