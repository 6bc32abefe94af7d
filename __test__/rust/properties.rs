//! What holds for any input: no panic, lines that exist, the same answer twice.

use std::sync::Arc;

use proptest::prelude::*;

use pgtap_scanner::pgtap::assertion::{Assertion, Listing};
use pgtap_scanner::pgtap::facts::Facts;
use pgtap_scanner::pgtap::reader::{Reader, Wanted};
use pgtap_scanner::pgtap::suite::Suite;

fn list_in(suite: &Suite, source: &[u8], wanted: Wanted) -> (Vec<Assertion>, Facts) {
    let mut listing = Listing::new(suite);
    let facts = Reader::new(suite, wanted).read(source, &mut listing);
    (listing.finish(), facts)
}

/// Reads twice, so that calls find the helpers of the text itself.
fn list(source: &[u8], commented: bool, listing: bool) -> Vec<Assertion> {
    let wanted = Wanted { commented, listing };
    let mut suite = Suite::new(Vec::new());
    let (_, facts) = list_in(&suite, source, wanted);
    for helper in facts.helpers {
        suite.add_helper(Arc::unwrap_or_clone(helper));
    }
    list_in(&suite, source, wanted).0
}

fn lines_of(source: &[u8]) -> u32 {
    1 + source.iter().filter(|b| **b == b'\n').count() as u32
}

const PIECES: &[&str] = &[
    "SELECT ",
    "ok(",
    "is(",
    "has_table(",
    "has_column(",
    "throws_ok(",
    "check_test(",
    "collect_tap(",
    "plan(",
    "skip(",
    ")",
    "(",
    "[",
    "]",
    ",",
    ";",
    "'",
    "''",
    "\"",
    "$$",
    "$a$",
    "$b$",
    "E'",
    "\\'",
    "U&'",
    "B'",
    "N'",
    "--",
    "/*",
    "*/",
    "\n",
    "\r\n",
    " ",
    "\t",
    "::",
    "::name",
    ":=",
    "=>",
    ":",
    ":'v'",
    ":v",
    ":\"v\"",
    ":{?v}",
    "\\set v x\n",
    "\\if :v\n",
    "\\else\n",
    "\\endif\n",
    "\\i a.sql\n",
    "\\ir 'b c'\n",
    "\\gset\n",
    "\\gexec\n",
    "\\\\",
    "\\",
    "COPY t FROM stdin;\n",
    "\\copy t from stdin\n",
    "\\.\n",
    "ARRAY[",
    "ARRAY(",
    "CAST(",
    " AS ",
    "FROM ",
    "WHERE ",
    "VALUES ",
    "unnest(",
    "x = 'a'",
    "relname",
    "public.",
    "tap.",
    "'a'",
    "'public'",
    "'users'",
    "1",
    "1.5",
    "-",
    "+",
    "||",
    "=",
    "NULL",
    "true",
    "CASE WHEN ",
    " THEN ",
    " ELSE ",
    " END",
    "BEGIN ",
    "BEGIN ATOMIC ",
    "LOOP ",
    "IF ",
    "DO $$",
    "DO $a$",
    "CREATE FUNCTION f(a name) RETURNS text LANGUAGE sql AS $$",
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql RETURN ",
    "f('x')",
    "f(",
    "PREPARE q AS ",
    "EXECUTE q",
    "WITH c (a) AS (",
    "EXTRACT(year FROM ",
    "CREATE TEMP TABLE t ",
    "CREATE EXTENSION pgtap SCHEMA x;",
    "SET search_path TO tap;",
    "set_config('search_path', 'a,b', true)",
    "COLLATE ",
    "\u{feff}",
    "\u{e9}",
    "\0",
    "`",
    "{",
    "}",
    "%",
    "GROUP BY ",
    "UNION ALL ",
    "SECURITY LABEL ",
    "CREATE RULE r AS (",
];

fn soup() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..60).prop_map(|p| p.concat().into_bytes())
}

fn any_input() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![soup(), proptest::collection::vec(any::<u8>(), 0..300)]
}

/// One complete statement of a script.
fn statement() -> impl Strategy<Value = String> {
    let texts = [
        "SELECT ok(true, 'a;b');\n",
        "SELECT\n  has_table('public',\n  'users');\n",
        "SELECT is(1, 1), pass('x') -- done;\n;\n",
        "SELECT has_column(x, 'id') FROM (VALUES ('a'),\n('b')) v(x);\n",
        "DO $a$ BEGIN\nPERFORM ok(true);\nEND $a$;\n",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\nSELECT ok(true);\n$$;\n",
        "/* SELECT ok(1); */ SELECT E'\\'', ok(true);\n",
        "COPY t FROM stdin;\nit's\n\\.\n",
        "\\set v users\n",
        "SELECT has_table(:'v');\n",
        "INSERT INTO t VALUES ('''', $$ ok( $$);\n",
    ];
    proptest::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

/// The tokens of one statement.
fn tokens() -> impl Strategy<Value = Vec<&'static str>> {
    let statements: [&[&str]; 6] = [
        &["select", "has_table", "(", "'s'", ",", "'t'", "::", "name", ")", ";"],
        &[
            "select", "is", "(", "1", ",", "2", ",", "'It is'", ")", ",", "pass", "(", ")", ";",
        ],
        &[
            "select",
            "col_not_null",
            "(",
            "column_name",
            "=>",
            "'c'",
            ",",
            "table_name",
            ":=",
            "'t'",
            ")",
            ";",
        ],
        &[
            "select",
            "has_column",
            "(",
            "x",
            ",",
            "'id'",
            ")",
            "from",
            "(",
            "values",
            "(",
            "'a'",
            ")",
            ")",
            "v",
            "(",
            "x",
            ")",
            ";",
        ],
        &[
            "select",
            "tables_are",
            "(",
            "'s'",
            ",",
            "array",
            "[",
            "'a'",
            ",",
            "'b'",
            "]",
            ")",
            ";",
        ],
        &[
            "select", "case", "when", "true", "then", "ok", "(", "true", ")", "end", ";",
        ],
    ];
    proptest::sample::select(statements.map(<[&str]>::to_vec).to_vec())
}

