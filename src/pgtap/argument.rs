//! One argument of a call: its type, and the value it holds where it is constant.

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::arg_type::ArgType;
use super::types;
use super::view::View;

/// What an argument is, as far as its text tells. Numbers are token indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string constant, or a psql variable or quoted name that stands for one.
    Literal(usize),
    /// `NULL`.
    Null,
    /// `ARRAY[…]`: its brackets.
    Array(usize, usize),
    /// `'{a,b}'::name[]`.
    ArrayLiteral(usize),
    /// A column, variable or parameter: the token of its last name.
    Column(usize),
    /// A number.
    Number(usize),
    /// Anything else.
    Expression,
}

/// One argument.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// First token, behind `name =>` where there is one.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
    /// The token of the name in named notation.
    pub name: Option<usize>,
    /// Its static type.
    pub ty: ArgType,
    /// Its value.
    pub value: Value,
}

/// Types the parameters and variables that are known by name.
pub trait Names {
    /// The type of the variable `name`, if it is known.
    fn type_of(&self, name: &[u8]) -> Option<ArgType>;
}

impl Names for () {
    fn type_of(&self, _: &[u8]) -> Option<ArgType> {
        None
    }
}

/// Reads the argument that stands at `from..to`.
#[inline]
pub fn read(view: &View, from: usize, to: usize, names: &dyn Names) -> Argument {
    if to == from + 1 && view.kind(from).is_string() {
        return Argument {
            from,
            to,
            name: None,
            ty: ArgType::Unknown,
            value: Value::Literal(from),
        };
    }
    read_any(view, from, to, names)
}

fn read_any(view: &View, from: usize, to: usize, names: &dyn Names) -> Argument {
    let named = view.kind(from).is_name() && matches!(view.kind(from + 1), Kind::Arrow | Kind::Assign) && from + 2 < to;
    let start = if named { from + 2 } else { from };
    let (ty, value) = evaluate(view, start, to, names);
    Argument {
        from: start,
        to,
        name: named.then_some(from),
        ty,
        value,
    }
}

/// The type and value of the expression at `from..to`.
pub fn evaluate(view: &View, mut from: usize, mut to: usize, names: &dyn Names) -> (ArgType, Value) {
    while to > from + 1 && view.kind(from) == Kind::LParen && view.close_of(from) == to - 1 {
        let inside = (from + 1, to - 1);
        if matches!(
            view.keyword(inside.0),
            Keyword::Select | Keyword::With | Keyword::Values
        ) {
            return subquery(view, inside.0, inside.1);
        }
        if view.items(inside.0, inside.1).nth(1).is_some() {
            return (ArgType::Record, Value::Expression);
        }
        (from, to) = inside;
    }
    if from >= to {
        return (ArgType::Untyped, Value::Expression);
    }
    let (found, value, at) = primary(view, from, to, names);
    if at >= to {
        return (found, value);
    }
    operators(view, from, to, found)
}

/// A sub-select of one constant is text; what else it yields is not known.
fn subquery(view: &View, from: usize, to: usize) -> (ArgType, Value) {
    if to == from + 2 && view.kind(from + 1).is_string() {
        return (ArgType::Text, Value::Literal(from + 1));
    }
    (ArgType::Untyped, Value::Expression)
}

/// The first operand with its casts, and the index behind it.
fn primary(view: &View, from: usize, to: usize, names: &dyn Names) -> (ArgType, Value, usize) {
    let (mut found, mut value, mut at) = operand(view, from, to, names);
    loop {
        match view.kind(at) {
            Kind::Cast if at + 1 < to => {
                (found, at) = types::read(view, at + 1, to);
                value = cast(value, found);
            }
            Kind::LBracket if at < to => {
                at = view.skip(at);
                (found, value) = (ArgType::Untyped, Value::Expression);
            }
            Kind::Dot if at < to => {
                at = (at + 2).min(to);
                (found, value) = (ArgType::Untyped, Value::Expression);
            }
            _ if view.keyword(at) == Keyword::Collate && at < to => {
                at = (at + 2).min(to);
                found = ArgType::Text;
            }
            _ => return (found, value, at),
        }
    }
}

fn cast(value: Value, to: ArgType) -> Value {
    match (value, to) {
        (Value::Literal(at), t) if is_array(t) => Value::ArrayLiteral(at),
        (value, _) => value,
    }
}

/// Whether `found` is an array type of the catalogue.
pub fn is_array(found: ArgType) -> bool {
    matches!(
        found,
        ArgType::NameArray | ArgType::TextArray | ArgType::VarcharArray | ArgType::Int4Array
    )
}

