//! What lint takes down while a file is read.

use rustc_hash::FxHashSet;

use crate::pgtap::catalog::{Group, Since};
use crate::pgtap::facts::Facts;
use crate::pgtap::found::{Context, Found, Sink};
use crate::pgtap::reader::Reader;
use crate::pgtap::shape;
use crate::pgtap::statement::{Called, Statement};
use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::duplicates::Straight;
use super::finding::{Draft, Spot};
use super::here::Here;
use super::transactions::Transactions;
use super::{calls, unknown};

/// Names that files show.
#[derive(Default)]
pub struct Names {
    /// Functions that are created, in lower case.
    pub created: FxHashSet<Vec<u8>>,
    /// Relations that assertions name.
    pub relations: FxHashSet<Vec<u8>>,
}

/// What a file says about its plan, beside what [`crate::pgtap::plan::Plan`] holds.
#[derive(Default)]
pub struct Flow {
    /// Each `plan(…)` and `no_plan()`.
    pub plans: Vec<Spot>,
    /// Where the number of a plan stands.
    pub numbers: Vec<std::ops::Range<usize>>,
    /// The first assertion that surely runs in the script.
    pub first: Option<Spot>,
    /// `no_plan()` is called.
    pub unplanned: bool,
    /// `finish()` is called.
    pub finished: bool,
    /// `finish()` is called in the body of a function.
    pub finishes: bool,
    /// Something runs the tests and plans by itself, or may do so.
    pub runs: bool,
}

/// What lint takes down while a file is read.
pub struct Notes<'a> {
    source: &'a [u8],
    versions: &'a [Since],
    /// What is wrong with it so far.
    pub drafts: Vec<Draft>,
    /// See [`Names`].
    pub names: Names,
    /// See [`Flow`].
    pub flow: Flow,
    /// Its transactions.
    pub transactions: Transactions,
    straight: Straight,
}

impl<'a> Notes<'a> {
    /// Of the file `source`.
    pub fn new(source: &'a [u8], versions: &'a [Since]) -> Self {
        Self {
            source,
            versions,
            drafts: Vec::new(),
            names: Names::default(),
            flow: Flow::default(),
            transactions: Transactions::default(),
            straight: Straight::default(),
        }
    }

    /// Takes a call that plans, ends or runs tests, or is an assertion.
    fn follow(&mut self, here: &Here, call: &Called) {
        let Some(entry) = call.entry() else { return };
        match entry.name {
            "plan" => {
                self.flow.plans.push(here.call(call));
                self.flow.numbers.extend(number(here, call));
            }
            "no_plan" => {
                self.flow.plans.push(here.call(call));
                self.flow.unplanned = true;
            }
            "finish" => {
                self.flow.finished = true;
                self.flow.finishes |= here.statement.context != Context::Script;
            }
            "runtests" | "do_tap" => self.flow.runs = true,
            _ => {}
        }
        let runs = call.assertion && entry.group != Group::Control && here.statement.context == Context::Script;
        if runs && !call.conditional && self.flow.first.is_none() {
            self.flow.first = Some(here.call(call));
        }
    }

    /// The relation that an assertion names, as PostgreSQL reads it.
    fn relation(&mut self, here: &Here, call: &Called) {
        let reading = here.statement.read(call);
        let (Some(id), Some(at), false) = (call.function, reading.chosen, reading.misread) else {
            return;
        };
        let (Some(shape), Some(overload)) = (shape::of(id, at), id.function().overloads.get(at)) else {
            return;
        };
        let table = shape.target.names.iter().flatten().find(|at| {
            let role = overload.roles.get(**at).map_or("", |r| r.as_str());
            matches!(
                role,
                "table" | "view" | "relation" | "sequence" | "materialized_view" | "foreign_table"
            )
        });
        let name = table.and_then(|at| call.given.get(*at)).and_then(|g| g.content.text());
        self.names.relations.extend(name.map(<[u8]>::to_vec));
    }
}

impl Sink for Notes<'_> {
    fn assertion(&mut self, _: &Found) {}

    fn exercised(&mut self, _: bool, _: Option<&[u8]>, _: &[u8]) {}

    fn takes_statements(&self) -> bool {
        true
    }

    fn statement(&mut self, statement: &Statement) {
        if statement.commented {
            return;
        }
        let all = statement.calls();
        let here = Here::new(self.source, statement, &all, self.versions);
        // Functions of others may plan; those that run before the first assertion decide.
        let others = statement.context == Context::Script && self.flow.first.is_none();
        self.flow.runs |= others && statement.other_calls().any(|call| !Statement::is_builtin(&call.name));
        for call in &all {
            self.flow.runs |= others && call.function.is_none();
            self.follow(&here, call);
            self.relation(&here, call);
            self.drafts.extend(calls::check(&here, call));
        }
        self.names.created.extend(created(statement));
        self.drafts.extend(unknown::check(&here));
        let again = self.straight.check(&here);
        self.drafts.extend(again);
        self.transactions.take(&here);
    }
}

/// Where the number in `plan(3)` stands.
fn number(here: &Here, call: &Called) -> Option<std::ops::Range<usize>> {
    let [argument] = call.arguments.as_slice() else {
        return None;
    };
    let number = here.statement.view.kind(argument.from) == Kind::Number && argument.to - argument.from == 1;
    number.then(|| here.bytes(argument.from, argument.to))?
}

/// The function or procedure that the statement creates, in lower case.
fn created(statement: &Statement) -> Option<Vec<u8>> {
    let view = statement.view;
    let create = (0..view.tokens.len().min(2)).find(|at| view.keyword(*at) == Keyword::Create)?;
    let made = |at: &usize| {
        matches!(view.keyword(*at), Keyword::Function | Keyword::Procedure) || view.is_word(*at, "aggregate")
    };
    let at = (create + 1..create + 4).find(made)? + 1;
    let at = if view.kind(at + 1) == Kind::Dot { at + 2 } else { at };
    Some(view.name(at).to_ascii_lowercase())
}

/// Reads a file with `reader` and gives what was taken down, and what else the file says.
pub fn take<'a>(reader: &mut Reader, source: &'a [u8], versions: &'a [Since]) -> (Notes<'a>, Facts) {
    let mut notes = Notes::new(source, versions);
    let facts = reader.read(source, &mut notes);
    (notes, facts)
}
