// The scanner against the oracle: both must list the same assertions, on the same lines, with the same number of
// arguments. Lines that PostgreSQL's parser refuses are left out, and counted.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generateFile, generateSuite } from '../benchmark/generate.mjs';
import { compareFile } from './oracle/compare.mjs';
import { callsOf } from './oracle/pg-query.mjs';
import { PgTapScanner } from '../lib/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const GENERATED_SUITES = 300;
const CORPUS_FILES = 50;
// What the generated part alone holds; examples and fixtures come on top.
const LEAST_FILES = GENERATED_SUITES + CORPUS_FILES;
const LEAST_CALLS = 15000;

/** `.sql` files below `folder`, `/`-separated and relative to the repository. */
function sqlFiles(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true })
    .filter((path) => path.endsWith('.sql'))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .sort();
}

const inExampleTests = (path) => /^examples\/[^/]+\/(.*\/)?tests?\//.test(path);

/** Everything to compare: `{ name, sql }`. */
function* sources() {
  const paths = [...sqlFiles('examples').filter(inExampleTests), ...sqlFiles('__test__/fixtures')];
  for (const path of paths) yield { name: path, sql: readFileSync(join(ROOT, path), 'utf8') };
  for (let seed = 1; seed <= GENERATED_SUITES; seed += 1) {
    yield { name: `generated suite ${seed}`, sql: generateSuite(seed, 10 + (seed % 40)).sql };
  }
  for (let index = 0; index < CORPUS_FILES; index += 1) {
    yield { name: `corpus file ${index}`, sql: generateFile(1, index, 40).sql };
  }
}

/** One readable line per difference, with the source line it is about. */
function differenceLines({ name, sql }, { missing, extra }) {
  const lines = sql.split('\n');
  const line = (what, call) => `${name}:${call.line}: ${what} ${call.name} with ${call.argCount} arguments | ${lines[call.line - 1]?.trim().slice(0, 100)}`;
  return [...missing.map((call) => line('not found by the scanner:', call)), ...extra.map((call) => line('only the scanner found:', call))];
}

test('the scanner and PostgreSQL\'s parser list the same assertions', async (t) => {
  const scanner = new PgTapScanner();
  const differences = [];
  let [files, calls, leftOut] = [0, 0, 0];
  for (const source of sources()) {
    const result = compareFile(scanner.extractAssertions(source.sql), await callsOf(source.sql));
    files += 1;
    calls += result.matched;
    leftOut += result.leftOut;
    differences.push(...differenceLines(source, result));
  }
  t.diagnostic(`${files} files, ${calls} assertions agree, ${leftOut} on lines that the parser refuses`);
  assert.equal(differences.length, 0, `${differences.length} differences, the first of them:\n${differences.slice(0, 10).join('\n')}`);
  assert.ok(files >= LEAST_FILES, `only ${files} files were compared`);
  assert.ok(calls >= LEAST_CALLS, `only ${calls} assertions were compared`);
});