fn operand(view: &View, from: usize, to: usize, names: &dyn Names) -> (ArgType, Value, usize) {
    let next = from + 1;
    match view.kind(from) {
        Kind::Str | Kind::EscapeStr | Kind::UnicodeStr | Kind::DollarStr | Kind::VarStr | Kind::Backtick => {
            (ArgType::Unknown, Value::Literal(from), uescape(view, next, to))
        }
        Kind::Var => (ArgType::Untyped, Value::Literal(from), next),
        Kind::Number => (number(view.text(from)), Value::Number(from), next),
        Kind::Operator if next < to && view.kind(next) == Kind::Number && matches!(view.text(from), b"-" | b"+") => {
            (number(view.text(next)), Value::Expression, next + 1)
        }
        Kind::LParen => {
            let close = view.close_of(from);
            let (found, value) = match view.keyword(next) {
                Keyword::Select | Keyword::With | Keyword::Values => subquery(view, next, close),
                _ => inside(view, next, close, names),
            };
            (found, value, view.skip(from).min(to))
        }
        Kind::QuotedWord | Kind::UnicodeWord | Kind::VarWord if next >= to => {
            (ArgType::Unknown, Value::Literal(from), next)
        }
        Kind::Word => word(view, from, to, names),
        Kind::QuotedWord | Kind::UnicodeWord => path(view, from, to, names),
        _ => (ArgType::Untyped, Value::Expression, next),
    }
}

/// One level of parentheses around a constant keeps its type; more depth is left to `evaluate`.
fn inside(view: &View, from: usize, to: usize, names: &dyn Names) -> (ArgType, Value) {
    if view.kind(from) == Kind::LParen {
        return (ArgType::Untyped, Value::Expression);
    }
    let (found, value, at) = primary_flat(view, from, to, names);
    if at >= to {
        (found, value)
    } else {
        operators(view, from, to, found)
    }
}

/// As `primary`, for a text that does not begin with a parenthesis: so no input nests the calls.
fn primary_flat(view: &View, from: usize, to: usize, names: &dyn Names) -> (ArgType, Value, usize) {
    let (mut found, mut value, mut at) = operand(view, from, to, names);
    while view.kind(at) == Kind::Cast && at + 1 < to {
        (found, at) = types::read(view, at + 1, to);
        value = cast(value, found);
    }
    (found, value, at)
}

fn uescape(view: &View, at: usize, to: usize) -> usize {
    if at < to && view.is_word(at, "uescape") {
        (at + 2).min(to)
    } else {
        at
    }
}

fn number(text: &[u8]) -> ArgType {
    let whole = text.iter().all(|b| b.is_ascii_digit() || *b == b'_');
    match std::str::from_utf8(text)
        .ok()
        .and_then(|t| t.replace('_', "").parse::<i64>().ok())
    {
        Some(n) if whole && i32::try_from(n).is_ok() => ArgType::Int4,
        Some(_) => ArgType::Other,
        None => ArgType::Numeric,
    }
}

fn word(view: &View, from: usize, to: usize, names: &dyn Names) -> (ArgType, Value, usize) {
    let next = from + 1;
    match view.keyword(from) {
        Keyword::Null => return (ArgType::Unknown, Value::Null, next),
        Keyword::True | Keyword::False => return (ArgType::Bool, Value::Expression, next),
        Keyword::Array if view.kind(next) == Kind::LBracket => {
            let close = view.close_of(next);
            return (
                array(view, next + 1, close, names),
                Value::Array(next, close),
                close + 1,
            );
        }
        Keyword::Array if view.kind(next) == Kind::LParen => {
            return (ArgType::NameArray, Value::Expression, view.skip(next).min(to));
        }
        Keyword::Row if view.kind(next) == Kind::LParen => {
            return (ArgType::Record, Value::Expression, view.skip(next).min(to));
        }
        Keyword::Cast if view.kind(next) == Kind::LParen => return cast_call(view, next),
        Keyword::Case => return (case(view, from, to), Value::Expression, to),
        Keyword::Not | Keyword::Exists => return (ArgType::Bool, Value::Expression, to),
        _ => {}
    }
    if view.kind(next).is_string() && next < to && types::prefixes_literal(view.text(from)) {
        return (types::named(&view.name(from)), Value::Literal(next), next + 1);
    }
    path(view, from, to, names)
}

