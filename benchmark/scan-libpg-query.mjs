// The same files through PostgreSQL's parser (compiled to WebAssembly), counting calls of assertions in the parse
// tree: what a tool pays that uses a full parser. It reads statements only, no function bodies and no psql.
//
//   node benchmark/scan-libpg-query.mjs DIR [number of files]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModule, parseSync } from 'libpg-query';
import { callsInTree } from '../__test__/oracle/ast.mjs';
import { loadNames } from '../__test__/oracle/catalog.mjs';

const [, , dir, limit = 'Infinity'] = process.argv;
const names = loadNames();
await loadModule();

const paths = readdirSync(dir, { recursive: true }).filter((path) => path.endsWith('.sql')).sort().slice(0, Number(limit));
const started = performance.now();
let assertions = 0;
for (const path of paths) {
  assertions += callsInTree(parseSync(readFileSync(join(dir, path), 'utf8')), names).calls.length;
}
console.log(JSON.stringify({
  files: paths.length,
  assertions,
  workMs: performance.now() - started,
  maxRssKb: process.resourceUsage().maxRSS,
}));
