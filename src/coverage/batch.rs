//! What worker threads hand over: the records of some files, with names and labels of their own.

use rustc_hash::FxHashSet;

use crate::budget::{Budget, Reservation};
use crate::pgtap::area::Area;
use crate::pgtap::catalog::{FnId, Polarity};
use crate::pgtap::facts::{Facts, Include};
use crate::pgtap::found::{Found, Labelled, Sink};
use crate::pgtap::plan::Plan;
use crate::pgtap::reading::Named;
use crate::pgtap::shape;
use crate::pgtap::suite::{CONFIGURED, Helper};

use super::label::{self, Label, LabelId, Labels};
use super::names::{NameId, Names};

/// Facts about one assertion.
pub mod flag {
    /// The assertion says that the object does not exist.
    pub const ABSENCE: u16 = 1;
    /// A name is computed.
    pub const DYNAMIC: u16 = 2;
    /// The label stands for a list.
    pub const LIST: u16 = 4;
    /// The label names another object than PostgreSQL tests.
    pub const MISREAD: u16 = 8;
    /// It stands in a comment.
    pub const COMMENTED: u16 = 16;
    /// It was expanded from the call of a helper.
    pub const EXPANDED: u16 = 32;
    /// It has a description that is not empty.
    pub const DESCRIBED: u16 = 64;
    /// Its label is no object that is covered.
    pub const NO_COVER: u16 = ABSENCE | DYNAMIC | LIST | COMMENTED;
}

/// One assertion: 12 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its label, or 0.
    pub label: LabelId,
    /// Its line.
    pub line: u32,
    /// Its function: the catalogue's number, or [`CONFIGURED_TYPE`] and more for configured ones.
    pub kind: u16,
    /// See [`flag`].
    pub flags: u16,
}

/// Types from here on are configured assertions.
pub const CONFIGURED_TYPE: u16 = 1 << 12;

/// Types from here on are names that callers gave to assertions of their own.
pub const FOREIGN_TYPE: u16 = 1 << 13;

/// The type of the function with the reader's number `id`.
pub fn type_of(id: u32) -> u16 {
    match id.checked_sub(CONFIGURED) {
        Some(at) => CONFIGURED_TYPE.saturating_add(at.min(u32::from(CONFIGURED_TYPE) - 1) as u16),
        None => id as u16,
    }
}

/// A file's share of a batch.
#[derive(Debug)]
pub struct FileOutput {
    /// Its number among the candidates.
    pub candidate: u32,
    /// UTF-16 units.
    pub size: u64,
    /// Newlines + 1.
    pub lines: u32,
    /// Its size and hash, to notice a change later.
    pub stamp: Stamp,
    /// One past its last record, credit and use.
    pub records: u32,
    /// See `records`.
    pub credits: u32,
    /// See `records`.
    pub uses: u32,
    /// Its plan.
    pub plan: Plan,
    /// Files it includes.
    pub includes: Vec<Include>,
    /// Its functions whose bodies make assertions.
    pub helpers: Vec<std::sync::Arc<Helper>>,
    /// Hashes of the names it calls and nobody knows, sorted.
    pub wants: Vec<u32>,
    /// The same of names that are schemas, if a schema they are.
    pub undecided: Vec<u32>,
}

impl FileOutput {
    /// Bytes that hang on it; helpers are few.
    pub fn heap_bytes(&self) -> usize {
        let includes: usize = self.includes.iter().map(|include| include.path.capacity()).sum();
        let hashes = self.wants.capacity() + self.undecided.capacity();
        size_of_val(&*self.includes) + includes + hashes * size_of::<u32>() + plan_bytes(&self.plan)
    }
}

/// Bytes that hang on a plan.
pub fn plan_bytes(plan: &Plan) -> usize {
    let names: usize = plan.suspects.iter().map(|(name, _)| name.capacity()).sum();
    let lists = plan.announced.capacity() * size_of::<i64>();
    names + lists + plan.suspects.capacity() * size_of::<(String, u32)>()
}

/// How a file was when it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub bytes: u64,
    /// Hash of its content.
    pub hash: u64,
}

/// Records of some files.
#[derive(Default)]
pub struct Batch {
    /// Names of this batch.
    pub names: Names,
    /// Labels of this batch, over its own names.
    pub labels: Labels,
    /// Assertions.
    pub records: Vec<Record>,
    /// Labels covered beside an assertion's own: the record's index and the label.
    pub credits: Vec<(u32, LabelId)>,
    /// What files exercise; in areas Relations and Functions.
    pub uses: Vec<LabelId>,
    /// Its files.
    pub files: Vec<FileOutput>,
    /// Schemas seen.
    pub schemas: FxHashSet<Vec<u8>>,
    /// Schemas that pgTAP was created in.
    pub pgtap_schemas: FxHashSet<Vec<u8>>,
    seen_uses: FxHashSet<LabelId>,
    /// The parts of the last label.
    last: [NameId; 3],
    held: Option<Reservation>,
}

/// A short hash of a lower-case name, for `wants`.
pub fn short_hash(name: &[u8]) -> u32 {
    super::names::short(name)
}

fn hashes(names: &FxHashSet<Vec<u8>>) -> Vec<u32> {
    let mut all: Vec<u32> = names.iter().map(|n| short_hash(n)).collect();
    all.sort_unstable();
    all
}

impl Batch {
    /// Empties it and keeps its buffers.
    pub fn clear(&mut self) {
        self.names.clear();
        self.labels.clear();
        self.records.clear();
        self.credits.clear();
        self.uses.clear();
        self.files.clear();
        self.schemas.clear();
        self.pgtap_schemas.clear();
        self.seen_uses.clear();
        self.last = [0; 3];
    }

