//! The static type of an argument, by facts about PostgreSQL's type resolution.
//!
//! A bare literal is `unknown`; a cast, an operator or a function with one result type decides;
//! a column, a variable or any other call stays untyped.

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::arg_type::ArgType;
use super::view::View;

/// Functions whose result has one type whatever their arguments are.
const RETURNS: &[(&str, ArgType)] = &[
    ("btrim", ArgType::Text),
    ("chr", ArgType::Text),
    ("concat", ArgType::Text),
    ("concat_ws", ArgType::Text),
    ("count", ArgType::Other),
    ("current_catalog", ArgType::Name),
    ("current_database", ArgType::Name),
    ("current_role", ArgType::Name),
    ("current_schema", ArgType::Name),
    ("current_schemas", ArgType::NameArray),
    ("current_setting", ArgType::Text),
    ("current_user", ArgType::Name),
    ("format", ArgType::Text),
    ("format_type", ArgType::Text),
    ("initcap", ArgType::Text),
    ("left", ArgType::Text),
    ("lower", ArgType::Text),
    ("lpad", ArgType::Text),
    ("ltrim", ArgType::Text),
    ("md5", ArgType::Text),
    ("now", ArgType::Other),
    ("pg_get_userbyid", ArgType::Name),
    ("pg_typeof", ArgType::Regtype),
    ("pg_version", ArgType::Text),
    ("quote_ident", ArgType::Text),
    ("quote_literal", ArgType::Text),
    ("quote_nullable", ArgType::Text),
    ("regexp_replace", ArgType::Text),
    ("repeat", ArgType::Text),
    ("replace", ArgType::Text),
    ("reverse", ArgType::Text),
    ("right", ArgType::Text),
    ("rpad", ArgType::Text),
    ("rtrim", ArgType::Text),
    ("session_user", ArgType::Name),
    ("split_part", ArgType::Text),
    ("string_agg", ArgType::Text),
    ("string_to_array", ArgType::TextArray),
    ("substr", ArgType::Text),
    ("substring", ArgType::Text),
    ("to_char", ArgType::Text),
    ("to_hex", ArgType::Text),
    ("translate", ArgType::Text),
    ("trim", ArgType::Text),
    ("upper", ArgType::Text),
    ("user", ArgType::Name),
];

/// Names of types and the type they are to overload choice; domains over `name` count as `name`.
const TYPES: &[(&str, ArgType)] = &[
    ("bool", ArgType::Bool),
    ("boolean", ArgType::Bool),
    ("bpchar", ArgType::Bpchar),
    ("char", ArgType::Bpchar),
    ("character", ArgType::Bpchar),
    ("character varying", ArgType::Varchar),
    ("decimal", ArgType::Numeric),
    ("int", ArgType::Int4),
    ("int4", ArgType::Int4),
    ("integer", ArgType::Int4),
    ("name", ArgType::Name),
    ("numeric", ArgType::Numeric),
    ("oid", ArgType::Oid),
    ("record", ArgType::Record),
    ("refcursor", ArgType::Refcursor),
    ("regtype", ArgType::Regtype),
    ("sql_identifier", ArgType::Name),
    ("text", ArgType::Text),
    ("varchar", ArgType::Varchar),
];

/// Names of types outside overload choice that may stand before a literal: `date '2026-01-01'`.
const OTHER_TYPES: &[&str] = &[
    "bigint",
    "bytea",
    "date",
    "float4",
    "float8",
    "inet",
    "int2",
    "int8",
    "interval",
    "json",
    "jsonb",
    "money",
    "real",
    "regclass",
    "regproc",
    "smallint",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "uuid",
    "xml",
];

fn find(table: &[(&str, ArgType)], word: &[u8]) -> Option<ArgType> {
    let lower = word.to_ascii_lowercase();
    table
        .binary_search_by(|(name, _)| name.as_bytes().cmp(&lower))
        .ok()
        .and_then(|i| table.get(i))
        .map(|(_, found)| *found)
}

/// The type a call of the function `name` has.
pub fn returned_by(name: &[u8]) -> ArgType {
    find(RETURNS, name).unwrap_or(ArgType::Untyped)
}

/// The type that the words `name` spell.
pub fn named(name: &[u8]) -> ArgType {
    find(TYPES, name).unwrap_or(ArgType::Other)
}

/// Whether a literal may follow the type name `word`.
pub fn prefixes_literal(word: &[u8]) -> bool {
    find(TYPES, word).is_some() || OTHER_TYPES.iter().any(|t| word.eq_ignore_ascii_case(t.as_bytes()))
}

/// The array type over `element`.
pub fn array_of(element: ArgType) -> ArgType {
    match element {
        ArgType::Name => ArgType::NameArray,
        ArgType::Text | ArgType::Unknown => ArgType::TextArray,
        ArgType::Varchar => ArgType::VarcharArray,
        ArgType::Int4 => ArgType::Int4Array,
        ArgType::Untyped => ArgType::Untyped,
        _ => ArgType::Other,
    }
}

/// Reads a type name at `at`: the type, and the index behind it.
pub fn read(view: &View, mut at: usize, to: usize) -> (ArgType, usize) {
    while view.kind(at + 1) == Kind::Dot && at + 2 < to {
        at += 2;
    }
    let mut found = if view.kind(at) == Kind::QuotedWord && view.text(at) != b"\"name\"" {
        ArgType::Other
    } else {
        named(&view.name(at))
    };
    let first = at;
    at += 1;
    if view.is_word(at, "varying") {
        found = if view.is_word(first, "bit") {
            ArgType::Other
        } else {
            ArgType::Varchar
        };
        at += 1;
    } else if view.is_word(at, "precision") {
        at += 1;
    }
    if view.kind(at) == Kind::LParen && at < to {
        at = view.skip(at);
    }
    if matches!(view.keyword(at), Keyword::With) || view.is_word(at, "without") {
        at += 3;
    }
    while at < to && (view.kind(at) == Kind::LBracket || view.keyword(at) == Keyword::Array) {
        found = array_of(found);
        at = view.skip(at);
    }
    (found, at.min(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(RETURNS.is_sorted_by_key(|(name, _)| *name));
        assert!(TYPES.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(returned_by(b"FORMAT"), ArgType::Text);
        assert_eq!(named(b"sql_identifier"), ArgType::Name);
    }
}
