'use strict';

const { findPeer, loadPeer } = require('./peers.js');
const { importOf, withNeeded } = require('./pglite-extensions.js');
const { inside, schemaError } = require('./schema-error.js');

/** Each script's objects are told apart by a mark: an object id that no object will get. Any role may ask for one. */
const MARK = `
CREATE SCHEMA pgtap_scanner;
CREATE FUNCTION pgtap_scanner.mark() RETURNS oid LANGUAGE sql SECURITY DEFINER
  RETURN pg_catalog.pg_nextoid('pg_catalog.pg_class', 'oid', 'pg_catalog.pg_class_oid_index');
GRANT USAGE ON SCHEMA pgtap_scanner TO PUBLIC;`;

/** The part of a package of PGlite that is the extension. */
const extensionIn = (found) => Object.values(found).find((each) => typeof each?.setup === 'function');

/** The extensions among `names` that are there, by PGlite's name for them. */
function loadExtensions(names) {
  const found = withNeeded(names)
    .filter((name) => importOf(name) !== undefined)
    .map((name) => [name, findPeer(importOf(name))])
    .filter(([, loaded]) => loaded !== undefined);
  return Object.fromEntries(found.map(([name, loaded]) => [name.replaceAll('-', '_'), extensionIn(loaded)]));
}

/**
 * A PostgreSQL in this process, in memory, with those of the named extensions that are there.
 *
 * @param {Iterable<string>} extensions
 */
async function openEmbedded(extensions) {
  const { PGlite } = loadPeer(
    '@electric-sql/pglite', 'Reading migrations without a server', 'npm install @electric-sql/pglite',
  );
  try {
    const database = await PGlite.create({ extensions: loadExtensions(extensions) });
    await database.exec(MARK);
    return database;
  } catch (error) {
    const fitting = 'npm install @electric-sql/pglite@0.5.14 @electric-sql/pglite-pgtap@0.0.15';
    const advice = `install a version that fits its extensions: ${fitting}`;
    throw schemaError('ERR_PGTAP_SCHEMA_EMBEDDED', `PGlite did not start (${inside(error.message)}); ${advice}`, error);
  }
}

/** The next mark: every object made so far has a smaller id. */
async function mark(database) {
  const { rows } = await database.query('SELECT pgtap_scanner.mark() AS oid');
  return Number(rows[0].oid);
}

module.exports = { mark, openEmbedded };
