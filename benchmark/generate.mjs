// Writes the benchmark's corpus: test files as a big company has them. Everything follows from the seed.
//
//   node benchmark/generate.mjs --files 10000 --assertions 40 --seed 1 --out DIR
//
// Beside DIR it writes DIR.manifest.json with the exact number of assertions per function.
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { partSeed, randomFrom } from './random.mjs';

export { generateHostile, HOSTILE_KINDS } from './hostile.mjs';
export { generateSuite } from './suite.mjs';

const FILES_PER_FOLDER = 100;

const SCHEMAS = ['app', 'auth', 'billing', 'catalog', 'cms', 'crm', 'edi', 'erp', 'events', 'finance', 'fleet', 'geo',
  'hr', 'iam', 'audit', 'legal', 'loyalty', 'mail', 'media', 'orders', 'parts', 'payroll', 'portal', 'pricing', 'public',
  'queue', 'reports', 'risk', 'sales', 'search', 'shop', 'stock', 'support', 'tax', 'travel', 'web'];
const NOUNS = ['account', 'address', 'batch', 'claim', 'contact', 'device', 'entry', 'grant', 'invoice', 'item', 'job', 'label',
  'ledger', 'member', 'note', 'order', 'parcel', 'payment', 'quote', 'rate', 'report', 'route', 'shift', 'stock', 'ticket', 'trip'];
const ADJECTIVES = ['active', 'base', 'billed', 'closed', 'current', 'draft', 'due', 'final', 'first', 'gross', 'last', 'local',
  'main', 'net', 'old', 'open', 'prior', 'sent', 'total', 'valid'];
const FIELDS = ['at', 'by', 'code', 'count', 'date', 'id', 'key', 'kind', 'name', 'rate', 'ref', 'state', 'sum', 'text', 'unit'];
const TYPES = ['text', 'integer', 'bigint', 'uuid', 'boolean', 'numeric(12,2)', 'date', 'jsonb', 'timestamp with time zone'];
const ROLES = ['app_user', 'reader', 'writer', 'auditor', 'service'];
const COMMANDS = ['select', 'insert', 'update', 'delete'];

/** A column of the file's table: mostly a common name, sometimes one that only this table has. */
function columnName(file) {
  const { random, columns, number } = file;
  const common = `${random.pick(ADJECTIVES)}_${random.pick(FIELDS)}`;
  let name = random.chance(0.05) ? `${common}_${number}` : common;
  if (columns.has(name)) name = `${common}_${columns.size}`;
  columns.add(name);
  return name;
}

/** A name that only this file uses, such as `billed_route_00042_trg`. */
function ownName(file, suffix) {
  file.names += 1;
  return `${file.random.pick(ADJECTIVES)}_${file.number}_${suffix}${file.names}`;
}

// Each entry: how often, the function's name, and its arguments for one file.
const OBJECT_ASSERTIONS = [
  [22, 'has_column', (f) => `'${f.schema}', '${f.table}', '${columnName(f)}', 'exists'`],
  [14, 'col_type_is', (f) => `'${f.schema}', '${f.table}', '${columnName(f)}', '${f.random.pick(TYPES)}', 'type'`],
  [6, 'col_not_null', (f) => `'${f.schema}', '${f.table}', '${columnName(f)}', 'required'`],
  [3, 'col_has_default', (f) => `'${f.schema}', '${f.table}', '${columnName(f)}', 'default'`],
  [2, 'col_is_pk', (f) => `'${f.schema}', '${f.table}', '${columnName(f)}', 'key'`],
  [6, 'has_function', (f) => `'${f.schema}', '${ownName(f, 'fn')}', ARRAY['${f.random.pick(TYPES)}']`],
  [3, 'function_returns', (f) => `'${f.schema}', '${ownName(f, 'get')}', ARRAY['uuid'], '${f.random.pick(TYPES)}'`],
  [6, 'has_index', (f) => `'${f.schema}', '${f.table}', '${ownName(f, 'ix')}', ARRAY['${columnName(f)}']`],
  [3, 'has_trigger', (f) => `'${f.schema}', '${f.table}', '${ownName(f, 'trg')}', 'has trigger'`],
  [2, 'policies_are', (f) => `'${f.schema}', '${f.table}', ARRAY['${f.random.pick(ADJECTIVES)}_rows']`],
  [3, 'policy_cmd_is', (f) => `'${f.schema}', '${f.table}', '${f.random.pick(ADJECTIVES)}_rows'::name, '${f.random.pick(COMMANDS)}'`],
  [2, 'fk_ok', (f) => `'${f.schema}', '${f.table}', '${columnName(f)}', '${f.schema}', '${f.random.pick(NOUNS)}', 'id'`],
  [2, 'table_privs_are', (f) => `'${f.schema}', '${f.table}', '${f.random.pick(ROLES)}', ARRAY['SELECT']`],
];

