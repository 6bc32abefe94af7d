//! What the SQL of a test exercises beside what it asserts.

use super::super::testing::read;

#[test]
fn relations_and_functions_are_exercised() {
    let table: &[(&str, &[&str])] = &[
        ("SELECT * FROM a;", &["a"]),
        ("SELECT * FROM s.a;", &["s.a"]),
        ("SELECT * FROM a, b;", &["a", "b"]),
        (
            "SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN s.c USING (x);",
            &["a", "b", "s.c"],
        ),
        ("SELECT * FROM a x, b AS y;", &["a", "b"]),
        ("SELECT * FROM ONLY a;", &["a"]),
        ("SELECT f(1);", &["f()"]),
        ("SELECT s.f(1);", &["s.f()"]),
        ("SELECT * FROM f(1);", &["f()"]),
        ("SELECT (SELECT x FROM a);", &["a"]),
        ("INSERT INTO a VALUES (1);", &["a"]),
        ("INSERT INTO s.a (x) SELECT y FROM b;", &["s.a", "b"]),
        ("UPDATE a SET x = 1;", &["a"]),
        ("UPDATE a SET x = b.x FROM b;", &["a", "b"]),
        ("DELETE FROM a WHERE x = f(1);", &["a", "f()"]),
        ("DELETE FROM a USING b WHERE a.x = b.x;", &["a", "b"]),
        (
            "MERGE INTO a USING b ON true WHEN MATCHED THEN DO NOTHING;",
            &["a", "b"],
        ),
        ("TRUNCATE a;", &["a"]),
        ("TRUNCATE TABLE a;", &["a"]),
        ("COPY a (x) FROM stdin;\n1\n\\.\n", &["a"]),
        ("CALL p(1);", &["p()"]),
        ("SELECT * FROM a FOR UPDATE;", &["a"]),
        ("INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET x = 1;", &["a"]),
        ("SELECT is((SELECT count(*) FROM a), 1::bigint);", &["a"]),
        ("SELECT ok(f(1));", &["f()"]),
        ("SELECT results_eq('SELECT * FROM a', $$SELECT f(1)$$);", &["a", "f()"]),
        ("SELECT lives_ok('INSERT INTO a VALUES (1)');", &["a"]),
        ("SELECT throws_ok('SELECT f(1) FROM a', '22012');", &["f()", "a"]),
        ("SELECT is_empty('SELECT * FROM a WHERE x = ' || y);", &["a"]),
        (
            "DO $$ BEGIN PERFORM f(1); INSERT INTO a VALUES (1); END $$;",
            &["f()", "a"],
        ),
        // Not the application's.
        ("SELECT now(), count(*), pg_catalog.lower('x'), pg_sleep(1);", &[]),
        (
            "SELECT * FROM pg_class, pg_catalog.pg_proc, information_schema.tables;",
            &[],
        ),
        ("SELECT EXTRACT(year FROM x);", &[]),
        (
            "SELECT substring('abc' FROM 2), trim(BOTH 'x' FROM y), overlay(a placing b from 1);",
            &[],
        ),
        ("SELECT a IS DISTINCT FROM b;", &[]),
        ("SELECT a IS NOT DISTINCT FROM b FROM c;", &["c"]),
        ("WITH x AS (SELECT * FROM a) SELECT * FROM x;", &["a"]),
        (
            "WITH RECURSIVE x (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT * FROM x;",
            &[],
        ),
        (
            "WITH x AS MATERIALIZED (SELECT 1), y AS (SELECT * FROM b) SELECT * FROM x, y;",
            &["b"],
        ),
        (
            "CREATE TEMP TABLE tmp (x int); INSERT INTO tmp VALUES (1); SELECT * FROM tmp;",
            &[],
        ),
        (
            "CREATE TEMPORARY TABLE IF NOT EXISTS tmp AS SELECT 1; SELECT * FROM tmp;",
            &[],
        ),
        ("DROP TABLE a;", &[]),
        ("ALTER TABLE a ADD COLUMN x int;", &[]),
        ("GRANT SELECT ON a TO b;", &[]),
        ("-- SELECT * FROM a;", &[]),
        ("SELECT 'SELECT * FROM a';", &[]),
        ("SELECT has_table('a');", &[]),
        ("SELECT * FROM (VALUES (1)) v(x);", &[]),
        ("SELECT * FROM unnest(ARRAY[1]) x;", &[]),
        ("SELECT is(1, 1) FROM generate_series(1, 2);", &[]),
    ];
    check(table, 50);
}

#[test]
fn prepared_statements_count_when_they_are_run() {
    let prepare = "PREPARE q AS SELECT * FROM a;\n";
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("EXECUTE q;", &["a"]),
        ("SELECT results_eq('q', 'SELECT 1');", &["a"]),
        ("SELECT results_eq('SELECT 1', 'q');", &["a"]),
        ("SELECT lives_ok('\"q\"');", &["a"]),
        ("SELECT lives_ok('EXECUTE q');", &["a"]),
        ("SELECT lives_ok('EXECUTE q(1)');", &["a"]),
        ("EXECUTE other;", &[]),
        ("DEALLOCATE q;", &[]),
        ("SELECT 'q';", &[]),
    ];
    for (run, expected) in table {
        assert_eq!(read(&format!("{prepare}{run}")).uses, *expected, "{run}");
    }
    assert_eq!(table.len(), 10);
    let parameters = "PREPARE q (int, text) AS INSERT INTO a VALUES ($1, f($2)); EXECUTE q(1, 'x');";
    assert_eq!(read(parameters).uses, ["a", "f()"]);
    let cursor = "DECLARE c CURSOR FOR SELECT * FROM a;";
    assert_eq!(read(cursor).uses, ["a"]);
}

fn check(table: &[(&str, &[&str])], count: usize) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(sql, expected)| read(sql).uses != *expected)
        .map(|(sql, _)| format!("{sql} => {:?}", read(sql).uses))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), count);
}
