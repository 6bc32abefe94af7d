//! Takes what a file holds and matches it with the schema.

use std::sync::Arc;

use crate::pgtap::catalog::{FnId, Group};
use crate::pgtap::found::{Context, Found, Sink};
use crate::pgtap::given::Given;
use crate::pgtap::reading::Reading;
use crate::pgtap::statement::Statement;
use crate::pgtap::suite::Suite;
use crate::pgtap::view::View;
use crate::schema::lookup::{Lookup, Row};
use crate::schema::path::SearchPath;

use super::created::{self, Created};
use super::includes::Jump;
use super::matcher::Matcher;
use super::places::{By, Place, Places};
use super::secured;
use super::settings::{self, Change};
use super::stale::{Candidates, StalePlace};
use super::target::{self, Arrays};

/// What one file says by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileTotals {
    /// Its assertions.
    pub assertions: u32,
    /// The objects that they are about.
    pub covers: u32,
}

/// What one thread found in its files.
pub struct Gather<'l, 'c> {
    suite: &'l Suite,
    lookup: &'l Lookup<'c>,
    /// The search path where the database's own applies.
    default: &'l Arc<SearchPath>,
    /// What the tests say about each object.
    pub places: Places,
    /// Assertions about what the schema has not.
    pub candidates: Candidates,
    /// What the tests make.
    pub created: Created,
    file: u32,
    /// It is listed; of others only what they make counts.
    listed: bool,
    totals: FileTotals,
    path: Arc<SearchPath>,
    /// Where included files change the path, the next one last.
    jumps: Vec<Jump>,
    temporary: Created,
    /// The tables whose row security the statement asks for.
    secured: Vec<Row>,
    /// The number of the last assertion.
    number: u32,
}

impl<'l, 'c> Gather<'l, 'c> {
    /// Knows nothing yet.
    pub fn new(suite: &'l Suite, lookup: &'l Lookup<'c>, default: &'l Arc<SearchPath>) -> Self {
        Self {
            suite,
            lookup,
            default,
            places: Places::new(lookup.objects.len()),
            candidates: Candidates::default(),
            created: Created::default(),
            file: 0,
            listed: true,
            totals: FileTotals::default(),
            path: default.clone(),
            jumps: Vec::new(),
            temporary: Created::default(),
            secured: Vec::new(),
            number: 0,
        }
    }

    /// Begins a file: its position among those analyzed, if it is one, the path it begins with, and where included
    /// files change it.
    pub fn begin(&mut self, file: Option<u32>, path: Arc<SearchPath>, mut jumps: Vec<Jump>) {
        jumps.reverse();
        self.file = file.unwrap_or_default();
        self.listed = file.is_some();
        self.totals = FileTotals::default();
        self.path = path;
        self.jumps = jumps;
        self.temporary.clear();
        self.secured.clear();
    }

    /// Ends the file.
    pub fn end(&mut self) -> FileTotals {
        self.totals
    }

    fn is_value(id: u32) -> bool {
        FnId::from_index(id as usize).is_some_and(|f| f.function().group == Group::Value)
    }

    fn touch(&mut self, row: Row, line: u32, id: u32, by: By) {
        let place = Place {
            file: self.file,
            line,
            id,
            by,
        };
        let first = self.places.assert(row, place, self.number);
        let has_row = self.lookup.object(row).is_some_and(|object| !object.inherited);
        self.totals.covers += u32::from(first && has_row);
    }

    fn call(&mut self, id: u32, line: u32, given: &[Given], reading: &Reading) {
        let arrays = Arrays::among(given);
        let Some(target) = target::of(self.suite, id, given, reading, &arrays) else {
            return;
        };
        let temporary = |name: &[u8]| self.temporary.contains(name);
        let mut matcher = Matcher::new(self.lookup, &self.path, &temporary);
        matcher.find(&target);
        let (touched, missing) = (matcher.touched, matcher.missing);
        for (row, by) in touched {
            self.touch(row, line, id, by);
        }
        if !reading.misread {
            let place = StalePlace {
                file: self.file,
                line,
                id,
            };
            missing
                .into_iter()
                .for_each(|missing| self.candidates.add(missing, place));
        }
    }

    fn asserted(&mut self, found: &Found) {
        self.totals.assertions += 1;
        self.number += 1;
        if let Some(reading) = found.reading {
            self.call(found.id, found.line, found.given, reading);
        }
        if !self.secured.is_empty() && Self::is_value(found.id) {
            for row in std::mem::take(&mut self.secured) {
                self.touch(row, found.line, found.id, By::Name);
            }
        }
    }

    fn follow_path(&mut self, view: &View) {
        let start = view.token(0).start;
        while let Some(jump) = self.jumps.pop_if(|jump| jump.at <= start) {
            self.path = jump.path;
        }
        match settings::search_path(view) {
            Some(Change::Set(path)) => self.path = Arc::new(path),
            Some(Change::Reset) => self.path = self.default.clone(),
            None => {}
        }
    }
}

impl Sink for Gather<'_, '_> {
    fn assertion(&mut self, found: &Found) {
        if !found.commented && self.listed {
            self.asserted(found);
        }
    }

    fn row(&mut self, id: u32, line: u32, given: &[Given], reading: &Reading) {
        if self.listed {
            self.number += 1;
            self.call(id, line, given, reading);
        }
    }

    fn exercised(&mut self, function: bool, schema: Option<&[u8]>, name: &[u8]) {
        if !self.listed {
            return;
        }
        if function {
            for row in self.lookup.functions(schema, name, &self.path) {
                self.places.exercise(row, self.file);
            }
        } else if let Some(at) = self.lookup.relation(schema, name, &self.path)
            && let Some(row) = self.lookup.parts(at).row
        {
            self.places.exercise(row, self.file);
        }
    }

    fn takes_statements(&self) -> bool {
        true
    }

    fn statement(&mut self, statement: &Statement) {
        if statement.commented {
            return;
        }
        let view = statement.view;
        if statement.context == Context::Script {
            self.follow_path(view);
        }
        created::note(view, &mut self.created, &mut self.temporary);
        self.secured = secured::tables(view, self.lookup, &self.path);
    }
}
