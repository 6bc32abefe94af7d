'use strict';

const { loadPeer } = require('./peers.js');
const { checkMilliseconds, checkSignal, readFrom, STATEMENT_TIMEOUT_MS } = require('./read-catalog.js');
const { databaseError, schemaError } = require('./schema-error.js');

const CONNECT_TIMEOUT_MS = 10_000;

/** libpq's form for a socket, `postgres://user@/database?host=/folder`: an URL with a user wants a host. */
const SOCKET_FORM = /^(postgres(?:ql)?:\/\/[^@/?#]*@)(\/[^@]*)$/;

/** The parsed connection string. An error must not show it: it may hold a password. */
function parsed(connection) {
  try {
    const url = new URL(connection.replace(SOCKET_FORM, '$1localhost$2'));
    if (['postgres:', 'postgresql:'].includes(url.protocol)) return url;
  } catch {
    // The error of URL carries the whole string.
  }
  const advice = 'in user and password write @ : / ? # % with encodeURIComponent, as %40 for @';
  const form = 'postgres://user:password@host:port/database';
  throw schemaError('ERR_PGTAP_SCHEMA_CONNECTION', `The connection string is no URL of the form ${form}; ${advice}`);
}

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** How messages name the server: without user and password. */
function serverName(url) {
  const host = url.searchParams.get('host') ?? (decoded(url.hostname) || process.env.PGHOST || 'localhost');
  const port = url.searchParams.get('port') ?? (url.port || process.env.PGPORT || '5432');
  return `the server at ${host}${host.startsWith('/') ? `, port ${port}` : `:${port}`}`;
}

/** What must not be shown: the passwords, as given and decoded; not a word that names something else there, too. */
function secretsOf(url) {
  const found = [url.password, url.searchParams.get('password') ?? '', process.env.PGPASSWORD ?? ''];
  const shown = [url.username, url.hostname, url.pathname.slice(1), ''].flatMap((text) => [text, decoded(text)]);
  return [...new Set(found.flatMap((text) => [text, decoded(text)]))].filter((text) => !shown.includes(text));
}

/** Takes secrets out of an error and its causes, where they stand in messages, stacks or other texts. */
function redact(error, secrets) {
  if (!(error instanceof Error)) return error;
  for (const key of Object.getOwnPropertyNames(error)) {
    if (typeof error[key] !== 'string') continue;
    const clean = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), error[key]);
    if (clean !== error[key]) error[key] = clean;
  }
  redact(error.cause, secrets);
  error.errors?.forEach?.((each) => redact(each, secrets));
  return error;
}

function connectFailed(error, where) {
  if (/timeout|timed out/i.test(error.message) && !error.code) {
    const text = `No answer from ${where} in time; check host and port, or raise connectTimeoutMs`;
    return schemaError('ERR_PGTAP_SCHEMA_TIMEOUT', text, error);
  }
  if (/client password must be/.test(error.message)) {
    const advice = 'write it into the connection string, or set PGPASSWORD';
    return schemaError('ERR_PGTAP_SCHEMA_AUTH', `T${where.slice(1)} wants a password, and none is given; ${advice}`, error);
  }
  return databaseError(error, where, 'connect');
}

/** A client that is not connected yet. pg reads the string, and files that it names, here. */
function newClient(connection, where, connectTimeoutMs) {
  const pg = loadPeer('pg', 'A connection string');
  try {
    const client = new pg.Client({
      connectionString: connection, connectionTimeoutMillis: connectTimeoutMs, application_name: 'pgtap-scanner',
    });
    // A connection that is lost between two queries is told by the next one.
    client.on('error', () => {});
    return client;
  } catch (error) {
    throw connectFailed(error, where);
  }
}

async function connect(client, where) {
  try {
    await client.connect();
  } catch (error) {
    throw connectFailed(error, where);
  }
}

/**
 * The catalog of the database that a connection string names. Passwords stand in no error.
 *
 * @param {string} connection `postgres://user:password@host:port/database`
 * @param {{ connectTimeoutMs?: number, statementTimeoutMs?: number, signal?: AbortSignal }} [options] timeouts of 10
 *   and 60 seconds by default; the signal ends the connection
 */
async function readCatalogFrom(connection, options = {}) {
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, statementTimeoutMs = STATEMENT_TIMEOUT_MS, signal } = options;
  checkMilliseconds(connectTimeoutMs, 'connectTimeoutMs', readCatalogFrom);
  checkMilliseconds(statementTimeoutMs, 'statementTimeoutMs', readCatalogFrom);
  checkSignal(signal, readCatalogFrom);
  signal?.throwIfAborted();
  const url = parsed(connection);
  const where = serverName(url);
  let client;
  // Whatever it waits for then fails at once.
  const onAbort = () => client?.connection.stream.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    client = newClient(connection, where, connectTimeoutMs);
    await connect(client, where);
    return await readFrom(client, { statementTimeoutMs, signal }, where);
  } catch (error) {
    throw signal?.aborted ? signal.reason : redact(error, secretsOf(url));
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await client?.end().catch(() => {});
  }
}

module.exports = { readCatalogFrom };
