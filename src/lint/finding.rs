//! What lint finds.

use std::cell::Cell;
use std::ops::Range;

use serde::Serialize;

use super::rules::{Rule, Severity};

/// A change of a file's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// First byte that is replaced.
    pub from: usize,
    /// One past the last.
    pub to: usize,
    /// What stands there then.
    pub text: String,
    /// It gives what was meant, whatever else the suite or the database holds.
    pub certain: bool,
}

/// Something wrong with a test. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The path below the folder, with `/` between names.
    pub file: String,
    /// Where it begins.
    pub line: u32,
    /// Where it begins.
    pub column: u32,
    /// Where it ends.
    pub end_line: u32,
    /// One past its last character.
    pub end_column: u32,
    /// What PostgreSQL does, and what was meant.
    pub message: String,
    /// What to do.
    pub help: String,
    /// What would mend it.
    pub fix: Option<Fix>,
}

/// A place in a file: bytes, or only a line where the text is a decoded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// Bytes of the file.
    Bytes(Range<usize>),
    /// A line.
    Line(u32),
}

/// What would take a finding back once all files are read.
#[derive(Clone, Debug)]
pub enum Unless {
    /// A function of this name is created somewhere: then there is nothing to say.
    Created(Vec<u8>),
    /// There is a relation of this name: then the fix is not certain.
    Relation(Vec<u8>),
}

/// A finding before its place is worked out.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub spot: Spot,
    /// See [`Finding::message`].
    pub message: String,
    /// See [`Finding::help`].
    pub help: String,
    /// See [`Finding::fix`].
    pub fix: Option<Fix>,
    /// What would take it back.
    pub unless: Option<Unless>,
}

impl Draft {
    /// A finding without a fix.
    pub fn new(rule: &'static Rule, spot: Spot, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            spot,
            message: message.into(),
            help: help.into(),
            fix: None,
            unless: None,
        }
    }

    /// The same with what would mend it.
    pub fn fixed(self, fix: Option<Fix>) -> Self {
        Self { fix, ..self }
    }
}

/// Lines and columns of a file. Questions in the order of their places cost one pass in all, also in one long line.
pub struct Positions<'a> {
    source: &'a [u8],
    starts: Vec<usize>,
    /// The last place a finding began at.
    begins: Cell<Known>,
    /// The last place a finding ended at.
    ends: Cell<Known>,
}

/// A place whose column was counted; no line has the number 0.
#[derive(Clone, Copy, Default)]
struct Known {
    line: usize,
    offset: usize,
    column: u32,
}

/// Characters of UTF-8: every byte but those that go on with one.
fn characters(text: &[u8]) -> u32 {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
}

impl<'a> Positions<'a> {
    /// Those of `source`.
    pub fn new(source: &'a [u8]) -> Self {
        let behind = memchr::memchr_iter(b'\n', source).map(|at| at + 1);
        Self {
            source,
            starts: std::iter::once(0).chain(behind).collect(),
            begins: Cell::default(),
            ends: Cell::default(),
        }
    }

    /// Line and column of a byte, counted on from the last one. A byte order mark is no character.
    fn at(&self, offset: usize, last: &Cell<Known>) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = match self.starts.get(line - 1).copied().unwrap_or(0) {
            0 if self.source.starts_with(b"\xEF\xBB\xBF") => 3,
            start => start,
        };
        let offset = offset.min(self.source.len()).max(start);
        let count = |from: usize, to: usize| characters(self.source.get(from..to).unwrap_or(&[]));
        let known = last.get();
        let column = match known.line == line {
            true if known.offset <= offset => known.column + count(known.offset, offset),
            true if known.offset - offset < offset - start => known.column - count(offset, known.offset),
            _ => 1 + count(start, offset),
        };
        last.set(Known { line, offset, column });
        (line as u32, column)
    }

    /// Line, column, last line, column behind the last character.
    pub fn of(&self, spot: &Spot) -> [u32; 4] {
        match spot {
            Spot::Line(line) => [*line, 1, *line, 1],
            Spot::Bytes(range) => {
                let (line, column) = self.at(range.start, &self.begins);
                let (end_line, end_column) = self.at(range.end, &self.ends);
                [line, column, end_line, end_column]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = "\u{feff}ab\r\n'\u{1F600}é' x\n".as_bytes();
        let positions = Positions::new(source);
        let at = |text: &str| {
            let from = source.windows(text.len()).position(|w| w == text.as_bytes()).unwrap();
            positions.of(&Spot::Bytes(from..from + text.len()))
        };
        assert_eq!(at("ab"), [1, 1, 1, 3]);
        assert_eq!(at("x"), [2, 6, 2, 7]);
        assert_eq!(at("b\r\n'"), [1, 2, 2, 2]);
        assert_eq!(positions.of(&Spot::Bytes(source.len()..source.len())), [3, 1, 3, 1]);
        for from in (0..source.len())
            .chain((0..source.len()).rev())
            .filter(|at| source[*at] & 0xC0 != 0x80)
        {
            for to in [from, source.len(), from] {
                let spot = Spot::Bytes(from..to);
                assert_eq!(positions.of(&spot), Positions::new(source).of(&spot), "{from} {to}");
            }
        }
        assert_eq!(Positions::new(b"\xFF\xFEa").of(&Spot::Bytes(2..3)), [1, 3, 1, 4]);
    }
}
