//! Plans: how many results a file announces, and how many its text makes.

use crate::sql::token::Kind;

use super::given::{Bindings, variable_name};
use super::view::View;

/// What a file's plan calls and assertions say, before the files it includes are added.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// The number in each `plan(N)` that is constant, in source order.
    pub announced: Vec<i64>,
    /// A `plan(…)` whose number is not constant, or that stands in a branch.
    pub computed: bool,
    /// `no_plan()` is called.
    pub none: bool,
    /// Results that the text makes, each assertion once.
    pub results: u64,
    /// What makes `results` inexact, if anything does: then nothing is warned.
    pub inexact: Option<Inexact>,
    /// Functions that a top-level SELECT calls and nobody knows: name and line.
    pub suspects: Vec<(String, u32)>,
}

/// Why the number of results cannot be told from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[allow(missing_docs)]
pub enum Inexact {
    Conditional,
    Rows,
    Body,
    Runtests,
    Nested,
    Skip,
    Helper,
    Broken,
    Include,
}

impl Plan {
    /// Notes that the count is not exact; the first reason stays.
    pub fn doubt(&mut self, why: Inexact) {
        self.inexact.get_or_insert(why);
    }

    /// The number in the first `plan(N)`.
    pub fn first(&self) -> Option<i64> {
        self.announced.first().copied()
    }
}

/// The value of the constant integer expression at `from..to`: numbers, psql variables, `+ - * / %`,
/// parentheses, casts to integer types. No recursion.
pub fn constant(view: &View, from: usize, to: usize, bindings: &dyn Bindings) -> Option<i64> {
    let mut values: Vec<i64> = Vec::new();
    let mut operators: Vec<u8> = Vec::new();
    let mut operand = true;
    let mut at = from;
    while at < to {
        match view.kind(at) {
            Kind::Number if operand => values.push(integer(view.text(at))?),
            Kind::Var if operand => {
                let text = bindings.variable(variable_name(view.text(at)))?;
                values.push(std::str::from_utf8(text).ok()?.trim().parse().ok()?);
            }
            Kind::Operator if operand => match view.text(at) {
                b"-" => operators.push(NEGATE),
                b"+" => {}
                _ => return None,
            },
            Kind::LParen if operand => operators.push(b'('),
            Kind::RParen if !operand => close(&mut values, &mut operators)?,
            Kind::Operator if !operand => {
                let [op] = view.text(at) else { return None };
                while operators.last().is_some_and(|top| rank(*top) >= rank(*op)) {
                    apply(&mut values, operators.pop()?)?;
                }
                (rank(*op) > 0).then(|| operators.push(*op))?;
            }
            Kind::Cast if !operand => {
                let integer = ["int", "integer", "int4", "int8", "bigint", "smallint"];
                integer.iter().any(|t| view.is_word(at + 1, t)).then_some(())?;
                at += 1;
            }
            _ => return None,
        }
        operand = matches!(view.kind(at), Kind::Operator | Kind::LParen);
        at += 1;
    }
    while let Some(op) = operators.pop() {
        apply(&mut values, op)?;
    }
    match values.as_slice() {
        [value] => Some(*value),
        _ => None,
    }
}

/// The sign before an operand, on the stack of operators.
const NEGATE: u8 = b'n';

/// An integer as PostgreSQL writes them: `1_000`, `0x1F`, `0o17`, `0b11`.
fn integer(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.replace('_', "").to_ascii_lowercase();
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0o") => (&text[2..], 8),
        Some("0b") => (&text[2..], 2),
        _ => (text.as_str(), 10),
    };
    i64::from_str_radix(digits, radix).ok()
}

fn rank(op: u8) -> u8 {
    match op {
        NEGATE => 3,
        b'+' | b'-' => 1,
        b'*' | b'/' | b'%' => 2,
        _ => 0,
    }
}

fn close(values: &mut Vec<i64>, operators: &mut Vec<u8>) -> Option<()> {
    loop {
        match operators.pop()? {
            b'(' => return Some(()),
            op => apply(values, op)?,
        }
    }
}

fn apply(values: &mut Vec<i64>, op: u8) -> Option<()> {
    let right = values.pop()?;
    if op == NEGATE {
        values.push(right.checked_neg()?);
        return Some(());
    }
    let left = values.pop()?;
    values.push(match op {
        b'+' => left.checked_add(right)?,
        b'-' => left.checked_sub(right)?,
        b'*' => left.checked_mul(right)?,
        b'/' => left.checked_div(right)?,
        b'%' => left.checked_rem(right)?,
        _ => return None,
    });
    Some(())
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
