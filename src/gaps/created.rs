//! What the tests make themselves: it may be gone again, and is in no catalog.

use rustc_hash::FxHashSet;

use crate::pgtap::view::View;
use crate::sql::keyword::Keyword;
use crate::sql::lexer::Mode;
use crate::sql::token::Kind;

use super::texts;

/// Names without their schemas.
pub type Created = FxHashSet<Vec<u8>>;

/// Texts of more bytes in strings are not looked at.
const LONGEST: usize = 1 << 16;

/// What kinds of objects are called behind CREATE and ALTER, beside the key words.
const OBJECTS: [&str; 12] = [
    "sequence",
    "aggregate",
    "domain",
    "rule",
    "role",
    "user",
    "server",
    "operator",
    "cast",
    "collation",
    "tablespace",
    "database",
];

/// Notes what the statement makes or changes, and what SQL in its strings does: `lives_ok('CREATE TABLE …')`.
/// What it makes for the session alone goes to `temporary`, too.
pub fn note(view: &View, created: &mut Created, temporary: &mut Created) {
    made(view, created, temporary);
    for at in 0..view.tokens.len() {
        if !view.kind(at).is_string() || view.text(at).len() > LONGEST {
            continue;
        }
        let text = view.string(at);
        if begins(&text) {
            texts::each(&text, Mode::Body, &mut |view| made(view, created, temporary));
        }
    }
}

/// Whether the text may begin with CREATE or ALTER.
fn begins(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let starts = |word: &[u8]| text.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word));
    starts(b"create") || starts(b"alter")
}

/// In bodies a CREATE may stand behind BEGIN and its like.
fn made(view: &View, created: &mut Created, temporary: &mut Created) {
    let first = (0..view.tokens.len().min(8)).find(|at| matches!(view.keyword(*at), Keyword::Create | Keyword::Alter));
    let Some(first) = first else { return };
    let words = first + 1..view.tokens.len().min(first + 8);
    let Some(object) = words.clone().find(|at| is_object(view, *at)) else {
        return;
    };
    let for_session = words
        .clone()
        .any(|at| matches!(view.keyword(at), Keyword::Temp | Keyword::Temporary));
    let name = behind(view, object + 1);
    if view.kind(name).is_name() {
        let name = view.name(name).into_owned();
        if for_session && view.keyword(first) == Keyword::Create {
            temporary.insert(name.clone());
        }
        created.insert(name);
    }
}

fn is_object(view: &View, at: usize) -> bool {
    let keyword = matches!(
        view.keyword(at),
        Keyword::Table
            | Keyword::View
            | Keyword::Index
            | Keyword::Function
            | Keyword::Procedure
            | Keyword::Type
            | Keyword::Schema
            | Keyword::Extension
            | Keyword::Policy
            | Keyword::Trigger
            | Keyword::Group
    );
    keyword || OBJECTS.iter().any(|word| view.is_word(at, word))
}

/// The last part of the name behind IF NOT EXISTS and other words that may stand before it.
fn behind(view: &View, mut at: usize) -> usize {
    loop {
        at += match view.keyword(at) {
            Keyword::If if view.keyword(at + 1) == Keyword::Not => 3,
            Keyword::If => 2,
            Keyword::Only => 1,
            _ if view.is_word(at, "concurrently") => 1,
            _ => break,
        };
    }
    while view.kind(at + 1) == Kind::Dot {
        at += 2;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> (Vec<String>, Vec<String>) {
        let (mut created, mut temporary) = (Created::default(), Created::default());
        texts::each(sql.as_bytes(), Mode::Psql, &mut |view| {
            note(view, &mut created, &mut temporary);
        });
        let sorted = |all: Created| {
            let mut all: Vec<_> = all.into_iter().map(|n| String::from_utf8(n).unwrap()).collect();
            all.sort();
            all
        };
        (sorted(created), sorted(temporary))
    }

    #[test]
    fn finds_what_statements_make() {
        let cases = [
            ("CREATE TABLE a.b (c int)", "b"),
            ("create unlogged table if not exists T ()", "t"),
            (
                "CREATE OR REPLACE FUNCTION s.\"F\"() RETURNS int LANGUAGE sql AS 'select 1'",
                "F",
            ),
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)", "i"),
            ("CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t", "g"),
            ("CREATE MATERIALIZED VIEW v AS SELECT 1", "v"),
            ("CREATE FOREIGN TABLE f () SERVER s", "f"),
            ("CREATE DOMAIN d AS text", "d"),
            ("CREATE ROLE r", "r"),
            ("ALTER TABLE IF EXISTS ONLY a.t ADD COLUMN c int", "t"),
            ("SELECT lives_ok($$CREATE TABLE x ()$$)", "x"),
            ("SELECT lives_ok(' create schema s')", "s"),
            ("SELECT is(1, 1, 'created it')", ""),
            ("INSERT INTO create_log VALUES (1)", ""),
        ];
        for (sql, expected) in cases {
            assert_eq!(names(sql).0.join(","), expected, "{sql}");
        }
    }

    #[test]
    fn knows_what_is_temporary() {
        assert_eq!(names("CREATE TEMP TABLE a (); CREATE TABLE b ()").1, ["a"]);
    }
}
