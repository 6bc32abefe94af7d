//! Reads one test file: statements, bodies, psql's commands, plans.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::sql::constant_call::ConstantCall;
use crate::sql::keyword::Keyword;
use crate::sql::lexer::{MAX_INPUT, Mode};
use crate::sql::lines::{Lines, newlines};
use crate::sql::statement::{Aside, End, Statements};
use crate::sql::token::{Kind, Token};

use super::emit;
use super::executed;
use super::facts::{Facts, Problem};
use super::found::{Context, Sink};
use super::plan::Inexact;
use super::reading::Choices;
use super::routine::{self, Routine};
use super::script::{self, Script};
use super::short_reading::ShortReadings;
use super::simple;
use super::statement::Statement;
use super::suite::{BodyCall, FileLookup, Helper, Suite};
use super::uses::{self, Buffers};
use super::view::View;
use super::walk::{Walked, walk};

/// Bodies inside bodies are read this deep.
pub(super) const MAX_BODIES: usize = 8;

/// What the caller wants beside coverage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Assertions inside comments, too.
    pub commented: bool,
    /// Parameters and raw text of each assertion.
    pub listing: bool,
}

/// Reads files one after the other; its buffers are reused.
pub struct Reader<'s> {
    pub(super) suite: &'s Suite,
    pub(super) wanted: Wanted,
    pub(super) facts: Facts,
    pub(super) script: Script,
    pub(super) choices: Choices,
    pub(super) short_readings: ShortReadings,
    /// The schema learned last.
    learned: Option<Vec<u8>>,
    pub(super) buffers: Buffers,
    levels: Vec<Level>,
}

#[derive(Default)]
struct Level {
    tokens: Vec<Token>,
    walked: Walked,
}

impl Level {
    /// Large buffers are not kept for the next text.
    fn shrink(&mut self) {
        self.tokens.clear();
        self.tokens.shrink_to(1 << 16);
        self.walked.shrink();
    }
}

/// One text being read: the file itself, a body, or a comment.
pub(super) struct Text<'a> {
    pub source: &'a [u8],
    pub mode: Mode,
    pub lines: Lines<'a>,
    pub context: Context<'a>,
    pub routine: Option<&'a Routine>,
    pub commented: bool,
    pub depth: usize,
    /// Assertions of the body, when a helper is being read.
    pub body: Vec<BodyCall>,
    /// The body has a branch, a loop or rows that no text counts.
    pub inexact: bool,
}

impl<'a> Text<'a> {
    pub(super) fn new(source: &'a [u8], mode: Mode, first_line: u32) -> Self {
        Self {
            source,
            mode,
            lines: Lines::new(source, first_line),
            context: Context::Script,
            routine: None,
            commented: false,
            depth: 0,
            body: Vec::new(),
            inexact: false,
        }
    }
}

impl<'s> Reader<'s> {
    /// A reader that knows `suite`.
    pub fn new(suite: &'s Suite, wanted: Wanted) -> Self {
        Self {
            suite,
            wanted,
            facts: Facts::default(),
            script: Script::default(),
            choices: Choices::default(),
            short_readings: ShortReadings::default(),
            learned: None,
            buffers: Buffers::default(),
            levels: (0..=MAX_BODIES).map(|_| Level::default()).collect(),
        }
    }

    /// Reads `source`, hands its assertions to `sink` and returns what else it says.
    pub fn read(&mut self, source: &[u8], sink: &mut dyn Sink) -> Facts {
        self.facts = Facts::default();
        self.script = Script::default();
        self.learned = None;
        let mut text = Text::new(source, Mode::Psql, 1);
        if source.len() > MAX_INPUT {
            self.facts.report(Problem::too_large(source.len()));
        }
        self.check_bytes(source);
        self.statements(&mut text, sink);
        script::close(self, &mut text);
        uses::flush(self, sink);
        if self.wanted.commented {
            self.comments(source, sink);
        }
        std::mem::take(&mut self.facts)
    }

