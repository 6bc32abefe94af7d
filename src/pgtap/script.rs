//! What a script sets up for the statements behind it: psql's variables and branches, schemas, comments.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::sql::keyword::Keyword;
use crate::sql::lexer::Mode;
use crate::sql::literal;
use crate::sql::meta;
use crate::sql::token::{Kind, Token};

use super::facts::{Include, Problem};
use super::given::{MAX_VALUE, names_variable};
use super::plan::Inexact;
use super::reader::{Filters, Names, Reader, Text};
use super::uses::Prepared;
use super::view::View;

/// What one file has said so far.
#[derive(Default)]
pub(super) struct Script {
    /// psql's variables with a constant value.
    pub variables: FxHashMap<Vec<u8>, Vec<u8>>,
    /// The prefix of the `\gset` that sends the statement being read.
    pub gset: Option<Vec<u8>>,
    /// Lines of the `\if`s that are open.
    pub branches: Vec<u32>,
    /// Comments, when they are wanted.
    pub comments: Vec<(u32, u32)>,
    /// Schemas that pgTAP is in by this file's own words.
    pub pgtap_schemas: FxHashSet<Vec<u8>>,
    /// Tables that exist only while the test runs.
    pub temporary: Names,
    /// Assertions that helpers were expanded to, each weighed by its length.
    pub expanded: usize,
    /// PREPAREd statements.
    pub prepared: Prepared,
    /// `column = 'literal'` of the statement being read.
    pub filters: Filters,
}

/// Takes comments, meta-commands and open tokens while a statement is collected.
pub(super) struct Notes<'r, 's, 't, 'a> {
    pub reader: &'r mut Reader<'s>,
    pub text: &'t mut Text<'a>,
}

impl Notes<'_, '_, '_, '_> {
    pub fn note_comment(&mut self, token: &Token) {
        if self.reader.wanted.commented && self.text.mode == Mode::Psql && token.kind != Kind::Bom {
            self.reader.script.comments.push((token.start, token.end));
        }
    }

    pub fn note_open(&mut self, token: &Token) {
        let what = match token.kind {
            Kind::BlockComment => "comment",
            Kind::QuotedWord | Kind::UnicodeWord => "quoted name",
            Kind::DollarStr => "dollar quote",
            Kind::CopyData => "COPY data (no line \\.)",
            _ => "string",
        };
        let line = self.text.lines.at(token.start as usize);
        self.reader.facts.report(Problem::unterminated(what, line));
        self.reader.facts.plan.doubt(Inexact::Broken);
    }

    pub fn note_meta(&mut self, token: &Token) {
        let text = token.text(self.text.source);
        let line = self.text.lines.at(token.start as usize);
        let reader = &mut *self.reader;
        match meta::name(text) {
            b"set" => set(reader, text),
            b"unset" => {
                if let Some(name) = meta::arguments(text).first() {
                    reader.script.variables.remove(name);
                }
            }
            b"gset" => reader.script.gset = Some(meta::arguments(text).into_iter().next().unwrap_or_default()),
            b"if" => reader.script.branches.push(line),
            b"endif" if reader.script.branches.pop().is_none() => {
                reader.facts.report(Problem::branches(line, "\\endif without \\if"));
            }
            name @ (b"i" | b"ir" | b"include" | b"include_relative") if !self.text.commented => {
                let relative = matches!(name, b"ir" | b"include_relative");
                include(reader, text, relative, line);
            }
            _ => {}
        }
    }
}

/// `\set x v`: a value that a branch decides is not constant.
fn set(reader: &mut Reader, text: &[u8]) {
    let arguments = meta::quoted_arguments(text);
    let Some(((name, _), values)) = arguments.split_first() else {
        return;
    };
    let mut value = Vec::new();
    let mut known = reader.script.branches.is_empty();
    for (text, quoted) in values {
        if *quoted {
            value.extend_from_slice(text);
            continue;
        }
        let text = substituted(reader, text);
        known &= !names_variable(&text);
        value.extend(text);
    }
    if known && value.len() <= MAX_VALUE {
        reader.script.variables.insert(name.clone(), value);
    } else {
        reader.script.variables.remove(name);
    }
}

/// `SELECT … AS v \gset`: from here on the query decides what `:v` is.
pub(super) fn forget_set(reader: &mut Reader, source: &[u8], tokens: &[Token]) {
    let Some(prefix) = reader.script.gset.take() else {
        return;
    };
    if reader.script.variables.is_empty() {
        return;
    }
    for token in tokens.iter().filter(|t| t.kind.is_name()) {
        let name = [prefix.as_slice(), &literal::name(token, source)].concat();
        reader.script.variables.remove(&name);
    }
}

fn include(reader: &mut Reader, text: &[u8], relative: bool, line: u32) {
    let Some(path) = meta::arguments(text).into_iter().next().filter(|p| !p.is_empty()) else {
        return;
    };
    let path = substituted(reader, &path);
    if !reader.script.branches.is_empty() {
        reader.facts.plan.doubt(Inexact::Conditional);
    }
    reader.facts.includes.push(Include { path, relative, line });
}

/// Values of more bytes are not put together from other variables: each of a chain of `\set`s could double its length.
const MAX_SUBSTITUTED: usize = 1024;

/// The length of the variable's name at the start of `text`.
fn name_length(text: &[u8]) -> usize {
    let ends = |b: &u8| !b.is_ascii_alphanumeric() && *b != b'_';
    text.iter().position(ends).unwrap_or(text.len())
}

