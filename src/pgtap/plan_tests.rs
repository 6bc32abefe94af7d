//! Plans: what a file announces, what its text makes, and what makes that inexact.

use super::super::testing::read;
use super::*;

/// The constant value of an expression, through a call of `plan`.
fn announced(expression: &str) -> Option<i64> {
    read(&format!("\\set n 7\n\\set bad x\nSELECT plan({expression});"))
        .facts
        .plan
        .first()
}

#[test]
fn constant_expressions_are_worked_out() {
    let table: &[(&str, Option<i64>)] = &[
        ("3", Some(3)),
        ("0", Some(0)),
        ("18*3", Some(54)),
        ("18 * 3", Some(54)),
        ("1 + 2 * 3", Some(7)),
        ("(1 + 2) * 3", Some(9)),
        ("((4))", Some(4)),
        ("10 - 2 - 3", Some(5)),
        ("20 / 2 / 5", Some(2)),
        ("17 % 5", Some(2)),
        ("7 / 2", Some(3)),
        ("5::int", Some(5)),
        ("5::integer + 1", Some(6)),
        ("(5)::int4", Some(5)),
        ("2 /* two */ + -- and\n 3", Some(5)),
        (":n", Some(7)),
        (":n + 1", Some(8)),
        (":n * :n", Some(49)),
        ("-1", Some(-1)),
        ("+3", Some(3)),
        ("5 - -2", Some(7)),
        ("2 * -3", Some(-6)),
        ("-(2 + 3)", Some(-5)),
        ("1_000", Some(1000)),
        ("0x10", Some(16)),
        (":missing", None),
        (":bad", None),
        ("1 / 0", None),
        ("9223372036854775807 + 1", None),
        ("1.5", None),
        ("'3'", None),
        ("", None),
        ("1 +", None),
        ("* 2", None),
        ("2 ^ 3", None),
        ("x", None),
        ("count(*)::int", None),
        ("(SELECT count(*)::int FROM t) + 4", None),
        ("CASE WHEN a THEN 1 ELSE 2 END", None),
        ("3::text", None),
    ];
    let wrong: Vec<_> = table.iter().filter(|(text, n)| announced(text) != *n).collect();
    let said: Vec<_> = wrong
        .iter()
        .map(|(text, _)| format!("{text}: {:?}", announced(text)))
        .collect();
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(table.len(), 40);
}

/// SQL, the announced numbers, computed, no plan, results, doubt.
type Row = (&'static str, &'static [i64], bool, bool, u64, Option<Inexact>);

