'use strict';

const { invalid } = require('../errors.js');
const { LISTS, catalogQuery } = require('./queries.js');
const { databaseError, schemaError } = require('./schema-error.js');
const { splitSearchPath } = require('./search-path.js');
const { checkClient, inReadOnlyTransaction } = require('./transaction.js');

const FORMAT = 'pgtap-scanner-catalog';
const VERSION = 1;
const OLDEST_SERVER = 120000;
const STATEMENT_TIMEOUT_MS = 60_000;

/** setTimeout's and PostgreSQL's largest. */
const MOST_MS = 2 ** 31 - 1;

function checkMilliseconds(value, name, from) {
  if (Number.isInteger(value) && value >= 1 && value <= MOST_MS) return value;
  const range = typeof value === 'number';
  throw invalid(`an integer from 1 to ${MOST_MS}`, `option "${name}"`, value, { code: 'ERR_PGTAP_INVALID_OPTION', range, from });
}

function checkSignal(signal, from) {
  if (signal === undefined || signal === null || signal instanceof AbortSignal) return;
  throw invalid('an AbortSignal', 'option "signal"', signal, { code: 'ERR_PGTAP_INVALID_OPTION', from });
}

/** Names of the roles that something listed names, by ownership, grant or policy. */
function usedRoles({ schemas, relations, functions, types, policies, privileges }) {
  const owners = [schemas, relations, functions, types].flatMap((list) => list.map(({ owner }) => owner));
  const named = policies.flatMap(({ roles }) => roles);
  return new Set([...owners, ...named, ...privileges.map(({ role }) => role)]);
}

/** Calls `each(list, object, oid)` for every object and takes the object's `oid` away. */
function takeOids(lists, each) {
  for (const [list, objects] of Object.entries(lists)) {
    for (const object of objects) {
      const { oid } = object;
      delete object.oid;
      if (oid !== undefined) each(list, object, Number(oid));
    }
  }
}

/** The catalog as the format has it, of the answer of the query. */
function shaped({ server, searchPath, pgtap, ...answer }, onObject) {
  const lists = Object.fromEntries(LISTS.map((name) => [name, answer[name] ?? []]));
  const used = usedRoles(lists);
  lists.roles = lists.roles.filter(({ name }) => used.has(name));
  takeOids(lists, onObject);
  return { format: FORMAT, version: VERSION, server, searchPath: splitSearchPath(searchPath), pgtap, ...lists };
}

async function queryCatalog(client, { statementTimeoutMs, signal, preset }) {
  signal?.throwIfAborted();
  await client.query(`SET LOCAL statement_timeout = ${statementTimeoutMs}`);
  const { rows } = await client.query("SELECT pg_catalog.current_setting('server_version_num') AS version");
  if (Number(rows[0].version) < OLDEST_SERVER) {
    throw schemaError('ERR_PGTAP_SCHEMA_SERVER', `The server has version number ${rows[0].version}; PostgreSQL 12 or later is needed`);
  }
  // With an empty path every name outside pg_catalog is written with its schema.
  await client.query("SET LOCAL search_path = ''");
  // Compiling a query of this size takes longer than running it.
  await client.query('SET LOCAL jit = off');
  signal?.throwIfAborted();
  const answer = await client.query(catalogQuery(preset));
  return answer.rows[0].catalog;
}

/**
 * Reads with options that are checked already.
 *
 * @param {string} where how errors name the server
 * @param {(list: string, object: object, oid: number) => void} [onObject] is told every object with its id
 */
async function readFrom(client, options, where, onObject = () => {}) {
  try {
    const text = await inReadOnlyTransaction(client, (one) => queryCatalog(one, options));
    options.signal?.throwIfAborted();
    return shaped(JSON.parse(text), onObject);
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw String(error.code).startsWith('ERR_PGTAP_') ? error : databaseError(error, where, 'read');
  }
}

/**
 * The catalog of the database that `client` is connected to: read-only, in one transaction that is rolled back.
 *
 * @param {{ query: (sql: string) => Promise<{ rows: object[] }> }} client a Client or Pool of pg, a PGlite, or alike;
 *   not inside a transaction
 * @param {{ statementTimeoutMs?: number, signal?: AbortSignal }} [options] the signal is heeded between two queries
 */
async function readCatalog(client, options = {}) {
  checkClient(client, readCatalog);
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS, signal } = options;
  checkMilliseconds(statementTimeoutMs, 'statementTimeoutMs', readCatalog);
  checkSignal(signal, readCatalog);
  return readFrom(client, { statementTimeoutMs, signal }, 'the server');
}

module.exports = {
  FORMAT, STATEMENT_TIMEOUT_MS, VERSION, checkMilliseconds, checkSignal, readCatalog, readFrom,
};
