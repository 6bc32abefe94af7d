//! `SET search_path` and its like.

use crate::pgtap::view::View;
use crate::schema::path::SearchPath;
use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

/// What a statement does to the search path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is this from here on.
    Set(SearchPath),
    /// It is the database's own again.
    Reset,
}

/// What the statement does to the search path, if anything.
pub fn search_path(view: &View) -> Option<Change> {
    match view.keyword(0) {
        Keyword::Set => set(view),
        Keyword::Select => set_config(view),
        _ if view.is_word(0, "reset") && (view.is_word(1, "search_path") || view.is_word(1, "all")) => {
            Some(Change::Reset)
        }
        _ if view.is_word(0, "discard") && view.is_word(1, "all") => Some(Change::Reset),
        _ => None,
    }
}

/// `SET [SESSION | LOCAL] search_path { TO | = } …` and `SET SCHEMA '…'`.
fn set(view: &View) -> Option<Change> {
    let at = 1 + usize::from(matches!(view.keyword(1), Keyword::Local | Keyword::Session));
    let from = match view.keyword(at) {
        Keyword::Schema => at + 1,
        _ if view.is_word(at, "search_path") => at + 2,
        _ => return None,
    };
    if view.is_word(from, "default") && from + 1 == view.tokens.len() {
        return Some(Change::Reset);
    }
    if view.keyword(from - 1) == Keyword::From {
        return None;
    }
    let mut path = SearchPath::default();
    for at in from..view.tokens.len() {
        match view.kind(at) {
            Kind::Comma => {}
            kind if kind.is_name() => add(&mut path, &view.name(at)),
            kind if kind.is_string() => add(&mut path, &view.string(at)),
            _ => path.open = true,
        }
    }
    Some(Change::Set(path))
}

fn add(path: &mut SearchPath, name: &[u8]) {
    if name != b"$user" && !name.is_empty() {
        path.schemas.push(name.to_vec());
    }
}

/// `SELECT set_config('search_path', '…', …)`.
fn set_config(view: &View) -> Option<Change> {
    let at = if view.kind(2) == Kind::Dot { 3 } else { 1 };
    let named = view.is_word(at, "set_config")
        && view.kind(at + 2).is_string()
        && view.string(at + 2).eq_ignore_ascii_case(b"search_path");
    if !named {
        return None;
    }
    let constant = view.kind(at + 4).is_string() && matches!(view.kind(at + 5), Kind::Comma | Kind::RParen);
    let mut path = SearchPath {
        open: !constant,
        ..SearchPath::default()
    };
    if constant {
        names(&view.string(at + 4)).for_each(|name| add(&mut path, &name));
    }
    Some(Change::Set(path))
}

/// The names of `a, "B c"`, as PostgreSQL reads the setting: what is not quoted is folded.
fn names(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    text.split(|b| *b == b',').map(|name| {
        let name = name.trim_ascii();
        match name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\"")) {
            Some(quoted) => quoted.to_vec(),
            None => name.to_ascii_lowercase(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaps::texts;
    use crate::sql::lexer::Mode;

    fn read(sql: &str) -> Option<Change> {
        let mut found = None;
        texts::each(sql.as_bytes(), Mode::Psql, &mut |view| found = search_path(view));
        found
    }

    #[test]
    fn paths_are_read_as_postgresql_reads_them() {
        let cases: [(&str, &[&str], bool); 12] = [
            ("SET search_path TO a, b;", &["a", "b"], false),
            ("set local search_path = A, \"B\", 'C';", &["a", "B", "C"], false),
            ("SET SESSION search_path TO \"$user\", public", &["public"], false),
            ("SET search_path = ''", &[], false),
            ("SET SCHEMA 'app'", &["app"], false),
            (
                "SELECT set_config('search_path', 'App, \"B c\", $user', false)",
                &["app", "B c"],
                false,
            ),
            ("SELECT pg_catalog.set_config('search_path', '', false)", &[], false),
            ("SET search_path TO :schema, public", &["public"], true),
            ("SELECT set_config('search_path', 'a,' || x, false)", &[], true),
            ("SELECT set_config('search_path', x, false)", &[], true),
            ("SET search_path TO :'schema'", &[], true),
            ("SET search_path TO a;", &["a"], false),
        ];
        for (sql, schemas, open) in cases {
            let expected = SearchPath {
                open,
                ..SearchPath::new(schemas.iter().map(|s| s.as_bytes()))
            };
            assert_eq!(read(sql), Some(Change::Set(expected)), "{sql}");
        }
    }

    #[test]
    fn resets_and_other_statements() {
        for sql in [
            "RESET search_path",
            "RESET ALL",
            "DISCARD ALL",
            "SET search_path TO DEFAULT",
        ] {
            assert_eq!(read(sql), Some(Change::Reset), "{sql}");
        }
        for sql in [
            "SET role TO x",
            "SELECT set_config('role', 'x', true)",
            "SELECT 1",
            "RESET role",
        ] {
            assert_eq!(read(sql), None, "{sql}");
        }
    }
}
