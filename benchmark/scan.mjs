// One run of the scanner in a fresh process: scan a folder and build the coverage database.
//
//   node scan.mjs DIR [MAX_MEMORY_MB]
import PgTapScanner from '../lib/scanner.js';

const scanner = new PgTapScanner(process.argv[3] ? { maxMemoryMB: Number(process.argv[3]) } : {});
const started = performance.now();
const files = await scanner.scanDirectory(process.argv[2]);
const scanned = performance.now();
const database = await scanner.buildCoverageDatabase();
const built = performance.now();

console.log(JSON.stringify({
  files: files.length,
  assertions: database.totalAssertions,
  scanMs: scanned - started,
  buildMs: built - scanned,
  maxRssKb: process.resourceUsage().maxRSS,
}));
