//! What the walk finds in one statement.

use super::super::suite::{FileLookup, Suite};
use super::*;
use crate::sql::statement::{Aside, Statements};

struct Ignore;

impl Aside for Ignore {
    fn comment(&mut self, _: &Token) {}
    fn meta(&mut self, _: &Token) {}
    fn open(&mut self, _: &Token) {}
}

/// Walks the first statement of `sql`.
fn walked(sql: &str, mode: Mode) -> (Vec<Token>, Walked) {
    let (suite, mut tokens, mut out) = (Suite::new(Vec::new()), Vec::new(), Walked::default());
    Statements::new(sql.as_bytes(), mode).next_into(&mut tokens, &mut Ignore);
    let lookup = FileLookup {
        suite: &suite,
        pgtap_schemas: &Default::default(),
    };
    walk(sql.as_bytes(), &tokens, mode, &lookup, &mut out);
    (tokens, out)
}

/// The names of what a statement calls and names: `f()` for functions.
fn uses(sql: &str, mode: Mode) -> Vec<String> {
    let (tokens, out) = walked(sql, mode);
    let text = |at: usize| String::from_utf8_lossy(tokens[at].text(sql.as_bytes())).into_owned();
    let path = |u: &Use| u.schema.map_or_else(String::new, |s| text(s) + ".") + &text(u.name);
    out.uses
        .iter()
        .map(|u| path(u) + if u.function { "()" } else { "" })
        .collect()
}

#[test]
fn relations_and_functions_that_are_named() {
    let cases: &[(&str, &[&str])] = &[
        (
            "select * from a, s.b c, lateral f(1), only d",
            &["a", "s.b", "f()", "d"],
        ),
        (
            "select * from a join b using (x) left join s.c on f(b)",
            &["a", "b", "s.c", "f()"],
        ),
        ("insert into s.t (a) values (f(1))", &["s.t", "f()"]),
        ("update t set a = s.f(1) from u", &["t", "s.f()", "u"]),
        ("delete from t using u where g(1)", &["t", "u", "g()"]),
        ("copy t (a) from stdin", &["t"]),
        ("truncate table t, u", &["t"]),
        ("merge into t using u on true", &["t", "u"]),
        (
            "select extract(year from a), substring(a from 1), trim(both from b) from t",
            &["t"],
        ),
        ("select a is distinct from b from t", &["t"]),
        ("select * from (select * from a) x, b", &["a", "b"]),
        ("select 1 from t for update", &["t"]),
        ("call p(1)", &["p()"]),
    ];
    let mut wrong = Vec::new();
    for (sql, expected) in cases {
        let seen = uses(sql, Mode::Psql);
        if seen != *expected {
            wrong.push(format!("{sql}: {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(cases.len(), 13);
}

/// Function, number of arguments, wrapper, branch, depth, in the list of its SELECT.
fn calls(sql: &str, mode: Mode) -> Vec<(String, usize, bool, bool, u32, bool)> {
    let (tokens, out) = walked(sql, mode);
    let name = |c: &Call| String::from_utf8_lossy(tokens[c.name].text(sql.as_bytes())).into_owned();
    out.calls
        .iter()
        .map(|c| (name(c), c.arity, c.wrapper.is_some(), c.conditional, c.depth, c.in_list))
        .collect()
}

#[test]
fn calls_with_their_place() {
    let row = |n: &str, arity, wrapped, branch, depth, list| (n.to_owned(), arity, wrapped, branch, depth, list);
    let cases = [
        ("select ok()", vec![row("ok", 0, false, false, 0, true)]),
        (
            "select ok(a, (b, c), array[d, e], f(g, h))",
            vec![row("ok", 4, false, false, 0, true)],
        ),
        (
            "select is(ok(1), 2)",
            vec![row("is", 2, false, false, 0, true), row("ok", 1, true, false, 1, true)],
        ),
        (
            "select is(((ok(1))), 2)",
            vec![row("is", 2, false, false, 0, true), row("ok", 1, true, false, 1, true)],
        ),
        (
            "select is(1 + ok(1), 2)",
            vec![row("is", 2, false, false, 0, true), row("ok", 1, false, false, 1, true)],
        ),
        (
            "select is(ok(1)::text, 2)",
            vec![row("is", 2, false, false, 0, true), row("ok", 1, false, false, 1, true)],
        ),
        (
            "select case when ok(1) then ok(2) end, ok(3)",
            vec![
                row("ok", 1, false, true, 0, true),
                row("ok", 1, false, true, 0, true),
                row("ok", 1, false, false, 0, true),
            ],
        ),
        (
            "select 1 from ok(1), (select ok(2)) x",
            vec![
                row("ok", 1, false, false, 0, false),
                row("ok", 1, false, false, 0, true),
            ],
        ),
        ("select ok(a, b", vec![row("ok", 2, false, false, 0, true)]),
        ("select ok(a,)", vec![row("ok", 2, false, false, 0, true)]),
    ];
    for (sql, expected) in &cases {
        assert_eq!(calls(sql, Mode::Psql), *expected, "{sql}");
    }
    assert_eq!(cases.len(), 10);
}

#[test]
fn blocks_last_over_the_statements_of_a_body() {
    let mut out = Walked::default();
    for (word, inside) in [
        (Keyword::If, true),
        (Keyword::Loop, true),
        (Keyword::Begin, true),
        (Keyword::Case, true),
    ] {
        out.blocks.push(word);
        out.branches += usize::from(word != Keyword::Begin);
        assert_eq!(out.in_branch(), inside);
    }
    out.forget_blocks();
    assert!(!out.in_branch());
}

#[test]
fn brackets_are_paired() {
    let (_, out) = walked("select f(a[1], (b))", Mode::Psql);
    let pairs: Vec<(usize, u32)> = out
        .closing
        .iter()
        .enumerate()
        .filter(|(_, close)| **close != UNMATCHED)
        .map(|(open, close)| (open, *close))
        .collect();
    assert_eq!(pairs, [(2, 11), (4, 6), (8, 10)]);
    assert_eq!(walked("select f(a", Mode::Psql).1.unclosed, Some(2));
    assert_eq!(walked("select (([a)", Mode::Psql).1.unclosed, Some(1));
    assert_eq!(walked("select a))]", Mode::Psql).1.unclosed, None);
}

#[test]
fn large_buffers_are_given_back() {
    let (_, mut out) = walked(&format!("select {}", "ok((1),".repeat(40_000)), Mode::Psql);
    assert!(out.closing.capacity() >= 200_000 && out.calls.capacity() >= 40_000);
    out.shrink();
    let kept = [
        out.closing.capacity(),
        out.calls.capacity(),
        out.spans.capacity(),
        out.frames.capacity(),
    ];
    assert!(kept.iter().all(|c| *c <= 1 << 14), "{kept:?}");
}

#[test]
fn brackets_that_one_parenthesis_closes_take_no_stack() {
    let deep = format!("select ({})", "[".repeat(MAX_DEPTH - 2));
    // Less stack than any thread that reads files has.
    let walk = move || walked(&deep, Mode::Psql).1.unclosed;
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(walk);
    assert_eq!(thread.unwrap().join().unwrap(), Some(MAX_DEPTH - 1));
}