    /// Bytes of its buffers.
    pub fn heap_bytes(&self) -> usize {
        let names = self.names.heap_bytes() + self.labels.heap_bytes();
        let records = self.records.capacity() * size_of::<Record>() + self.credits.capacity() * 8;
        names + records + self.uses.capacity() * 4 + self.files.capacity() * size_of::<FileOutput>()
    }

    /// Reserves what its buffers take, as long as it lives; again each time that they may have grown.
    pub fn reserve(&mut self, budget: &Budget) {
        let bytes = self.heap_bytes() as u64;
        self.held.get_or_insert_with(|| Reservation::empty(budget)).set(bytes);
    }

    /// The number of `part`, unless it holds a dot: most often it is what stood there in the label before.
    #[inline]
    fn part(&mut self, at: usize, part: &[u8]) -> Option<NameId> {
        if part.is_empty() {
            return Some(0);
        }
        let last = self.last.get(at).copied().unwrap_or(0);
        if last != 0 && self.names.get(last) == part {
            return Some(last);
        }
        if part.contains(&b'.') {
            return None;
        }
        let id = self.names.intern(part);
        if let Some(slot) = self.last.get_mut(at) {
            *slot = id;
        }
        Some(id)
    }

    fn label(&mut self, area: Area, parts: [&[u8]; 3]) -> LabelId {
        let ids = (self.part(0, parts[0]), self.part(1, parts[1]), self.part(2, parts[2]));
        let parts = match ids {
            (Some(a), Some(b), Some(c)) => [a, b, c],
            _ => self.divided(parts),
        };
        self.labels.intern(Label { area, parts })
    }

    /// Parts with dots in them, divided as the label's text is.
    fn divided(&mut self, parts: [&[u8]; 3]) -> [NameId; 3] {
        let joined = parts
            .iter()
            .filter(|p| !p.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(&b'.');
        label::split(&joined).map(|p| if p.is_empty() { 0 } else { self.names.intern(p) })
    }

    fn named(&mut self, named: &Named) -> LabelId {
        let parts = [0, 1, 2].map(|i| named.parts[i].as_deref().unwrap_or(&[]));
        self.label(named.area, parts)
    }

    /// Ends the file whose records were handed in since the last call.
    pub fn end_file(&mut self, candidate: u32, size: u64, lines: u32, stamp: Stamp, facts: Facts) {
        self.seen_uses.clear();
        self.files.push(FileOutput {
            candidate,
            size,
            lines,
            stamp,
            records: self.records.len() as u32,
            credits: self.credits.len() as u32,
            uses: self.uses.len() as u32,
            plan: facts.plan,
            includes: facts.includes,
            helpers: facts.helpers,
            wants: hashes(&facts.wants),
            undecided: hashes(&facts.undecided),
        });
        self.schemas.extend(facts.schemas);
        self.pgtap_schemas.extend(facts.pgtap_schemas);
    }
}

fn flags(found: &Found) -> u16 {
    let mut flags = if is_absence(found.id) { flag::ABSENCE } else { 0 };
    if let Some(reading) = found.reading {
        flags |= if reading.dynamic { flag::DYNAMIC } else { 0 };
        flags |= if reading.list { flag::LIST } else { 0 };
        flags |= if reading.misread { flag::MISREAD } else { 0 };
    }
    flags |= if described(found) { flag::DESCRIBED } else { 0 };
    flags |= if found.commented { flag::COMMENTED } else { 0 };
    flags | if found.helper.is_some() { flag::EXPANDED } else { 0 }
}

/// Whether the call has a description that is not empty.
pub(crate) fn described(found: &Found) -> bool {
    let shape = FnId::from_index(found.id as usize).zip(found.reading.and_then(|r| r.labelled));
    let desc = shape
        .and_then(|(id, at)| shape::of(id, at)?.desc)
        .and_then(|at| found.given.get(at));
    desc.is_some_and(|g| g.content.text().is_some_and(|t| !t.is_empty()))
}

/// Whether the function says that an object does not exist.
fn is_absence(id: u32) -> bool {
    let function = (id < CONFIGURED).then(|| FnId::from_index(id as usize)).flatten();
    function.is_some_and(|f| f.function().polarity == Polarity::Absence)
}

impl Sink for Batch {
    fn takes_labels(&self) -> bool {
        true
    }

    fn labelled(&mut self, found: &Labelled) {
        let label = self.label(found.area, found.parts);
        let absence = if is_absence(found.id) { flag::ABSENCE } else { 0 };
        self.records.push(Record {
            label,
            line: found.line,
            kind: type_of(found.id),
            flags: absence | if found.described { flag::DESCRIBED } else { 0 },
        });
    }

    fn assertion(&mut self, found: &Found) {
        let flags = flags(found);
        let label = found
            .reading
            .and_then(|r| r.label.as_ref())
            .map_or(0, |named| self.named(named));
        let index = self.records.len() as u32;
        self.records.push(Record {
            label,
            line: found.line,
            kind: type_of(found.id),
            flags,
        });
        if flags & (flag::ABSENCE | flag::COMMENTED) != 0 {
            return;
        }
        let credits = found.reading.map_or(&[][..], |r| &r.credits);
        for named in credits.iter().chain(found.rows) {
            let label = self.named(named);
            self.credits.push((index, label));
        }
    }

    fn exercised(&mut self, function: bool, schema: Option<&[u8]>, name: &[u8]) {
        let label = match (function, schema) {
            (true, None) => self.label(Area::Functions, [name, &[], &[]]),
            (true, Some(schema)) => self.label(Area::Functions, [schema, name, &[]]),
            (false, schema) => self.label(Area::Relations, [schema.unwrap_or(b"public"), name, &[]]),
        };
        if self.seen_uses.insert(label) {
            self.uses.push(label);
        }
    }
}
