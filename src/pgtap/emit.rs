//! Hands out the assertions of one statement, and counts the results they make.

use std::borrow::Cow;
use std::rc::Rc;

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::argument::{self, Argument, Names};
use super::catalog::{FnId, Group};
use super::configured;
use super::expand;
use super::found::{Context, Found, Sink};
use super::given::{Bindings, Content, Given, given};
use super::facts::Problem;
use super::plan::{Inexact, constant};
use super::reader::{Filters, Reader, Text};
use super::reading::{Named, Reading, Schemas, read};
use super::arg_type::ArgType;
use super::rows::{Rows, literal_rows};
use super::routine::Routine;
use super::suite::{BodyCall, CONFIGURED, HELPERS, Suite};
use super::uses::{self, Buffers};
use super::view::View;
use super::walk::{Call, Walked};

/// Expanded rows of one statement.
const MAX_EXPANSIONS: usize = 100_000;

/// What the names in a call stand for.
#[derive(Clone, Copy)]
pub(super) struct Bound<'b> {
    pub variables: &'b rustc_hash::FxHashMap<Vec<u8>, Vec<u8>>,
    pub filters: &'b Filters,
    pub routine: Option<&'b Routine>,
    pub row: Option<(&'b Rows, usize)>,
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
        if let Some(at) = self.routine.and_then(|r| r.parameters.iter().position(|p| p.name == name && !name.is_empty())) {
            return Some(Content::Parameter(at));
        }
        self.filters.get(name).map(|text| Content::Text(Cow::Owned(text.clone())))
    }
}

impl Names for Bound<'_> {
    fn type_of(&self, name: &[u8]) -> Option<ArgType> {
        if self.row.is_some_and(|(rows, _)| rows.columns.iter().any(|c| c == name)) {
            return Some(ArgType::Text);
        }
        self.routine?.type_of(name)
    }
}

/// The suite's schemas and the file's own.
pub(super) struct KnownSchemas<'k> {
    pub suite: &'k Suite,
    pub file: &'k rustc_hash::FxHashSet<Vec<u8>>,
}

impl Schemas for KnownSchemas<'_> {
    fn is_schema(&self, name: &[u8]) -> bool {
        self.file.contains(name) || self.suite.schemas.contains(name)
    }
}

/// Hands out the statement's assertions in source order.
pub(super) fn calls(reader: &mut Reader, text: &mut Text, view: &View, walked: &Walked, sink: &mut dyn Sink) {
    if walked.calls.is_empty() {
        return;
    }
    note_filters(reader, view, walked);
    let mut state = Emitter {
        rows: walked.scopes.iter().map(|_| None).collect(),
        expansions: 0,
        buffers: Buffers::default(),
        conditional: !reader.script.branches.is_empty(),
    };
    for call in &walked.calls {
        let conditional = call.conditional || state.conditional;
        if call.assertion && !call.wraps {
            state.assertion(reader, text, view, walked, call, conditional, sink);
        } else {
            state.control(reader, text, view, walked, call, conditional, sink);
        }
    }
}

/// `column = 'literal'` in the statement: a column that is filtered so has that value.
fn note_filters(reader: &mut Reader, view: &View, walked: &Walked) {
    reader.script.filters.clear();
    if walked.scopes.iter().all(|s| s.from.is_none()) {
        return;
    }
    for at in 2..view.tokens.len() {
        let equals = view.kind(at - 1) == Kind::Operator && view.text(at - 1) == b"=";
        if equals && view.kind(at).is_string() && view.kind(at - 2).is_name() {
            let name = view.name(at - 2).into_owned();
            reader.script.filters.insert(name, view.string(at).into_owned());
        }
    }
}

struct Emitter {
    /// Literal rows by scope, read once.
    rows: Vec<Option<Option<Rc<Rows>>>>,
    expansions: usize,
    buffers: Buffers,
    conditional: bool,
}

