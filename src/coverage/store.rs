//! All that a scan keeps: files, records, names, labels.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::pgtap::facts::Include;
use crate::pgtap::plan::Plan;
use crate::pgtap::suite::Helper;

use crate::pgtap::area::Area;
use crate::spill::SpillError;

use super::batch::{Batch, FOREIGN_TYPE, FileOutput, Record, Stamp, plan_bytes};
use super::column::{Column, Fixed, number};
use super::grow::{growth, reserve};
use super::kept_labels::{Current, KeptLabels};
use super::kept_names::KeptNames;
use super::label::{Label, LabelId};
use super::merge::{self, Entry, Merged, TextHash};
use super::names::NameId;
use super::rows::PAGE;
use super::shelf::Shelf;

/// Labels of a run at most: 2 MB while they are sorted.
const RUN: usize = 32 * PAGE;

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

impl FileEntry {
    /// Bytes that hang on it.
    pub(super) fn heap_bytes(&self) -> usize {
        let paths: usize = self.includes.iter().map(|include| include.path.capacity()).sum();
        size_of_val(&*self.includes) + paths
    }
}

/// What is only needed until the scan ends. Nearly all files have one plan that can be checked, and nothing else.
pub enum Pending {
    /// A plan, and how many results the text makes.
    Plain(Option<i64>, u64),
    /// All of it.
    Full(Box<Full>),
}

/// What is only needed until the scan ends.
pub struct Full {
    /// Hashes of unknown names that the file calls.
    pub wants: Vec<u32>,
    /// Hashes of names that would decide a reading if they were schemas.
    pub undecided: Vec<u32>,
    /// Its plan.
    pub plan: Plan,
    /// Its helpers.
    pub helpers: Vec<Arc<Helper>>,
}

impl Default for Pending {
    fn default() -> Self {
        Self::Plain(None, 0)
    }
}

impl Pending {
    fn new(full: Full) -> Self {
        let plain = Self::Plain(full.plan.first(), full.plan.results);
        let empty = full.wants.is_empty() && full.undecided.is_empty() && full.helpers.is_empty();
        if empty && *plain.plan() == full.plan {
            return plain;
        }
        Self::Full(Box::new(full))
    }

    /// The file's plan.
    pub fn plan(&self) -> Cow<'_, Plan> {
        match self {
            Self::Full(full) => Cow::Borrowed(&full.plan),
            Self::Plain(announced, results) => Cow::Owned(Plan {
                announced: announced.iter().copied().collect(),
                results: *results,
                ..Plan::default()
            }),
        }
    }

    /// Bytes that hang on it; helpers are few.
    fn heap_bytes(&self) -> usize {
        let Self::Full(full) = self else { return 0 };
        let hashes = full.wants.capacity() + full.undecided.capacity();
        size_of::<Full>()
            + hashes * size_of::<u32>()
            + plan_bytes(&full.plan)
            + full.helpers.capacity() * size_of::<Arc<Helper>>()
    }

    /// What the file wants of others and offers them, if anything.
    pub fn full(&self) -> Option<&Full> {
        match self {
            Self::Full(full) => Some(full),
            Self::Plain(..) => None,
        }
    }
}