/// psql substitutes variables in its commands' arguments: `\ir :dir/setup.sql`.
fn substituted(reader: &Reader, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(colon) = memchr::memchr(b':', rest) {
        let (before, behind) = (&rest[..colon], &rest[colon + 1..]);
        let name = &behind[..name_length(behind)];
        out.extend_from_slice(before);
        match reader.script.variables.get(name) {
            Some(value) if out.len() + value.len() <= MAX_SUBSTITUTED => {
                out.extend_from_slice(value);
                rest = &behind[name.len()..];
            }
            _ => {
                out.push(b':');
                rest = behind;
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// At the end of the file.
pub(super) fn close(reader: &mut Reader, _: &mut Text) {
    if let Some(line) = reader.script.branches.pop() {
        reader.facts.report(Problem::branches(line, "\\if without \\endif"));
    }
}

/// CREATE SCHEMA, CREATE EXTENSION pgtap, CREATE TEMP TABLE, SET search_path.
pub(super) fn side_effects(reader: &mut Reader, source: &[u8], tokens: &[Token]) {
    let view = View {
        source,
        tokens,
        closing: &[],
    };
    match (view.keyword(0), view.keyword(1)) {
        (Keyword::Create, Keyword::Schema) => {
            let name = view.name(behind_if_not_exists(&view, 2)).into_owned();
            reader.facts.schemas.insert(name);
        }
        (Keyword::Create, Keyword::Extension) => extension(reader, &view),
        (Keyword::Create, Keyword::Temp | Keyword::Temporary) => {
            let name = view.name(behind_if_not_exists(&view, 3)).into_owned();
            reader.script.temporary.insert(name);
        }
        (Keyword::Set, _) => search_path(reader, &view),
        (Keyword::Select, _) => set_config(reader, &view),
        _ => {}
    }
}

fn behind_if_not_exists(view: &View, at: usize) -> usize {
    if view.keyword(at) == Keyword::If { at + 3 } else { at }
}

fn extension(reader: &mut Reader, view: &View) {
    let at = behind_if_not_exists(view, 2);
    if view.name(at).as_ref() != b"pgtap" {
        return;
    }
    let schema = (at..view.tokens.len().min(at + 4)).find(|i| view.keyword(*i) == Keyword::Schema);
    if let Some(schema) = schema {
        let name = view.name(schema + 1).into_owned();
        reader.script.pgtap_schemas.insert(name.clone());
        reader.facts.pgtap_schemas.insert(name);
    }
}

/// `SET search_path TO tap, public`: a schema with "tap" in its name holds pgTAP. Others on the path may be
/// the application's own, and its functions must not be taken for pgTAP's.
fn search_path(reader: &mut Reader, view: &View) {
    let at = 1 + usize::from(matches!(view.keyword(1), Keyword::Local | Keyword::Session));
    if !view.is_word(at, "search_path") {
        return;
    }
    for i in at + 2..view.tokens.len().min(at + 64) {
        let name = match view.kind(i) {
            kind if kind.is_name() => view.name(i),
            kind if kind.is_string() => view.string(i),
            _ => continue,
        };
        on_path(reader, &name);
    }
}

fn on_path(reader: &mut Reader, name: &[u8]) {
    reader.facts.schemas.insert(name.to_vec());
    if name.windows(3).any(|w| w.eq_ignore_ascii_case(b"tap")) {
        reader.script.pgtap_schemas.insert(name.to_vec());
    }
}

/// `SELECT set_config('search_path', 'tap, public', …)`.
fn set_config(reader: &mut Reader, view: &View) {
    let at = if view.kind(2) == Kind::Dot { 3 } else { 1 };
    let fits = view.is_word(at, "set_config")
        && view.kind(at + 2).is_string()
        && view.string(at + 2).as_ref() == b"search_path"
        && view.kind(at + 4).is_string();
    if !fits {
        return;
    }
    for name in view.string(at + 4).split(|b| *b == b',') {
        let name = name.trim_ascii();
        let quoted = name.strip_prefix(b"\"").and_then(|n| n.strip_suffix(b"\""));
        on_path(reader, quoted.unwrap_or(name));
    }
}

/// Whether two comments make one text: two line comments with only white space between.
pub(super) fn joined(source: &[u8], a: (u32, u32), b: (u32, u32)) -> bool {
    let text = |(start, end): (u32, u32)| source.get(start as usize..end as usize).unwrap_or(&[]);
    text(a).starts_with(b"--") && text(b).starts_with(b"--") && text((a.1, b.0)).iter().all(u8::is_ascii_whitespace)
}

/// The text of the comments with their marks blanked, so that lines stay where they are.
pub(super) fn uncommented(source: &[u8], ranges: &[(u32, u32)]) -> Vec<u8> {
    let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
        return Vec::new();
    };
    let mut out = source.get(first.0 as usize..last.1 as usize).unwrap_or(&[]).to_vec();
    for (start, end) in ranges {
        let (start, end) = ((start - first.0) as usize, (end - first.0) as usize);
        let block = out[start..].starts_with(b"/*");
        let mut blank = |at: usize, n: usize| {
            out.iter_mut().skip(at).take(n).for_each(|b| *b = b' ');
        };
        blank(start, 2);
        if block && end >= start + 4 {
            blank(end - 2, 2);
        }
    }
    out
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
