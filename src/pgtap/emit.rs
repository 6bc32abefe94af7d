//! Hands out the assertions of one statement.

use std::borrow::Cow;
use std::rc::Rc;

use crate::sql::keyword::Keyword;
use crate::sql::literal;
use crate::sql::token::{Kind, Token};

use super::argument::{Argument, Names, Value};
use super::catalog::{FnId, Group};
use super::control;
use super::expand;
use super::facts::Problem;
use super::found::{Found, Sink};
use super::given::{Content, Given, MAX_VALUE};
use super::reader::{Filters, Reader, Text};
use super::reading::{Named, Reading, Schemas};
use super::routine::Routine;
use super::rows::{Rows, literal_rows};
use super::shape;
use super::site::{Arguments, Bound, Known, Site, Values, function_of};
use super::suite::{BodyCall, HELPERS};
use super::uses;
use super::view::View;
use super::walk::Walked;

/// Rows expanded in one statement, each weighed by the length of its call: see [`weight`].
const MAX_EXPANSIONS: usize = 1_000_000;
/// Source text handed out for one statement, as a multiple of its length: calls in the arguments of calls
/// hand out the inner ones again and again.
const MAX_REPEATED: usize = 16;
/// What is left of a text beyond that.
const SHORT_TEXT: usize = 256;

/// Hands out the statement's assertions in source order.
pub(super) fn calls(reader: &mut Reader, text: &mut Text, view: &View, walked: &Walked, sink: &mut dyn Sink) {
    if walked.calls.is_empty() {
        return;
    }
    note_filters(reader, view, walked);
    let branch = !reader.script.branches.is_empty();
    let mut emitter = Emitter::new(view, walked, text.routine);
    for call in &walked.calls {
        let site = Site {
            view,
            walked,
            call,
            conditional: call.conditional || branch,
        };
        if call.assertion && !call.wraps {
            emitter.assertion(reader, text, &site, sink);
        } else if call.id >= HELPERS {
            expand::helper_call(reader, text, &site, sink);
        } else if !text.commented {
            control::call(reader, text, &site);
        }
    }
}

