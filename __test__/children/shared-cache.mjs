// Scans a folder with a cache twice for each line that comes in, and writes what came of it as a line of JSON.

import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const { PgTapScanner } = createRequire(import.meta.url)('../../lib/index.js');
const [, , root, cache] = process.argv;

async function scan(warnings) {
  const scanner = new PgTapScanner({ cache, cleanupInterval: 0 });
  scanner.on('warning', ({ message, data }) => data?.cache && warnings.push(message));
  await scanner.scanDirectory(root);
  return scanner.exportCoverageReport({ format: 'csv' });
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const warnings = [];
  const reports = [await scan(warnings), await scan(warnings)];
  console.log(JSON.stringify({ line, warnings, reports }));
}