/// Where all labels of a store can be found.
enum AllLabels<'s> {
    /// By their text, wherever they lie.
    Merged(&'s Merged),
    /// All are in memory.
    InMemory(Current<'s>),
}

/// The store. V8 sees none of it.
#[derive(Default)]
pub struct Store {
    /// All names.
    pub names: KeptNames,
    /// All labels.
    pub labels: KeptLabels,
    /// All assertions, grouped by file.
    pub records: Column<Record>,
    /// Record index and label.
    pub credits: Column<(u32, LabelId)>,
    /// Labels of what files exercise.
    pub uses: Column<LabelId>,
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
    /// Bytes that hang on entries of `files` and `pending`.
    pub(super) beside: usize,
    shelf: OnceLock<Arc<Shelf>>,
    hash: TextHash,
    runs: Vec<Column<Entry>>,
    /// The last label that is in a run.
    taken_down: LabelId,
    merged: OnceLock<Merged>,
}

impl Fixed for Record {
    const BYTES: usize = 12;

    fn write(&self, out: &mut Vec<u8>) {
        self.label.write(out);
        self.line.write(out);
        (u32::from(self.kind) | u32::from(self.flags) << 16).write(out);
    }

    fn read(bytes: &[u8]) -> Self {
        let both = number(bytes, 8);
        Self {
            label: number(bytes, 0),
            line: number(bytes, 4),
            kind: both as u16,
            flags: (both >> 16) as u16,
        }
    }
}

/// The number that the batch's `id` has in the store.
fn translated(ids: &[u32], id: u32) -> u32 {
    let at = (id as usize).checked_sub(1);
    at.and_then(|at| ids.get(at)).copied().unwrap_or(0)
}

impl Store {
    /// Takes over a batch. A file that is handed in again replaces what was known of it.
    pub fn absorb(&mut self, batch: &mut Batch) {
        let names = self.names.intern_all(&batch.names);
        let all = batch.labels.all().iter().map(|label| Label {
            area: label.area,
            parts: label.parts.map(|id| translated(&names, id)),
        });
        let labels = self.labels.intern_all(&all.collect::<Vec<_>>());
        let label = |id: LabelId| translated(&labels, id);
        let base = (
            self.records.len() as u32,
            self.credits.len() as u32,
            self.uses.len() as u32,
        );
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

    /// Bytes that [`Store::absorb`] may take for a moment, beside the batch, for all that grows with its content.
    pub fn growth(&self, batch: &Batch) -> usize {
        let files = batch.files.iter().map(|file| file.candidate as usize + 1).max();
        let beside = batch.files.iter().map(|file| file.heap_bytes() + size_of::<Full>());
        let more = files.unwrap_or(0).saturating_sub(self.files.len());
        beside.sum::<usize>()
            + growth(&self.files, more)
            + growth(&self.pending, more)
            + self.names.growth(&batch.names)
            + self.labels.growth(batch.labels.all().len())
            + self.records.growth(batch.records.len())
            + self.credits.growth(batch.credits.len())
            + self.uses.growth(batch.uses.len())
    }

    fn enter(&mut self, file: FileOutput, from: (u32, u32, u32), to: (u32, u32, u32)) {
        let at = file.candidate as usize;
        if self.files.len() <= at {
            let more = at + 1 - self.files.len();
            reserve(&mut self.files, more);
            self.files.resize_with(at + 1, FileEntry::default);
            reserve(&mut self.pending, more);
            self.pending.resize_with(at + 1, Pending::default);
        }
        let entry = FileEntry {
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
        let pending = Pending::new(Full {
            wants: file.wants,
            undecided: file.undecided,
            plan: file.plan,
            helpers: file.helpers,
        });
        self.beside += entry.heap_bytes() + pending.heap_bytes();
        let entry = std::mem::replace(&mut self.files[at], entry);
        let pending = std::mem::replace(&mut self.pending[at], pending);
        self.beside -= entry.heap_bytes() + pending.heap_bytes();
    }

    /// Forgets what is only needed until the scan ends.
    pub fn forget_pending(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.beside -= pending.iter().map(Pending::heap_bytes).sum::<usize>();
    }

    /// Moves what was met the longest ago to `shelf`, page by page, until at most `goal` bytes stay in memory and less
    /// than a page of each kind. Of everything the same part stays, so that a record stays with its names. Nothing is
    /// lost by an error: what could not be moved is still here.
    pub fn shed(&mut self, shelf: &Arc<Shelf>, goal: usize) -> Result<(), SpillError> {
        self.take_down(shelf)?;
        let share = goal as f64 / self.movable_bytes().max(1) as f64;
        let stay = |count: usize| (count as f64 * share) as usize;
        self.labels.shed(shelf, stay(self.labels.here()))?;
        self.shed_names(shelf, stay(self.names.here()))?;
        self.records.shed(shelf, stay(self.records.here()))?;
        self.credits.shed(shelf, stay(self.credits.here()))?;
        self.uses.shed(shelf, stay(self.uses.here()))
    }

    /// Moves names. Those of the labels in memory come back as new ones: by them these labels are known when they are met
    /// again.
    fn shed_names(&mut self, shelf: &Arc<Shelf>, stay: usize) -> Result<(), SpillError> {
        let moving = self.names.moving(stay);
        let labels = self.labels.current();
        let parts = labels.here().iter().flat_map(|label| label.parts);
        let wanted: FxHashSet<NameId> = parts.filter(|id| (1..=moving).contains(id)).collect();
        drop(labels);
        let texts: Vec<_> = wanted
            .into_iter()
            .map(|id| (id, self.names.get(id).into_owned()))
            .collect();
        let outcome = self.names.shed(shelf, stay);
        let new: FxHashMap<NameId, NameId> = texts
            .into_iter()
            .map(|(id, text)| (id, self.names.intern(&text)))
            .collect();
        self.labels.rename(&new);
        outcome
    }

    /// Finds out which labels are one, if any were moved to the shelf, and moves what takes more than `goal` bytes. To be
    /// called before the first question.
    pub fn settle(&mut self, goal: usize) -> Result<(), SpillError> {
        let Some(shelf) = self.shelf.get().cloned() else {
            return Ok(());
        };
        self.shed(&shelf, goal)?;
        self.merged = Merged::new(&self.runs, &shelf)?.into();
        self.runs = Vec::new();
        Ok(())
    }

    /// Moves the `count` labels that were met the longest ago to `shelf`, its own if it has one: once, when it was settled,
    /// while others ask. Whether they moved; they do not when `goes_on` says no.
    pub fn move_objects(
        &self,
        shelf: &Arc<Shelf>,
        count: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<bool, SpillError> {
        if self.merged.get().is_none() {
            let Some(merged) = self.merge_all(shelf, goes_on)? else {
                return Ok(false);
            };
            // Not before: a shelf that took nothing is of no use to others. And before a label leaves memory: see
            // `all_labels`.
            self.shelf.get_or_init(|| shelf.clone());
            let _ = self.merged.set(merged);
        }
        self.labels.move_oldest(shelf, count)?;
        Ok(true)
    }

    /// All labels by their text, none of which was ever moved.
    fn merge_all(&self, shelf: &Arc<Shelf>, goes_on: &dyn Fn() -> bool) -> Result<Option<Merged>, SpillError> {
        let (mut runs, mut after) = (Vec::new(), 0);
        while let Some((run, last)) = self.run(after, shelf)? {
            if !goes_on() {
                return Ok(None);
            }
            runs.push(run);
            after = last;
        }
        Merged::new(&runs, shelf).map(Some)
    }

    /// Writes runs of the labels that none has yet. All of them are in memory, and so are their names.
    fn take_down(&mut self, shelf: &Arc<Shelf>) -> Result<(), SpillError> {
        self.shelf.get_or_init(|| shelf.clone());
        while let Some((run, last)) = self.run(self.taken_down, shelf)? {
            self.runs.push(run);
            self.taken_down = last;
        }
        Ok(())
    }

    /// A run of the labels in memory behind `after`, and the last that is in it.
    fn run(&self, after: LabelId, shelf: &Arc<Shelf>) -> Result<Option<(Column<Entry>, LabelId)>, SpillError> {
        let labels = self.labels.current();
        let from = after.saturating_sub(labels.base()) as usize;
        let count = labels.here().len().saturating_sub(from).min(RUN);
        if count == 0 {
            return Ok(None);
        }
        let entry = |(label, id): (&Label, LabelId)| Entry {
            hash: self.text_hash(label),
            area: label.area as u8,
            id,
        };
        let _held = shelf.reserve(count * size_of::<Entry>());
        let entries: Vec<Entry> = labels
            .here()
            .from(from)
            .zip(after + 1..)
            .map(entry)
            .take(count)
            .collect();
        Ok(Some((merge::run(entries, shelf)?, after + count as LabelId)))
    }

    fn text_hash(&self, label: &Label) -> u128 {
        let [a, b, c] = label.parts.map(|id| self.names.get(id));
        self.hash.of([&a, &b, &c])
    }

    /// The one number of a label.
    pub fn canonical(&self, id: LabelId) -> LabelId {
        self.merged.get().map_or(id, |merged| merged.canonical(id))
    }

    /// Where all labels can be found.
    fn all_labels(&self) -> AllLabels<'_> {
        if let Some(merged) = self.merged.get() {
            return AllLabels::Merged(merged);
        }
        let labels = self.labels.current();
        // They may have been merged since. No label leaves memory before that.
        self.merged.get().map_or(AllLabels::InMemory(labels), AllLabels::Merged)
    }

    /// The label of an area whose parts have these texts.
    pub fn find(&self, area: Area, parts: [&[u8]; 3]) -> Option<LabelId> {
        let labels = match self.all_labels() {
            AllLabels::Merged(merged) => return merged.find(self.hash.of(parts), area),
            AllLabels::InMemory(labels) => labels,
        };
        let mut ids = [0; 3];
        for (slot, part) in ids.iter_mut().zip(parts) {
            *slot = if part.is_empty() { 0 } else { self.names.find(part)? };
        }
        labels.find(&Label { area, parts: ids })
    }

    /// The label of another area with the text of `label`.
    pub fn sibling(&self, label: &Label, area: Area) -> Option<LabelId> {
        match self.all_labels() {
            AllLabels::Merged(merged) => merged.find(self.text_hash(label), area),
            AllLabels::InMemory(labels) => labels.find(&Label { area, ..*label }),
        }
    }

    /// `columns_are` and its like take any relation: what other assertions call a view is no table.
    pub fn known_as(&self, id: LabelId) -> LabelId {
        let id = self.canonical(id);
        let labels = match self.all_labels() {
            AllLabels::Merged(merged) => return merged.known_as(id).unwrap_or(id),
            AllLabels::InMemory(labels) => labels,
        };
        let Some(label) = labels.get(id).filter(|l| l.area == Area::Tables) else {
            return id;
        };
        let others = merge::OTHERS.into_iter().filter(|area| labels.any_of(*area));
        let mut others = others.map(|area| Label { area, ..label });
        others.find_map(|other| labels.find(&other)).unwrap_or(id)
    }

    /// How many different texts the labels have that are `wanted`.
    pub fn texts(&self, wanted: &dyn Fn(LabelId) -> bool) -> usize {
        match self.all_labels() {
            AllLabels::Merged(merged) => merged.texts(wanted),
            AllLabels::InMemory(labels) => {
                let labels = labels.here().iter().zip(1..).filter(|(_, id)| wanted(*id));
                labels.map(|(label, _)| label.parts).collect::<FxHashSet<_>>().len()
            }
        }
    }

    /// Where it put what it had no room for.
    pub fn shelf(&self) -> Option<&Arc<Shelf>> {
        self.shelf.get()
    }

    /// What failed first when something was read back: answers since then may be wrong.
    pub fn failure(&self) -> Option<Arc<SpillError>> {
        self.shelf.get()?.failure()
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
    pub fn records_of(&self, file: usize) -> Cow<'_, [Record]> {
        let span = self.files.get(file).map(|f| f.records).unwrap_or_default();
        self.records.slice(span.range())
    }

    /// What the assertions of a file cover beside their labels: record index and label.
    pub fn credits_of(&self, file: usize) -> Cow<'_, [(u32, LabelId)]> {
        let span = self.files.get(file).map(|f| f.credits).unwrap_or_default();
        self.credits.slice(span.range())
    }

    /// Labels of what a file exercises.
    pub fn uses_of(&self, file: usize) -> Cow<'_, [LabelId]> {
        let span = self.files.get(file).map(|f| f.uses).unwrap_or_default();
        self.uses.slice(span.range())
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        let merged = self.merged.get().map_or(0, Merged::trim);
        let columns = self.records.trim() + self.credits.trim() + self.uses.trim();
        merged + columns + self.names.trim() + self.labels.trim()
    }

    /// Bytes that [`Store::shed`] could move to disk, nearly all of them.
    pub fn movable_bytes(&self) -> usize {
        self.names.heap_bytes()
            + self.labels.heap_bytes()
            + self.records.heap_bytes()
            + self.credits.heap_bytes()
            + self.uses.heap_bytes()
    }

    /// Bytes that stay in memory.
    pub fn fixed_bytes(&self) -> usize {
        self.heap_bytes() - self.movable_bytes()
    }

    /// Bytes it holds in memory; pages that were read back are reserved by themselves.
    pub fn heap_bytes(&self) -> usize {
        self.movable_bytes()
            + self.runs.iter().map(Column::heap_bytes).sum::<usize>()
            + self.merged.get().map_or(0, Merged::heap_bytes)
            + self.files.capacity() * size_of::<FileEntry>()
            + self.pending.capacity() * size_of::<Pending>()
            + self.beside
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
