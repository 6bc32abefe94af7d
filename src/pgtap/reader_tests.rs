//! What yields an assertion and what does not, construct by construct, with the marks it carries.

use super::super::testing::{All, read, read_as};
use super::Wanted;
use crate::pgtap::assertion::Assertion;

fn marks(a: &Assertion) -> String {
    let mut said = format!("{}:{}", a.kind, a.line_number);
    let mut mark = |on: bool, text: &str| {
        if on {
            said.push(' ');
            said.push_str(text);
        }
    };
    mark(
        a.wrapper.is_some(),
        &format!("in:{}", a.wrapper.clone().unwrap_or_default()),
    );
    mark(a.context == Some("do"), "do");
    mark(
        a.in_function.is_some(),
        &format!("body:{}", a.in_function.clone().unwrap_or_default()),
    );
    mark(
        a.helper.is_some(),
        &format!("from:{}", a.helper.clone().unwrap_or_default()),
    );
    mark(a.conditional, "if");
    mark(a.row_driven, "rows");
    mark(a.dynamic, "dynamic");
    mark(a.commented, "commented");
    said
}

fn said(all: &All) -> Vec<String> {
    all.assertions.iter().map(marks).collect()
}

fn check(table: &[(&str, &[&str])], count: usize) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(sql, expected)| said(&read(sql)) != *expected)
        .map(|(sql, _)| format!("{sql} => {:?}", said(&read(sql))))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), count);
}

#[test]
fn calls_count_in_every_position_of_an_expression() {
    check(
        &[
            ("SELECT ok(true);", &["ok:1"]),
            ("select OK (true)", &["ok:1"]),
            ("SELECT\n\n ok\n(true);", &["ok:3"]),
            ("\u{feff}SELECT ok(true);", &["ok:1"]),
            ("SELECT 1;\r\nSELECT ok(true);\r\n", &["ok:2"]),
            ("SELECT a, ok(true), pass() FROM t;", &["ok:1", "pass:1"]),
            ("SELECT * FROM ok(true);", &["ok:1"]),
            ("SELECT * FROM t, LATERAL ok(true);", &["ok:1"]),
            ("WITH x AS (SELECT 1) SELECT ok(true) FROM x;", &["ok:1"]),
            ("WITH x AS (SELECT ok(true)) SELECT * FROM x;", &["ok:1"]),
            ("SELECT pass()\nUNION ALL\nSELECT fail();", &["pass:1", "fail:3"]),
            ("SELECT unnest(ARRAY[is(1, 1),\nisnt(1, 2)]);", &["is:1", "isnt:2"]),
            ("SELECT (SELECT ok(true));", &["ok:1"]),
            ("SELECT 1 FROM t WHERE ok(true) IS NOT NULL;", &["ok:1"]),
            ("VALUES (ok(true)), (pass());", &["ok:1", "pass:1"]),
            ("SELECT ok(true) || pass();", &["ok:1", "pass:1"]),
            ("INSERT INTO r SELECT ok(true);", &["ok:1"]),
            ("INSERT INTO r VALUES (ok(true));", &["ok:1"]),
            (
                "SELECT CASE WHEN a THEN ok(true) ELSE pass() END;",
                &["ok:1 if", "pass:1 if"],
            ),
            ("SELECT coalesce(ok(true), 'x');", &["ok:1"]),
            ("CREATE TEMP TABLE r AS SELECT ok(true);", &["ok:1"]),
            ("SELECT DISTINCT ok(true);", &["ok:1"]),
            ("SELECT ok(true) AS ok, is(1, 1) \"is\";", &["ok:1", "is:1"]),
            ("SELECT ok(true)\\gset\nSELECT pass();", &["ok:1", "pass:2"]),
            ("SELECT ok(true) \\g\nSELECT pass();", &["ok:1", "pass:2"]),
            ("\\t SELECT ok(true);\n", &[]),
            ("\\pset x y \\\\ SELECT ok(true);\n", &["ok:1"]),
            ("EXECUTE q; SELECT ok(true)", &["ok:1"]),
            ("SELECT ok(json_value(x, '$.a' RETURNING int) = 1);", &["ok:1"]),
        ],
        29,
    );
}

