'use strict';

const { invalid } = require('../errors.js');
const { schemaError } = require('./schema-error.js');

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** SQLSTATE of a BEGIN inside a transaction: a warning, or an error once the transaction has read something. */
const ACTIVE_TRANSACTION = '25001';

const isPool = (client) => typeof client.connect === 'function' && typeof client.totalCount === 'number';

/** Checks that `client` can be asked anything. */
function checkClient(client, from) {
  if (typeof client?.query === 'function') return;
  throw invalid('an object with a method query(sql), as a Client or Pool of pg or a PGlite', 'the client', client, { from });
}

function insideTransaction(cause) {
  const advice = 'end it first, or give another client';
  return schemaError('ERR_PGTAP_SCHEMA_CLIENT', `The client is inside a transaction, which reading the catalog would end; ${advice}`, cause);
}

/** Begins, and refuses a client that is inside a transaction already: the rollback at the end would be its. */
async function begin(client) {
  let warned = false;
  const onNotice = ({ code }) => {
    warned ||= code === ACTIVE_TRANSACTION;
  };
  client.on?.('notice', onNotice);
  try {
    await client.query(BEGIN);
  } catch (error) {
    throw error.code === ACTIVE_TRANSACTION ? insideTransaction(error) : error;
  } finally {
    client.off?.('notice', onNotice);
  }
  if (warned) throw insideTransaction();
}

async function readOnly(client, work) {
  await begin(client);
  let result;
  try {
    result = await work(client);
  } catch (error) {
    // The connection may be lost; the error that matters is the first.
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
  await client.query('ROLLBACK');
  return result;
}

/**
 * Runs `work(client)` in one read-only transaction that is always rolled back. Of a pool one client is taken and
 * given back. Queries that others send to the same client meanwhile run inside the transaction.
 */
async function inReadOnlyTransaction(client, work) {
  if (!isPool(client)) return readOnly(client, work);
  const one = await client.connect();
  try {
    const result = await readOnly(one, work);
    one.release();
    return result;
  } catch (error) {
    // A client of unknown state is not given back to others.
    one.release(true);
    throw error;
  }
}

module.exports = { checkClient, inReadOnlyTransaction };
