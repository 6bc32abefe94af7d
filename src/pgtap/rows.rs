//! Rows that a FROM clause spells out: `VALUES`, `unnest(ARRAY[…])`, `unnest('{…}'::name[])`.

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::arg_type::ArgType;
use super::argument::evaluate;
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
    /// Their types.
    pub types: Vec<ArgType>,
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

    /// The type of the column `name`.
    pub fn type_of(&self, name: &[u8]) -> Option<ArgType> {
        let column = self.columns.iter().position(|c| c == name)?;
        self.types.get(column).copied()
    }
}

/// The rows of the FROM clause that begins at `from`, when it is the only item and literal.
pub fn literal_rows(view: &View, from: usize) -> Option<Rows> {
    let (rows, types, end, scalar) = if view.kind(from) == Kind::LParen && view.keyword(from + 1) == Keyword::Values {
        let close = view.close_of(from);
        let (rows, types) = values(view, from + 2, close)?;
        (rows, types, close + 1, false)
    } else if view.is_word(from, "unnest") && view.kind(from + 1) == Kind::LParen {
        let close = view.close_of(from + 1);
        let element = element_type(evaluate(view, from + 2, close, &()).0);
        (unnested(view, from + 2)?, vec![element], close + 1, true)
    } else {
        return None;
    };
    let columns = alias(view, end, rows.first().map_or(0, Vec::len), scalar)?;
    Some(Rows { columns, types, rows })
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

type Values = (Vec<Vec<Content<'static>>>, Vec<ArgType>);

fn values(view: &View, from: usize, to: usize) -> Option<Values> {
    let (mut rows, mut types) = (Vec::new(), Vec::new());
    for (open, _) in view.items(from, to) {
        if view.kind(open) != Kind::LParen || rows.len() >= MAX_ROWS {
            return None;
        }
        let mut row = Vec::new();
        for (at, (a, b)) in view.items(open + 1, view.close_of(open)).enumerate() {
            row.push(constant(view, a, b));
            let found = evaluate(view, a, b, &()).0;
            match types.get_mut(at) {
                None => types.push(found),
                // One typed value types its whole column.
                Some(known) if *known == ArgType::Unknown => *known = found,
                Some(_) => {}
            }
        }
        rows.push(row);
    }
    let typed = |ty| if ty == ArgType::Unknown { ArgType::Text } else { ty };
    Some((rows, types.into_iter().map(typed).collect()))
}

fn element_type(array: ArgType) -> ArgType {
    match array {
        ArgType::NameArray => ArgType::Name,
        ArgType::VarcharArray => ArgType::Varchar,
        ArgType::Int4Array => ArgType::Int4,
        _ => ArgType::Text,
    }
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