#[test]
fn what_is_no_call_does_not_count() {
    check(
        &[
            ("CREATE FUNCTION ok(a int) RETURNS text LANGUAGE c AS 'x';", &[]),
            ("CREATE PROCEDURE ok(a int) LANGUAGE c AS 'x';", &[]),
            ("CREATE TABLE ok (a int);", &[]),
            ("CREATE INDEX ok ON t (a);", &[]),
            ("CREATE INDEX i ON ok (a);", &[]),
            ("CREATE VIEW ok (a) AS SELECT 1;", &[]),
            ("CREATE TYPE ok AS (a int);", &[]),
            ("CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION ok();", &[]),
            ("INSERT INTO ok (a) VALUES (1);", &[]),
            ("COPY ok (a) FROM stdin;\n1\n\\.\n", &[]),
            ("ALTER FUNCTION ok(int) OWNER TO x;", &[]),
            ("DROP FUNCTION ok(int), is(int);", &[]),
            ("GRANT EXECUTE ON FUNCTION ok(int) TO x;", &[]),
            ("REVOKE ALL ON FUNCTION ok(int) FROM x;", &[]),
            ("COMMENT ON FUNCTION ok(int) IS 'ok(1)';", &[]),
            ("CREATE TABLE t (a int REFERENCES ok (a));", &[]),
            ("WITH ok (a) AS (SELECT 1) SELECT a FROM ok;", &[]),
            ("WITH a AS (SELECT 1), ok (a) AS (SELECT 1) SELECT 1;", &[]),
            ("SELECT * FROM (VALUES (1)) AS ok (a);", &[]),
            ("SELECT * FROM (VALUES (1)) ok (a);", &[]),
            ("SELECT 'ok(true)', E'\\'ok(true)', $$ok(true)$$, \"ok(true)\";", &[]),
            ("-- SELECT ok(true);\n/* SELECT ok(true); /* nested */ */", &[]),
            ("SELECT app.ok(true);", &[]),
            ("SELECT \"Ok\"(true);", &[]),
            ("SELECT ok;", &[]),
            ("SELECT t.ok, x.is FROM t;", &[]),
            (
                "SELECT plan(1), no_plan(), finish(), diag('x'), skip('x', 1), todo('x', 1);",
                &[],
            ),
            ("SELECT results('x'), has_tables('t');", &[]),
            ("\\echo SELECT ok(true);\n", &[]),
            ("\\! psql -c 'SELECT ok(true);'\n", &[]),
            ("COPY t FROM stdin;\nSELECT ok(true); it's\n\\.\n", &[]),
            ("\\copy t from stdin\nSELECT ok(true); it's\n\\.\n", &[]),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE plperl AS $$ SELECT ok(true); $$;",
                &[],
            ),
        ],
        33,
    );
}

#[test]
fn what_stands_behind_data_and_commands_still_counts() {
    check(
        &[
            ("COPY t FROM stdin;\nit's\n\\.\nSELECT ok(true);", &["ok:4"]),
            ("\\copy t from stdin\nit's\n\\.\nSELECT ok(true);", &["ok:4"]),
            (
                "COPY t (a, b) FROM stdin WITH (FORMAT csv);\n'\n\\.\nSELECT ok(true);",
                &["ok:4"],
            ),
            ("COPY t FROM '/x';\nSELECT ok(true);", &["ok:2"]),
            ("COPY t TO stdout;\nSELECT ok(true);", &["ok:2"]),
            ("\\echo it's\nSELECT ok(true);", &["ok:2"]),
            ("\\set x 'it''s'\nSELECT ok(true);", &["ok:2"]),
            ("#include \"x.sql\"\nSELECT ok(true);", &["ok:2"]),
            (
                "{% if x %}\nSELECT ok(true);\n{% endif %}\nSELECT pass();",
                &["ok:2", "pass:4"],
            ),
            ("SELECT (1;\nSELECT ok(true);", &["ok:2"]),
            ("SELECT ok(true, 'a;b(c,d'), pass('x');", &["ok:1", "pass:1"]),
            ("BEGIN;\nSELECT ok(true);\nEND;\nSELECT pass();", &["ok:2", "pass:4"]),
        ],
        12,
    );
}

