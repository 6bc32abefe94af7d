// Hand-written scripts with known answers for the oracle. `calls` lists `name:line:arguments`, with `<wrapper` where one
// is expected and `@function` inside a body; `unparsed` is the number of ranges the oracle must give up on.

const own = (title, sql, calls, extra = {}) => ({ title, sql, calls: calls.split(' ').filter(Boolean), unparsed: 0, ...extra });

const POSITIONS = [
  own('one call', "SELECT has_table('users');", 'has_table:1:1'),
  own('no arguments', 'SELECT pass( );', 'pass:1:0'),
  own('case of the name is folded', "SELECT Has_Table('a');\nselect\n  IS(1, 2);", 'has_table:1:1 is:3:2'),
  own('two in a list', "SELECT ok(true),\n  ok(false, 'x');", 'ok:1:1 ok:2:2'),
  own('FROM', 'SELECT * FROM ok(true) AS t(a);', 'ok:1:1'),
  own('common table expression', 'WITH x AS (SELECT ok(true))\nSELECT * FROM x, is(1, 2);', 'ok:1:1 is:2:2'),
  own('CASE arms', 'SELECT CASE WHEN a THEN pass()\nELSE fail() END;', 'pass:1:0 fail:2:0'),
  own('UNION arms', "SELECT ok(true)\nUNION ALL\nSELECT ok(false, 'b');", 'ok:1:1 ok:3:2'),
  own('array elements', "SELECT unnest(ARRAY[\n  is(1, 1),\n  has_role('x')]);", 'is:2:2 has_role:3:1'),
  own('VALUES', 'VALUES (ok(true)),\n(pass());', 'ok:1:1 pass:2:0'),
  own('sub-select as an argument keeps both', "SELECT is((SELECT has_table('t')), 'ok', 'd');", 'is:1:3 has_table:1:1'),
  own('function around as an argument keeps both', "SELECT is(lower(has_table('t')), 'x');", 'is:1:2 has_table:1:1'),
  own('INSERT, UPDATE, PREPARE', 'INSERT INTO ok (a) SELECT pass();\nUPDATE t SET a = ok(b);\nPREPARE p AS SELECT is(1, 2);', 'pass:1:0 ok:2:1 is:3:2'),
  own('joined with ||', "SELECT ok(true) || E'\\n' || ok(false);", 'ok:1:1 ok:1:1'),
];

const NAMES = [
  own('accepted schemas', 'SELECT public.ok(1), tap.ok(1), extensions.ok(1), pgtap.ok(1);', 'ok:1:1 ok:1:1 ok:1:1 ok:1:1'),
  own('foreign schemas', "SELECT rbac.has_role('x'), pg_catalog.ok(1), db.public.ok(1);", ''),
  own('line of the name, not of the schema', 'SELECT public\n.\nok\n(\ntrue);', 'ok:3:1'),
  own('quoted names', 'SELECT "ok"(1), "public"."is"(1, 2), "Ok"(1), "PUBLIC".ok(1);', 'ok:1:1 is:1:2'),
  own('control functions are no assertions', "SELECT plan(3); SELECT diag('x'); SELECT todo('x', 1); SELECT * FROM finish();", ''),
  own('longer names', 'SELECT ok_(1), not_ok(1), x$ok(1), okay(1), size_ok(1);', ''),
  own('names that suites use though pgTAP has them not', "SELECT policy_exists('t', 'p'), is_rls_enabled('t');", 'policy_exists:1:2 is_rls_enabled:1:1'),
  own('definitions are no calls', 'CREATE TABLE plan (ok int);\nCREATE TABLE is_empty (a int);\nDROP FUNCTION ok(boolean);\nWITH ok(a) AS (SELECT 1) SELECT * FROM t AS is_empty(b);', ''),
  own('comments and grants on functions', "COMMENT ON FUNCTION ok(boolean) IS 'ok(1)';\nGRANT EXECUTE ON FUNCTION ok(boolean) TO x;", ''),
  own('IS as an operator', 'SELECT a IS NULL, (b) IS NOT DISTINCT FROM (1), c IS TRUE FROM t;', ''),
];