impl Emitter {
    #[allow(clippy::too_many_arguments)]
    fn assertion(
        &mut self,
        reader: &mut Reader,
        text: &mut Text,
        view: &View,
        walked: &Walked,
        call: &Call,
        conditional: bool,
        sink: &mut dyn Sink,
    ) {
        let line = text.lines.at(view.token(call.name).start as usize);
        let mut bound = Bound {
            variables: &reader.script.variables,
            filters: &reader.script.filters,
            routine: text.routine,
            row: None,
        };
        let mut arguments = read_arguments(view, walked, call, &bound);
        let columns = call.in_list
            && walked.scopes.get(call.scope).is_some_and(|s| s.from.is_some())
            && arguments.iter().any(|a| names_column(view, a, text.routine));
        let mut rows = None;
        if columns {
            rows = self.rows_of(view, walked, call.scope);
        }
        if let Some(rows) = rows.as_deref() {
            bound.row = Some((rows, 0));
            arguments = read_arguments(view, walked, call, &bound);
        }
        let sql = function_of(call.id).is_some_and(|f| f.function().group == Group::Value);
        let needs = !sql || reader.wanted.listing || text.routine.is_some();
        let values = if needs { givens(view, &arguments, &bound) } else { Vec::new() };
        let known = KnownSchemas {
            suite: reader.suite,
            file: &reader.facts.schemas,
        };
        let reading = needs.then(|| reading(reader.suite, call.id, &values, &known));
        let further = rows.as_deref().map_or_else(Vec::new, |rows| {
            further_rows(reader.suite, call, view, &arguments, &bound, rows, &known)
        });
        let texts: Vec<Cow<[u8]>> = if reader.wanted.listing || text.routine.is_some() {
            arguments.iter().map(|a| parameter_text(view, a)).collect()
        } else {
            Vec::new()
        };
        let count = rows.as_deref().map(|r| r.rows.len());
        self.expansions += count.unwrap_or(0);
        let too_many = self.expansions > MAX_EXPANSIONS;
        sink.assertion(&Found {
            id: call.id,
            line,
            reading: reading.as_ref(),
            given: &values,
            texts: &texts,
            raw: raw(view, call),
            wrapper: call.wrapper,
            context: text.context,
            conditional,
            row_driven: columns,
            commented: text.commented,
            helper: None,
            rows: if too_many { &[] } else { &further },
        });
        let undecided = reading.as_ref().and_then(|r| undecided(call.id, r, &values, &known));
        let schema = reading.as_ref().and_then(|r| schema_shown(call.id, r, &values));
        let owned = text.routine.is_some().then(|| BodyCall {
            id: call.id,
            given: values.iter().cloned().map(owned).collect(),
            texts: texts.iter().map(|t| t.to_vec()).collect(),
            conditional,
        });
        let schema = schema.filter(|s| !reader.facts.schemas.contains(*s)).map(<[u8]>::to_vec);
        let undecided = undecided.map(<[u8]>::to_vec);
        reader.facts.schemas.extend(schema);
        reader.facts.undecided.extend(undecided);
        text.body.extend(owned);
        if too_many {
            reader.facts.problems.push(Problem::too_many_rows(line));
            self.expansions = 0;
        }
        let set = arguments.iter().any(|a| returns_set(view, a));
        tally(reader, text, walked, call, conditional || set, count);
        if sql {
            self.mine(reader, text, view, &arguments, call.id, sink);
        }
    }

    fn rows_of(&mut self, view: &View, walked: &Walked, scope: usize) -> Option<Rc<Rows>> {
        let from = walked.scopes.get(scope)?.from?;
        self.rows.get_mut(scope)?.get_or_insert_with(|| literal_rows(view, from).map(Rc::new)).clone()
    }

