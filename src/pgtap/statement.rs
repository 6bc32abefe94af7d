//! A statement as the reader meets it, for whoever wants to know more than its assertions: every call that was looked
//! for, where its arguments stand, and what each version of pgTAP makes of it.

use std::borrow::Cow;
use std::cell::Cell;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::sql::lines::newlines;
use crate::sql::token::Kind;

use super::arg_type::ArgType;
use super::argument::{Argument, Value};
use super::catalog::{FnId, Function, Group, Since};
use super::found::Context;
use super::given::Given;
use super::reader::{Reader, Text};
use super::reading::{Reading, Schemas, chosen_at};
use super::resolve::{Resolution, resolve_at, resolve_named};
use super::rows::{Rows, literal_rows};
use super::site::{Bound, Known, Site, function_of};
use super::uses;
use super::view::View;
use super::walk::{Call, Walked};

/// One statement of a script or of a body.
pub struct Statement<'a> {
    /// Its tokens, and the text that they were cut from: the file, or the content of a string in it.
    pub view: &'a View<'a>,
    /// Where it stands.
    pub context: Context<'a>,
    /// It stands in a comment.
    pub commented: bool,
    /// It stands behind an `\if`.
    pub branch: bool,
    /// What was found in it; none for DDL in which names with a parenthesis are no calls.
    walked: Option<&'a Walked>,
    reader: &'a Reader<'a>,
    text: &'a Text<'a>,
    /// The last offset whose line was asked for, and its line.
    known: Cell<Option<(usize, u32)>>,
}

/// The types of a call's arguments.
pub type Types = SmallVec<[ArgType; 8]>;

/// A call of a function that was looked for.
pub struct Called<'a> {
    /// The function's number.
    pub id: u32,
    /// The function, where it is the catalogue's.
    pub function: Option<FnId>,
    /// First token, the schema's if there is one.
    pub first: usize,
    /// The token of its name.
    pub name: usize,
    /// Its closing parenthesis, or the end of the statement.
    pub close: usize,
    /// The statement ended inside it.
    pub open: bool,
    /// An assertion, unless it wraps one.
    pub assertion: bool,
    /// The function whose direct argument it is.
    pub wrapper: Option<u32>,
    /// How many other calls it lies in.
    pub depth: u32,
    /// It stands in a branch, of the script or of its statement.
    pub conditional: bool,
    /// A FROM clause may decide how often it runs.
    pub rows: bool,
    /// Where its arguments stand.
    pub arguments: SmallVec<[Argument; 8]>,
    /// What they say, in the first row where a FROM clause spells rows out.
    pub given: Vec<Given<'a>>,
}

impl Called<'_> {
    /// What the catalogue says of the function.
    pub fn entry(&self) -> Option<&'static Function> {
        self.function.map(FnId::function)
    }

    /// Whether an argument names its parameter.
    pub fn is_named(&self) -> bool {
        self.arguments.iter().any(|a| a.name.is_some())
    }
}

/// A function that is called and not looked for.
pub struct OtherCall<'a> {
    /// The schema that the call names.
    pub schema: Option<Cow<'a, [u8]>>,
    /// Its name.
    pub name: Cow<'a, [u8]>,
    /// The token of its name.
    pub at: usize,
}

impl<'a> Statement<'a> {
    pub(super) fn new(
        reader: &'a Reader<'a>,
        text: &'a Text<'a>,
        view: &'a View<'a>,
        walked: Option<&'a Walked>,
    ) -> Self {
        Self {
            view,
            context: text.context,
            commented: text.commented,
            branch: !reader.script.branches.is_empty(),
            walked,
            reader,
            text,
            known: Cell::new(None),
        }
    }

    /// The line of the token at `at`.
    pub fn line(&self, at: usize) -> u32 {
        let offset = self.view.token(at).start as usize;
        let line = match self.known.get() {
            Some((from, line)) if from <= offset => {
                line.saturating_add(newlines(self.view.source.get(from..offset).unwrap_or(&[])))
            }
            _ => self.text.lines.clone().at(offset),
        };
        self.known.set(Some((offset, line)));
        line
    }