const NESTING = [
  own('ok around an assertion', "SELECT ok(has_table('t'), 'd');", 'has_table:1:1<ok'),
  own('is around two', "SELECT is(has_table('a'),\nhas_view('b'));", 'has_table:1:1<is has_view:2:1<is'),
  own('check_test', "SELECT * FROM check_test(\n has_table('t', 'd'), true, 'x');", 'has_table:2:2<check_test'),
  own('collect_tap', "SELECT collect_tap(ok(true), is(1, 2), 'x');", 'ok:1:1<collect_tap is:1:2<collect_tap'),
  own('three levels', 'SELECT ok(ok(ok(true)));', 'ok:1:1<ok'),
  own('parentheses do not matter', "SELECT ok((has_table('t')), 'd');", 'has_table:1:1<ok'),
  own('an operator between does', "SELECT ok(has_table('t') = 'x', 'd');", 'ok:1:2 has_table:1:1'),
  own('a foreign function between does', "SELECT ok(my.ok(has_table('t')));", 'ok:1:1 has_table:1:1'),
  own('a control call inside', "SELECT is(plan(4), '1..4');", 'is:1:2'),
];

const LITERALS = [
  own('strings', "SELECT ok('ok(1), is(2)', 'it''s ok(');", 'ok:1:2'),
  own('a string over two lines', "SELECT ok('a\nb',\n 'c'); SELECT is(1, 2);", 'ok:1:2 is:3:2'),
  own('continued string', "SELECT ok('a'\n  'b', 'c');", 'ok:1:2'),
  own('escape strings', "SELECT ok(E'it\\'s, ok(', 'x'), pass(e'\\\\');", 'ok:1:2 pass:1:1'),
  own('backslash in a plain string', "SELECT ok('\\'), pass('x');", 'ok:1:1 pass:1:1'),
  own('dollar quotes', "SELECT throws_ok($$SELECT ok(1), 'x'$$, $a$ $b$ , $a$, '1');", 'throws_ok:1:3'),
  own('U& strings and national ones', "SELECT ok(U&'\\0041 is(1', N'x, y', B'1');", 'ok:1:3'),
  own('comments', "-- ok(1)\n/* is(1) /* ok(2) */ fail() */ SELECT /* it's */ pass() -- don't\n;", 'pass:2:0'),
  own('named arguments and casts', "SELECT col_not_null(schema_name => 'a', table_name := 'b', column_name => 'c'::name);", 'col_not_null:1:3'),
  own('commas in arguments', "SELECT is(ARRAY[1, 2], ROW(1, 2)::t, (SELECT f(1, 2)), x[1:2], 'a' IN ('b', 'c'));", 'is:1:5'),
  own('text beyond ASCII', "SELECT 'äöü ✓ 😀';\nSELECT größe, public.ok('✓'), is('😀', 'x');", 'ok:2:1 is:2:2'),
  own('CRLF and byte order mark', "\uFEFFSELECT 1;\r\n-- x\r\nSELECT ok(true);\r\n", 'ok:3:1'),
];

