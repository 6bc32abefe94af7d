//! A call where it stands, and what the names in it stand for.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::arg_type::ArgType;
use super::argument::{self, Argument, Names, Value};
use super::catalog::FnId;
use super::configured;
use super::given::{Bindings, Content, Given, given};
use super::reader::{Filters, Reader, Text};
use super::reading::{Choices, Reading, Schemas, read};
use super::resolve::{Resolution, resolve_named};
use super::routine::Routine;
use super::rows::Rows;
use super::suite::{CONFIGURED, Suite};
use super::view::View;
use super::walk::{Call, Scope, Walked};

/// Arguments of one call; few have more than eight.
pub(super) type Arguments = SmallVec<[Argument; 8]>;
/// The values of one call's arguments.
pub(super) type Values<'a> = SmallVec<[Given<'a>; 8]>;

/// A call and its statement.
#[derive(Clone, Copy)]
pub(super) struct Site<'s, 'v> {
    pub view: &'s View<'v>,
    pub walked: &'s Walked,
    pub call: &'s Call,
    /// It stands in a branch of the statement or of the script.
    pub conditional: bool,
}

impl<'v> Site<'_, 'v> {
    /// The token ranges of its arguments.
    pub fn spans(&self) -> &[(u32, u32)] {
        self.walked
            .spans
            .get(self.call.spans..self.call.spans + self.call.arity)
            .unwrap_or(&[])
    }

    /// The SELECT it belongs to.
    pub fn scope(&self) -> Scope {
        self.walked.scopes.get(self.call.scope).copied().unwrap_or_default()
    }

    /// Whether a FROM clause may decide how often it runs, and with what.
    pub fn has_rows(&self) -> bool {
        self.call.in_list && self.scope().from.is_some()
    }

    /// Its arguments; those that name parameters of the function PostgreSQL chooses, in the order of these.
    pub fn arguments(&self, names: &dyn Names) -> Arguments {
        let read = |(from, to): &(u32, u32)| argument::read(self.view, *from as usize, *to as usize, names);
        let mut found: Arguments = self.spans().iter().map(read).collect();
        if found.iter().any(|a| a.name.is_some()) {
            self.order(&mut found);
        }
        found
    }

    /// PostgreSQL lets only trailing parameters be left out, so in their order the arguments read as a positional
    /// call. Where no overload is chosen they stay as written.
    fn order(&self, arguments: &mut Arguments) {
        let Some(id) = function_of(self.call.id) else { return };
        let name = |a: &Argument| a.name.map(|at| self.view.name(at));
        let owned: Vec<_> = arguments.iter().map(name).collect();
        let names: Vec<Option<&[u8]>> = owned.iter().map(Option::as_deref).collect();
        let types: Vec<ArgType> = arguments.iter().map(|a| a.ty).collect();
        let Resolution::Chosen(at) = resolve_named(id, &types, &names) else {
            return;
        };
        let function = id.function();
        let parameter = |name: &[u8]| function.parameter(function.overloads.get(at)?, name);
        // Positional arguments stand before the named ones and stay there.
        arguments.sort_by_key(|a| name(a).and_then(|n| parameter(&n)).unwrap_or_default());
    }

    /// What its arguments say.
    pub fn values(&self, arguments: &[Argument], bound: &Bound) -> Values<'v> {
        arguments.iter().map(|a| given(self.view, a, bound)).collect()
    }

    /// The line of its name.
    pub fn line(&self, text: &mut Text) -> u32 {
        text.lines.at(self.view.token(self.call.name).start as usize)
    }

    /// From SELECT, where it directly leads the call, through the closing parenthesis.
    pub fn raw(&self) -> &'v [u8] {
        let first = self.call.first;
        let leads = self.view.before(first).keyword == Keyword::Select;
        let from = if leads { first - 1 } else { first };
        self.view
            .source_of(from, (self.call.close + 1).min(self.view.tokens.len()))
    }

    /// The argument as callers see it: a string's content, an array's inside, else the source.
    pub fn parameter_text(&self, argument: &Argument) -> Cow<'v, [u8]> {
        let view = self.view;
        let whole = argument.to == argument.from + 1 || view.kind(argument.from + 1) == Kind::Cast;
        match argument.value {
            Value::Literal(at) | Value::ArrayLiteral(at) if at == argument.from && whole && is_text(view.kind(at)) => {
                match view.kind(at) {
                    Kind::QuotedWord | Kind::UnicodeWord => view.name(at),
                    _ => view.string(at),
                }
            }
            Value::Array(open, close) => Cow::Borrowed(view.source_of(open + 1, close).trim_ascii()),
            _ => Cow::Borrowed(view.source_of(argument.from, argument.to).trim_ascii()),
        }
    }
}

