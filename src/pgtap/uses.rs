//! What the SQL of a test names beside assertions: relations and functions that it exercises.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::sql::keyword::Keyword;
use crate::sql::lexer::Mode;
use crate::sql::statement::{Aside, Statements};
use crate::sql::token::{Kind, Token};

use super::catalog;
use super::found::{Context, Sink};
use super::reader::{Lead, Reader, Text};
use super::view::View;
use super::walk::{Callee, Lookup, Use, Walked, walk};

/// A name that is exercised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Exercised {
    function: bool,
    schema: Option<Vec<u8>>,
    name: Vec<u8>,
}

/// What each PREPAREd statement names; it counts when the statement is run.
pub(super) type Prepared = FxHashMap<Vec<u8>, Vec<Exercised>>;

/// Functions of PostgreSQL itself, generated from `pg_proc`.
static BUILTIN: LazyLock<FxHashSet<&'static [u8]>> = LazyLock::new(|| {
    include_str!("builtin_functions.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(str::as_bytes)
        .collect()
});

pub(super) fn is_builtin(name: &[u8]) -> bool {
    BUILTIN.contains(name)
}

fn is_system(schema: &[u8]) -> bool {
    schema.starts_with(b"pg_") || schema == b"information_schema"
}

/// Hands out what a statement names, or keeps it for a PREPAREd one.
pub(super) fn statement(
    reader: &mut Reader,
    text: &mut Text,
    view: &View,
    walked: &Walked,
    lead: Lead,
    sink: &mut dyn Sink,
) {
    if text.commented || matches!(lead, Lead::Created | Lead::Quiet) {
        return;
    }
    let ctes = ctes(view, &walked.uses);
    let mut found: Vec<Exercised> = Vec::new();
    for item in &walked.uses {
        match (exercised(reader, view, item, &ctes), lead) {
            (Some((schema, name)), Lead::Prepare(_)) => found.push(Exercised {
                function: item.function,
                schema: schema.map(Cow::into_owned),
                name: name.into_owned(),
            }),
            (Some((schema, name)), _) => sink.exercised(item.function, schema.as_deref(), &name),
            (None, _) => {}
        }
    }
    match lead {
        Lead::Prepare(at) => {
            reader.script.prepared.insert(view.name(at).into_owned(), found);
        }
        _ if view.keyword(0) == Keyword::Execute => run_prepared(reader, &view.name(1), sink),
        _ => suspect(reader, text, view, walked),
    }
}

/// The statement called `name` is run: what it names is exercised.
pub(super) fn run_prepared(reader: &mut Reader, name: &[u8], sink: &mut dyn Sink) {
    if let Some(found) = reader.script.prepared.remove(name) {
        for named in &found {
            sink.exercised(named.function, named.schema.as_deref(), &named.name);
        }
    }
}

/// At the end of a file; statements that nothing ran are not exercised.
pub(super) fn flush(reader: &mut Reader, _: &mut dyn Sink) {
    reader.script.prepared.clear();
}

/// Names of CTEs: `WITH x AS (`, `, y (a) AS (`.
fn ctes(view: &View, uses: &[Use]) -> FxHashSet<Vec<u8>> {
    let mut found = FxHashSet::default();
    if uses.is_empty() || !view.tokens.iter().any(|t| t.keyword == Keyword::With) {
        return found;
    }
    for (at, token) in view.tokens.iter().enumerate() {
        let opens = token.keyword == Keyword::As
            && (view.kind(at + 1) == Kind::LParen
                || matches!(view.keyword(at + 1), Keyword::Materialized | Keyword::Not));
        if opens && at > 0 && view.kind(at - 1).is_name() {
            found.insert(view.name(at - 1).into_owned());
        }
    }
    // `y (a, b) AS (`: the name stands before the column list.
    for at in 1..view.tokens.len() {
        let leads = view.kind(at - 1) == Kind::Comma || view.keyword(at - 1) == Keyword::With;
        let leads = leads || view.is_word(at - 1, "recursive");
        if leads && view.kind(at).is_name() && view.kind(at + 1) == Kind::LParen {
            let close = view.close_of(at + 1);
            if view.keyword(close + 1) == Keyword::As {
                found.insert(view.name(at).into_owned());
            }
        }
    }
    found
}

/// A schema, where one is named, and a name.
type Qualified<'v> = (Option<Cow<'v, [u8]>>, Cow<'v, [u8]>);