    /// What PostgreSQL refuses in any script; the file is read all the same.
    fn check_bytes(&mut self, source: &[u8]) {
        let line = |at: usize| 1 + newlines(source.get(..at).unwrap_or(&[]));
        if let Err(error) = std::str::from_utf8(source) {
            let problem = Problem::invalid_utf8(line(error.valid_up_to()));
            self.facts.report(problem);
        }
        if let Some(at) = memchr::memchr(0, source) {
            self.facts.report(Problem::nul_byte(line(at)));
        }
    }

    pub(super) fn statements<'a>(&mut self, text: &mut Text<'a>, sink: &mut dyn Sink) {
        let Some(slot) = self.levels.get_mut(text.depth) else {
            return;
        };
        let mut level = std::mem::take(slot);
        level.walked.forget_blocks();
        let mut statements = Statements::new(text.source, text.mode);
        let mut lead = Lead::Other;
        let mut goes_on = false;
        let simple = self.may_be_simple(text) && !sink.takes_statements();
        loop {
            if simple && !goes_on {
                self.simple(text, &mut statements, sink);
            }
            let mut aside = script::Notes { reader: self, text };
            let Some(end) = statements.next_into(&mut level.tokens, &mut aside) else {
                break;
            };
            lead = match lead {
                // What makes the statement one of these stands in the part before: indexes into it mean nothing here.
                Lead::Routine(_) | Lead::Do | Lead::Prepare(_) if goes_on => Lead::Other,
                lead if goes_on => lead,
                _ => Lead::of(text.source, &level.tokens, text.mode),
            };
            self.statement(text, &mut level, lead, sink);
            goes_on = matches!(end, End::Part | End::Forced);
            if end == End::Forced {
                let line = level.tokens.last().map_or(1, |t| text.lines.at(t.start as usize));
                self.facts.report(Problem::too_long(line));
            }
            if text.mode == Mode::Psql {
                level.walked.forget_blocks();
            }
        }
        level.shrink();
        if let Some(slot) = self.levels.get_mut(text.depth) {
            *slot = level;
        }
    }

    /// Reads statements without their tokens, up to the first that cannot be read so; how many they were.
    pub(super) fn simple<'a>(
        &mut self,
        text: &mut Text<'a>,
        statements: &mut Statements<'a>,
        sink: &mut dyn Sink,
    ) -> usize {
        let mut call = ConstantCall::default();
        let mut count = 0;
        while statements.constant_call(&mut call, &mut script::Notes { reader: self, text })
            && simple::statement(self, text, &call, sink)
        {
            statements.pass(&call);
            count += 1;
        }
        count
    }

    /// Takes to heart that `name` is a schema.
    #[inline]
    pub(super) fn learn_schema(&mut self, name: &[u8]) {
        if self.learned.as_deref() == Some(name) {
            return;
        }
        self.learned = Some(name.to_vec());
        if !self.facts.schemas.contains(name) && !self.suite.schemas.contains(name) {
            self.facts.schemas.insert(name.to_vec());
        }
    }

    fn statement(&mut self, text: &mut Text, level: &mut Level, lead: Lead, sink: &mut dyn Sink) {
        let tokens = &level.tokens;
        script::forget_set(self, text.source, tokens);
        if tokens.is_empty() {
            return;
        }
        if lead == Lead::Quiet {
            let view = View {
                source: text.source,
                tokens,
                closing: &[],
            };
            sink.statement(&Statement::new(self, text, &view, None));
            script::side_effects(self, text.source, tokens);
            return;
        }
        self.walk(text, level);
        let view = View {
            source: text.source,
            tokens: &level.tokens,
            closing: &level.walked.closing,
        };
        sink.statement(&Statement::new(self, text, &view, Some(&level.walked)));
        if self.made(text, &view, &level.walked, lead, sink) {
            return;
        }
        script::side_effects(self, text.source, &level.tokens);
        // `FOR r IN EXECUTE '…' LOOP` leads the first statement of its loop.
        executed::texts(self, text, &view, level.walked.in_branch(), sink);
        emit::calls(self, text, &view, &level.walked, sink);
        uses::statement(self, text, &view, &level.walked, lead, sink);
    }

    /// Finds the calls of a statement.
    fn walk(&mut self, text: &mut Text, level: &mut Level) {
        let lookup = FileLookup {
            suite: self.suite,
            pgtap_schemas: &self.script.pgtap_schemas,
        };
        walk(text.source, &level.tokens, text.mode, &lookup, &mut level.walked);
        self.complain(text, level);
    }

    /// Reads the body of a block, or of what the statement makes; whether that was all there is to read.
    fn made(&mut self, text: &mut Text, view: &View, walked: &Walked, lead: Lead, sink: &mut dyn Sink) -> bool {
        match lead {
            Lead::Do => {
                self.body(text, view, routine::anonymous(view), sink);
                false
            }
            Lead::Routine(at) => {
                let found = routine::created(view, at);
                let alone = text.mode == Mode::Psql;
                if found.body.is_some() {
                    self.body(text, view, found, sink);
                } else if alone {
                    self.sql_body(text, view, walked, found, sink);
                    uses::statement(self, text, view, walked, lead, sink);
                }
                alone
            }
            _ => false,
        }
    }

    /// Whether no more than labels and places of what stands in the text itself are wanted.
    fn may_be_simple(&self, text: &Text) -> bool {
        !self.wanted.listing && !text.commented && text.context == Context::Script && text.mode == Mode::Psql
    }

    fn complain(&mut self, text: &mut Text, level: &Level) {
        let at = |text: &mut Text, i: usize| level.tokens.get(i).map_or(1, |t| text.lines.at(t.start as usize));
        if let Some(open) = level.walked.unclosed {
            let line = at(text, open);
            self.facts.report(Problem::unclosed(line));
            self.facts.plan.doubt(Inexact::Broken);
        }
        if let Some(deep) = level.walked.too_deep {
            let line = at(text, deep);
            self.facts.report(Problem::too_deep(line));
            self.facts.plan.doubt(Inexact::Broken);
        }
    }

    /// Reads the body of a function, procedure or DO block.
    fn body(&mut self, text: &mut Text, view: &View, routine: Routine, sink: &mut dyn Sink) {
        let (Some(at), true) = (routine.body, text.depth < MAX_BODIES) else {
            return;
        };
        let line = text.lines.at(view.token(at).start as usize);
        let source: Cow<[u8]> = view.string(at);
        let name = routine.full_name();
        let mut inner = Text::new(&source, Mode::Body, line);
        inner.depth = text.depth + 1;
        inner.commented = text.commented;
        inner.routine = Some(&routine);
        inner.context = if routine.name.is_empty() {
            Context::Do
        } else {
            Context::Function(&name)
        };
        self.statements(&mut inner, sink);
        let (body, inexact) = (std::mem::take(&mut inner.body), inner.inexact);
        if !text.commented {
            self.keep(routine, body, !inexact, line);
        }
    }

    /// Reads `RETURN …` and `BEGIN ATOMIC … END`: the body is part of the statement itself.
    fn sql_body(&mut self, text: &mut Text, view: &View, walked: &Walked, routine: Routine, sink: &mut dyn Sink) {
        if walked.calls.is_empty() {
            return;
        }
        let line = text.lines.at(view.token(0).start as usize);
        let name = routine.full_name();
        let mut inner = Text::new(text.source, text.mode, line);
        inner.lines = text.lines.clone();
        inner.commented = text.commented;
        inner.routine = Some(&routine);
        inner.context = Context::Function(&name);
        emit::calls(self, &mut inner, view, walked, sink);
        let (body, inexact) = (std::mem::take(&mut inner.body), inner.inexact);
        if !text.commented {
            self.keep(routine, body, !inexact, line);
        }
    }

    /// A function whose body makes assertions is a helper.
    fn keep(&mut self, routine: Routine, body: Vec<BodyCall>, exact: bool, line: u32) {
        if body.is_empty() || routine.name.is_empty() {
            return;
        }
        self.facts.helpers.push(Arc::new(Helper {
            schema: routine.schema,
            name: routine.name,
            parameters: routine.parameters,
            body,
            exact,
            line,
        }));
    }

    /// Reads the comments as if they were not: runs of line comments are one text.
    fn comments(&mut self, source: &[u8], sink: &mut dyn Sink) {
        let ranges = std::mem::take(&mut self.script.comments);
        let kept = (std::mem::take(&mut self.facts), self.wanted.listing);
        let mut lines = Lines::new(source, 1);
        let mut at = 0;
        while let Some(&(start, _)) = ranges.get(at) {
            let mut end = at + 1;
            while end < ranges.len() && script::joined(source, ranges[end - 1], ranges[end]) {
                end += 1;
            }
            let blanked = script::uncommented(source, &ranges[at..end]);
            let mut text = Text::new(&blanked, Mode::Psql, lines.at(start as usize));
            text.commented = true;
            // No comment decides about another, nor does an `\if` that the script left open.
            self.script.branches.clear();
            self.statements(&mut text, sink);
            self.script.comments.clear();
            at = end;
        }
        self.facts = kept.0;
    }
}