/// `column = 'literal'` in the statement: a column that is filtered so has that value.
fn note_filters(reader: &mut Reader, view: &View, walked: &Walked) {
    if !reader.script.filters.is_empty() {
        // Not `clear`, which takes as long as the longest statement before was long.
        reader.script.filters = Filters::default();
    }
    if walked.scopes.iter().all(|s| s.from.is_none()) {
        return;
    }
    for at in 2..view.tokens.len() {
        let equals = view.kind(at - 1) == Kind::Operator && view.text(at - 1) == b"=";
        let equals = equals && view.text(at).len() <= MAX_VALUE;
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
    /// The limit on them was told.
    told: bool,
    /// How much source text may still be handed out.
    text_left: usize,
    /// Where it names what may be a column, in order; empty where no FROM clause is.
    columns: Vec<usize>,
}

/// Whether one of the places, which are in order, is in `from..to`.
fn any_between(places: &[usize], from: usize, to: usize) -> bool {
    let next = places.partition_point(|at| *at < from);
    places.get(next).is_some_and(|at| *at < to)
}

/// What expanding one row of a call costs: long calls cost more, so that about 100,000 rows of usual calls fit.
fn weight(raw: &[u8]) -> usize {
    10 + raw.len() / 16
}

/// Texts of arguments.
type Texts<'v> = Vec<Cow<'v, [u8]>>;

/// A call with its rows bound.
struct Evaluated {
    arguments: Arguments,
    rows: Option<Rc<Rows>>,
    /// A FROM clause supplies arguments.
    columns: bool,
}

impl Emitter {
    fn new(view: &View, walked: &Walked, routine: Option<&Routine>) -> Self {
        let rows = walked.scopes.iter().any(|s| s.from.is_some());
        let named = if rows { view.tokens.len() } else { 0 };
        let columns = (0..named).filter(|at| is_column(view, *at, routine));
        Self {
            rows: Vec::new(),
            expansions: 0,
            told: false,
            text_left: view.source_of(0, view.tokens.len()).len().saturating_mul(MAX_REPEATED),
            columns: columns.collect(),
        }
    }

    /// The texts of a call, cut short when the statement has handed out more than it may.
    fn shortened<'t>(&mut self, raw: &'t [u8], texts: &mut [Cow<'t, [u8]>]) -> &'t [u8] {
        let length = raw.len() + texts.iter().map(|t| t.len()).sum::<usize>();
        if let Some(left) = self.text_left.checked_sub(length) {
            self.text_left = left;
            return raw;
        }
        for text in texts.iter_mut().filter(|t| t.len() > SHORT_TEXT) {
            *text = Cow::Owned(short(text).to_vec());
        }
        short(raw)
    }

    fn assertion(&mut self, reader: &mut Reader, text: &mut Text, site: &Site, sink: &mut dyn Sink) {
        let about_values = function_of(site.call.id).is_some_and(|f| f.function().group == Group::Value);
        let in_body = text.routine.is_some();
        let spelled = reader.wanted.listing || in_body;
        if about_values && !spelled && !site.has_rows() {
            return plain(reader, text, site, sink);
        }
        let line = site.line(text);
        let evaluated = self.evaluate(reader, text, site);
        let bound = Bound::new(reader, text.routine);
        let bound = evaluated.rows.as_deref().map_or(bound, |rows| bound.in_row(rows, 0));
        let values = site.values(&evaluated.arguments, &bound);
        let known = Known::of(reader);
        let reading = known.read(site.call.id, &values);
        let further = self.further(site, &evaluated, &bound, &known, (line, &mut *sink));
        let (raw, texts) = self.texts(site, &evaluated, spelled);
        sink.assertion(&Found {
            reading: Some(&reading),
            given: &values,
            texts: &texts,
            raw,
            row_driven: evaluated.columns,
            rows: &further,
            ..bare(text, site, line)
        });
        let lesson = Lesson::of(site.call.id, &reading, &values, &known);
        if in_body {
            text.body.push(body_call(site, values, &texts));
        }
        lesson.learn(reader);
        self.settle(reader, text, site, &evaluated, line);
        if about_values {
            mine_arguments(reader, text, site, sink);
        }
    }

    /// The text of the call and, where they are `spelled` out, those of its arguments.
    fn texts<'v>(&mut self, site: &Site<'_, 'v>, evaluated: &Evaluated, spelled: bool) -> (&'v [u8], Texts<'v>) {
        let mut texts: Texts = match spelled {
            true => evaluated.arguments.iter().map(|a| site.parameter_text(a)).collect(),
            false => Vec::new(),
        };
        (self.shortened(site.raw(), &mut texts), texts)
    }

    fn evaluate(&mut self, reader: &Reader, text: &Text, site: &Site) -> Evaluated {
        let bound = Bound::new(reader, text.routine);
        let arguments = site.arguments(&bound);
        let columns = site.has_rows() && arguments.iter().any(|a| self.names_column(site.view, a));
        let rows = columns.then(|| self.rows_of(site)).flatten();
        match rows {
            Some(rows) => Evaluated {
                arguments: site.arguments(&bound.in_row(&rows, 0)),
                rows: Some(rows),
                columns,
            },
            None => Evaluated {
                arguments,
                rows: None,
                columns,
            },
        }
    }

    /// Whether the argument's value comes from a column of the FROM clause.
    fn names_column(&self, view: &View, argument: &Argument) -> bool {
        let quoted_text = matches!(argument.value, Value::Literal(at) if view.kind(at) == Kind::QuotedWord);
        !quoted_text && any_between(&self.columns, argument.from, argument.to)
    }

    fn rows_of(&mut self, site: &Site) -> Option<Rc<Rows>> {
        let from = site.scope().from?;
        if self.rows.len() <= site.call.scope {
            self.rows.resize(site.call.scope + 1, None);
        }
        self.rows
            .get_mut(site.call.scope)?
            .get_or_insert_with(|| literal_rows(site.view, from).map(Rc::new))
            .clone()
    }

    /// The labels of all rows but the first; the sink gets each row itself.
    fn further(
        &mut self,
        site: &Site,
        evaluated: &Evaluated,
        bound: &Bound,
        known: &Known,
        (line, sink): (u32, &mut dyn Sink),
    ) -> Vec<Named<'static>> {
        let mut found = Vec::new();
        let Some(rows) = evaluated.rows.as_deref() else {
            return found;
        };
        self.expansions = self.expansions.saturating_add(rows.rows.len() * weight(site.raw()));
        if self.expansions > MAX_EXPANSIONS {
            return found;
        }
        for row in 1..rows.rows.len() {
            let values = site.values(&evaluated.arguments, &bound.in_row(rows, row));
            let reading = known.read(site.call.id, &values);
            sink.row(site.call.id, line, &values, &reading);
            if !reading.dynamic {
                let label = reading.label.filter(|_| !reading.list);
                found.extend(label.into_iter().chain(reading.credits).map(Named::into_owned));
            }
        }
        found
    }

    /// Counts the results, and says when rows were too many to expand.
    fn settle(&mut self, reader: &mut Reader, text: &mut Text, site: &Site, evaluated: &Evaluated, line: u32) {
        if self.expansions > MAX_EXPANSIONS && !std::mem::replace(&mut self.told, true) {
            reader.facts.report(Problem::too_many_rows(line));
        }
        control::tally(reader, text, site, evaluated.rows.as_deref().map(|r| r.rows.len()));
    }
}

