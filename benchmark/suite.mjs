// Random VALID test files that put assertions into every position a call can have, between traps that only
// look like one. They serve to compare the scanner with PostgreSQL's own parser.
import { CallWriter } from './suite-calls.mjs';
import { partSeed, randomFrom } from './random.mjs';

/** Statements with assertions outside function bodies. */
const STATEMENTS = [
  (w) => `SELECT ${w.call()};`,
  (w) => `select${w.blank() || ' '}${w.call()};`,
  (w) => `SELECT ${w.call()}, ${w.call()} AS second;`,
  (w) => `SELECT 1, ${w.call()};SELECT ${w.call()};`,
  (w) => `SELECT DISTINCT ${w.call()};`,
  (w) => `SELECT ALL ${w.call()} LIMIT 1;`,
  (w) => `SELECT (${w.call()});`,
  (w) => `SELECT ${w.call()}::text || E'\\n' || ${w.call()};`,
  (w) => `SELECT * FROM ${w.call()};`,
  (w) => `SELECT * FROM ${w.call()} AS t(a);`,
  (w) => `SELECT t.ok FROM t, LATERAL ${w.call()} x;`,
  (w) => `SELECT * FROM ROWS FROM (${w.call()}, ${w.call()}) AS z;`,
  (w) => `SELECT * FROM a JOIN b ON ${w.call()} = 'ok';`,
  (w) => `SELECT a FROM t WHERE ${w.call()} IS NOT NULL AND a IN (SELECT ${w.call()});`,
  (w) => `SELECT a FROM t GROUP BY a HAVING ${w.call()} <> '' ORDER BY ${w.call()};`,
  (w) => `WITH c AS (SELECT ${w.call()}) SELECT * FROM c;`,
  (w) => `WITH RECURSIVE ok(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM ok) SELECT ${w.call()} FROM ok;`,
  (w) => `WITH done AS MATERIALIZED (INSERT INTO t VALUES (1) RETURNING ${w.call()} AS a) SELECT a, ${w.call()} FROM done;`,
  (w) => `SELECT CASE WHEN min_version('1.2') THEN ${w.call()} ELSE ${w.call()} END;`,
  (w) => `SELECT CASE ${w.call()} WHEN 'a' THEN 1 END;`,
  (w) => `SELECT ${w.call()} UNION ALL SELECT ${w.call()} UNION ALL (SELECT ${w.call()});`,
  (w) => `SELECT unnest(ARRAY[${w.call()}, ${w.call()}]) FROM pg_proc WHERE proname = 'is(1)';`,
  (w) => `VALUES (${w.call()}), (${w.call()});`,
  (w) => `SELECT has FROM (SELECT ${w.call()} AS has) AS ok;`,
  (w) => `SELECT (SELECT ${w.call()}), EXISTS (SELECT ${w.call()});`,
  (w) => `SELECT array_agg(${w.call()} ORDER BY 1) FILTER (WHERE ${w.call()} <> '');`,
  (w) => `SELECT coalesce(${w.call()}, 'x'), concat(${w.call()}, 1);`,
  (w) => `SELECT ${w.call()} FROM (VALUES ('a', 'b'), ('c', 'd')) AS v(x, y);`,
  (w) => `INSERT INTO ok (a, b) SELECT ${w.call()}, 1;`,
  (w) => `INSERT INTO tap.log VALUES (1, ${w.call()}) ON CONFLICT (a) DO NOTHING;`,
  (w) => `UPDATE t SET a = ${w.call()} WHERE b = 1 RETURNING ${w.call()};`,
  (w) => `DELETE FROM t WHERE a = ${w.call()};`,
  (w) => `PREPARE p AS SELECT ${w.call()};`,
  (w) => `EXPLAIN (COSTS off) SELECT ${w.call()};`,
  (w) => `CREATE TEMP TABLE r AS SELECT ${w.call()} AS a;`,
  (w) => `CREATE VIEW v (ok) AS SELECT ${w.call()};`,
  (w) => `DECLARE c CURSOR FOR SELECT ${w.call()};`,
  (w) => `COPY (SELECT ${w.call()}) TO stdout;`,
  (w) => `SELECT ${w.call()} INTO TEMP kept;`,
  (w) => `SELECT plan(3); SELECT ${w.call()}; SELECT * FROM finish();`,
  (w) => `SELECT todo('later', 1); SELECT diag('ok(1)'); SELECT ${w.call()};`,
  (w) => `SELECT rank() OVER (ORDER BY ${w.call()}), ${w.call()};`,
  (w) => `SELECT ${w.call()} AS a \\gset\nSELECT ${w.call()} \\g`,
  (w) => `\\set x 'ok(1)'\nSELECT ${w.call()}, :'x', :"x", :x;`,
  (w) => `\\if :x\nSELECT ${w.call()};\n\\else\nSELECT ${w.call()};\n\\endif`,
];