    /// The calls that were looked for, in the order of their names.
    pub fn calls(&self) -> Vec<Called<'a>> {
        let Some(walked) = self.walked else { return Vec::new() };
        let mut rows = FxHashMap::default();
        let called = |call| self.called(walked, call, &mut rows);
        walked.calls.iter().map(called).collect()
    }

    /// `known`: the rows that FROM clauses spell out, by scope.
    fn called(&self, walked: &'a Walked, call: &'a Call, known: &mut FxHashMap<usize, Option<Rows>>) -> Called<'a> {
        let conditional = call.conditional || self.branch;
        let site = Site {
            view: self.view,
            walked,
            call,
            conditional,
        };
        let from = site.has_rows().then(|| site.scope().from).flatten();
        let rows = from.and_then(|from| {
            let spelled = known.entry(call.scope).or_insert_with(|| literal_rows(self.view, from));
            spelled.as_ref()
        });
        let bound = Bound::new(self.reader, self.text.routine);
        let bound = rows.map_or(bound, |rows| bound.in_row(rows, 0));
        let arguments = site.arguments(&bound);
        let given = site.values(&arguments, &bound).into_vec();
        Called {
            id: call.id,
            function: function_of(call.id),
            first: call.first,
            name: call.name,
            close: call.close,
            open: call.open,
            assertion: call.assertion,
            wrapper: call.wrapper,
            depth: call.depth,
            conditional,
            rows: site.has_rows(),
            arguments,
            given,
        }
    }

    /// The functions that it calls and that nobody looked for.
    pub fn other_calls(&self) -> impl Iterator<Item = OtherCall<'a>> {
        let uses = self.walked.map_or(&[][..], |w| &w.uses);
        uses.iter().filter(|used| used.function).map(|used| OtherCall {
            schema: used.schema.map(|at| self.view.name(at)),
            name: self.view.name(used.name),
            at: used.name,
        })
    }

    /// Whether a SELECT of it has a FROM clause.
    pub fn has_from(&self) -> bool {
        self.walked.is_some_and(|w| w.scopes.iter().any(|s| s.from.is_some()))
    }

    /// Whether the function is PostgreSQL's own.
    pub fn is_builtin(name: &[u8]) -> bool {
        uses::is_builtin(name)
    }

    /// Whether the schema is known to hold pgTAP.
    pub fn holds_pgtap(&self, schema: &[u8]) -> bool {
        self.reader.suite.pgtap_schemas.contains(schema) || self.reader.script.pgtap_schemas.contains(schema)
    }

    /// Whether the name is known to be a schema's.
    pub fn is_schema(&self, name: &[u8]) -> bool {
        Known::of(self.reader).is_schema(name)
    }

    /// Reads a call as scans do.
    pub fn read<'g>(&self, called: &'g Called) -> Reading<'g> {
        Known::of(self.reader).read(called.id, &called.given)
    }

    /// The arguments' types as a version chooses by them: an argument that is nothing but another assertion's call is
    /// text, and a name in double quotes is a column.
    pub fn types(&self, called: &Called, all: &[Called]) -> Types {
        let argument = |(argument, given): (&Argument, &Given)| {
            if self.quoted_name(argument).is_some() {
                return ArgType::Untyped;
            }
            // `N'…'` is a char.
            if self
                .view
                .token(argument.from)
                .text(self.view.source)
                .first_chunk()
                .is_some_and(|lead: &[u8; 2]| lead.eq_ignore_ascii_case(b"n'"))
                && given.is_bare()
            {
                return ArgType::Bpchar;
            }
            match inner(argument, all) {
                Some(inner) if returns_text(inner) => ArgType::Text,
                _ => given.ty,
            }
        };
        called.arguments.iter().zip(&called.given).map(argument).collect()
    }

    /// The token of the name in double quotes that the argument is; PostgreSQL takes it for a column.
    pub fn quoted_name(&self, argument: &Argument) -> Option<usize> {
        match argument.value {
            Value::Literal(at) if self.view.kind(at) == Kind::QuotedWord => Some(at),
            _ => None,
        }
    }

    /// What a version makes of the call, were its arguments of these types.
    pub fn resolve(&self, called: &Called, types: &[ArgType], version: Since) -> Resolution {
        let Some(id) = called.function else {
            return Resolution::Uncertain;
        };
        if !called.is_named() {
            return resolve_at(id, types, version);
        }
        let names: Vec<_> = called.given.iter().map(|g| g.name.as_deref()).collect();
        resolve_named(id, types, &names)
    }

    /// The overload whose reading a version runs; where one signature has two, the one it decides on at run time.
    pub fn chosen(&self, id: FnId, given: &[Given], version: Since) -> Option<usize> {
        chosen_at(id, given, &Known::of(self.reader), version)
    }
}

/// The call that the argument is, and nothing else.
pub fn inner<'c, 'a>(argument: &Argument, all: &'c [Called<'a>]) -> Option<&'c Called<'a>> {
    // In the order of their names they are in the order of their first tokens.
    let at = all.partition_point(|c| c.first < argument.from);
    let whole = |c: &&Called| c.first == argument.from && c.close + 1 == argument.to && !c.open;
    all.get(at).filter(whole)
}

fn returns_text(called: &Called) -> bool {
    called.assertion && called.entry().is_some_and(|f| f.group != Group::Control)
}