/// What a statement begins with, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// CREATE FUNCTION or PROCEDURE: the index of that word.
    Routine(usize),
    /// DO.
    Do,
    /// PREPARE name AS: the index of the name.
    Prepare(usize),
    /// DDL in which names with a parenthesis are no calls.
    Quiet,
    /// CREATE … AS SELECT.
    Created,
    /// Anything else.
    Other,
}

impl Lead {
    fn of(source: &[u8], tokens: &[Token], mode: Mode) -> Self {
        let word = |i: usize| tokens.get(i).map_or(Keyword::None, |t| t.keyword);
        let from = match mode {
            Mode::Psql => 0,
            Mode::Body => statement_in_body(tokens),
        };
        match word(from) {
            Keyword::Do => Lead::Do,
            Keyword::Prepare => Lead::Prepare(from + 1),
            Keyword::Drop | Keyword::Alter | Keyword::Grant | Keyword::Revoke | Keyword::Comment => Lead::Quiet,
            Keyword::None
                if tokens
                    .first()
                    .is_some_and(|t| t.text(source).eq_ignore_ascii_case(b"security")) =>
            {
                Lead::Quiet
            }
            Keyword::Create => Self::create(tokens, from),
            _ => Lead::Other,
        }
    }

    fn create(tokens: &[Token], from: usize) -> Self {
        let words = tokens.iter().enumerate().skip(from + 1).take(6);
        for (at, token) in words {
            match token.keyword {
                Keyword::Function | Keyword::Procedure => return Lead::Routine(at),
                Keyword::Table | Keyword::View => {
                    let selects = |t: &&Token| matches!(t.keyword, Keyword::Select | Keyword::Values);
                    let found = tokens.iter().skip(at).find(selects);
                    return if found.is_some() { Lead::Created } else { Lead::Quiet };
                }
                Keyword::Or
                | Keyword::Replace
                | Keyword::Temp
                | Keyword::Temporary
                | Keyword::Unlogged
                | Keyword::Materialized
                | Keyword::Recursive
                | Keyword::Local => {}
                Keyword::None if token.kind == Kind::Word && at < from + 3 => {}
                _ => return Lead::Quiet,
            }
        }
        Lead::Quiet
    }
}