/** Function bodies in SQL: the text between the quotes. */
const SQL_BODIES = [
  (w) => `SELECT ${w.call()};`,
  (w) => `\n  -- is(1, 2)\n  SELECT ${w.call()};\n  SELECT ${w.call()}\n`,
  (w) => `SELECT ${w.call()} UNION ALL SELECT ${w.call()};`,
  (w) => `INSERT INTO ok(a) VALUES (1); VALUES (${w.call()});`,
];

/** Statements of PL/pgSQL. The variables are those of `plpgsqlBody`. */
const PLPGSQL_STATEMENTS = [
  (w) => `RETURN NEXT ${w.call()};`,
  (w) => `RETURN QUERY SELECT ${w.call()};`,
  (w) => `RETURN QUERY SELECT * FROM ${w.call()} AS t(a);`,
  (w) => `RETURN QUERY EXECUTE 'SELECT ok(' || true || ')';`,
  (w) => `v := ${w.call()};`,
  (w) => `v = ${w.call()} || ${w.call()};`,
  (w) => `PERFORM ${w.call()};`,
  (w) => `IF ${w.call()} = 'ok' THEN RETURN NEXT ${w.call()}; ELSIF v IS NULL THEN RETURN NEXT ${w.call()}; ELSE RETURN NEXT v; END IF;`,
  (w) => `CASE WHEN v IS NULL THEN RETURN NEXT ${w.call()}; ELSE NULL; END CASE;`,
  (w) => `FOR r IN SELECT * FROM ${w.call()} LOOP RETURN NEXT ${w.call()}; END LOOP;`,
  (w) => `FOR i IN 1..3 LOOP RETURN NEXT ${w.call()}; END LOOP;`,
  (w) => `WHILE v IS NULL LOOP v := ${w.call()}; EXIT; END LOOP;`,
  (w) => `FOREACH v IN ARRAY ARRAY['a', 'ok(1)'] LOOP RETURN NEXT ${w.call()}; END LOOP;`,
  (w) => `SELECT ${w.call()} INTO v;`,
  (w) => `INSERT INTO ok (a) VALUES (${w.call()});`,
  (w) => `EXECUTE format('SELECT ok(%L)', ${w.call()}) INTO v;`,
  (w) => `RAISE NOTICE 'ok(%)', ${w.call()};`,
  (w) => `BEGIN RETURN NEXT ${w.call()}; EXCEPTION WHEN unique_violation OR others THEN RETURN NEXT ${w.call()}; END;`,
  (w) => `CREATE TABLE plan (id int, ok text);`,
  (w) => `DO $deep$ BEGIN PERFORM ${w.call()}; END $deep$;`,
  (w) => `-- RETURN NEXT ok(true);\n  /* is(1, 2); */ NULL;`,
];

/** Things that look like assertions and are none. */
const TRAPS = [
  'CREATE TABLE plan (id int, ok boolean);', 'CREATE TABLE IF NOT EXISTS public.is_empty (a text);',
  'INSERT INTO matches (a, b) VALUES (1, 2);', 'CREATE INDEX fail ON pass (a);', 'DROP FUNCTION ok(boolean);',
  'GRANT EXECUTE ON FUNCTION is(anyelement, anyelement) TO reader;', "COMMENT ON FUNCTION ok(boolean) IS 'ok(true)';",
  'ALTER FUNCTION has_table(name) OWNER TO reader;', "SELECT rbac.has_role('x'), my.ok(true), \"Public\".ok(1);",
  'CREATE TRIGGER ok AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION pass();', "SELECT 'SELECT ok(true)', $$is(1, 2)$$;",
  '-- SELECT ok(true);', '/* SELECT has_table(\'x\'); /* nested is(1) */ fail() */', "SELECT t.pass, t.fail FROM t AS ok(pass, fail);",
  'CREATE TYPE can AS (a int);', 'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES fail (id);', 'CREATE FUNCTION has_role(text) RETURNS text AS $p$ return ok(1); $p$ LANGUAGE plperl;',
  'SELECT a IS NULL, b IS DISTINCT FROM (1), (c) IS NOT NULL FROM t;', '\\echo ok(true)', '\\set name \'has_table(1)\'', "\\! echo 'it''s' is(1)",
  "COPY t FROM stdin;\nit's ok(1)\t$$\n/* has_table('x')\n\\.", "\\copy t from stdin\nis(1, 2) '\n\\.", 'SELECT "ok(1)", ok, has_table FROM t;',
  "EXECUTE p('ok(1)');", 'SET search_path = tap, public;', "SELECT E'\\'ok(1)', e'\\\\', 'x\\';", 'SELECT a::ok, b[1:2] FROM t;', 'SELECT 1 AS is_empty;',
];