fn filler() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        " ",
        "\n",
        "\t\r\n",
        " -- it's ok(1);\n",
        " /* ; ' /* ( */ */ ",
        "/**/",
    ])
}

/// What the assertions say: all but their lines and source text, space within parameters, which are shown as written.
fn meaning(source: &str) -> Vec<Assertion> {
    let plain = |a: Assertion| Assertion {
        line_number: 0,
        raw_sql: String::new(),
        parameters: a.parameters.iter().map(|p| canonical(p)).collect(),
        ..a
    };
    list(source.as_bytes(), false, true).into_iter().map(plain).collect()
}

/// Without comments and space, in lower case.
fn canonical(parameter: &str) -> String {
    let mut text = parameter
        .replace("-- it's ok(1);\n", "")
        .replace("/* ; ' /* ( */ */", "")
        .replace("/**/", "");
    text.retain(|c| !c.is_whitespace());
    text.to_ascii_lowercase()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_in_every_mode(source in any_input()) {
        let lines = lines_of(&source);
        for (commented, listing) in [(false, false), (false, true), (true, false), (true, true)] {
            let found = list(&source, commented, listing);
            prop_assert!(found.iter().all(|a| (1..=lines).contains(&a.line_number)));
            prop_assert!(found.is_sorted_by_key(|a| a.line_number));
            prop_assert_eq!(&found, &list(&source, commented, listing));
        }
    }

    #[test]
    fn problems_and_includes_name_lines_of_the_file(source in any_input()) {
        let suite = Suite::new(Vec::new());
        let (_, facts) = list_in(&suite, &source, Wanted { commented: true, listing: true });
        let lines = facts.problems.iter().map(|p| p.line).chain(facts.includes.iter().map(|i| i.line));
        let last = lines_of(&source);
        for line in lines {
            prop_assert!((1..=last).contains(&line), "{line} of {last}");
        }
    }

    #[test]
    fn a_prefix_of_statements_keeps_its_assertions(parts in proptest::collection::vec(statement(), 0..12), cut in 0usize..12) {
        let cut = cut.min(parts.len());
        let suite = Suite::new(Vec::new());
        let wanted = Wanted { commented: false, listing: true };
        let (whole, _) = list_in(&suite, parts.concat().as_bytes(), wanted);
        let (first, _) = list_in(&suite, parts[..cut].concat().as_bytes(), wanted);
        prop_assert_eq!(&whole[..first.len()], &first[..]);
        let lines = lines_of(parts[..cut].concat().as_bytes());
        prop_assert!(whole[first.len()..].iter().all(|a| a.line_number >= lines));
    }

    #[test]
    fn crlf_changes_no_line(parts in proptest::collection::vec(statement(), 0..12)) {
        let unix = parts.concat();
        let dos = unix.replace('\n', "\r\n");
        let places = |source: &str| {
            let found = list(source.as_bytes(), true, true);
            found.into_iter().map(|a| (a.kind, a.line_number, a.target)).collect::<Vec<_>>()
        };
        prop_assert_eq!(places(&unix), places(&dos));
    }

    #[test]
    fn source_text_is_found_in_the_source(source in any_input()) {
        let suite = Suite::new(Vec::new());
        let whole = String::from_utf8_lossy(&source);
        let (found, _) = list_in(&suite, &source, Wanted { commented: false, listing: true });
        for a in found.iter().filter(|a| a.context.is_none()) {
            prop_assert!(whole.contains(&a.raw_sql), "{:?}", a.raw_sql);
        }
    }

    #[test]
    fn space_and_comments_between_tokens_change_nothing(
        calls in proptest::collection::vec(tokens(), 0..8),
        fillers in proptest::collection::vec(filler(), 1..40),
    ) {
        let tokens: Vec<&str> = calls.concat();
        let spaced = tokens.iter().zip(fillers.iter().cycle()).map(|(t, f)| format!("{t}{f}")).collect::<String>();
        let expected = meaning(&tokens.join(" "));
        prop_assert!(expected.len() >= calls.len());
        prop_assert_eq!(expected, meaning(&spaced));
    }

    #[test]
    fn case_of_words_changes_nothing(calls in proptest::collection::vec(tokens(), 0..8)) {
        let upper = |t: &&str| if t.starts_with('\'') { (*t).to_owned() } else { t.to_ascii_uppercase() };
        let tokens: Vec<&str> = calls.concat();
        let raised = tokens.iter().map(upper).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(meaning(&tokens.join(" ")), meaning(&raised));
    }

    #[test]
    fn a_cut_loses_only_the_statement_that_was_cut(
        parts in proptest::collection::vec(statement(), 1..12),
        cut in any::<proptest::sample::Index>(),
    ) {
        let whole = parts.concat();
        let cut = cut.index(whole.len());
        let mut end = 0;
        let complete = parts.iter().take_while(|p| { end += p.len(); end <= cut }).count();
        let wanted = Wanted { commented: false, listing: true };
        let suite = Suite::new(Vec::new());
        let (kept, _) = list_in(&suite, parts[..complete].concat().as_bytes(), wanted);
        let (found, _) = list_in(&suite, &whole.as_bytes()[..cut], wanted);
        prop_assert!(found.len() >= kept.len());
        prop_assert_eq!(&found[..kept.len()], &kept[..]);
    }
}
