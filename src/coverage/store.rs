//! All that a scan keeps: files, records, names, labels.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::pgtap::facts::{Include, Problem};
use crate::pgtap::plan::Plan;
use crate::pgtap::suite::Helper;

use super::batch::{Batch, FOREIGN_TYPE, FileOutput, Record, Stamp};
use super::grow::reserve;
use super::label::{Label, LabelId, Labels};
use super::names::{NameId, Names};

/// Index ranges of one file's records, credits and uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First and one past the last.
    pub from: u32,
    /// See `from`.
    pub to: u32,
}

impl Span {
    /// As a range of indexes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.from as usize..self.to as usize
    }
}

/// A file that was read.
#[derive(Debug, Default)]
pub struct FileEntry {
    /// UTF-16 units.
    pub size: u64,
    /// Newlines + 1.
    pub lines: u32,
    /// How it was when it was read.
    pub stamp: Stamp,
    /// Its assertions.
    pub records: Span,
    /// What they cover beside their labels.
    pub credits: Span,
    /// What its SQL exercises.
    pub uses: Span,
    /// The number in its first `plan(N)`.
    pub planned: Option<i64>,
    /// Files it includes.
    pub includes: Box<[Include]>,
    /// It was read; else it could not be.
    pub read: bool,
}

/// What is only needed until the scan ends.
#[derive(Default)]
pub struct Pending {
    /// Hashes of unknown names that the file calls.
    pub wants: Vec<u32>,
    /// Hashes of names that would decide a reading if they were schemas.
    pub undecided: Vec<u32>,
    /// Its plan.
    pub plan: Plan,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
    /// Its helpers.
    pub helpers: Vec<Arc<Helper>>,
}

/// The store. V8 sees none of it.
#[derive(Default)]
pub struct Store {
    /// All names.
    pub names: Names,
    /// All labels.
    pub labels: Labels,
    /// All assertions, grouped by file.
    pub records: Vec<Record>,
    /// Record index and label.
    pub credits: Vec<(u32, LabelId)>,
    /// Labels of what files exercise.
    pub uses: Vec<LabelId>,
    /// Files by candidate number.
    pub files: Vec<FileEntry>,
    /// Until the scan ends, by candidate number.
    pub pending: Vec<Pending>,
    /// Schemas seen.
    pub schemas: FxHashSet<Vec<u8>>,
    /// Schemas that pgTAP was created in.
    pub pgtap_schemas: FxHashSet<Vec<u8>>,
    /// Types that callers made up; their number is the index above [`FOREIGN_TYPE`].
    pub foreign_types: Vec<String>,
    foreign: FxHashMap<String, u16>,
}

impl Store {
    /// Takes over a batch. A file that is handed in again replaces what was known of it.
    pub fn absorb(&mut self, batch: &mut Batch) {
        let names: Vec<NameId> = (1..=batch.names.len() as NameId)
            .map(|id| self.names.intern(batch.names.get(id)))
            .collect();
        let name = |id: NameId| {
            (id as usize)
                .checked_sub(1)
                .and_then(|at| names.get(at))
                .copied()
                .unwrap_or(0)
        };
        let all = batch.labels.all().iter().map(|label| Label {
            area: label.area,
            parts: label.parts.map(name),
        });
        let labels: Vec<LabelId> = all.map(|label| self.labels.intern(label)).collect();
        let label = |id: LabelId| {
            (id as usize)
                .checked_sub(1)
                .and_then(|at| labels.get(at))
                .copied()
                .unwrap_or(0)
        };
        let base = (
            self.records.len() as u32,
            self.credits.len() as u32,
            self.uses.len() as u32,
        );
        reserve(&mut self.records, batch.records.len());
        self.records.extend(batch.records.iter().map(|r| Record {
            label: label(r.label),
            ..*r
        }));
        self.credits
            .extend(batch.credits.iter().map(|(at, id)| (at + base.0, label(*id))));
        self.uses.extend(batch.uses.iter().map(|id| label(*id)));
        self.schemas.extend(batch.schemas.drain());
        self.pgtap_schemas.extend(batch.pgtap_schemas.drain());
        let mut from = base;
        for file in batch.files.drain(..) {
            let to = (base.0 + file.records, base.1 + file.credits, base.2 + file.uses);
            self.enter(file, from, to);
            from = to;
        }
    }

    fn enter(&mut self, file: FileOutput, from: (u32, u32, u32), to: (u32, u32, u32)) {
        let at = file.candidate as usize;
        if self.files.len() <= at {
            self.files.resize_with(at + 1, FileEntry::default);
            self.pending.resize_with(at + 1, Pending::default);
        }
        self.files[at] = FileEntry {
            size: file.size,
            lines: file.lines,
            stamp: file.stamp,
            records: Span { from: from.0, to: to.0 },
            credits: Span { from: from.1, to: to.1 },
            uses: Span { from: from.2, to: to.2 },
            planned: file.plan.first(),
            includes: file.includes.into_boxed_slice(),
            read: true,
        };
        self.pending[at] = Pending {
            wants: file.wants,
            undecided: file.undecided,
            plan: file.plan,
            problems: file.problems,
            helpers: file.helpers,
        };
    }

    /// The number of a type that is not in the catalogue.
    pub fn foreign_type(&mut self, name: &str) -> u16 {
        if let Some(found) = self.foreign.get(name) {
            return *found;
        }
        let id = FOREIGN_TYPE.saturating_add(self.foreign_types.len() as u16);
        self.foreign_types.push(name.to_owned());
        self.foreign.insert(name.to_owned(), id);
        id
    }

    /// The records of a file.
    pub fn records_of(&self, file: usize) -> &[Record] {
        self.files
            .get(file)
            .and_then(|f| self.records.get(f.records.range()))
            .unwrap_or(&[])
    }

    /// Bytes it holds.
    pub fn heap_bytes(&self) -> usize {
        self.names.heap_bytes()
            + self.labels.heap_bytes()
            + self.records.capacity() * size_of::<Record>()
            + self.credits.capacity() * 8
            + self.uses.capacity() * 4
            + self.files.capacity() * size_of::<FileEntry>()
            + self.pending.capacity() * size_of::<Pending>()
    }
}
