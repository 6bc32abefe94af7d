//! Files that callers describe themselves: plain TestFile objects.

use serde::Deserialize;

use crate::pgtap::area::Area;
use crate::pgtap::catalog::{self, Group, Polarity};
use crate::pgtap::shape;

use crate::pgtap::facts::Include;
use crate::saved::{Name, Place, SavedAssertion, SavedFile};

use super::batch::{Record, Stamp, flag};
use super::grow::reserve;
use super::label::{Label, split};
use super::store::{FileEntry, Span, Store};

/// A TestFile as callers make it; what is missing is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct PlainFile {
    pub assertions: Vec<PlainAssertion>,
    pub plan_count: Option<f64>,
}

/// An assertion as callers make it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct PlainAssertion {
    #[serde(rename = "type")]
    pub kind: String,
    pub target: Option<String>,
    pub line_number: Option<f64>,
    pub description: Option<String>,
    pub commented: bool,
    pub dynamic: bool,
}

impl Store {
    /// Adds a caller's file under the number `at`: labels are taken as they are.
    pub fn add_plain(&mut self, at: usize, file: &PlainFile) {
        let from = self.ends();
        for assertion in &file.assertions {
            let record = self.plain_record(assertion);
            self.records.push(record);
        }
        let [records, credits, uses] = self.spans_from(from);
        self.put_file(
            at,
            FileEntry {
                records,
                credits,
                uses,
                planned: file.plan_count.map(|n| n as i64),
                read: true,
                ..FileEntry::default()
            },
        );
    }

    /// Copies a file of another store under the number `at`.
    pub fn copy_file(&mut self, at: usize, other: &Store, number: usize) {
        let Some(file) = other.files.get(number) else {
            return self.put_file(at, FileEntry::default());
        };
        let from = self.ends();
        for record in other.records_of(number).iter() {
            let label = self.copy_label(other, record.label);
            self.records.push(Record { label, ..*record });
        }
        for (record, label) in other.credits_of(number).iter() {
            let label = self.copy_label(other, *label);
            self.credits.push((record - file.records.from + from[0], label));
        }
        for label in other.uses_of(number).iter() {
            let label = self.copy_label(other, *label);
            self.uses.push(label);
        }
        let [records, credits, uses] = self.spans_from(from);
        self.put_file(
            at,
            FileEntry {
                records,
                credits,
                uses,
                planned: file.planned,
                read: true,
                ..FileEntry::default()
            },
        );
    }

    fn copy_label(&mut self, other: &Store, id: u32) -> u32 {
        let Some(label) = other.labels.get(id) else { return 0 };
        let parts = label.parts.map(|part| {
            if part == 0 {
                0
            } else {
                self.names.intern(&other.names.get(part))
            }
        });
        self.labels.intern(Label {
            area: label.area,
            parts,
        })
    }

    /// Adds a saved file under the number `at`.
    pub fn add_saved(&mut self, at: usize, file: &SavedFile) {
        let from = self.ends();
        for assertion in &file.assertions {
            let record = self.saved_record(assertion);
            self.records.push(record);
        }
        for (position, place) in &file.credits {
            let label = self.place(place);
            self.credits.push((from[0] + position, label));
        }
        for place in &file.uses {
            let label = self.place(place);
            self.uses.push(label);
        }
        let [records, credits, uses] = self.spans_from(from);
        self.put_file(
            at,
            FileEntry {
                size: file.size,
                lines: file.lines,
                stamp: Stamp {
                    bytes: file.bytes,
                    hash: file.hash,
                },
                records,
                credits,
                uses,
                planned: file.plan,
                includes: file.includes.iter().map(include).collect(),
                read: true,
            },
        );
    }

    /// Where the next record, credit and use will be.
    fn ends(&self) -> [u32; 3] {
        [self.records.len(), self.credits.len(), self.uses.len()].map(|n| n as u32)
    }

    /// What was added since these were the ends.
    fn spans_from(&self, from: [u32; 3]) -> [Span; 3] {
        let [records, credits, uses] = from;
        let to = self.ends();
        [(records, to[0]), (credits, to[1]), (uses, to[2])].map(|(from, to)| Span { from, to })
    }

    fn put_file(&mut self, at: usize, file: FileEntry) {
        if self.files.len() <= at {
            let more = at + 1 - self.files.len();
            reserve(&mut self.files, more);
            self.files.resize_with(at + 1, FileEntry::default);
        }
        self.beside += file.heap_bytes();
        let before = std::mem::replace(&mut self.files[at], file);
        self.beside -= before.heap_bytes();
    }

    fn saved_record(&mut self, assertion: &SavedAssertion) -> Record {
        Record {
            label: assertion.label.as_ref().map_or(0, |place| self.place(place)),
            line: assertion.line,
            kind: self.type_of(&assertion.kind),
            flags: assertion.flags,
        }
    }

    fn place(&mut self, (kind, name): &Place) -> u32 {
        Area::from_map(kind).map_or(0, |area| self.plain_label(area, &name.0))
    }

    /// The number of the type that is called `name`.
    fn type_of(&mut self, name: &str) -> u16 {
        match catalog::lookup(name.as_bytes()) {
            Some(id) => id.index() as u16,
            None => self.foreign_type(name),
        }
    }

    fn plain_record(&mut self, assertion: &PlainAssertion) -> Record {
        let lower = assertion.kind.to_ascii_lowercase();
        let function = catalog::lookup(lower.as_bytes());
        let area = function.and_then(|id| shape::area(id).filter(|_| id.function().group == Group::Object));
        let label = match (&assertion.target, area) {
            (Some(target), Some(area)) if !target.is_empty() => self.plain_label(area, target.as_bytes()),
            _ => 0,
        };
        let absence = function.is_some_and(|id| id.function().polarity == Polarity::Absence);
        let described = assertion.description.as_ref().is_some_and(|d| !d.is_empty());
        let bit = |on: bool, flag: u16| if on { flag } else { 0 };
        Record {
            label,
            line: assertion.line_number.map_or(0, |n| n as u32),
            kind: match function {
                Some(id) => id.index() as u16,
                None => self.foreign_type(&assertion.kind),
            },
            flags: bit(absence, flag::ABSENCE)
                | bit(assertion.commented, flag::COMMENTED)
                | bit(assertion.dynamic, flag::DYNAMIC)
                | bit(described, flag::DESCRIBED),
        }
    }

    fn plain_label(&mut self, area: Area, target: &[u8]) -> u32 {
        let parts = split(target).map(|p| if p.is_empty() { 0 } else { self.names.intern(p) });
        self.labels.intern(Label { area, parts })
    }
}

fn include((path, relative, line): &(Name, bool, u32)) -> Include {
    Include {
        path: path.0.clone(),
        relative: *relative,
        line: *line,
    }
}