/// Schema and name of what is exercised, unless it is the system's, temporary or the statement's own.
fn exercised<'v>(reader: &mut Reader, view: &View<'v>, item: &Use, ctes: &FxHashSet<Vec<u8>>) -> Option<Qualified<'v>> {
    let name = view.name(item.name);
    let schema = item.schema.map(|at| view.name(at));
    let function = item.function;
    match &schema {
        Some(schema) if is_system(schema) => return None,
        Some(schema) if !reader.facts.schemas.contains(schema.as_ref()) => {
            reader.facts.schemas.insert(schema.to_vec());
        }
        Some(_) => {}
        None if function && is_builtin(&name) => return None,
        None if !function && (name.starts_with(b"pg_") || reader.script.temporary.contains(name.as_ref())) => {
            return None;
        }
        None if ctes.contains(name.as_ref()) => return None,
        None => {}
    }
    if function && !reader.facts.wants.contains(name.as_ref()) {
        reader.facts.wants.insert(name.to_vec());
    }
    Some((schema, name))
}

/// `SELECT other_function(…)` at the top of a script: it may make assertions out of sight.
fn suspect(reader: &mut Reader, text: &mut Text, view: &View, walked: &Walked) {
    if text.context != Context::Script || !walked.calls.is_empty() || view.keyword(0) != Keyword::Select {
        return;
    }
    let Some(first) = walked.uses.iter().find(|u| u.function) else {
        return;
    };
    let leads =
        first.schema.unwrap_or(first.name) == 1 || (view.text(1) == b"*" && first.schema.unwrap_or(first.name) == 3);
    let name = view.name(first.name);
    if !leads || (first.schema.is_none() && is_builtin(&name)) || first.schema.is_some_and(|s| is_system(&view.name(s)))
    {
        return;
    }
    let mut full = first
        .schema
        .map_or_else(String::new, |s| format!("{}.", String::from_utf8_lossy(&view.name(s))));
    full.push_str(&String::from_utf8_lossy(&name));
    let line = text.lines.at(view.token(first.name).start as usize);
    reader.facts.plan.suspects.push((full, line));
}

/// Finds no assertions: the text of a query is mined for what it names.
struct NoAssertions;

impl Lookup for NoAssertions {
    fn callee(&self, _: Option<(&Token, &[u8])>, _: &Token, _: &[u8]) -> Callee {
        Callee::Other
    }
}

struct Silent;

impl Aside for Silent {
    fn comment(&mut self, _: &Token) {}
    fn meta(&mut self, _: &Token) {}
    fn open(&mut self, _: &Token) {}
}

/// Mines the SQL text that an assertion runs, or runs the prepared statement it names.
pub(super) fn sql_text(reader: &mut Reader, sql: &[u8], sink: &mut dyn Sink) {
    let trimmed = sql.trim_ascii();
    if !trimmed.iter().any(u8::is_ascii_whitespace) || trimmed.first() == Some(&b'"') {
        let name = trimmed
            .strip_prefix(b"\"")
            .and_then(|t| t.strip_suffix(b"\""))
            .unwrap_or(trimmed);
        return run_prepared(reader, name, sink);
    }
    let mut buffers = std::mem::take(&mut reader.buffers);
    let mut statements = Statements::new(sql, Mode::Body);
    while statements.next_into(&mut buffers.tokens, &mut Silent).is_some() {
        walk(sql, &buffers.tokens, Mode::Body, &NoAssertions, &mut buffers.walked);
        buffers.walked.forget_blocks();
        let view = View {
            source: sql,
            tokens: &buffers.tokens,
            closing: &buffers.walked.closing,
        };
        if view.keyword(0) == Keyword::Execute {
            run_prepared(reader, &view.name(1), sink);
        }
        query(reader, &view, &buffers.walked, sink);
    }
    buffers.shrink();
    reader.buffers = buffers;
}

/// Hands out what one query names; pgTAP's own functions are none of the application's.
fn query(reader: &mut Reader, view: &View, walked: &Walked, sink: &mut dyn Sink) {
    let ctes = ctes(view, &walked.uses);
    let own = |item: &&Use| !item.function || item.schema.is_some() || catalog::lookup(view.text(item.name)).is_none();
    for item in walked.uses.iter().filter(own) {
        if let Some((schema, name)) = exercised(reader, view, item, &ctes) {
            sink.exercised(item.function, schema.as_deref(), &name);
        }
    }
}

/// Buffers for texts inside texts.
#[derive(Default)]
pub(super) struct Buffers {
    tokens: Vec<Token>,
    walked: Walked,
}

impl Buffers {
    fn shrink(&mut self) {
        self.tokens.clear();
        self.tokens.shrink_to(1 << 12);
        self.walked.shrink();
    }
}

#[cfg(test)]
#[path = "uses_tests.rs"]
mod tests;