const VALUE_ASSERTIONS = [
  [8, 'is', (f) => `(SELECT count(*)::int FROM ${f.schema}.${f.table}), ${f.random.int(90)}, 'row count'`],
  [6, 'ok', (f) => `EXISTS (SELECT 1 FROM ${f.schema}.${f.table}), 'it''s there'`],
  [8, 'throws_ok', (f) => `$$INSERT INTO ${f.schema}.${f.table} VALUES (${f.random.int(90)}, NULL)$$, '23502'`],
  [6, 'results_eq', (f) => `'SELECT id FROM ${f.schema}.${f.table}', ARRAY[1, 2]`],
  [2, 'lives_ok', (f) => `$q$UPDATE ${f.schema}.${f.table} SET id = ${f.random.int(90)}$q$, 'can update'`],
];

const COMMENTS = ['-- structure', '-- behaviour (see the ticket)', '/* access rules */', "-- doesn't touch other tenants"];

/** One file of the corpus: `{ sql, counts }`. */
export function generateFile(seed, index, assertions) {
  const random = randomFrom(partSeed(seed, index));
  const number = String(index).padStart(5, '0');
  const file = { random, number, columns: new Set(), names: 0, schema: random.pick(SCHEMAS), table: `${random.pick(NOUNS)}_${number}` };
  const counts = { has_table: 1 };
  const lines = ['BEGIN;', `SELECT plan(${assertions});`, '', `SELECT has_table('${file.schema}', '${file.table}', 'has table');`];
  for (let i = 1; i < assertions; i += 1) {
    const [, name, argumentsOf] = random.weighted((random.chance(0.3) ? VALUE_ASSERTIONS : OBJECT_ASSERTIONS).map((row) => [row[0], row]));
    if (random.chance(0.06)) lines.push(random.pick(COMMENTS));
    lines.push(`SELECT ${name}(${argumentsOf(file)});`);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  lines.push('', 'SELECT * FROM finish();', 'ROLLBACK;', '');
  return { sql: lines.join('\n'), counts };
}

/** Where file `index` goes, relative to the corpus. */
export function pathOf(index) {
  const pad = (number) => String(number).padStart(5, '0');
  return `suite_${pad(Math.floor(index / FILES_PER_FOLDER))}/test_${pad(index)}.sql`;
}

/** Writes the corpus and returns the manifest: `{ seed, files, assertionsPerFile, bytes, assertions, byFunction }`. */
export function generateCorpus({ files, assertions, seed, out }) {
  const manifest = { seed, files, assertionsPerFile: assertions, bytes: 0, assertions: 0, byFunction: {} };
  for (let index = 0; index < files; index += 1) {
    const path = join(out, pathOf(index));
    if (index % FILES_PER_FOLDER === 0) mkdirSync(dirname(path), { recursive: true });
    const { sql, counts } = generateFile(seed, index, assertions);
    writeFileSync(path, sql);
    manifest.bytes += Buffer.byteLength(sql);
    for (const [name, count] of Object.entries(counts)) {
      manifest.byFunction[name] = (manifest.byFunction[name] ?? 0) + count;
      manifest.assertions += count;
    }
  }
  return manifest;
}

/** The manifest lies beside the corpus, not in it: a scan of DIR must see test files only. */
export const manifestPath = (out) => join(dirname(resolve(out)), `${basename(resolve(out))}.manifest.json`);

function positive(value, name) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a whole number above 0, not ${value}`);
  return number;
}

function main() {
  const text = (fallback) => ({ type: 'string', default: fallback });
  const { values } = parseArgs({ options: { files: text('10000'), assertions: text('40'), seed: text('1'), out: { type: 'string' } } });
  if (!values.out) throw new Error('--out DIR is needed');
  const [files, assertions, seed] = ['files', 'assertions', 'seed'].map((name) => positive(values[name], name));
  const manifest = generateCorpus({ files, assertions, seed, out: values.out });
  writeFileSync(manifestPath(values.out), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(JSON.stringify(manifest, null, 2));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