#[test]
fn constant_texts_that_a_body_executes_are_read() {
    let body = |inside: &str| format!("DO $do$ BEGIN\n{inside}\nEND $do$;");
    let cases: [(&str, &[&str]); 10] = [
        ("EXECUTE 'SELECT ok(true)';", &["ok:2 do"]),
        (
            "EXECUTE $$SELECT ok(true),\npass()$$ INTO a;",
            &["ok:2 do", "pass:3 do"],
        ),
        (
            "RETURN QUERY EXECUTE 'SELECT has_table(''it''''s'')' USING a;",
            &["has_table:2 do"],
        ),
        (
            "FOR r IN EXECUTE 'SELECT ok(true)' LOOP\nRETURN NEXT pass();\nEND LOOP;",
            &["ok:2 do if", "pass:3 do if"],
        ),
        (
            "IF a THEN\nEXECUTE 'SELECT ok(true)';\nEND IF;\nEXECUTE 'SELECT pass()';",
            &["ok:3 do if", "pass:5 do"],
        ),
        (
            "EXECUTE 'DO $x$ BEGIN EXECUTE ''SELECT ok(true)''; END $x$';",
            &["ok:2 do"],
        ),
        ("EXECUTE 'SELECT ok(' || a || ')';", &[]),
        ("EXECUTE format('SELECT ok(%L)', a);", &[]),
        ("EXECUTE a;", &[]),
        ("PERFORM 'SELECT ok(true)';", &[]),
    ];
    for (inside, expected) in cases {
        check(&[(&body(inside), expected)], 1);
    }
    // In a script it is the name of a PREPAREd statement that stands there.
    check(&[("EXECUTE 'SELECT ok(true)';", &[])], 1);
}

#[test]
fn what_a_helper_executes_is_part_of_it() {
    let sql = "CREATE FUNCTION t(name) RETURNS SETOF text LANGUAGE plpgsql AS $f$ BEGIN \
               RETURN QUERY EXECUTE 'SELECT has_table(''a'')'; END $f$;\nSELECT t('x');";
    check(&[(sql, &["has_table:1 body:t", "has_table:2 from:t"])], 1);
}

#[test]
fn schemas_that_hold_pgtap_are_accepted() {
    check(
        &[
            (
                "SELECT public.ok(true), tap.ok(true), pgtap.ok(true), extensions.ok(true);",
                &["ok:1", "ok:1", "ok:1", "ok:1"],
            ),
            ("SELECT PUBLIC.ok(true), \"public\".\"ok\"(true);", &["ok:1", "ok:1"]),
            ("CREATE EXTENSION pgtap SCHEMA x;\nSELECT x.ok(true);", &["ok:2"]),
            (
                "CREATE EXTENSION IF NOT EXISTS pgtap WITH SCHEMA x;\nSELECT x.ok(true);",
                &["ok:2"],
            ),
            ("SET search_path TO mytap, public;\nSELECT mytap.ok(true);", &["ok:2"]),
            ("SET LOCAL search_path = 'mytap';\nSELECT mytap.ok(true);", &["ok:2"]),
            ("SET search_path TO app, public;\nSELECT app.ok(true);", &[]),
        ],
        7,
    );
}

#[test]
fn wrapped_assertions_are_listed_once() {
    check(
        &[
            ("SELECT ok(has_table('t'), 'd');", &["has_table:1 in:ok"]),
            (
                "SELECT * FROM check_test(has_table('t'), true, 'd');",
                &["has_table:1 in:check_test"],
            ),
            (
                "SELECT collect_tap(ok(true), pass());",
                &["ok:1 in:collect_tap", "pass:1 in:collect_tap"],
            ),
            ("SELECT is((ok(true)), 'x');", &["ok:1 in:is"]),
            ("SELECT is(plan(4), '1..4');", &["is:1"]),
            ("SELECT ok(lower(ok(true)) = 'x');", &["ok:1", "ok:1"]),
            ("SELECT ok(ok(true) || 'x');", &["ok:1", "ok:1"]),
            ("SELECT ok((SELECT pass()));", &["ok:1", "pass:1"]),
            ("SELECT matches(ok(true), 'x');", &["ok:1 in:matches"]),
            ("SELECT throws_ok($$SELECT ok(true)$$, '22012');", &["throws_ok:1"]),
            ("SELECT lives_ok('SELECT ok(true)');", &["lives_ok:1"]),
        ],
        11,
    );
}