    /// The SQL in the arguments of an assertion about queries or errors.
    fn mine(&mut self, reader: &mut Reader, text: &Text, view: &View, arguments: &[Argument], id: u32, sink: &mut dyn Sink) {
        if text.commented {
            return;
        }
        let Some(function) = function_of(id).map(FnId::function) else { return };
        let carries = |at: usize| {
            function.overloads.iter().any(|o| matches!(o.roles.get(at).map(|r| r.as_str()), Some("sql" | "cursor")))
        };
        for (at, argument) in arguments.iter().enumerate().take(2).filter(|(at, _)| carries(*at)) {
            if let argument::Value::Literal(token) = argument.value
                && view.kind(token).is_string()
            {
                let sql = view.string(token);
                uses::sql_text(reader, &sql, &mut self.buffers, sink);
            } else if at == 0 {
                // `'SELECT … ' || x`: the fixed part in front is mined as far as it goes.
                if view.kind(argument.from).is_string() {
                    let sql = view.string(argument.from);
                    uses::sql_text(reader, &sql, &mut self.buffers, sink);
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn control(
        &mut self,
        reader: &mut Reader,
        text: &mut Text,
        view: &View,
        walked: &Walked,
        call: &Call,
        conditional: bool,
        sink: &mut dyn Sink,
    ) {
        if call.id >= HELPERS {
            return expand::helper_call(reader, text, view, walked, call, conditional, sink);
        }
        if text.commented {
            return;
        }
        let Some(function) = function_of(call.id).map(FnId::function) else { return };
        let script = text.context == Context::Script;
        let bound = Bound {
            variables: &reader.script.variables,
            filters: &reader.script.filters,
            routine: text.routine,
            row: None,
        };
        let spans = walked.spans.get(call.spans..call.spans + call.arity).unwrap_or(&[]);
        let number = |at: usize| {
            spans.get(at).and_then(|(from, to)| constant(view, *from as usize, *to as usize, &bound))
        };
        match function.name {
            "plan" if script => match number(0) {
                Some(n) if !conditional => reader.facts.plan.announced.push(n),
                _ => reader.facts.plan.computed = true,
            },
            "no_plan" if script => reader.facts.plan.none = true,
            "skip" if script => {
                let n = number(0).or_else(|| number(1)).or((call.arity == 1).then_some(1));
                let found = n.and_then(|n| u64::try_from(n).ok()).filter(|_| !conditional);
                match found {
                    Some(n) => reader.facts.plan.results = reader.facts.plan.results.saturating_add(n),
                    None => reader.facts.plan.doubt(Inexact::Skip),
                }
            }
            "runtests" | "do_tap" => reader.facts.plan.doubt(Inexact::Runtests),
            "check_test" => {
                let given = |at: usize| {
                    spans.get(at).is_some_and(|(from, _)| view.keyword(*from as usize) != Keyword::Null)
                };
                let extra = u64::from(given(3)) + u64::from(given(4));
                reader.facts.plan.results = reader.facts.plan.results.saturating_add(extra);
            }
            "collect_tap" => {}
            _ if call.wraps => reader.facts.plan.doubt(Inexact::Nested),
            _ => {}
        }
    }
}

/// The catalogue's function with this number.
pub(super) fn function_of(id: u32) -> Option<FnId> {
    (id < CONFIGURED).then(|| FnId::from_index(id as usize)).flatten()
}

/// Reads a catalogue function or a configured assertion.
pub(super) fn reading<'a>(suite: &Suite, id: u32, given: &'a [Given<'a>], known: &dyn Schemas) -> Reading<'a> {
    match function_of(id) {
        Some(function) => read(function, given, known),
        None => suite.configured(id).map(|c| configured::read(c, given)).unwrap_or_default(),
    }
}

fn owned(given: Given) -> Given<'static> {
    Given {
        ty: given.ty,
        content: given.content.into_owned(),
    }
}

pub(super) fn read_arguments(view: &View, walked: &Walked, call: &Call, names: &dyn Names) -> Vec<Argument> {
    let spans = walked.spans.get(call.spans..call.spans + call.arity).unwrap_or(&[]);
    spans.iter().map(|(from, to)| argument::read(view, *from as usize, *to as usize, names)).collect()
}

pub(super) fn givens<'a>(view: &View<'a>, arguments: &[Argument], bound: &Bound) -> Vec<Given<'a>> {
    arguments.iter().map(|a| given(view, a, bound)).collect()
}

/// Whether the argument's value comes from a column of the FROM clause.
fn names_column(view: &View, argument: &Argument, routine: Option<&Routine>) -> bool {
    (argument.from..argument.to).any(|at| {
        view.kind(at).is_name()
            && view.keyword(at) == Keyword::None
            && !matches!(view.kind(at + 1), Kind::LParen | Kind::Dot | Kind::Str)
            && view.before(at).kind != Kind::Cast
            && !(at == argument.from && at + 1 == argument.to && view.kind(at) == Kind::QuotedWord)
            && routine.is_none_or(|r| r.type_of(&view.name(at)).is_none())
    })
}

/// Whether the argument calls a function that returns many rows, and so the assertion runs once for each.
fn returns_set(view: &View, argument: &Argument) -> bool {
    const SETS: [&str; 5] = ["unnest", "generate_series", "regexp_split_to_table", "jsonb_array_elements_text", "json_array_elements_text"];
    (argument.from..argument.to)
        .any(|at| view.kind(at + 1) == Kind::LParen && SETS.iter().any(|name| view.is_word(at, name)))
}

fn further_rows(
    suite: &Suite,
    call: &Call,
    view: &View,
    arguments: &[Argument],
    bound: &Bound,
    rows: &Rows,
    known: &dyn Schemas,
) -> Vec<Named<'static>> {
    let mut found = Vec::new();
    for row in 1..rows.rows.len().min(MAX_EXPANSIONS) {
        let bound = Bound {
            row: Some((rows, row)),
            ..*bound
        };
        let values = givens(view, arguments, &bound);
        let reading = reading(suite, call.id, &values, known);
        if reading.dynamic {
            continue;
        }
        let credits = reading.credits.into_iter();
        let label = reading.label.filter(|_| !reading.list);
        found.extend(label.into_iter().chain(credits).map(Named::into_owned));
    }
    found
}

/// The argument as callers see it: a string's content, an array's inside, else the source.
pub(super) fn parameter_text<'a>(view: &View<'a>, argument: &Argument) -> Cow<'a, [u8]> {
    let whole = argument.to == argument.from + 1 || view.kind(argument.from + 1) == Kind::Cast;
    match argument.value {
        argument::Value::Literal(at) | argument::Value::ArrayLiteral(at)
            if at == argument.from && whole && !matches!(view.kind(at), Kind::Var | Kind::VarStr | Kind::VarWord) =>
        {
            match view.kind(at) {
                Kind::QuotedWord | Kind::UnicodeWord => view.name(at),
                _ => view.string(at),
            }
        }
        argument::Value::Array(open, close) => Cow::Borrowed(view.source_of(open + 1, close).trim_ascii()),
        _ => Cow::Borrowed(view.source_of(argument.from, argument.to).trim_ascii()),
    }
}

