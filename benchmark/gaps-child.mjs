// One round of bench-gaps.mjs: node gaps-child.mjs TESTS CONNECTION
import { PgTapScanner } from '../lib/index.js';
import schema from '../lib/schema/index.js';

const [tests, connection] = process.argv.slice(2);
const times = {};
async function timed(name, work) {
  const began = performance.now();
  const answer = await work();
  times[name] = performance.now() - began;
  return answer;
}

const catalog = await timed('catalog ms', () => schema.readCatalogFrom(connection));
const scanner = new PgTapScanner();
await timed('scan ms', () => scanner.scanDirectory(tests));
const { coverage } = await timed('analysis ms', () => scanner.analyzeGaps({ catalog }));
const { total, asserted } = coverage.summary;
console.log(JSON.stringify({ ...times, objects: total, asserted, 'peak MB': process.resourceUsage().maxRSS / 1024 }));
process.exit();