/// In a body a CREATE or DO may stand behind BEGIN, THEN, ELSE or LOOP.
fn statement_in_body(tokens: &[Token]) -> usize {
    let behind = |i: usize| {
        matches!(
            tokens.get(i).map(|t| t.keyword),
            Some(Keyword::Begin | Keyword::Then | Keyword::Else | Keyword::Loop)
        )
    };
    let starts =
        |at: usize, token: &Token| at > 0 && matches!(token.keyword, Keyword::Create | Keyword::Do) && behind(at - 1);
    let found = tokens.iter().enumerate().find(|(at, token)| starts(*at, token));
    found.map_or(0, |(at, _)| at)
}

/// The names bound in a text: psql's variables, parameters, `column = 'literal'` filters.
pub(super) type Filters = FxHashMap<Vec<u8>, Vec<u8>>;

/// Names that CREATE TEMP TABLE makes.
pub(super) type Names = FxHashSet<Vec<u8>>;

// Kept here so that `Notes` can implement it beside the reader it fills.
impl Aside for script::Notes<'_, '_, '_, '_> {
    fn comment(&mut self, token: &Token) {
        self.note_comment(token);
    }

    fn meta(&mut self, token: &Token) {
        self.note_meta(token);
    }

    fn open(&mut self, token: &Token) {
        self.note_open(token);
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
