//! A statement with its calls, and where they stand in the file.

use std::ops::Range;

use crate::pgtap::argument::Argument;
use crate::pgtap::catalog::{Overload, Role, Since};
use crate::pgtap::statement::{Called, Statement};

use super::finding::Spot;

/// What a rule looks at.
pub struct Here<'a> {
    /// The statement.
    pub statement: &'a Statement<'a>,
    /// Its calls.
    pub calls: &'a [Called<'a>],
    /// The versions of pgTAP that the suite runs on.
    pub versions: &'a [Since],
    /// Where the text begins in the file, unless it was decoded.
    base: Option<usize>,
}

impl<'a> Here<'a> {
    /// A statement of the file `source`.
    pub fn new(source: &[u8], statement: &'a Statement<'a>, calls: &'a [Called<'a>], versions: &'a [Since]) -> Self {
        Self {
            statement,
            calls,
            versions,
            base: within(source, statement.view.source),
        }
    }

    /// The bytes of the tokens `from..to` in the file, where they can be told.
    pub fn bytes(&self, from: usize, to: usize) -> Option<Range<usize>> {
        let (base, view) = (self.base?, self.statement.view);
        (from < to).then(|| base + view.token(from).start as usize..base + view.token(to - 1).end as usize)
    }

    /// Where the tokens `from..to` are.
    pub fn spot(&self, from: usize, to: usize) -> Spot {
        match self.bytes(from, to) {
            Some(bytes) => Spot::Bytes(bytes),
            None => Spot::Line(self.statement.line(from)),
        }
    }

    /// Where the call is, from its name to its parenthesis.
    pub fn call(&self, call: &Called) -> Spot {
        let end = (call.close + 1).min(self.statement.view.tokens.len());
        self.spot(call.name, end)
    }

    /// The source of an argument.
    pub fn source(&self, argument: &Argument) -> &'a [u8] {
        self.statement.view.source_of(argument.from, argument.to)
    }
}

/// Where `part` begins in `whole`, when it is a part of it and not a copy. Two live slices overlap only when one was cut
/// from the other.
fn within(whole: &[u8], part: &[u8]) -> Option<usize> {
    let offset = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (offset + part.len() <= whole.len()).then_some(offset)
}

/// Longer texts are cut in messages.
const SHOWN: usize = 80;

/// Text of the file as messages show it.
pub fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// `has_table(table, description)`
pub fn signature(function: &str, roles: &[Role]) -> String {
    let name = |role: &Role| match role {
        Role::Desc => "description",
        role => role.as_str(),
    };
    format!("{function}({})", roles.iter().map(name).collect::<Vec<_>>().join(", "))
}

/// What the arguments are beside the description.
pub fn undescribed(overload: &Overload) -> &'static [Role] {
    match overload.roles.split_last() {
        Some((Role::Desc, rest)) => rest,
        _ => overload.roles,
    }
}
