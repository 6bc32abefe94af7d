'use strict';

const { existsSync, readdirSync, statSync } = require('node:fs');
const { basename, dirname, join, resolve } = require('node:path');
const { filePath, invalid } = require('../errors.js');
const { schemaError } = require('./schema-error.js');

const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const isMigration = (name) => name.endsWith('.sql') && !name.endsWith('.down.sql');

function isFolder(path) {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw schemaError('ERR_PGTAP_SCHEMA_FILES', `Cannot read ${path} (${cause.message}); check the path`, cause);
  }
}

/** A folder's `*.sql` in the order of the bytes of their names, without `*.down.sql`; folders in it are not entered. */
function filesIn(folder) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && isMigration(entry.name)).map(({ name }) => name);
  if (names.length > 0) return names.sort(byBytes).map((name) => join(folder, name));
  const text = `${folder} holds no migrations (files *.sql that are no *.down.sql); name the folder that does`;
  throw schemaError('ERR_PGTAP_SCHEMA_FILES', text);
}

/** The files that `migrations` stands for: a folder's, or those of an array in its order. */
function migrationFiles(migrations, from) {
  if (Array.isArray(migrations)) {
    if (migrations.length === 0) {
      throw invalid('at least one file', 'option "migrations"', migrations, { range: true, from });
    }
    return migrations.map((path, at) => filePath(path, `option "migrations[${at}]"`, from));
  }
  const path = filePath(migrations, 'option "migrations"', from);
  return isFolder(path) ? filesIn(path) : [path];
}

/** Whether a migration belongs to a Supabase project: its folder is `supabase/migrations`, or `config.toml` is beside it. */
function isSupabase(file) {
  const folder = dirname(resolve(file));
  if (basename(folder) !== 'migrations') return false;
  const project = dirname(folder);
  return basename(project) === 'supabase' || existsSync(join(project, 'config.toml'));
}

module.exports = { isSupabase, migrationFiles };
