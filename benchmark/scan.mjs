// One run of the scanner in a fresh process: scan a folder and build the coverage database.
import { PgTapScanner } from '../lib/index.js';

const scanner = new PgTapScanner();
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