/// An assertion of which only the place is known.
fn bare<'a>(text: &Text<'a>, site: &Site, line: u32) -> Found<'a> {
    Found {
        id: site.call.id,
        line,
        reading: None,
        given: &[],
        texts: &[],
        raw: &[],
        wrapper: site.call.wrapper,
        context: text.context,
        conditional: site.conditional,
        row_driven: false,
        commented: text.commented,
        helper: None,
        rows: &[],
    }
}

/// An assertion about values of which only the place counts: the common case of a scan.
fn plain(reader: &mut Reader, text: &mut Text, site: &Site, sink: &mut dyn Sink) {
    let line = site.line(text);
    sink.assertion(&bare(text, site, line));
    control::tally(reader, text, site, None);
    mine_arguments(reader, text, site, sink);
}

/// Reads the SQL in the arguments of an assertion about queries or errors.
fn mine_arguments(reader: &mut Reader, text: &Text, site: &Site, sink: &mut dyn Sink) {
    let Some(function) = function_of(site.call.id).filter(|_| !text.commented) else {
        return;
    };
    for (at, (from, _)) in site.spans().iter().enumerate().take(2) {
        mine(
            reader,
            (function, at),
            site.view.source,
            &site.view.token(*from as usize),
            sink,
        );
    }
}

/// Reads the SQL that the argument at `at` holds, if it holds SQL: a literal, or the fixed part in front of a
/// computed one. `token` is the argument's first.
pub(super) fn mine(
    reader: &mut Reader,
    (function, at): (FnId, usize),
    source: &[u8],
    token: &Token,
    sink: &mut dyn Sink,
) {
    if shape::traits_of(function).sql & 1 << at != 0 && token.kind.is_string() {
        crate::work::add((token.end - token.start) as usize);
        uses::sql_text(reader, &literal::string(token, source), sink);
    }
}

/// What one assertion teaches about the file's schemas.
pub(super) struct Lesson {
    schema: Option<Vec<u8>>,
    undecided: Option<Vec<u8>>,
}

impl Lesson {
    /// What the call of the function with the number `id` teaches.
    pub fn of(id: u32, reading: &Reading, given: &[Given], known: &Known) -> Self {
        let chosen = reading.chosen.and_then(|at| Some((function_of(id)?, at)));
        let text = |at: usize| match given.get(at).map(|g| &g.content) {
            Some(Content::Text(text)) if !known.is_schema(text) => Some(text.to_vec()),
            _ => None,
        };
        let Some((function, at)) = chosen else {
            return Self {
                schema: None,
                undecided: None,
            };
        };
        let decides = function
            .function()
            .overloads
            .get(at)
            .is_some_and(|o| o.runtime_dispatch);
        let schema = shape::of(function, at).and_then(|s| s.target.schema);
        Self {
            schema: schema.filter(|_| !decides).and_then(text),
            undecided: if decides { text(0) } else { None },
        }
    }

    /// Takes it to heart.
    pub fn learn(self, reader: &mut Reader) {
        reader.facts.schemas.extend(self.schema);
        reader.facts.undecided.extend(self.undecided);
    }
}

fn body_call(site: &Site, values: Values, texts: &[Cow<[u8]>]) -> BodyCall {
    BodyCall {
        id: site.call.id,
        given: values.into_iter().map(Given::into_owned).collect(),
        texts: texts.iter().map(|t| t.to_vec()).collect(),
        conditional: site.conditional,
    }
}

/// The beginning of a text, whole characters only.
fn short(text: &[u8]) -> &[u8] {
    let mut end = text.len().min(SHORT_TEXT);
    while end > 0 && text.get(end).is_some_and(|b| b & 0xC0 == 0x80) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// Whether the name at `at` may be a column's.
fn is_column(view: &View, at: usize, routine: Option<&Routine>) -> bool {
    view.kind(at).is_name()
        && view.keyword(at) == Keyword::None
        && !matches!(view.kind(at + 1), Kind::LParen | Kind::Dot | Kind::Str)
        && view.before(at).kind != Kind::Cast
        && routine.is_none_or(|r| r.type_of(&view.name(at)).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pgtap::assertion::Listing;
    use crate::pgtap::reader::Wanted;
    use crate::pgtap::suite::Suite;

    /// Emptying a large table takes as long as filling it, so a statement must not find one to empty.
    #[test]
    fn filters_of_a_long_statement_cost_later_ones_nothing() {
        let many: String = (0..5000).map(|i| format!("c{i} = 'x' AND ")).collect();
        let sql = format!("SELECT ok(a) FROM t WHERE {many} true; SELECT ok(a) FROM t WHERE a = 'x';");
        let suite = Suite::new(Vec::new());
        let mut reader = Reader::new(&suite, Wanted::default());
        reader.read(sql.as_bytes(), &mut Listing::new(&suite));
        let filters = &reader.script.filters;
        assert!(filters.len() == 1 && filters.capacity() < 100, "{}", filters.capacity());
    }
}
