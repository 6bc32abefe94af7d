'use strict';

// Where the extensions are that PGlite has. One with a `-` in its name has a `_` in its file's.

const CONTRIB = [
  'amcheck', 'auto_explain', 'bloom', 'btree_gin', 'btree_gist', 'citext', 'cube', 'dict_int', 'dict_xsyn',
  'earthdistance', 'file_fdw', 'fuzzystrmatch', 'hstore', 'intarray', 'isn', 'lo', 'ltree', 'moddatetime', 'pageinspect',
  'pg_buffercache', 'pg_freespacemap', 'pg_stat_statements', 'pg_surgery', 'pg_trgm', 'pg_visibility', 'pg_walinspect',
  'pgcrypto', 'seg', 'tablefunc', 'tcn', 'tsm_system_rows', 'tsm_system_time', 'unaccent', 'uuid-ossp',
];

/** Extensions with a package of their own. */
const PACKAGES = {
  age: '@electric-sql/pglite-age',
  pg_hashids: '@electric-sql/pglite-pg_hashids',
  pg_ivm: '@electric-sql/pglite-pg_ivm',
  pg_uuidv7: '@electric-sql/pglite-pg_uuidv7',
  pgtap: '@electric-sql/pglite-pgtap',
  postgis: '@electric-sql/pglite-postgis',
  vector: '@electric-sql/pglite-pgvector',
};

/** What `CREATE EXTENSION … CASCADE` creates, too. */
const NEEDS = { earthdistance: ['cube'] };

/** What to import for the extension; `undefined` when PGlite has none of that name. */
function importOf(name) {
  if (CONTRIB.includes(name)) return `@electric-sql/pglite/contrib/${name.replaceAll('-', '_')}`;
  return Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
}

/** The names with those that they need. */
const withNeeded = (names) => [...new Set(names.flatMap((name) => [...(NEEDS[name] ?? []), name]))];

module.exports = { importOf, withNeeded };
