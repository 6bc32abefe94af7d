//! Rows that a FROM clause spells out, seen through the targets of an assertion that uses them.

use super::super::testing::read;

#[test]
fn literal_rows_are_expanded_and_others_are_not() {
    let table: &[(&str, &[&str])] = &[
        (
            "has_table(x) FROM (VALUES ('a'), ('b')) v(x)",
            &["public.a", "public.b"],
        ),
        (
            "has_table(x) FROM (VALUES ('a'), ('b')) AS v (x)",
            &["public.a", "public.b"],
        ),
        (
            "has_table(v.x) FROM (VALUES ('a'), ('b')) v(x)",
            &["public.a", "public.b"],
        ),
        (
            "has_table(column1) FROM (VALUES ('a'), ('b')) v",
            &["public.a", "public.b"],
        ),
        (
            "has_column(a, b) FROM (VALUES ('t', 'x'), ('t', 'y')) v(a, b)",
            &["t.x", "t.y"],
        ),
        (
            "has_column(a, b) FROM (VALUES ('t', 'x'::name), ('t', 'y')) v(b, a)",
            &["x.t", "y.t"],
        ),
        ("has_table(x) FROM unnest(ARRAY['a', 'b']) x", &["public.a", "public.b"]),
        (
            "has_table(x) FROM unnest(ARRAY['a', 'b']) AS u(x)",
            &["public.a", "public.b"],
        ),
        (
            "has_table(x) FROM unnest('{a,\"b c\"}'::name[]) x",
            &["public.a", "public.b c"],
        ),
        (
            "has_table('s', x, 'It is there') FROM unnest(ARRAY['a', 'b']) x",
            &["s.a", "s.b"],
        ),
        (
            "has_table(x) FROM (VALUES ('a'), ('b')) v(x) ORDER BY x",
            &["public.a", "public.b"],
        ),
        // One row alone has no list of targets.
        ("has_table(x) FROM (VALUES ('a')) v(x)", &[]),
        // Which rows are left cannot be told.
        ("has_table(x) FROM (VALUES ('a'), ('b')) v(x) WHERE x > 'a'", &[]),
        ("has_table(x) FROM (VALUES ('a'), ('b')) v(x) JOIN t ON true", &[]),
        ("has_table(x) FROM (VALUES ('a'), ('b')) v(x), t", &[]),
        ("has_table(x) FROM (VALUES ('a'), ('b')) v(x) LIMIT 1", &[]),
        ("has_table(x) FROM unnest(f()) x", &[]),
        ("has_table(x) FROM unnest('{a,b}') x", &[]),
        ("has_table(x) FROM t", &[]),
        ("has_table(x) FROM (SELECT 'a') v(x)", &[]),
    ];
    let mut wrong = Vec::new();
    for (sql, expected) in table {
        let all = read(&format!("SELECT {sql};"));
        let targets = all.assertions.first().map(|a| a.targets.clone()).unwrap_or_default();
        if targets != *expected {
            wrong.push(format!("{sql} => {targets:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), 20);
}

#[test]
fn more_rows_than_the_limit_are_not_expanded() {
    let rows = |n: usize| {
        let values = vec!["('a')"; n].join(",");
        read(&format!("SELECT has_table(x) FROM (VALUES {values}) v(x);")).assertions[0]
            .targets
            .len()
    };
    assert_eq!(rows(super::MAX_ROWS), super::MAX_ROWS);
    assert_eq!(rows(super::MAX_ROWS + 1), 0);
}

#[test]
fn many_assertions_over_many_rows_are_told() {
    let values = vec!["('a')"; 1000].join(",");
    let calls = vec!["has_table(x)"; 150].join(",\n");
    let all = read(&format!("SELECT {calls}\nFROM (VALUES {values}) v(x);"));
    assert_eq!(all.assertions.len(), 150);
    // Once, for the hundredth call: a thousand rows of the first cost 11 each, of the others 10.
    assert_eq!(all.problems(), ["ERR_PGTAP_TOO_MANY_ROWS:100"]);
}