#[test]
fn branches_are_marked() {
    check(
        &[
            (
                "\\if :x\nSELECT ok(true);\n\\else\nSELECT pass();\n\\endif\nSELECT fail();",
                &["ok:2 if", "pass:4 if", "fail:6"],
            ),
            (
                "\\if :x\n\\if :y\nSELECT ok(true);\n\\endif\nSELECT pass();\n\\endif\n",
                &["ok:3 if", "pass:5 if"],
            ),
            (
                "SELECT CASE WHEN ok(true) = 'x' THEN 1 END, pass();",
                &["ok:1 if", "pass:1"],
            ),
            (
                "DO $$ BEGIN IF a THEN PERFORM ok(true); END IF; PERFORM pass(); END $$;",
                &["ok:1 do if", "pass:1 do"],
            ),
            (
                "DO $$ BEGIN IF a THEN NULL; ELSIF b THEN PERFORM ok(true); ELSE PERFORM pass(); END IF; END $$;",
                &["ok:1 do if", "pass:1 do if"],
            ),
            (
                "DO $$ BEGIN FOR i IN 1..3 LOOP PERFORM ok(true); END LOOP; PERFORM pass(); END $$;",
                &["ok:1 do if", "pass:1 do"],
            ),
            (
                "DO $$ BEGIN WHILE a LOOP PERFORM ok(true); END LOOP; PERFORM pass(); END $$;",
                &["ok:1 do if", "pass:1 do"],
            ),
            (
                "DO $$ BEGIN CASE a WHEN 1 THEN PERFORM ok(true); END CASE; PERFORM pass(); END $$;",
                &["ok:1 do if", "pass:1 do"],
            ),
            (
                "DO $$ BEGIN DROP TABLE IF EXISTS t; PERFORM ok(true); END $$;",
                &["ok:1 do"],
            ),
            (
                "DO $$ BEGIN BEGIN PERFORM ok(true); END; PERFORM pass(); END $$;",
                &["ok:1 do", "pass:1 do"],
            ),
        ],
        10,
    );
}

#[test]
fn bodies_are_read_wherever_they_stand() {
    check(
        &[
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT ok(true); $$;",
                &["ok:1 body:f"],
            ),
            (
                "CREATE OR REPLACE FUNCTION s.f() RETURNS SETOF text AS $$\nBEGIN\n RETURN NEXT ok(true);\nEND;\n$$ LANGUAGE plpgsql;",
                &["ok:3 body:s.f"],
            ),
            (
                "CREATE FUNCTION f() RETURNS SETOF text AS 'BEGIN RETURN QUERY SELECT is(''a''::text, ''b''); END' LANGUAGE plpgsql;",
                &["is:1 body:f"],
            ),
            (
                "CREATE FUNCTION f() RETURNS text AS $$ BEGIN RETURN ok(true); END $$ LANGUAGE 'plpgsql';",
                &["ok:1 body:f"],
            ),
            (
                "CREATE FUNCTION f() RETURNS text AS $$ DECLARE v text; BEGIN v := ok(true); v = pass(); RETURN v; END $$ LANGUAGE plpgsql;",
                &["ok:1 body:f", "pass:1 body:f"],
            ),
            (
                "CREATE FUNCTION f() RETURNS SETOF text AS $$ DECLARE tap record; BEGIN FOR tap IN SELECT * FROM check_test(ok(true), true) LOOP RETURN NEXT tap.b; END LOOP; END $$ LANGUAGE plpgsql;",
                &["ok:1 in:check_test body:f"],
            ),
            (
                "CREATE PROCEDURE p() LANGUAGE sql AS $$ SELECT ok(true); $$;",
                &["ok:1 body:p"],
            ),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql RETURN ok(true);",
                &["ok:1 body:f"],
            ),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT ok(true); SELECT pass(); END;",
                &["ok:1 body:f", "pass:1 body:f"],
            ),
            ("DO $$ BEGIN PERFORM ok(true); END $$;", &["ok:1 do"]),
            ("DO LANGUAGE plpgsql $$ BEGIN PERFORM ok(true); END $$;", &["ok:1 do"]),
            (
                "DO $a$ BEGIN CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $b$ SELECT ok(true) $b$; END $a$;",
                &["ok:1 body:f"],
            ),
            (
                "DO $a$ BEGIN DO $b$ BEGIN DO $c$ BEGIN PERFORM ok(true); END $c$; END $b$; END $a$;",
                &["ok:1 do"],
            ),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 1 $$;\nSELECT ok(true);",
                &["ok:2"],
            ),
        ],
        14,
    );
}

