'use strict';

const { invalid } = require('../errors.js');
const { readCatalogFrom } = require('./connect.js');
const { catalogOfMigrations } = require('./migrations.js');
const { withoutPreset } = require('./preset.js');
const { readCatalog } = require('./read-catalog.js');
const { schemaError } = require('./schema-error.js');
const { readCatalogFile } = require('./snapshot.js');

/** The ways to a catalog. `migrations` and `schema` are one when both are given: the dump is applied first. */
const CHOICES = {
  connection: 'a connection string postgres://…',
  client: 'a Client or Pool of pg, or a PGlite',
  migrations: 'a folder of migrations, or files',
  schema: 'a schema dump',
  catalog: 'a file written by pgtap-scanner catalog',
};

function checkChoice(options) {
  const given = Object.keys(CHOICES).filter((name) => options[name] !== undefined && options[name] !== null);
  if (given.length === 1 || given.join() === 'migrations,schema') return;
  const list = Object.entries(CHOICES).map(([name, meaning]) => `${name} (${meaning})`).join(', ');
  const found = given.length === 0 ? 'none is given' : `${given.join(' and ')} are given`;
  throw schemaError('ERR_PGTAP_SCHEMA_SOURCE', `Name one schema to compare with, but ${found}; the choices are ${list}`);
}

function checkConnection(connection) {
  if (typeof connection === 'string' && connection !== '') return;
  throw invalid('a connection string', 'option "connection"', typeof connection === 'string' ? '' : connection, {
    code: 'ERR_PGTAP_INVALID_OPTION', from: schemaSource,
  });
}

async function live(options) {
  const { connection, client, preset } = options;
  if (!client) checkConnection(connection);
  const catalog = client ? await readCatalog(client, options) : await readCatalogFrom(connection, options);
  return { kind: 'live', catalog: withoutPreset(catalog, preset), skipped: [] };
}

/**
 * The schema to compare tests with.
 *
 * @param {{ connection?: string, client?: object, migrations?: string | string[], schema?: string, catalog?: string,
 *   continueOnError?: boolean, preset?: 'supabase' | null, connectTimeoutMs?: number, statementTimeoutMs?: number,
 *   signal?: AbortSignal, onProgress?: Function }} options one of the first five, or `migrations` with `schema`
 * @returns {Promise<{ kind: 'live' | 'migrations' | 'snapshot', catalog: object, skipped: object[] }>}
 */
async function schemaSource(options) {
  if (typeof options !== 'object' || options === null) {
    throw invalid('an object', 'the options', options, { from: schemaSource });
  }
  checkChoice(options);
  if (options.connection !== undefined || options.client) return live(options);
  if (options.catalog) return { kind: 'snapshot', catalog: await readCatalogFile(options.catalog), skipped: [] };
  return { kind: 'migrations', ...await catalogOfMigrations(options) };
}

module.exports = { schemaSource };
