//! `plan((SELECT count(*) FROM t))`: a count is a bigint, and there is no `plan(bigint)`.

use crate::pgtap::argument::Argument;
use crate::pgtap::view::View;
use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::calls::Judged;
use super::finding::{Draft, Fix};
use super::here::Here;
use super::rules::PLAN_BIGINT;

/// Types of PostgreSQL whose casts are known.
const BUILT_IN: &[&str] = &[
    "bigint",
    "bool",
    "boolean",
    "bytea",
    "date",
    "float4",
    "float8",
    "inet",
    "int",
    "int2",
    "int4",
    "int8",
    "integer",
    "interval",
    "json",
    "jsonb",
    "money",
    "name",
    "numeric",
    "oid",
    "real",
    "regclass",
    "regproc",
    "regtype",
    "smallint",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "uuid",
    "varchar",
];

/// `plan` of a bigint.
pub fn check(here: &Here, judged: &Judged) -> Option<Draft> {
    let (call, view) = (judged.call, here.statement.view);
    call.entry().filter(|f| f.name == "plan")?;
    let [argument] = call.arguments.as_slice() else {
        return None;
    };
    if integer(view, argument.from, argument.to)? != Width::Big {
        return None;
    }
    let fix = here.bytes(argument.from, argument.to).and_then(|bytes| {
        let alone = view.kind(argument.from) == Kind::LParen && view.close_of(argument.from) + 1 == argument.to;
        let one = operand_end(view, argument.from, argument.to) == argument.to;
        let source = std::str::from_utf8(here.source(argument)).ok()?;
        let (from, text) = match alone || one {
            true => (bytes.end, "::int".to_owned()),
            false => (bytes.start, format!("({source})::int")),
        };
        Some(Fix {
            from,
            to: bytes.end,
            text,
            certain: true,
        })
    });
    let message = "the number is a bigint, and there is no plan(bigint): PostgreSQL refuses the call (42883)";
    Some(Draft::new(&PLAN_BIGINT, here.call(call), message, "Cast the number: ::int.").fixed(fix))
}

/// Of which type an integer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Int,
    Big,
}

/// The type of the expression at `from..to`; none where the text does not tell.
fn integer(view: &View, mut from: usize, mut to: usize) -> Option<Width> {
    while view.kind(from) == Kind::LParen && view.close_of(from) + 1 == to {
        (from, to) = (from + 1, to - 1);
    }
    if view.keyword(from) == Keyword::Select {
        let mut end = from + 1;
        while end < to && view.keyword(end) != Keyword::From {
            end = view.skip(end);
        }
        return integer_terms(view, from + 1, end.min(to));
    }
    integer_terms(view, from, to)
}

/// Terms with operators between: a bigint among integers makes the whole one.
fn integer_terms(view: &View, mut at: usize, to: usize) -> Option<Width> {
    let mut found = Width::Int;
    loop {
        let end = operand_end(view, at, to);
        if operand(view, at, end)? == Width::Big {
            found = Width::Big;
        }
        if end >= to {
            return Some(found);
        }
        if !matches!(view.text(end), b"+" | b"-" | b"*" | b"/" | b"%") {
            return None;
        }
        at = end + 1;
    }
}

/// Up to the next operator outside brackets.
fn operand_end(view: &View, mut at: usize, to: usize) -> usize {
    while at < to && view.kind(at) != Kind::Operator {
        at = view.skip(at);
    }
    at.min(to)
}

fn operand(view: &View, from: usize, to: usize) -> Option<Width> {
    if let Some(cast) = to
        .checked_sub(2)
        .filter(|at| *at > from && view.kind(*at) == Kind::Cast)
    {
        return match view.text(cast + 1).to_ascii_lowercase().as_slice() {
            b"bigint" | b"int8" => Some(Width::Big),
            b"int" | b"integer" | b"int4" => Some(Width::Int),
            _ => None,
        };
    }
    match view.kind(from) {
        Kind::Number if to == from + 1 => {
            let text = std::str::from_utf8(view.text(from)).ok()?;
            text.parse::<i32>().ok().map(|_| Width::Int)
        }
        Kind::Word if is_count(view, from) && counts_alone(view, from, to) => Some(Width::Big),
        // One level: deeper ones are left open, so that no input nests the calls.
        Kind::LParen if view.close_of(from) + 1 == to && view.keyword(from + 1) == Keyword::Select => {
            let count = is_count(view, from + 2) && view.keyword(view.skip(from + 3)) == Keyword::From;
            count.then_some(Width::Big)
        }
        _ => None,
    }
}

fn is_count(view: &View, at: usize) -> bool {
    view.is_word(at, "count") && view.kind(at + 1) == Kind::LParen
}

/// Whether nothing but FILTER, OVER and an alias stands behind the count.
fn counts_alone(view: &View, from: usize, to: usize) -> bool {
    let mut at = view.skip(from + 1);
    while at < to && (view.is_word(at, "filter") || view.is_word(at, "over")) && view.kind(at + 1) == Kind::LParen {
        at = view.skip(at + 1);
    }
    at >= to
}

/// Whether the argument is a bigint for certain.
pub fn is_bigint(here: &Here, argument: &Argument) -> bool {
    integer(here.statement.view, argument.from, argument.to) == Some(Width::Big)
}

/// Whether the type of an argument follows from words of PostgreSQL alone: a constant, perhaps with a cast to a type of
/// its own, or a count.
pub fn is_plain(here: &Here, argument: &Argument) -> bool {
    let view = here.statement.view;
    let (from, to) = (argument.from, argument.to);
    let constant = view.kind(from).is_string()
        || view.kind(from) == Kind::Number
        || matches!(view.keyword(from), Keyword::True | Keyword::False);
    let built_in = |at: usize| BUILT_IN.iter().any(|t| view.is_word(at, t));
    match to - from {
        1 => constant,
        2 => built_in(from) && view.kind(from + 1).is_string(),
        3 if constant && view.kind(from + 1) == Kind::Cast => built_in(from + 2),
        _ => is_count(view, from) && counts_alone(view, from, to),
    }
}
