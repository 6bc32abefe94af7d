//! Rules on small scripts: what they find, and what they leave alone.

use crate::pgtap::catalog::Since;
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;

use super::finding::Draft;
use super::notes;

const BOTH: [Since; 2] = [Since::V1_2, Since::LATEST];

fn drafts(sql: &str) -> Vec<Draft> {
    let mut suite = Suite::new(Vec::new());
    suite.schemas.insert(b"app".to_vec());
    let wanted = Wanted {
        listing: true,
        ..Wanted::default()
    };
    notes::take(&mut Reader::new(&suite, wanted), sql.as_bytes(), &BOTH)
        .0
        .drafts
}

fn codes(sql: &str) -> Vec<&'static str> {
    drafts(sql).iter().map(|draft| draft.rule.code).collect()
}

/// The script with its certain fixes.
fn mended(sql: &str) -> String {
    let mut text = sql.to_owned();
    for draft in drafts(sql).iter().rev() {
        if let Some(fix) = draft.fix.as_ref().filter(|fix| fix.certain) {
            text.replace_range(fix.from..fix.to, &fix.text);
        }
    }
    text
}

#[test]
fn right_calls_have_no_finding() {
    for sql in [
        "SELECT has_table('users');",
        "SELECT runtests('app'::name);",
        "SELECT runtests('^test');",
        "SELECT runtests('app', 'app');",
        "SELECT has_table('users', 'the users are there');",
        "SELECT has_table('app', 'users'::name);",
        "SELECT has_table('app', 'users', 'the users are there');",
        "SELECT has_table('app'::name, :'table'::name);",
        "SELECT has_column('users', 'id', 'users have an id');",
        "SELECT has_column('app', 'the table of this name has no such column');",
        "SELECT has_schema('app', 'exists');",
        "SELECT ok(true, 'works');",
        "SELECT is(1, 1, 'equal');",
        "SELECT is(a, b) FROM t;",
        "SELECT is('a'::citext, 'a'::text);",
        "SELECT ok('t'::my_boolean);",
        "SELECT is(data->>'a', 'b') FROM t;",
        "SELECT is(tags -> 'a', 'b'::text) FROM t;",
        "SELECT is((SELECT count(*)::int FROM t), 1);",
        "SELECT performs_ok('SELECT 1', 100::smallint);",
        "SELECT throws_ok('SELECT 1/0', '22012', 'division_by_zero');",
        "SELECT col_type_is('app', 'users', 'id', 'integer', 'type');",
        "SELECT has_function('app', 'f', ARRAY['text']);",
        "SELECT has_function('app', 'f', '{text}'::name[]);",
        "SELECT check_test(has_table('users'), true, 'found', '', '');",
        "SELECT plan((SELECT count(*)::int FROM t));",
        "SELECT plan((SELECT n FROM t));",
        "SELECT plan(2 * 3);",
        "SELECT isempty(range), has_table_privilege('users', 'SELECT'), min_version('1.2');",
        "SELECT has_table(t, 'is there') FROM unnest(ARRAY['a', 'b']) t;",
        "SELECT * FROM has_table(\"users\") AS t, users;",
        "-- SELECT has_table('app', 'users');",
        "SELECT 'has_table(''app'', ''users'')';",
    ] {
        assert_eq!(codes(sql), [""; 0], "{sql}");
    }
}

#[test]
fn wrong_calls_have_one() {
    for (code, calls) in [
        (
            "misread-overload",
            &[
                "has_table('app', 'users')",
                "has_column('public', 'users', 'id'::name)",
                "has_table('app', lower(x))",
                "table_owner_is('app', 'users', 'bob')",
                "tap.has_table('app', 'users')",
                "isnt_strict('app', 'f')",
                "runtests('app')",
            ][..],
        ),
        (
            "vacuous-absence",
            &[
                "hasnt_table('app', 'users')",
                "hasnt_pk('app', 'users')",
                "isnt_empty($$SELECT count(*) FROM t$$)",
            ],
        ),
        (
            "description-is-identifier",
            &[
                "has_unique('codes', 'code')",
                "hasnt_table('a', 'b')",
                "is_strict('f', 'stable')",
            ],
        ),
        (
            "ambiguous-call",
            &[
                "tables_are('app', '{users}')",
                "can('a', 'b')",
                "is_ancestor_of('a', 'b', 'c', 'd')",
            ],
        ),
        (
            "array-as-description",
            &["has_function('f', '{text}')", "has_function('app', 'f', '{}')"],
        ),
        (
            "cannot-run",
            &[
                "ok(has_table('users'))",
                "ok( has_table('users'), 'there')",
                "has_table('a', 'b', 'c', 'd')",
                "is(1, 1::bigint)",
                "is(count(*), 1)",
                "is((SELECT count(*) FROM t), 1)",
                "has_table(\"users\")",
                "is('a', 'b')",
                "has_function('app', 'f', 'text', 'has f')",
            ],
        ),
        (
            "plan-bigint",
            &[
                "plan((SELECT count(*) FROM t))",
                "plan(1 + (SELECT count(*) FROM t))",
                "plan(3::bigint)",
            ],
        ),
        ("version-dependent", &["has_pk('app', 'users'::name)"]),
        ("unknown-function", &["has_tabel('users')", "col_is_nul('a', 'b')"]),
    ] {
        for call in calls {
            assert_eq!(codes(&format!("SELECT {call};")), [code], "{call}");
        }
    }
}

