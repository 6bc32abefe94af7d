//! Row security that a test reads from `pg_class.relrowsecurity`: pgTAP has no assertion for it.

use crate::pgtap::view::View;
use crate::schema;
use crate::schema::lookup::{Lookup, Row};
use crate::schema::path::SearchPath;
use crate::sql::lexer::Mode;
use crate::sql::token::Kind;

use super::about::is_row_security;
use super::matcher::qualified;
use super::texts;

/// The column that says it.
const COLUMN: &[u8] = b"relrowsecurity";
/// PostgreSQL has no longer names.
const LONGEST_NAME: usize = 63;
/// SQL in strings in strings is looked at this deep.
const DEEPEST: usize = 2;

/// The tables with row security that the statement names beside `relrowsecurity`, or in the call of a helper that says
/// with its name that it reads this.
pub fn tables(view: &View, lookup: &Lookup, path: &SearchPath) -> Vec<Row> {
    let reads = memchr::memmem::find(view.source_of(0, view.tokens.len()), COLUMN).is_some();
    if !reads && !calls_helper(view) {
        return Vec::new();
    }
    let mut words = Vec::new();
    strings(view, &mut words, 0);
    let schemas: Vec<&[u8]> = words
        .iter()
        .map(Vec::as_slice)
        .filter(|w| lookup.has_schema(w))
        .collect();
    let mut rows: Vec<Row> = words
        .iter()
        .flat_map(|word| named(word, &schemas, lookup, path))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn calls_helper(view: &View) -> bool {
    let called = |at: usize| view.kind(at).is_name() && view.kind(at + 1) == Kind::LParen;
    let mut names = (0..view.tokens.len()).filter(|at| called(*at)).map(|at| view.text(at));
    names.any(|name| name.len() <= LONGEST_NAME && is_row_security(name))
}

/// The strings of a statement, and those in the SQL that it has in strings.
fn strings(view: &View, found: &mut Vec<Vec<u8>>, depth: usize) {
    for at in (0..view.tokens.len()).filter(|at| view.kind(*at).is_string()) {
        let text = view.string(at).into_owned();
        if depth < DEEPEST && memchr::memmem::find(&text, COLUMN).is_some() {
            texts::each(&text, Mode::Body, &mut |inner| strings(inner, found, depth + 1));
        } else {
            found.push(text);
        }
    }
}

/// The rows of the tables that a string names: with a schema in it, else in the schemas that other strings name, else
/// on the search path.
fn named(word: &[u8], schemas: &[&[u8]], lookup: &Lookup, path: &SearchPath) -> Vec<Row> {
    let (schema, name) = qualified(word);
    let row = |schema: Option<&[u8]>| {
        let at = lookup.relation(schema, &name, path)?;
        lookup
            .parts_of(at, schema::kind::Kind::RowSecurity)
            .next()
            .map(|(row, _)| row)
    };
    match (schema, schemas) {
        (Some(schema), _) => row(Some(&schema)).into_iter().collect(),
        (None, []) => row(None).into_iter().collect(),
        (None, schemas) => schemas.iter().filter_map(|schema| row(Some(schema))).collect(),
    }
}
