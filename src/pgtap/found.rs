//! An assertion as the reader hands it out.

use std::borrow::Cow;

use super::area::Area;
use super::given::Given;
use super::reading::{Named, Reading};
use super::statement::Statement;

/// Where an assertion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context<'a> {
    /// In the script itself.
    Script,
    /// In the body of the function of this name.
    Function(&'a str),
    /// In a DO block.
    Do,
}

/// An assertion. What borrows is valid during the call that hands it out.
#[derive(Debug)]
pub struct Found<'a> {
    /// The function's number: of the catalogue, or a configured one (see [`super::suite`]).
    pub id: u32,
    /// The line of its name.
    pub line: u32,
    /// What it tests; for assertions about values only when a listing is wanted.
    pub reading: Option<&'a Reading<'a>>,
    /// Its arguments.
    pub given: &'a [Given<'a>],
    /// Its arguments as text; only when a listing is wanted.
    pub texts: &'a [Cow<'a, [u8]>],
    /// Its source text.
    pub raw: &'a [u8],
    /// The number of the function that wraps it.
    pub wrapper: Option<u32>,
    /// Where it stands.
    pub context: Context<'a>,
    /// It stands in a branch.
    pub conditional: bool,
    /// A FROM clause supplies arguments.
    pub row_driven: bool,
    /// It stands in a comment.
    pub commented: bool,
    /// The helper whose call it was expanded from.
    pub helper: Option<&'a str>,
    /// The labels of further rows.
    pub rows: &'a [Named<'a>],
}

/// An assertion about an object of which only label and place are wanted.
#[derive(Debug)]
pub struct Labelled<'a> {
    /// The function's number.
    pub id: u32,
    /// The line of its name.
    pub line: u32,
    /// What kind of object it is about.
    pub area: Area,
    /// The parts of its label, outermost first; those that are missing are empty and last.
    pub parts: [&'a [u8]; 3],
    /// It has a description that is not empty.
    pub described: bool,
}

/// Takes what a file holds.
pub trait Sink {
    /// Whether assertions may come by [`Sink::labelled`] where nothing else is to be said of them.
    fn takes_labels(&self) -> bool {
        false
    }
    /// An assertion that has a label and nothing else; never unless [`Sink::takes_labels`].
    fn labelled(&mut self, _: &Labelled) {}
    /// An assertion, in source order save for comments and expanded helpers.
    fn assertion(&mut self, found: &Found);
    /// A relation or function that the SQL of the tests names. May come more than once.
    fn exercised(&mut self, function: bool, schema: Option<&[u8]>, name: &[u8]);
    /// A further row of the assertion that is handed out next: the same function on the same line.
    fn row(&mut self, _id: u32, _line: u32, _given: &[Given], _reading: &Reading) {}
    /// Whether all statements have to come by [`Sink::statement`]; without, most of one call with constant arguments are
    /// read without their tokens.
    fn takes_statements(&self) -> bool {
        false
    }
    /// A statement, before its assertions are handed out.
    fn statement(&mut self, _: &Statement) {}
}