#[test]
fn fixes_change_only_what_they_must() {
    for (wrong, right) in [
        ("has_table('app', 'users')", "has_table('app', 'users'::name)"),
        (
            "has_table('app', 'users' /* u */ -- v\n)",
            "has_table('app', 'users'::name /* u */ -- v\n)",
        ),
        ("has_table('app', lower('X'))", "has_table('app', (lower('X'))::name)"),
        ("has_table('app', $$a'b$$)", "has_table('app', $$a'b$$::name)"),
        (
            "has_column('app', 'it''s', 'id')",
            "has_column('app', 'it''s', 'id', 'app.it''s.id should exist')",
        ),
        (
            "hasnt_column('app', 'u', 'n')",
            "hasnt_column('app', 'u', 'n', 'app.u.n should not exist')",
        ),
        ("has_trigger('app', 'u', 't')", "has_trigger('app', 'u', 't'::name)"),
        (
            "has_function('app', 'f', '{text}')",
            "has_function('app', 'f', '{text}'::name[])",
        ),
        ("tables_are('app', '{users}')", "tables_are('app', '{users}'::name[])"),
        ("plan(count(*))", "plan(count(*)::int)"),
        ("plan(1 + count(*))", "plan((1 + count(*))::int)"),
        ("plan((SELECT count(*) FROM t))", "plan((SELECT count(*) FROM t)::int)"),
        ("has_table(\"it's\")", "has_table('it''s')"),
        ("can('a', 'b')", "can('a', 'b')"),
        ("do_tap('app')", "do_tap('app'::name)"),
    ] {
        let (wrong, right) = (format!("SELECT {wrong};"), format!("SELECT {right};"));
        assert_eq!(mended(&wrong), right);
        assert_eq!(mended(&right), right, "once is enough");
    }
}

#[test]
fn bodies_between_dollars_have_places_and_others_lines() {
    let dollars = "CREATE FUNCTION test_a() RETURNS text LANGUAGE sql AS $$\nSELECT has_table('app', 'users');\n$$;";
    assert_eq!(mended(dollars), dollars.replace("'users')", "'users'::name)"));
    let quotes = "CREATE FUNCTION test_a() RETURNS text LANGUAGE sql AS '\nSELECT has_table(''app'', ''users'');\n';";
    let [draft] = drafts(quotes).try_into().unwrap();
    assert_eq!(
        (draft.rule.code, draft.fix, draft.spot),
        ("misread-overload", None, super::finding::Spot::Line(2))
    );
}

#[test]
fn rows_are_read_with_their_types() {
    assert_eq!(
        codes("SELECT has_table('app', t) FROM unnest(ARRAY['a', 'b']) t;"),
        ["misread-overload"]
    );
    assert_eq!(
        codes("SELECT has_table('app', t) FROM unnest('{a,b}'::name[]) t;"),
        [""; 0]
    );
    let row = "SELECT has_table('app', t) FROM (VALUES ('a')) AS v(t);";
    assert_eq!(mended(row), row.replace("', t)", "', t::name)"));
}

#[test]
fn duplicates_stand_in_a_straight_line() {
    let twice = |between: &str| format!("SELECT has_table('a');\n{between}\nSELECT has_table('a');");
    for between in ["", "SELECT has_pk('a');", "SELECT diag('x');", "-- DROP TABLE a;"] {
        assert_eq!(codes(&twice(between)), ["duplicate-assertion"], "{between}");
    }
    for between in [
        "DROP TABLE a;",
        "SELECT lives_ok('DROP TABLE a');",
        "SELECT app.change();",
        "SELECT set_config('search_path', 'b', true);",
        "SET search_path = b;",
        "EXECUTE change;",
        "ROLLBACK;",
        "DO $$BEGIN END$$;",
    ] {
        assert_eq!(codes(&twice(between)), [""; 0], "{between}");
    }
    assert_eq!(
        codes("SELECT has_table('a'); SELECT has_table('a', 'there is a'); SELECT has_table('b');"),
        [""; 0]
    );
    assert_eq!(
        codes("\\set t a\nSELECT has_table(:'t');\n\\set t b\nSELECT has_table(:'t');"),
        [""; 0]
    );
}

#[test]
fn transactions_end_with_a_rollback() {
    let end = |sql: &str| {
        let suite = Suite::new(Vec::new());
        let mut reader = Reader::new(&suite, Wanted::default());
        let (notes, _) = notes::take(&mut reader, sql.as_bytes(), &BOTH);
        let (commits, open) = notes.transactions.finish(sql.as_bytes());
        (commits.len(), open.map(|draft| draft.fix.map(|fix| fix.text)))
    };
    let fix = |text: &str| Some(Some(text.to_owned()));
    assert_eq!(end("BEGIN; SELECT 1; ROLLBACK;"), (0, None));
    assert_eq!(end("BEGIN; SELECT 1;\n"), (0, fix("\nROLLBACK;")));
    assert_eq!(end("START TRANSACTION;\r\nSELECT 1;\r\n"), (0, fix("\r\nROLLBACK;")));
    assert_eq!(end("BEGIN; ROLLBACK TO a; SELECT 1;"), (0, fix("\nROLLBACK;")));
    assert_eq!(end("BEGIN; SELECT 1"), (0, Some(None)), "the statement is not ended");
    assert_eq!(
        end("BEGIN; SELECT 1; -- end;"),
        (0, Some(None)),
        "a comment ends the file"
    );
    assert_eq!(end("BEGIN; INSERT INTO t VALUES (1); COMMIT;"), (1, None));
    assert_eq!(end("BEGIN; SELECT 1; END;"), (0, None), "nothing was changed");
    assert_eq!(
        end("BEGIN;\n\\if :keep\nINSERT INTO t VALUES (1);\nCOMMIT;\n\\endif\n"),
        (0, None),
        "a branch decides"
    );
    assert_eq!(end("DO $$BEGIN NULL; END$$;"), (0, None), "a block is no transaction");
}