const BODIES = [
  own('SQL function', "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\n SELECT ok(true);\n SELECT is(1, 2) $$;", 'ok:2:1@f is:3:2@f'),
  own('SQL function in single quotes', "CREATE FUNCTION t.f() RETURNS text AS '\n SELECT ok(true, ''it''''s'');' LANGUAGE sql;", 'ok:2:2@t.f'),
  own('SQL body after the name', 'CREATE FUNCTION f() RETURNS text RETURN ok(true);\nCREATE FUNCTION g() RETURNS text BEGIN ATOMIC\nSELECT pass();\nEND;', 'ok:1:1@f pass:3:0@g'),
  own('PL/pgSQL', "CREATE FUNCTION f() RETURNS SETOF text LANGUAGE plpgsql AS $$\nDECLARE v text := ok(true);\nBEGIN\n  RETURN NEXT has_table('t');\n  RETURN QUERY SELECT is(1, 2);\n  SELECT pass() INTO v;\n  -- ok(1)\n  v := 'ok(1)';\nEND $$;",
    'ok:2:1@f has_table:4:1@f is:5:2@f pass:6:0@f'),
  own('PL/pgSQL nesting rule', "CREATE FUNCTION f() RETURNS SETOF text AS $$\nBEGIN FOR r IN SELECT * FROM check_test(has_table('t'), true) LOOP RETURN NEXT r.b; END LOOP; END $$ LANGUAGE plpgsql;", 'has_table:2:1<check_test@f', { tokensOnly: 1 }),
  own('DO', "DO $$\nBEGIN PERFORM ok(true); END $$;\nDO LANGUAGE plpgsql 'BEGIN PERFORM pass(''x''); END';", 'ok:2:1@DO pass:3:1@DO'),
  own('DO inside PL/pgSQL', 'DO $a$\nBEGIN\n  DO $b$\n  BEGIN PERFORM ok(true); END $b$;\nEND $a$;', 'ok:4:1@DO'),
  own('dynamic SQL is text', "DO $$ BEGIN EXECUTE 'SELECT ok(true)'; EXECUTE format('is(%L)', pass()); END $$;", 'pass:1:0@DO'),
  own('other languages are not read', 'CREATE FUNCTION ok(a int) RETURNS text AS $$ return ok(1); $$ LANGUAGE plperl;', ''),
  own('tables named like assertions in PL/pgSQL', 'DO $$ BEGIN CREATE TABLE plan (a int); INSERT INTO ok (a) VALUES (1); END $$;', ''),
];

const PSQL = [
  own('variables', "SELECT ok(:'a', :b, :\"c\"), is(:n, a[1:n]);", 'ok:1:3 is:1:2'),
  own('variables are not read in literals', "SELECT ok(':a', $$:'b$$, 'x'::text);", 'ok:1:3'),
  own('meta-commands', "\\set x 'ok(1)'\n\\echo is(1, '\nSELECT pass();", 'pass:3:0'),
  own('\\gset ends a statement', 'SELECT ok(true) \\gset\nSELECT pass()\\g\nSELECT fail();', 'ok:1:1 pass:2:0 fail:3:0'),
  own('both branches of \\if', '\\if :x\nSELECT ok(true);\n\\else\nSELECT pass();\n\\endif', 'ok:2:1 pass:4:0'),
  own('COPY data', "COPY t FROM stdin;\nit's ok(1)\n/*\n\\.\nSELECT ok(true);", 'ok:5:1'),
  own('\\copy data', "\\copy t from stdin\nit's ok(1)\n\\.\nSELECT ok(true);", 'ok:4:1'),
  own('COPY that never ends', "SELECT ok(true);\nCOPY t FROM stdin;\nSELECT pass();\n", 'ok:1:1'),
  own('a backslash inside a statement', 'SELECT ok(true) \\; SELECT pass();', 'ok:1:1 pass:1:0'),
];

const BROKEN = [
  own('one bad statement', 'SELECT ok(true);\nSELEC is(1, 2);\nSELECT pass();', 'ok:1:1 pass:3:0', { unparsed: 1, lines: [[2, 2]] }),
  own('a template line', 'SELECT ok(true);\n#include "x"\nSELECT is(1, 2);\nSELECT pass();', 'ok:1:1 pass:4:0', { unparsed: 1, lines: [[2, 3]] }),
  own('semicolons inside', "SELECT ok(true, 'a;b');\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT pass(); END;\nSELECT ((;", 'ok:1:2 pass:2:0@f', { unparsed: 1, lines: [[3, 3]] }),
  own('nothing at all', '', ''),
  own('only comments', '-- ok(1)\n/* is(2) */\n', ''),
];

export const ORACLE_CASES = [...POSITIONS, ...NAMES, ...NESTING, ...LITERALS, ...BODIES, ...PSQL, ...BROKEN];
