// Migrations and dumps, applied to a PostgreSQL in this process.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { catalogOfMigrations, readCatalog, readCatalogFile } from 'pgtap-scanner/schema';
import { inFolder } from './folders.mjs';

const EXAMPLE = join(import.meta.dirname, '../../examples/bookshop');

/** What the migrations of `files` (below `migrations/`) make. */
const applied = (files, more = {}, folder = 'migrations') =>
  inFolder(Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text])), async (root) => {
    const result = await catalogOfMigrations({ migrations: join(root, folder), ...more });
    const short = (path) => path.slice(path.indexOf(`${folder}/`) + folder.length + 1);
    return {
      catalog: result.catalog,
      names: result.catalog.relations.map(({ schema, name }) => `${schema}.${name}`),
      skipped: result.skipped.map(({ file, line, message }) => `${short(file)}:${line} ${message}`),
      origin: (kind, name) => {
        const found = result.catalog.origins.filter((each) => each.kind === kind && each.name === name);
        return found.map(({ file, line }) => `${short(file)}:${line}`).join();
      },
    };
  });

describe('the migrations of the example', () => {
  it('make the hand-kept catalog', async () => {
    const started = process.cwd();
    process.chdir(EXAMPLE);
    try {
      const told = [];
      const { catalog, skipped } = await catalogOfMigrations({ migrations: 'migrations', onProgress: (each) => told.push(each) });
      assert.deepEqual(skipped, []);
      assert.deepEqual(catalog, await readCatalogFile('catalog.json'));
      assert.equal(told.length, 8);
      assert.deepEqual(told[7], { file: 'migrations/008_reporting.sql', applied: 7, total: 8 });
    } finally {
      process.chdir(started);
    }
  });
});

describe('migrations', () => {
  let made;

  before(async () => {
    made = await applied({
      '2_second.sql': 'CREATE TABLE second (id int REFERENCES first);',
      '10_first.sql': `
        SET search_path = nowhere;
        SET search_path = public;
        CREATE TABLE first (id int PRIMARY KEY);
        CREATE EXTENSION pgtap; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION earthdistance CASCADE;`,
      '10_first.down.sql': 'this would fail;',
      '3_words.sql': `\uFEFF-- no transaction block allowed
        CREATE INDEX CONCURRENTLY first_again ON first (id);
        CREATE TYPE mood AS ENUM ('good');
        ALTER TYPE mood ADD VALUE 'bad';
        CREATE TABLE moods (mood mood DEFAULT 'bad', at uuid DEFAULT uuid_generate_v4());
        BEGIN;
          CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;
          CREATE FUNCTION f(text) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
          CREATE FUNCTION sole() RETURNS int LANGUAGE sql RETURN 1;
        COMMIT;
        SET ROLE pg_read_all_data;`,
      '4_again.sql': `DO $$ BEGIN
          CREATE TABLE in_do (); END $$;
        CREATE OR REPLACE FUNCTION public.sole() RETURNS int LANGUAGE sql RETURN 2;
        CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql RETURN 2;
        GRANT EXECUTE ON FUNCTION sole() TO PUBLIC;
        BEGIN; DROP TABLE second; ROLLBACK;
        DROP TABLE in_do; CREATE
          TABLE in_do (id int);`,
      'readme.txt': 'no SQL', 'deep/1.sql': 'not entered',
    });
  });

  it('are applied in the order of their names, each in a session of its own', () => {
    assert.deepEqual(made.names, ['public.first', 'public.in_do', 'public.moods', 'public.second']);
    assert.deepEqual(made.skipped, []);
    assert.deepEqual(made.catalog.searchPath, ['$user', 'public']);
    assert.deepEqual(made.catalog.types.map(({ name, labels }) => [name, labels]), [['mood', ['good', 'bad']]]);
  });

  it('bring the extensions that PGlite has', () => {
    assert.deepEqual(made.catalog.extensions.map(({ name }) => name), ['cube', 'earthdistance', 'pgtap', 'uuid-ossp']);
    assert.equal(made.catalog.pgtap.schema, 'public');
    assert.deepEqual(made.catalog.functions.map(({ name }) => name), ['f', 'f', 'sole']);
  });

  it('are where objects come from', () => {
    assert.equal(made.origin('tables', 'first'), '10_first.sql:4');
    assert.equal(made.origin('extensions', 'cube'), '10_first.sql:5');
    assert.equal(made.origin('indexes', 'first_again'), '3_words.sql:2');
    assert.equal(made.origin('foreignKeys', 'second_id_fkey'), '2_second.sql:1');
    assert.equal(made.origin('tables', 'in_do'), '4_again.sql:7', 'made again after it was dropped');
    assert.equal(made.origin('functions', 'sole'), '4_again.sql:3', 'replaced');
    assert.equal(made.origin('functions', 'f'), '3_words.sql:7,3_words.sql:8', 'of two with a name it is not sure which is replaced');
    assert.equal(made.origin('schemas', 'public'), '', 'no migration makes it');
  });
});

