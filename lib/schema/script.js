'use strict';

const { readFile } = require('node:fs/promises');
const { sqlStatements } = require('../native.js');
const { schemaError } = require('./schema-error.js');

const unreadable = (file, cause) => schemaError('ERR_PGTAP_SCHEMA_FILES', `Cannot read ${file} (${cause.message}); check the path`, cause);

function textOf(bytes, file) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw schemaError('ERR_PGTAP_SCHEMA_FILES', `${file} is no UTF-8 text; convert it, as with iconv -t UTF-8`, cause);
  }
}

/**
 * A file's statements (`sql`, `line`, `words`, `data`) and psql's commands (`command`, `arguments`, `line`), in order.
 * `words` are a statement's first tokens in lower case; a quoted name begins with a `"`.
 */
async function readScript(file) {
  const bytes = await readFile(file).catch((cause) => { throw unreadable(file, cause); });
  textOf(bytes, file);
  const pieces = JSON.parse(sqlStatements(bytes)).map((piece) =>
    (piece.words ? { ...piece, sql: bytes.toString('utf8', piece.from, piece.to) } : piece));
  return { file, pieces };
}

/** The name that a word is: a quoted one without its mark. */
const nameOf = (word) => (word?.startsWith('"') ? word.slice(1) : word);

/** The extension that a statement creates, alters, drops or comments on, and the schema it names; or null. */
function extensionOf(words) {
  const at = words.indexOf('extension');
  if (at !== 1 && !(at === 2 && words[0] === 'comment')) return null;
  const rest = words.slice(at + 1).filter((word) => !['if', 'not', 'exists'].includes(word));
  const schema = rest.indexOf('schema');
  return { does: words[0], name: nameOf(rest[0]), schema: schema < 0 ? null : nameOf(rest[schema + 1]) };
}

module.exports = { extensionOf, nameOf, readScript };