/// A possibly qualified name: a call, or a column, variable or parameter.
fn path(view: &View, from: usize, to: usize, names: &dyn Names) -> (ArgType, Value, usize) {
    let mut last = from;
    while view.kind(last + 1) == Kind::Dot && view.kind(last + 2).is_name() && last + 2 < to {
        last += 2;
    }
    if view.kind(last + 1) == Kind::LParen && last + 1 < to {
        let close = view.skip(last + 1).min(to);
        let found = match view.text(last) {
            name if name.eq_ignore_ascii_case(b"coalesce") || name.eq_ignore_ascii_case(b"nullif") => {
                coalesced(view, last + 2, close)
            }
            name => types::returned_by(name),
        };
        return (found, Value::Expression, close);
    }
    let name = view.name(last);
    if let Some(found) = names.type_of(&name) {
        return (found, Value::Column(last), last + 1);
    }
    match types::returned_by(&name) {
        ArgType::Name if last == from => (ArgType::Name, Value::Expression, last + 1),
        _ if name.as_ref() == b"relname" => (ArgType::Name, Value::Column(last), last + 1),
        _ => (ArgType::Untyped, Value::Column(last), last + 1),
    }
}

fn coalesced(view: &View, from: usize, to: usize) -> ArgType {
    if view.kind(from).is_string() && from < to {
        ArgType::Text
    } else {
        ArgType::Untyped
    }
}

/// `CAST(x AS type)`, with its parenthesis at `open`.
fn cast_call(view: &View, open: usize) -> (ArgType, Value, usize) {
    let close = view.close_of(open);
    let mut at = open + 1;
    while at < close && view.keyword(at) != Keyword::As {
        at = view.skip(at);
    }
    let (found, _) = types::read(view, at + 1, close);
    // Not through `operand`: CAST inside CAST must not nest the calls.
    let value = match view.kind(open + 1) {
        kind if at == open + 2 && (kind.is_string() || kind == Kind::VarStr) => Value::Literal(open + 1),
        _ => Value::Expression,
    };
    (found, cast(value, found), close + 1)
}

/// The type of `ARRAY[…]`, from its first element that has one.
fn array(view: &View, from: usize, to: usize, names: &dyn Names) -> ArgType {
    if from >= to {
        return ArgType::TextArray;
    }
    let first = view.items(from, to).next().unwrap_or((from, to));
    if matches!(view.kind(first.0), Kind::LParen | Kind::LBracket) || view.keyword(first.0) == Keyword::Array {
        return ArgType::Untyped;
    }
    let (found, _, at) = primary_flat(view, first.0, first.1, names);
    if at < first.1 {
        return array_of_operators(view, first, found);
    }
    types::array_of(found)
}

fn array_of_operators(view: &View, (from, to): (usize, usize), first: ArgType) -> ArgType {
    types::array_of(operators(view, from, to, first).0)
}

/// A CASE is text where an arm is a bare string.
fn case(view: &View, from: usize, to: usize) -> ArgType {
    let mut at = from;
    while at < to {
        if matches!(view.keyword(at), Keyword::Then | Keyword::Else) && view.kind(at + 1).is_string() {
            return ArgType::Text;
        }
        at = view.skip(at);
    }
    ArgType::Untyped
}

/// The type of an expression with operators outside brackets: the loosest-binding one decides.
fn operators(view: &View, from: usize, to: usize, first: ArgType) -> (ArgType, Value) {
    let (mut at, mut found) = (from, None);
    while at < to {
        let rank = match view.keyword(at) {
            Keyword::And
            | Keyword::Or
            | Keyword::Not
            | Keyword::Is
            | Keyword::In
            | Keyword::Like
            | Keyword::Ilike
            | Keyword::Between
            | Keyword::Exists => Some((4, ArgType::Bool)),
            _ if view.kind(at) == Kind::Operator => Some(operator(view.text(at), first)),
            _ => None,
        };
        found = match (found, rank) {
            (Some((a, t)), Some((b, _))) if a >= b => Some((a, t)),
            (_, Some(rank)) => Some(rank),
            (old, None) => old,
        };
        at = view.skip(at);
    }
    (found.map_or(ArgType::Untyped, |(_, t)| t), Value::Expression)
}

fn operator(text: &[u8], first: ArgType) -> (u8, ArgType) {
    match text {
        b"||" if is_array(first) => (2, first),
        b"||" => (2, ArgType::Text),
        b"->>" | b"#>>" => (2, ArgType::Text),
        b"->" | b"#>" => (2, ArgType::Other),
        b"=" | b"<" | b">" | b"<=" | b">=" | b"<>" | b"!=" => (3, ArgType::Bool),
        b"~" | b"~*" | b"!~" | b"!~*" | b"@>" | b"<@" | b"&&" | b"~~" | b"?" => (2, ArgType::Bool),
        b"+" | b"-" | b"*" | b"/" | b"%" if first == ArgType::Int4 => (1, ArgType::Int4),
        _ => (1, ArgType::Untyped),
    }
}

#[cfg(test)]
#[path = "argument_tests.rs"]
mod tests;
