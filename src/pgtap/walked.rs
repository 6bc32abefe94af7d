//! What a walk looks for and what it finds.

use crate::sql::token::Token;

/// What a name in call position is, as far as the walk needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function that is looked for; the number is the caller's own.
    Known {
        /// The caller's number for it.
        id: u32,
        /// It is listed unless it wraps another one.
        assertion: bool,
        /// An assertion that directly is its argument is wrapped by it.
        wraps: bool,
    },
    /// Any other function.
    Other,
}

/// Tells the walk which names are looked for.
pub trait Lookup {
    /// What `name`, written behind the qualifier `schema` if there is one, calls.
    fn callee(&self, schema: Option<(&Token, &[u8])>, name: &Token, source: &[u8]) -> Callee;
}

/// A call that was looked for.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The caller's number for the function.
    pub id: u32,
    /// Listed unless `wraps`.
    pub assertion: bool,
    /// First token, the schema's if there is one.
    pub first: usize,
    /// The token of the function's name.
    pub name: usize,
    /// The closing parenthesis, or the end of the statement.
    pub close: usize,
    /// The last parenthesis around it that holds nothing else.
    pub(super) outer: usize,
    /// Where its arguments begin in [`super::walk::Walked::spans`].
    pub spans: usize,
    /// How many arguments it has.
    pub arity: usize,
    /// The id of the call it directly is an argument of, if that wraps.
    pub wrapper: Option<u32>,
    /// An assertion that directly is its argument is wrapped by it.
    pub may_wrap: bool,
    /// It wraps another assertion.
    pub wraps: bool,
    /// It stands in a CASE, or in a branch or loop of PL/pgSQL.
    pub conditional: bool,
    /// How many other calls it lies in.
    pub depth: u32,
    /// The SELECT it belongs to.
    pub scope: usize,
    /// It stands in that SELECT's list, not in its FROM or behind.
    pub in_list: bool,
    /// The statement ended inside it.
    pub open: bool,
}

/// A SELECT.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    /// The token behind its FROM.
    pub from: Option<usize>,
    /// It has GROUP BY.
    pub grouped: bool,
    /// Its list calls an aggregate outside any sub-select.
    pub aggregated: bool,
}

/// Another function that is called, or a relation that is named.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The token of its last name.
    pub name: usize,
    /// The token of its schema.
    pub schema: Option<usize>,
    /// A function (else a relation).
    pub function: bool,
}
