//! The head of CREATE FUNCTION, CREATE PROCEDURE and DO: name, parameters, language, body.

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::arg_type::ArgType;
use super::argument::Names;
use super::types;
use super::view::View;

/// PostgreSQL's own limit (`FUNC_MAX_ARGS`).
pub const MAX_PARAMETERS: usize = 100;

/// A parameter: its name (empty when it has none) and its type.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: Vec<u8>,
    /// Its declared type.
    pub ty: ArgType,
}

/// What stands before a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routine {
    /// The schema it is created in, where the statement names one.
    pub schema: Option<Vec<u8>>,
    /// Its name; empty for DO.
    pub name: Vec<u8>,
    /// Its input parameters in order.
    pub parameters: Vec<Parameter>,
    /// The token of the string that holds its body, when the body is SQL or PL/pgSQL.
    pub body: Option<usize>,
}

impl Routine {
    /// `schema.name`, or the name alone.
    pub fn full_name(&self) -> String {
        let name = String::from_utf8_lossy(&self.name);
        match &self.schema {
            Some(schema) => format!("{}.{name}", String::from_utf8_lossy(schema)),
            None => name.into_owned(),
        }
    }
}

impl Names for Routine {
    fn type_of(&self, name: &[u8]) -> Option<ArgType> {
        crate::work::add(self.parameters.len());
        self.parameters
            .iter()
            .find(|p| p.name == name && !name.is_empty())
            .map(|p| p.ty)
    }
}

/// Reads the statement whose FUNCTION or PROCEDURE key word stands at `at`.
pub fn created(view: &View, mut at: usize) -> Routine {
    let mut routine = Routine::default();
    at += 1;
    if view.kind(at + 1) == Kind::Dot {
        routine.schema = Some(view.name(at).into_owned());
        at += 2;
    }
    routine.name = view.name(at).into_owned();
    if view.kind(at + 1) == Kind::LParen {
        let close = view.close_of(at + 1);
        routine.parameters = view
            .items(at + 2, close)
            .take(MAX_PARAMETERS)
            .filter_map(|(from, to)| parameter(view, from, to))
            .collect();
        at = close;
    }
    routine.body = body(view, at, true);
    routine
}

/// Reads a DO statement.
pub fn anonymous(view: &View) -> Routine {
    Routine {
        body: body(view, 0, false),
        ..Routine::default()
    }
}

/// The body's string, unless the language is another than SQL or PL/pgSQL.
fn body(view: &View, from: usize, behind_as: bool) -> Option<usize> {
    let (mut found, mut at) = (None, from);
    while at < view.tokens.len() {
        if view.keyword(at) == Keyword::Language {
            let name = if view.kind(at + 1).is_string() {
                view.string(at + 1)
            } else {
                view.name(at + 1)
            };
            if !name.eq_ignore_ascii_case(b"sql") && !name.eq_ignore_ascii_case(b"plpgsql") {
                return None;
            }
            at += 1;
        } else if found.is_none()
            && view.kind(at).is_string()
            && (!behind_as || view.keyword(at.wrapping_sub(1)) == Keyword::As)
        {
            found = Some(at);
        }
        at = view.skip(at);
    }
    found
}

/// `[mode] [name] type [DEFAULT …]`; `None` for OUT parameters.
fn parameter(view: &View, mut from: usize, to: usize) -> Option<Parameter> {
    if view.is_word(from, "out") && to > from + 1 {
        return None;
    }
    let mode = view.keyword(from) == Keyword::In || view.is_word(from, "inout") || view.is_word(from, "variadic");
    if mode && to > from + 1 {
        from += 1;
    }
    let end = (from..to)
        .find(|i| view.is_word(*i, "default") || matches!(view.text(*i), b"=" | b":="))
        .unwrap_or(to);
    let second = ["varying", "precision", "with", "without"];
    let two_words = second.iter().any(|word| view.is_word(from + 1, word));
    let named = end > from + 1 && view.kind(from + 1).is_name() && !two_words;
    let (name, start) = if named {
        (view.name(from).into_owned(), from + 1)
    } else {
        (Vec::new(), from)
    };
    let (ty, _) = types::read(view, start, end);
    Some(Parameter { name, ty })
}

#[cfg(test)]
#[path = "routine_tests.rs"]
mod tests;
