//! What unit tests read SQL with: one call that gives all a file says.

use std::sync::Arc;

use super::assertion::{Assertion, Listing};
use super::facts::Facts;
use super::found::{Found, Sink};
use super::reader::{Reader, Wanted};
use super::site::function_of;
use super::suite::Suite;

/// All that one reading hands out.
pub(super) struct All {
    pub assertions: Vec<Assertion>,
    /// For each assertion the roles of the overload that PostgreSQL chooses, or `-`.
    pub chosen: Vec<String>,
    /// `name` of relations, `name()` of functions, in the order handed out.
    pub uses: Vec<String>,
    pub facts: Facts,
}

impl All {
    /// Each assertion's type and line.
    pub fn places(&self) -> Vec<String> {
        let place = |a: &Assertion| format!("{}:{}", a.kind, a.line_number);
        self.assertions.iter().map(place).collect()
    }

    /// Each problem's code and line.
    pub fn problems(&self) -> Vec<String> {
        let problem = |p: &super::facts::Problem| format!("{}:{}", p.code, p.line);
        self.facts.problems.iter().map(problem).collect()
    }
}

struct Collector<'s> {
    listing: Listing<'s>,
    chosen: Vec<String>,
    uses: Vec<String>,
}

impl Sink for Collector<'_> {
    fn assertion(&mut self, found: &Found) {
        let chosen = found.reading.and_then(|r| r.chosen);
        let overload = chosen.and_then(|at| function_of(found.id)?.function().overloads.get(at));
        let roles = overload.map(|o| o.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(","));
        self.chosen.push(roles.unwrap_or_else(|| "-".to_owned()));
        self.listing.assertion(found);
    }

    fn exercised(&mut self, function: bool, schema: Option<&[u8]>, name: &[u8]) {
        let dot = schema.map_or_else(String::new, |s| format!("{}.", String::from_utf8_lossy(s)));
        let call = if function { "()" } else { "" };
        self.uses.push(format!("{dot}{}{call}", String::from_utf8_lossy(name)));
    }
}

/// Reads `source` as a file of `suite`.
pub(super) fn read_in(suite: &Suite, source: &[u8], wanted: Wanted) -> All {
    let mut sink = Collector {
        listing: Listing::new(suite),
        chosen: Vec::new(),
        uses: Vec::new(),
    };
    let facts = Reader::new(suite, wanted).read(source, &mut sink);
    All {
        assertions: sink.listing.into_emitted(),
        chosen: sink.chosen,
        uses: sink.uses,
        facts,
    }
}

/// Reads a file that is a suite of its own: twice, so that calls find the helpers in it.
pub(super) fn read_as(source: &[u8], wanted: Wanted) -> All {
    let mut suite = Suite::new(Vec::new());
    let first = read_in(&suite, source, wanted);
    for helper in first.facts.helpers {
        suite.add_helper(Arc::unwrap_or_clone(helper));
    }
    read_in(&suite, source, wanted)
}

/// Reads `sql` with a listing.
pub(super) fn read(sql: &str) -> All {
    let listing = Wanted {
        listing: true,
        ..Wanted::default()
    };
    read_as(sql.as_bytes(), listing)
}
