//! Rows that a FROM clause spells out: `VALUES`, `unnest(ARRAY[…])`, `unnest('{…}'::name[])`.

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::given::{Content, MAX_VALUE, array_literal};
use super::view::View;

/// More rows than this are not expanded.
pub const MAX_ROWS: usize = 10_000;
/// More columns than this are not expanded; PostgreSQL takes 1664.
pub const MAX_COLUMNS: usize = 1664;

/// The rows, with the names their columns go by.
#[derive(Debug, Default, PartialEq)]
pub struct Rows {
    /// Column names; an alias without columns names the only one.
    pub columns: Vec<Vec<u8>>,
    /// One entry a column.
    pub rows: Vec<Vec<Content<'static>>>,
}

impl Rows {
    /// What `name` is in row `row`.
    pub fn value(&self, row: usize, name: &[u8]) -> Option<&Content<'static>> {
        crate::work::add(self.columns.len());
        let column = self.columns.iter().position(|c| c == name)?;
        self.rows.get(row)?.get(column)
    }
}

/// The rows of the FROM clause that begins at `from`, when it is the only item and literal.
pub fn literal_rows(view: &View, from: usize) -> Option<Rows> {
    let (rows, end, scalar) = if view.kind(from) == Kind::LParen && view.keyword(from + 1) == Keyword::Values {
        let close = view.close_of(from);
        (values(view, from + 2, close)?, close + 1, false)
    } else if view.is_word(from, "unnest") && view.kind(from + 1) == Kind::LParen {
        let close = view.close_of(from + 1);
        (unnested(view, from + 2)?, close + 1, true)
    } else {
        return None;
    };
    let columns = alias(view, end, rows.first().map_or(0, Vec::len), scalar)?;
    Some(Rows { columns, rows })
}

fn constant(view: &View, from: usize, to: usize) -> Content<'static> {
    let cast = to > from + 1 && view.kind(from + 1) == Kind::Cast;
    match view.kind(from) {
        _ if view.text(from).len() > MAX_VALUE => Content::anything(),
        kind if kind.is_string() && (to == from + 1 || cast) => Content::Text(view.string(from).into_owned().into()),
        Kind::Number if to == from + 1 => Content::Text(view.text(from).to_vec().into()),
        _ if view.keyword(from) == Keyword::Null => Content::Null,
        _ => Content::anything(),
    }
}

fn values(view: &View, from: usize, to: usize) -> Option<Vec<Vec<Content<'static>>>> {
    let mut rows = Vec::new();
    for (open, _) in view.items(from, to) {
        if view.kind(open) != Kind::LParen || rows.len() >= MAX_ROWS {
            return None;
        }
        let close = view.close_of(open);
        rows.push(view.items(open + 1, close).map(|(a, b)| constant(view, a, b)).collect());
    }
    Some(rows)
}

fn unnested(view: &View, from: usize) -> Option<Vec<Vec<Content<'static>>>> {
    let items: Vec<Content> = if view.keyword(from) == Keyword::Array && view.kind(from + 1) == Kind::LBracket {
        let close = view.close_of(from + 1);
        view.items(from + 2, close).map(|(a, b)| constant(view, a, b)).collect()
    } else if view.kind(from).is_string() && view.kind(from + 1) == Kind::Cast {
        array_literal(&view.string(from))?
    } else {
        return None;
    };
    let short = |item: &Content| item.text().is_none_or(|t| t.len() <= MAX_VALUE);
    (items.len() <= MAX_ROWS && items.iter().all(short)).then(|| items.into_iter().map(|item| vec![item]).collect())
}

/// `[AS] v(a, b)` or `[AS] v`; anything else behind it (a join, WHERE) and the rows are not certain.
fn alias(view: &View, mut at: usize, width: usize, scalar: bool) -> Option<Vec<Vec<u8>>> {
    at += usize::from(view.keyword(at) == Keyword::As);
    if !view.kind(at).is_name() || view.keyword(at) != Keyword::None {
        return None;
    }
    let table = view.name(at).into_owned();
    at += 1;
    let columns = if view.kind(at) == Kind::LParen {
        let close = view.close_of(at);
        let names = view
            .items(at + 1, close)
            .map(|(from, _)| view.name(from).into_owned())
            .collect();
        at = close + 1;
        names
    } else if scalar {
        // A function of one column names it by its alias; VALUES does not.
        vec![table]
    } else {
        (1..=width).map(|i| format!("column{i}").into_bytes()).collect()
    };
    let ends = at >= view.tokens.len()
        || matches!(view.kind(at), Kind::RParen | Kind::Semicolon)
        || matches!(view.keyword(at), Keyword::Order | Keyword::Union | Keyword::Loop);
    (ends && columns.len() <= MAX_COLUMNS).then_some(columns)
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
