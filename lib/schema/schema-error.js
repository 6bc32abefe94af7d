'use strict';

const { PgTapError } = require('../errors.js');

/** PostgreSQL's answers that have a code of their own here: what failed, what to do. */
const ANSWERS = {
  '28P01': ['ERR_PGTAP_SCHEMA_AUTH', 'refused the password', 'check user and password'],
  28000: ['ERR_PGTAP_SCHEMA_AUTH', 'refused the user', 'check the user, and the line of pg_hba.conf that applies to it'],
  '3D000': ['ERR_PGTAP_SCHEMA_DATABASE', 'has no such database', 'check the name behind the last / of the connection string'],
  42501: ['ERR_PGTAP_SCHEMA_RIGHTS', 'denied a right', 'grant CONNECT on the database; nothing else is needed'],
  57014: ['ERR_PGTAP_SCHEMA_TIMEOUT', 'ended the query for its time', 'raise statementTimeoutMs'],
  53300: ['ERR_PGTAP_SCHEMA_CONNECT', 'has no connection left', 'close some, or raise max_connections'],
  '57P03': ['ERR_PGTAP_SCHEMA_CONNECT', 'is starting up or shutting down', 'try again in a moment'],
};

/** The system's errors for a server that cannot be reached. */
const SYSTEM = {
  ECONNREFUSED: 'nothing listens there; check host and port, and that the server runs',
  ENOENT: 'there is no such socket; check the folder and the port, and that the server runs',
  EACCES: 'this user may not open the socket; check its folder',
  ENOTFOUND: 'the host name is unknown; check it',
  EAI_AGAIN: 'the host name could not be looked up; check the network',
  ETIMEDOUT: 'it did not answer; check host, port and firewall',
  ECONNRESET: 'it closed the connection; check that PostgreSQL listens there, and whether it wants SSL (?sslmode=require)',
};

function schemaError(code, message, cause) {
  return new PgTapError(code, message, cause === undefined ? undefined : { cause });
}

/** A message on one line and with its full stop left out, to stand inside a sentence. */
const inside = (message) => String(message).replace(/\s+/g, ' ').trim().replace(/\.$/, '');

const sentence = (text) => text[0].toUpperCase() + text.slice(1);

/** The error for one of the client's while it connects or reads; `where` says which server, without a password. */
function databaseError(error, where, doing) {
  const answer = ANSWERS[error.code];
  if (answer) {
    const [code, failed, advice] = answer;
    return schemaError(code, sentence(`${where} ${failed} (${inside(error.message)}); ${advice}`), error);
  }
  const cause = error.code in SYSTEM ? error : error.errors?.find((each) => each.code in SYSTEM);
  if (cause) return schemaError('ERR_PGTAP_SCHEMA_CONNECT', `Cannot connect to ${where}: ${SYSTEM[cause.code]}`, error);
  if (doing === 'connect') {
    return schemaError('ERR_PGTAP_SCHEMA_CONNECT', `Cannot connect to ${where} (${inside(error.message)}); check the connection string`, error);
  }
  return schemaError('ERR_PGTAP_SCHEMA_READ', `Cannot read the catalog of ${where} (${inside(error.message)})`, error);
}

module.exports = { databaseError, inside, schemaError };