const many = (random, low, high, make) => Array.from({ length: low + random.int(high - low + 1) }, make);

/** A string literal for a body that holds single quotes and perhaps dollar quotes. */
function quotedBody(random, body, tag) {
  if (random.chance(0.2) && !body.includes('\\')) return `'${body.replaceAll("'", "''")}'`;
  return `$${tag}$${body}$${tag}$`;
}

function sqlFunction(w, number) {
  const { random } = w;
  if (random.chance(0.2)) return `CREATE FUNCTION f${number}() RETURNS text RETURN ${w.call()};`;
  if (random.chance(0.25)) {
    return `CREATE FUNCTION f${number}() RETURNS text LANGUAGE sql\nBEGIN ATOMIC\n  SELECT CASE WHEN a THEN 1 END FROM t;\n  SELECT ${w.call()};\nEND;`;
  }
  const body = quotedBody(random, random.pick(SQL_BODIES)(w), `b${number}`);
  return random.pick([
    `CREATE OR REPLACE FUNCTION tests.f${number}(ok boolean DEFAULT true) RETURNS SETOF text LANGUAGE sql AS ${body};`,
    `CREATE FUNCTION test_${number}()\nRETURNS text AS ${body}\nLANGUAGE 'sql' STABLE;`,
    `create procedure p${number}() language SQL as ${body};`,
  ]);
}

function plpgsqlBody(w) {
  const declare = `\nDECLARE\n  v text := ${w.call()};\n  r record;\n  c CURSOR FOR SELECT ${w.call()};\n`;
  const body = many(w.random, 1, 5, () => `  ${w.random.pick(PLPGSQL_STATEMENTS)(w)}\n`).join('');
  return `${declare}BEGIN\n${body}END`;
}

function plpgsqlFunction(w, number) {
  const body = quotedBody(w.random, plpgsqlBody(w), `pl${number}`);
  return w.random.pick([
    `CREATE FUNCTION test_${number}() RETURNS SETOF text AS ${body} LANGUAGE plpgsql;`,
    `CREATE OR REPLACE FUNCTION tests.g${number}(a int, b text DEFAULT 'ok(1)')\nRETURNS SETOF text LANGUAGE plpgsql AS ${body};`,
  ]);
}

function doBlock(w, number) {
  const body = `BEGIN\n  PERFORM ${w.call()};\n  IF ${w.call()} IS NULL THEN RAISE 'ok(1)'; END IF;\nEND`;
  const literal = quotedBody(w.random, body, `do${number}`);
  return w.random.pick([`DO ${literal};`, `DO LANGUAGE plpgsql ${literal};`, `do ${literal} language plpgsql;`]);
}

function piece(w, number) {
  const make = w.random.weighted([
    [60, () => w.random.pick(STATEMENTS)(w)],
    [20, () => w.random.pick(TRAPS)],
    [8, () => sqlFunction(w, number)],
    [8, () => plpgsqlFunction(w, number)],
    [4, () => doBlock(w, number)],
  ]);
  return make();
}

/**
 * A random valid test file of `size` statements: `{ sql, counts, total }`, where `counts` says how many assertions of
 * each name it holds by the nesting rule (an assertion around another is not counted, the inner one is).
 */
export function generateSuite(seed, size = 30) {
  const w = new CallWriter(randomFrom(partSeed(seed, size)));
  const pieces = Array.from({ length: size }, (_, number) => piece(w, number));
  const newline = w.random.chance(0.1) ? '\r\n' : '\n';
  const mark = w.random.chance(0.1) ? '\uFEFF' : '';
  const text = ['BEGIN;', `SELECT plan(${w.total});`, ...pieces, 'SELECT * FROM finish();', 'ROLLBACK;', ''].join('\n');
  return { sql: mark + text.replace(/\r?\n/g, newline), counts: w.counts, total: w.total };
}