describe('a migration that fails', () => {
  it('is named with its line and what PostgreSQL says', async () => {
    const files = { '1.sql': 'CREATE TABLE t (id int);\n', '2.sql': "-- ä\nCREATE TABLE a ();\n\nSELECT 'ä',\n  nothing\nFROM t;" };
    await assert.rejects(applied(files), (error) => {
      assert.equal(error.code, 'ERR_PGTAP_SCHEMA_MIGRATION');
      assert.match(error.message, /2\.sql:5: column "nothing" does not exist\. Correct the file, or set continueOnError \(--continue\)/);
      assert.deepEqual([error.line, error.cause.code], [5, '42703']);
      return true;
    });
  });

  it('is left out with continueOnError, and all else is there', async () => {
    const made = await applied({
      '1.sql': `CREATE TABLE a ();
        CREATE TABL b ();
        CREATE EXTENSION pg_cron; COMMENT ON EXTENSION pg_cron IS 'x'; CREATE EXTENSION vector;
        CREATE TABLE c ()`,
      '2.sql': `BEGIN;
        CREATE TABLE d ();
        INSERT INTO nothing VALUES (1);
        CREATE TABLE e ();
        COMMIT;
        \\connect other
        \\ir 3.sql
        \\ir ../nothing.sql`,
      '3.sql': 'BEGIN; CREATE TABLE IF NOT EXISTS gone ();',
      '4.sql': "CREATE TABLE f (); SELECT 'open",
    }, { continueOnError: true });
    assert.deepEqual(made.names, ['a', 'c', 'd', 'e', 'f'].map((name) => `public.${name}`));
    assert.deepEqual(made.catalog.extensions, [
      { name: 'pg_cron', schema: 'public', version: null }, { name: 'vector', schema: 'public', version: null },
    ]);
    assert.deepEqual(made.skipped.map((each) => each.replace(/ \S+nothing\.sql \(.*\)/, ' nothing.sql (ENOENT)')), [
      '1.sql:2 syntax error at or near "TABL"',
      '1.sql:3 the extension "pg_cron" is left out: PGlite does not have it',
      '1.sql:3 the extension "vector" needs the package @electric-sql/pglite-pgvector, which is not installed: npm install @electric-sql/pglite-pgvector',
      '2.sql:3 relation "nothing" does not exist',
      '2.sql:6 psql\'s \\connect cannot be applied here; write it as SQL',
      '2.sql:8 Cannot read nothing.sql (ENOENT); check the path',
      '2.sql:8 the file leaves a transaction open; what it did in it was rolled back',
      '3.sql:1 the file leaves a transaction open; what it did in it was rolled back',
      '4.sql:1 unterminated quoted string at or near "\'open"',
    ]);
  });
});

/** As pg_dump writes, with what it writes since it restricts psql. */
const DUMP = `\\restrict qwertz

SET statement_timeout = 0;
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET row_security = off;
CREATE SCHEMA app;
ALTER SCHEMA app OWNER TO "the owner";
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE app.t (
    id integer NOT NULL,
    "text; here" text
);
ALTER TABLE app.t OWNER TO "the owner";
COPY app.t (id, "text; here") FROM stdin;
1\tit's; $$
2\t\\N
\\.

ALTER TABLE ONLY app.t
    ADD CONSTRAINT t_pkey PRIMARY KEY (id);
GRANT SELECT ON TABLE app.t TO reader;
\\unrestrict qwertz
`;

describe('a dump', () => {
  it('is applied without its rows, with the roles that it names, before migrations', async () => {
    await inFolder({ 'dump.sql': DUMP, 'later.sql': 'ALTER TABLE app.t ADD COLUMN more text; CREATE TABLE app.u AS TABLE app.t;' }, async (root) => {
      const [schema, later] = ['dump.sql', 'later.sql'].map((name) => join(root, name));
      const { catalog, skipped } = await catalogOfMigrations({ schema, migrations: [later] });
      assert.deepEqual(skipped, []);
      assert.deepEqual(catalog.relations.map(({ name, owner, columns }) => [name, owner, columns.length]), [['t', 'the owner', 3], ['u', 'postgres', 3]]);
      assert.deepEqual(catalog.roles.map(({ name, superuser }) => [name, superuser]), [['postgres', true], ['reader', false], ['the owner', false]]);
      assert.deepEqual(catalog.privileges.map(({ role, privileges }) => [role, privileges]), [['reader', ['SELECT']]]);
      const key = catalog.origins.find(({ name }) => name === 't_pkey' && name);
      assert.deepEqual([key.file, key.line], [schema, 21]);
    });
  });
});