fn is_text(kind: Kind) -> bool {
    !matches!(kind, Kind::Var | Kind::VarStr | Kind::VarWord)
}

/// What the names in a call stand for.
#[derive(Clone, Copy)]
pub(super) struct Bound<'b> {
    variables: &'b FxHashMap<Vec<u8>, Vec<u8>>,
    filters: &'b Filters,
    routine: Option<&'b Routine>,
    row: Option<(&'b Rows, usize)>,
}

impl<'b> Bound<'b> {
    /// The names of the script and of the body.
    pub fn new(reader: &'b Reader, routine: Option<&'b Routine>) -> Self {
        Self {
            variables: &reader.script.variables,
            filters: &reader.script.filters,
            routine,
            row: None,
        }
    }

    /// The same in one of the rows.
    pub fn in_row(self, rows: &'b Rows, row: usize) -> Self {
        Self {
            row: Some((rows, row)),
            ..self
        }
    }
}

impl Bindings for Bound<'_> {
    fn variable(&self, name: &[u8]) -> Option<&[u8]> {
        self.variables.get(name).map(Vec::as_slice)
    }

    fn column(&self, name: &[u8]) -> Option<Content<'static>> {
        if let Some((rows, row)) = self.row
            && let Some(value) = rows.value(row, name)
        {
            return Some(value.clone());
        }
        if let Some(at) = self
            .routine
            .and_then(|r| r.parameters.iter().position(|p| p.name == name && !name.is_empty()))
        {
            return Some(Content::Parameter(at));
        }
        self.filters
            .get(name)
            .map(|text| Content::Text(Cow::Owned(text.clone())))
    }
}

impl Names for Bound<'_> {
    fn type_of(&self, name: &[u8]) -> Option<ArgType> {
        if let Some(ty) = self.row.and_then(|(rows, _)| rows.type_of(name)) {
            return Some(ty);
        }
        self.routine?.type_of(name)
    }
}

/// What readings need to know: the suite, the file's own schemas, earlier choices.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    pub suite: &'k Suite,
    pub schemas: &'k FxHashSet<Vec<u8>>,
    pub choices: &'k Choices,
}

impl<'k> Known<'k> {
    /// What the reader knows now.
    pub fn of(reader: &'k Reader) -> Self {
        Self {
            suite: reader.suite,
            schemas: &reader.facts.schemas,
            choices: &reader.choices,
        }
    }

    /// Reads a call of the function with the number `id`.
    pub fn read<'a>(&self, id: u32, given: &'a [Given<'a>]) -> Reading<'a> {
        match function_of(id) {
            Some(function) => read(function, given, self, self.choices),
            None => self
                .suite
                .configured(id)
                .map(|c| configured::read(c, given))
                .unwrap_or_default(),
        }
    }
}

impl Schemas for Known<'_> {
    fn is_schema(&self, name: &[u8]) -> bool {
        self.schemas.contains(name) || self.suite.schemas.contains(name)
    }
}

/// The catalogue's function with this number.
pub(super) fn function_of(id: u32) -> Option<FnId> {
    (id < CONFIGURED).then(|| FnId::from_index(id as usize)).flatten()
}