#[test]
fn rows_and_computed_names_are_marked() {
    check(
        &[
            (
                "SELECT has_table(x) FROM (VALUES ('a'), ('b')) v(x);",
                &["has_table:1 rows"],
            ),
            (
                "SELECT has_table(relname) FROM pg_class;",
                &["has_table:1 rows dynamic"],
            ),
            (
                "SELECT has_table(relname) FROM pg_class WHERE relname = 'a';",
                &["has_table:1 rows"],
            ),
            ("SELECT has_table('a') FROM pg_class;", &["has_table:1"]),
            ("SELECT has_table('a_' || x);", &["has_table:1 dynamic"]),
            ("SELECT has_table('s', format('a_%s', x));", &["has_table:1"]),
            (
                "SELECT has_table('s', format('a_%s', x)::name);",
                &["has_table:1 dynamic"],
            ),
            ("SELECT has_table(:'v');", &["has_table:1 dynamic"]),
            ("\\set v users\nSELECT has_table(:'v');", &["has_table:2"]),
            (
                "\\set v users\n\\unset v\nSELECT has_table(:'v');",
                &["has_table:3 dynamic"],
            ),
            (
                "\\if :x\n\\set v users\n\\endif\nSELECT has_table(:'v');",
                &["has_table:4 dynamic"],
            ),
            (
                "SELECT 'users' AS v \\gset\nSELECT has_table(:'v');",
                &["has_table:2 dynamic"],
            ),
            (
                "\\set v users\nSELECT 'x' AS v \\gset\nSELECT has_table(:'v');",
                &["has_table:3 dynamic"],
            ),
        ],
        13,
    );
}

#[test]
fn targets_follow_variables_filters_and_rows() {
    let table: &[(&str, &[&str])] = &[
        ("\\set v users\nSELECT has_table(:'v');", &["public.users"]),
        ("\\set v users\nSELECT has_table(':v');", &["public.:v"]),
        ("SELECT has_table('a_' || x || '_b');", &["public.a_*_b"]),
        (
            "SELECT has_table(relname) FROM pg_class WHERE relname = 'a';",
            &["public.a"],
        ),
        ("SELECT has_column('t', 'id') FROM x WHERE relname = 'a';", &["t.id"]),
        (
            "SELECT has_table('s'::name, x::name) FROM unnest('{a,b}'::name[]) x;",
            &["s.a"],
        ),
    ];
    for (sql, expected) in table {
        let targets: Vec<_> = read(sql).assertions.iter().map(|a| a.target.clone()).collect();
        assert_eq!(targets, *expected, "{sql}");
    }
    let all = read("SELECT has_table(x) FROM (VALUES ('a'), ('b'), ('c')) v(x);");
    assert_eq!(all.assertions[0].targets, ["public.a", "public.b", "public.c"]);
    assert_eq!(table.len(), 6);
}

const HELPER: &str = "CREATE FUNCTION h(s name, t name) RETURNS SETOF text AS $$ BEGIN\n RETURN NEXT has_table(s, t);\n RETURN NEXT has_column(s, t, 'id', 'It has an id'); END $$ LANGUAGE plpgsql;\n";

#[test]
fn helpers_are_expanded_with_their_arguments() {
    let table: &[(&str, &[&str])] = &[
        ("SELECT h('app', 'users');", &["app.users", "app.users.id"]),
        ("SELECT * FROM h('app', 'users');", &["app.users", "app.users.id"]),
        ("SELECT h(s := 'app', t := 'users');", &["app.users", "app.users.id"]),
        ("SELECT h(t => 'users', s => 'app');", &["app.users", "app.users.id"]),
        ("SELECT h('app', t => 'users');", &["app.users", "app.users.id"]),
        ("\\set v app\nSELECT h(:'v', 'users');", &["app.users", "app.users.id"]),
        ("SELECT h('app', x) FROM y;", &["app.*", "app.*.id"]),
        ("SELECT h(a, b) FROM y;", &[]),
        ("SELECT h(NULL, NULL);", &[]),
        ("SELECT other('app', 'users');", &[]),
    ];
    for (sql, expected) in table {
        let all = read(&format!("{HELPER}{sql}"));
        let expanded = all.assertions.iter().filter(|a| a.helper.as_deref() == Some("h"));
        let targets: Vec<_> = expanded.map(|a| a.target.clone()).collect();
        assert_eq!(targets, *expected, "{sql}");
    }
    assert_eq!(table.len(), 10);
    let all = read(&format!("{HELPER}SELECT h('app', 'users');"));
    assert_eq!(
        said(&all)[..2],
        ["has_table:2 body:h dynamic", "has_column:3 body:h dynamic"]
    );
    assert_eq!(said(&all)[2..], ["has_table:4 from:h", "has_column:4 from:h"]);
}