/// From SELECT, where it directly leads the call, through the closing parenthesis.
pub(super) fn raw<'a>(view: &View<'a>, call: &Call) -> &'a [u8] {
    let leads = view.before(call.first).keyword == Keyword::Select;
    let from = if leads { call.first - 1 } else { call.first };
    view.source_of(from, (call.close + 1).min(view.tokens.len()))
}

/// A schema argument that is not itself in doubt shows a schema.
fn schema_shown<'g>(id: u32, reading: &Reading, given: &'g [Given]) -> Option<&'g [u8]> {
    let function = function_of(id)?;
    let at = reading.chosen?;
    let overload = function.function().overloads.get(at)?;
    if overload.runtime_dispatch {
        return None;
    }
    let schema = super::shape::of(function, at)?.target.schema?;
    match &given.get(schema)?.content {
        Content::Text(text) => Some(text),
        _ => None,
    }
}

/// The first argument, when whether it is a schema decides the reading and it is not known to be one.
fn undecided<'g>(id: u32, reading: &Reading, given: &'g [Given], known: &dyn Schemas) -> Option<&'g [u8]> {
    let overload = function_of(id)?.function().overloads.get(reading.chosen?)?;
    match &given.first()?.content {
        Content::Text(text) if overload.runtime_dispatch && !known.is_schema(text) => Some(text),
        _ => None,
    }
}

/// Adds the results that a listed assertion makes.
fn tally(reader: &mut Reader, text: &mut Text, walked: &Walked, call: &Call, conditional: bool, rows: Option<usize>) {
    let scope = walked.scopes.get(call.scope).copied().unwrap_or_default();
    // Without literal rows, a FROM clause yields one row for certain only under an aggregate.
    let many = call.in_list && scope.from.is_some() && rows.is_none() && (!scope.aggregated || scope.grouped);
    match text.context {
        Context::Function(_) | Context::Do => {
            text.inexact |= conditional || many || rows.is_some() || call.wrapper.is_some();
            if text.context == Context::Do && !text.commented {
                reader.facts.plan.doubt(Inexact::Body);
            }
            return;
        }
        Context::Script if text.commented => return,
        Context::Script => {}
    }
    if conditional {
        reader.facts.plan.doubt(Inexact::Conditional);
    } else if many {
        reader.facts.plan.doubt(Inexact::Rows);
    }
    let plan = &mut reader.facts.plan;
    plan.results = plan.results.saturating_add(rows.unwrap_or(1) as u64);
}