fn check(table: &[Row], count: usize) {
    let mut wrong = Vec::new();
    for (sql, announced, computed, none, results, inexact) in table {
        let plan = read(sql).facts.plan;
        let said = (
            plan.announced.as_slice(),
            plan.computed,
            plan.none,
            plan.results,
            plan.inexact,
        );
        if said != (*announced, *computed, *none, *results, *inexact) {
            wrong.push(format!("{sql} => {said:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), count);
}

#[test]
fn every_form_of_a_plan_is_found() {
    check(
        &[
            (
                "SELECT plan(2);\nSELECT ok(true);\nSELECT pass();",
                &[2],
                false,
                false,
                2,
                None,
            ),
            ("SELECT * FROM plan(1); SELECT ok(true);", &[1], false, false, 1, None),
            ("SELECT public.plan(1);", &[1], false, false, 0, None),
            ("SELECT no_plan(); SELECT ok(true);", &[], false, true, 1, None),
            ("SELECT * FROM no_plan();", &[], false, true, 0, None),
            ("SELECT plan(1); SELECT plan(2);", &[1, 2], false, false, 0, None),
            ("SELECT plan((SELECT count(*)::int FROM t));", &[], true, false, 0, None),
            ("SELECT plan(:n);", &[], true, false, 0, None),
            (
                "SELECT CASE WHEN min_version('0.3.0') THEN plan(116) ELSE plan(1) END;",
                &[],
                true,
                false,
                0,
                None,
            ),
            (
                "\\if :x\nSELECT plan(1);\n\\else\nSELECT plan(2);\n\\endif",
                &[],
                true,
                false,
                0,
                None,
            ),
            ("-- SELECT plan(3);\n/* SELECT plan(4); */", &[], false, false, 0, None),
            ("SELECT 'plan(3)';", &[], false, false, 0, None),
            ("", &[], false, false, 0, None),
            ("SELECT is(plan(4), '1..4');", &[4], false, false, 1, None),
            ("SELECT tests.plan(3);", &[], false, false, 0, None),
        ],
        15,
    );
}

#[test]
fn what_cannot_be_counted_makes_the_count_inexact() {
    use Inexact::*;
    check(
        &[
            (
                "SELECT CASE WHEN a THEN ok(true) ELSE pass() END;",
                &[],
                false,
                false,
                2,
                Some(Conditional),
            ),
            (
                "\\if :x\nSELECT ok(true);\n\\endif",
                &[],
                false,
                false,
                1,
                Some(Conditional),
            ),
            ("SELECT ok(a) FROM t;", &[], false, false, 1, Some(Rows)),
            (
                "SELECT ok(true) FROM generate_series(1, 3);",
                &[],
                false,
                false,
                1,
                Some(Rows),
            ),
            (
                "SELECT ok(unnest(ARRAY[true, false]));",
                &[],
                false,
                false,
                1,
                Some(Rows),
            ),
            ("SELECT is(count(*), 1::bigint) FROM t;", &[], false, false, 1, None),
            (
                "SELECT is(count(*), 1::bigint) FROM t GROUP BY a;",
                &[],
                false,
                false,
                1,
                Some(Rows),
            ),
            (
                "SELECT is((SELECT count(*) FROM t), 1::bigint);",
                &[],
                false,
                false,
                1,
                None,
            ),
            (
                "SELECT has_table(x) FROM (VALUES ('a'), ('b'), ('c')) v(x);",
                &[],
                false,
                false,
                3,
                None,
            ),
            (
                "SELECT has_table(x) FROM unnest(ARRAY['a', 'b']) x;",
                &[],
                false,
                false,
                2,
                None,
            ),
            (
                "SELECT ok(true), has_table(x) FROM unnest(ARRAY['a', 'b']) x;",
                &[],
                false,
                false,
                3,
                Some(Rows),
            ),
            (
                "DO $$ BEGIN PERFORM ok(true); END $$;",
                &[],
                false,
                false,
                0,
                Some(Body),
            ),
            ("SELECT * FROM runtests();", &[], false, false, 0, Some(Runtests)),
            ("SELECT * FROM do_tap('s'::name);", &[], false, false, 0, Some(Runtests)),
            ("SELECT (1; SELECT ok(true);", &[], false, false, 1, Some(Broken)),
            ("SELECT ok(true); SELECT 'open", &[], false, false, 1, Some(Broken)),
            ("SELECT ok(has_table('t'));", &[], false, false, 1, Some(Nested)),
            ("SELECT collect_tap(ok(true), pass());", &[], false, false, 2, None),
            ("SELECT ok(true) UNION ALL SELECT pass();", &[], false, false, 2, None),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT ok(true) $$;",
                &[],
                false,
                false,
                0,
                None,
            ),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql RETURN ok(true);",
                &[],
                false,
                false,
                0,
                None,
            ),
        ],
        21,
    );
}

#[test]
fn helpers_count_what_their_bodies_make() {
    use Inexact::*;
    check(
        &[
            (
                "CREATE FUNCTION f() RETURNS SETOF text LANGUAGE sql AS $$ SELECT ok(true); $$; SELECT f(); SELECT * FROM f();",
                &[],
                false,
                false,
                2,
                None,
            ),
            (
                "CREATE FUNCTION f() RETURNS SETOF text AS $$ BEGIN RETURN NEXT ok(true); RETURN NEXT pass(); END $$ LANGUAGE plpgsql; SELECT f();",
                &[],
                false,
                false,
                2,
                None,
            ),
            (
                "CREATE FUNCTION f() RETURNS SETOF text AS $$ BEGIN IF a THEN RETURN NEXT ok(true); END IF; END $$ LANGUAGE plpgsql; SELECT f();",
                &[],
                false,
                false,
                0,
                Some(Helper),
            ),
            (
                "CREATE FUNCTION f() RETURNS SETOF text AS $$ BEGIN LOOP RETURN NEXT ok(true); END LOOP; END $$ LANGUAGE plpgsql; SELECT f();",
                &[],
                false,
                false,
                0,
                Some(Helper),
            ),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT ok(true) $$; SELECT f() FROM t;",
                &[],
                false,
                false,
                0,
                Some(Helper),
            ),
            (
                "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT ok(true) $$; SELECT CASE WHEN a THEN f() END;",
                &[],
                false,
                false,
                0,
                Some(Helper),
            ),
        ],
        6,
    );
}

#[test]
fn unknown_functions_at_the_top_are_suspected() {
    let table: &[(&str, &[(&str, u32)])] = &[
        ("SELECT tests.other('x');", &[("tests.other", 1)]),
        ("SELECT 1;\nSELECT * FROM other();", &[("other", 2)]),
        ("SELECT now();", &[]),
        ("SELECT set_config('a', 'b', true);", &[]),
        ("SELECT x, other() FROM t;", &[]),
        ("SELECT ok(other());", &[]),
        ("SELECT pg_catalog.now();", &[]),
    ];
    for (sql, expected) in table {
        let plan = read(sql).facts.plan;
        let found: Vec<_> = plan
            .suspects
            .iter()
            .map(|(name, line)| (name.as_str(), *line))
            .collect();
        assert_eq!(found, *expected, "{sql}");
    }
    assert_eq!(table.len(), 7);
}