#[test]
fn comments_are_read_when_wanted() {
    let wanted = Wanted {
        commented: true,
        listing: true,
    };
    let table: &[(&str, &[&str])] = &[
        ("-- SELECT ok(true);\n", &["ok:1 commented"]),
        (
            "SELECT pass();\n-- SELECT\n--   ok(true);\n",
            &["pass:1", "ok:3 commented"],
        ),
        (
            "/* SELECT ok(true);\nSELECT pass(); */",
            &["ok:1 commented", "pass:2 commented"],
        ),
        ("-- is (this) a heading?\n", &[]),
        ("-- tests of ok()\n", &[]),
        (
            "SELECT ok(true, 'x'); -- SELECT pass();\n",
            &["ok:1", "pass:1 commented"],
        ),
    ];
    for (sql, expected) in table {
        assert_eq!(said(&read_as(sql.as_bytes(), wanted)), *expected, "{sql}");
    }
    assert_eq!(table.len(), 6);
}

#[test]
fn included_files_are_named() {
    let table: &[(&str, &[(&str, bool)])] = &[
        ("\\i a.sql\n\\ir b.sql\n", &[("a.sql", false), ("b.sql", true)]),
        (
            "\\include a.sql\n\\include_relative 'b c.sql'\n",
            &[("a.sql", false), ("b c.sql", true)],
        ),
        ("\\set d x\n\\ir :d/a.sql\n", &[("x/a.sql", true)]),
        ("\\i\n", &[]),
        ("-- \\i a.sql\n", &[]),
    ];
    for (sql, expected) in table {
        let includes = read(sql).facts.includes;
        let found: Vec<_> = includes
            .iter()
            .map(|i| (std::str::from_utf8(&i.path).unwrap(), i.relative))
            .collect();
        assert_eq!(found, *expected, "{sql}");
    }
    assert_eq!(table.len(), 5);
}

#[test]
fn helpers_are_expanded_to_a_limit_and_counted_beyond_it() {
    let body = "SELECT has_table(a);".repeat(1000);
    let head = format!("CREATE FUNCTION h(a name) RETURNS SETOF text LANGUAGE sql AS $$ {body} $$;\n");
    let all = read(&format!("{head}{}", "SELECT h('t');\n".repeat(300)));
    assert_eq!(all.problems(), ["ERR_PGTAP_TOO_MANY_EXPANDED:252"]);
    assert_eq!(all.assertions.len(), 1000 + 250 * 1000);
    assert_eq!(all.facts.plan.results, 300 * 1000);
}

#[test]
fn texts_of_calls_in_calls_are_cut_when_they_repeat_too_much() {
    let depth = 2000;
    let all = read(&format!("SELECT {}1{};", "ok(1+".repeat(depth), ")".repeat(depth)));
    assert_eq!(all.assertions.len(), depth);
    let lengths: usize = all.assertions.iter().map(|a| a.raw_sql.len()).sum();
    assert!(lengths < 6 * depth * 16 + depth * 256, "{lengths}");
    assert_eq!(all.assertions[depth - 1].raw_sql, "ok(1+1)");
    let usual = read("SELECT is(lower(is(1, 1)), 'x');");
    assert_eq!(usual.assertions[0].raw_sql, "SELECT is(lower(is(1, 1)), 'x')");
}

#[test]
fn an_open_if_makes_comments_no_branch() {
    let sql = b"-- \\if x\n-- select ok(1);\n\nselect 1;\n-- select ok(2);\n\\if :x\n";
    let wanted = Wanted {
        commented: true,
        listing: true,
    };
    let all = read_as(sql, wanted);
    let branches: Vec<(u32, bool)> = all.assertions.iter().map(|a| (a.line_number, a.conditional)).collect();
    assert_eq!(branches, [(2, true), (5, false)]);
}

/// A statement too long to be held is read in parts; the second part's words at the places of the first one's name
/// and body are neither.
#[test]
fn a_part_behind_a_cut_is_no_head_of_a_routine() {
    let head = "CREATE FUNCTION f() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT 1";
    let list = ", 1".repeat(crate::sql::statement::SOFT_CUT / 2);
    let sql = format!("{head}{list}, a b () AS 'SELECT ok(1)', 2; END;");
    let all = read_as(sql.as_bytes(), Wanted::default());
    assert_eq!((all.places(), all.facts.helpers.len()), (Vec::new(), 0));
}

#[test]
fn brackets_that_a_parenthesis_skips_do_not_fill_the_stack() {
    let text = format!("SELECT ok({} 1), pass();", "[".repeat(60_000));
    assert_eq!(read(&text).problems(), ["ERR_PGTAP_UNCLOSED:1"]);
}