describe("a Supabase project's migrations", () => {
  const FILES = {
    '1_init.sql': `create extension if not exists "uuid-ossp" with schema extensions;
      create extension if not exists pg_cron with schema pg_catalog;
      create table profiles (id uuid primary key references auth.users on delete cascade, key uuid default uuid_generate_v4());
      alter table profiles enable row level security;
      create policy "own profile" on profiles for select to authenticated using (auth.uid() = id);
      create policy "avatars" on storage.objects for insert to anon
        with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = auth.uid()::text);
      create function handle_new_user() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger on_auth_user_created after insert on auth.users for each row execute function handle_new_user();
      select cron.schedule('nightly', '0 3 * * *', 'select 1');
      alter publication supabase_realtime add table profiles;
      create table auth.of_ours (id int);`,
  };
  let made;

  before(async () => {
    made = await applied(FILES, {}, 'supabase/migrations');
  });

  it('find what the platform makes', () => {
    assert.deepEqual(made.skipped, ['1_init.sql:2 the extension "pg_cron" is left out: PGlite does not have it']);
    assert.deepEqual(made.catalog.searchPath, ['$user', 'public', 'extensions']);
  });

  it('make what is in the catalog, and the platform does not', () => {
    const { catalog } = made;
    assert.deepEqual(made.names, ['auth.of_ours', 'public.profiles']);
    assert.deepEqual(catalog.schemas.map(({ name }) => name), ['public']);
    assert.deepEqual(catalog.functions.map(({ name }) => name), ['handle_new_user']);
    assert.deepEqual(catalog.triggers.map(({ schema, relation, name }) => [schema, relation, name]), [['auth', 'users', 'on_auth_user_created']]);
    assert.deepEqual(catalog.policies.map(({ schema, name, roles }) => [schema, name, ...roles]), [['public', 'own profile', 'authenticated'], ['storage', 'avatars', 'anon']]);
    assert.deepEqual(catalog.extensions, [{ name: 'pg_cron', schema: 'pg_catalog', version: null }, { name: 'uuid-ossp', schema: 'extensions', version: '1.1' }]);
    assert.deepEqual(catalog.roles.map(({ name }) => name), ['anon', 'authenticated', 'postgres', 'service_role']);
    assert.equal(made.origin('triggers', 'on_auth_user_created'), '1_init.sql:9');
    assert.equal(made.origin('extensions', 'uuid-ossp'), '1_init.sql:1');
  });

  it('find nothing of it when the preset is turned off', async () => {
    await assert.rejects(applied({ '1.sql': 'create policy p on auth.users;' }, { preset: null }, 'supabase/migrations'), /1\.sql:1: schema "auth" does not exist/);
  });
});

describe('what migrations are asked for', () => {
  const refuses = (options, expected) => assert.rejects(catalogOfMigrations(options), expected);

  it('is checked', async () => {
    await refuses(undefined, { code: 'ERR_PGTAP_INVALID_ARGUMENT' });
    await refuses({}, { code: 'ERR_PGTAP_INVALID_OPTION', message: /"migrations"/ });
    await refuses({ migrations: [] }, { name: 'RangeError', message: /at least one file/ });
    await refuses({ migrations: 'x', continueOnError: 1 }, { code: 'ERR_PGTAP_INVALID_OPTION', message: /"continueOnError"/ });
    await refuses({ migrations: 'x', preset: 'other' }, { name: 'RangeError', message: /'supabase', or null/ });
    await refuses({ migrations: 'x', onProgress: 1 }, { message: /"onProgress"/ });
    await refuses({ migrations: 'x', signal: {} }, { message: /"signal"/ });
  });

  it('has to be there, with something in it, as text', async () => {
    await refuses({ migrations: '/nowhere' }, { code: 'ERR_PGTAP_SCHEMA_FILES', message: /Cannot read \/nowhere/ });
    await refuses({ schema: '/nowhere.sql' }, { code: 'ERR_PGTAP_SCHEMA_FILES', message: /Cannot read \/nowhere\.sql/ });
    await assert.rejects(applied({ '1.down.sql': '' }), { code: 'ERR_PGTAP_SCHEMA_FILES', message: /holds no migrations/ });
    await assert.rejects(applied({ '1.sql': Buffer.from('SELECT \'\xE4\'', 'latin1') }), { code: 'ERR_PGTAP_SCHEMA_FILES', message: /1\.sql is no UTF-8 text/ });
  });

  it('ends with a signal between two statements', async () => {
    const ending = new AbortController();
    const reason = new Error('enough');
    const files = { '1.sql': 'SELECT 1;', '2.sql': 'SELECT 2;' };
    const onProgress = ({ applied: count }) => { if (count === 1) ending.abort(reason); };
    await assert.rejects(applied(files, { signal: ending.signal, onProgress }), reason);
  });
});

describe('a PGlite of the caller', () => {
  it('is a client like any other', async () => {
    const { PGlite } = await import('@electric-sql/pglite');
    const database = await PGlite.create();
    try {
      await database.exec('CREATE TABLE t (id int)');
      assert.deepEqual((await readCatalog(database)).relations.map(({ name }) => name), ['t']);
      await database.transaction(async (open) => {
        await open.query('SELECT 1');
        await assert.rejects(readCatalog(open), { code: 'ERR_PGTAP_SCHEMA_CLIENT' });
      });
      assert.deepEqual((await readCatalog(database)).relations.length, 1);
    } finally {
      await database.close();
    }
  });
});
