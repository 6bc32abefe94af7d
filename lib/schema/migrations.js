'use strict';

const { readFileSync } = require('node:fs');
const { relative, sep } = require('node:path');
const { filePath, invalid } = require('../errors.js');
const { Applying, defaultPath } = require('./apply.js');
const { mark, openEmbedded } = require('./embedded.js');
const { isSupabase, migrationFiles } = require('./migration-files.js');
const { Origins } = require('./origins.js');
const { PRESETS, checkPreset } = require('./preset.js');
const { STATEMENT_TIMEOUT_MS, checkSignal, readFrom } = require('./read-catalog.js');
const { extensionOf, readScript } = require('./script.js');
const { splitSearchPath } = require('./search-path.js');

/** The first id that initdb does not give. */
const FIRST_OID = 16384;

const wrong = (allowed, name, value, from) =>
  invalid(allowed, `option "${name}"`, value, { code: 'ERR_PGTAP_INVALID_OPTION', from });

function checkOptions({ continueOnError = false, signal, onProgress, preset }, from) {
  if (typeof continueOnError !== 'boolean') throw wrong('a boolean', 'continueOnError', continueOnError, from);
  if (onProgress !== undefined && typeof onProgress !== 'function') throw wrong('a function', 'onProgress', onProgress, from);
  checkSignal(signal, from);
  checkPreset(preset, from);
}

/** The files to apply: the dump first, with the roles that it names. */
function plan({ migrations, schema }, from) {
  const dump = schema === undefined ? [] : [filePath(schema, 'option "schema"', from)];
  const files = migrations === undefined ? [] : migrationFiles(migrations, from);
  if (dump.length + files.length > 0) {
    return [...dump.map((file) => ({ file, dump: true })), ...files.map((file) => ({ file, dump: false }))];
  }
  throw wrong('a folder, a file or an array of files', 'migrations', migrations, from);
}

/** A path as errors and origins show it: below the current folder without that, always with `/`. */
function shownPath(path) {
  const below = relative(process.cwd(), path);
  return (below.startsWith('..') ? path : below).split(sep).join('/');
}

const extensionNames = (scripts) => scripts.flatMap(({ pieces }) => pieces)
  .map(({ words }) => (words ? extensionOf(words)?.name : undefined)).filter((name) => name !== undefined);

/** Extensions that the preset has and a script asks for, and those that PGlite lacks, are the schema's all the same. */
async function addExtensions(database, catalog, applied) {
  const { rows } = await database.query(`
    SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace`);
  const listed = new Set(catalog.extensions.map(({ name }) => name));
  for (const [name, { schema, file, line }] of applied.extensions) {
    if (listed.has(name) || name === 'plpgsql') continue;
    const made = rows.find((row) => row.name === name);
    catalog.extensions.push(made ?? { name, schema: schema ?? 'public', version: null });
    catalog.origins.push({ kind: 'extensions', schema: null, relation: null, name, file, line });
  }
  catalog.extensions.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

async function read(database, applied, origins, first, signal) {
  const how = { statementTimeoutMs: STATEMENT_TIMEOUT_MS, signal, preset: [FIRST_OID, first] };
  await database.exec('DISCARD ALL');
  const catalog = await readFrom(database, how, 'the embedded database', (...object) => origins.found(...object));
  catalog.searchPath = splitSearchPath(await defaultPath(database));
  catalog.origins = origins.list();
  await addExtensions(database, catalog, applied);
  return catalog;
}

async function applyAll(database, files, scripts, { continueOnError, signal, onProgress, preset }) {
  if (preset) await database.exec(readFileSync(PRESETS[preset].prelude, 'utf8'));
  const first = await mark(database);
  const origins = new Origins(first);
  const applied = new Applying(database, { continueOnError, signal, origins, shown: shownPath });
  for (const [at, script] of scripts.entries()) {
    onProgress?.({ file: shownPath(script.file), applied: at, total: scripts.length });
    await applied.script(script, files[at].dump);
  }
  return { catalog: await read(database, applied, origins, first, signal), skipped: applied.skipped };
}

/**
 * The catalog that migrations or a dump make, without a server: they are applied to a PGlite in memory.
 *
 * @param {{ migrations?: string | string[], schema?: string, continueOnError?: boolean, preset?: 'supabase' | null,
 *   signal?: AbortSignal, onProgress?: (progress: { file: string, applied: number, total: number }) => void }} options
 *   `schema` (a dump) is applied before `migrations` (a folder, or files in order); `preset` is what the migrations
 *   find there, by default Supabase's when the folder is one of a Supabase project
 * @returns {Promise<{ catalog: object, skipped: { file: string, line: number, message: string }[] }>}
 */
async function catalogOfMigrations(options) {
  if (typeof options !== 'object' || options === null) {
    throw invalid('an object', 'the options', options, { from: catalogOfMigrations });
  }
  checkOptions(options, catalogOfMigrations);
  const { continueOnError = false, signal, onProgress } = options;
  const files = plan(options, catalogOfMigrations);
  signal?.throwIfAborted();
  const preset = options.preset === undefined && files.some(({ file }) => isSupabase(file)) ? 'supabase' : options.preset;
  const scripts = await Promise.all(files.map(({ file }) => readScript(file)));
  const wanted = [...extensionNames(scripts), ...(preset ? ['pgcrypto', 'uuid-ossp'] : [])];
  const database = await openEmbedded(wanted);
  try {
    return await applyAll(database, files, scripts, { continueOnError, signal, onProgress, preset });
  } finally {
    await database.close();
  }
}

module.exports = { catalogOfMigrations };
