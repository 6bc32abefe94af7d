//! Which assertions cover an object: built once from a store, in path order.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::budget::Reservation;
use crate::pgtap::area::{AREAS, Area};
use crate::spill::SpillError;

use super::batch::{Record, flag};
use super::column::Column;
use super::label::LabelId;
use super::shelf::Shelf;
use super::store::Store;

/// Areas, as array length.
pub const AREA_COUNT: usize = AREAS.len();

/// What a record counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Coverage: absences, computed names, lists and comments do not count, members of lists do.
    Coverage,
    /// The coverage map that callers of the drop-in class know: every label as it stands.
    Labels,
}

/// Objects and their assertions. Costs 4 bytes an assertion and 8 an object, and a bit a label while it is made.
pub struct Index {
    /// By area, the objects in first-seen order.
    pub objects: Vec<Column<LabelId>>,
    /// By label, where its postings begin; one more at the end.
    starts: Column<u32>,
    postings: Column<u32>,
    /// The files in order, so that a record's file can be found.
    spans: Vec<(u32, u32, u32)>,
    /// Objects that were dropped: nothing is known of them.
    dropped: FxHashSet<LabelId>,
}

/// Objects of an area that were dropped because there were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// Their area.
    pub area: Area,
    /// How many they are.
    pub dropped: usize,
    /// How many stayed.
    pub kept: usize,
}

/// Why there is no index.
#[derive(Debug)]
pub enum Unbuilt {
    /// What was done could not be moved to the store's shelf.
    Spill(SpillError),
    /// It was cancelled.
    Cancelled,
}

impl From<SpillError> for Unbuilt {
    fn from(found: SpillError) -> Self {
        Self::Spill(found)
    }
}

/// Asked every so many records whether to go on.
const PACE: usize = 4096;

/// Labels indexed in one pass, at least.
const LEAST_WINDOW: usize = if cfg!(test) { 1 << 10 } else { 1 << 16 };
/// Bytes that a label takes while it is indexed: its place and, on average, two postings.
const LABEL_BYTES: usize = 12;

impl Index {
    /// Indexes the files `order` of `store`. Where that takes more than `most` bytes it is done label by label, in
    /// as many passes over the records as that needs, and what is done is moved to the store's shelf. `goes_on` is asked
    /// every few thousand records. What it takes is reserved in `held` before it is allocated.
    pub fn build(
        store: &Store,
        order: &[u32],
        purpose: Purpose,
        most: usize,
        goes_on: &dyn Fn() -> bool,
        held: &mut Reservation,
    ) -> Result<Self, Unbuilt> {
        let labels = store.labels.len() + 1;
        held.set((order.len() * size_of::<(u32, u32, u32)>()) as u64);
        let mut index = Self {
            objects: (0..AREA_COUNT).map(|_| Column::default()).collect(),
            starts: Column::default(),
            postings: Column::default(),
            spans: spans(store, order),
            dropped: FxHashSet::default(),
        };
        let shelf = store.shelf().filter(|_| labels * LABEL_BYTES > most);
        let window = match shelf {
            Some(_) => (most / LABEL_BYTES).max(LEAST_WINDOW),
            None => labels,
        };
        for from in (0..labels).step_by(window) {
            let records = Records {
                store,
                order,
                purpose,
                goes_on,
            };
            index.pass(&records, from..labels.min(from + window), held)?;
            if let Some(shelf) = shelf {
                index.shed(shelf)?;
            }
        }
        index.starts.push(index.postings.len() as u32);
        Ok(index)
    }

    /// Indexes the labels `window`; the first pass finds the objects, too.
    fn pass(&mut self, records: &Records, window: Range<usize>, held: &mut Reservation) -> Result<(), Unbuilt> {
        let found = if window.start == 0 {
            records.store.labels.len() + 1
        } else {
            0
        };
        let first = self.starts.len();
        // A bit and a place for each object, and a place for each label.
        let places = found / 8 + found * size_of::<u32>() + self.starts.growth(window.len() + 2);
        held.set((self.heap_bytes() + places) as u64);
        self.starts.extend((0..window.len() + 2).map(|_| 0));
        let place = |label: LabelId| Some(first + (label as usize).checked_sub(window.start)?);
        self.tally(records, found, place)?;
        let more = self.sum_up(first);
        held.grow(self.postings.growth(more) as u64);
        self.postings.extend((0..more).map(|_| 0));
        self.fill(records, place)?;
        self.starts.truncate(first + window.len());
        Ok(())
    }

    /// Counts the records of each label that has a place, and puts labels up to `found` among the objects. Counts stand
    /// two places to the right, so that after summing up the cursor of a label is the place before its end, and moves
    /// there while the postings are filled in.
    fn tally(
        &mut self,
        records: &Records,
        found: usize,
        place: impl Fn(LabelId) -> Option<usize>,
    ) -> Result<(), Unbuilt> {
        let Self { objects, starts, .. } = self;
        let labels = records.store.labels.current();
        let mut seen = Bits::new(found);
        records.each(&mut |_, label| {
            if seen.insert(label as usize)
                && let Some(found) = labels.get(label)
                && let Some(list) = objects.get_mut(found.area as usize)
            {
                list.push(label);
            }
            if let Some(count) = place(label).and_then(|at| starts.get_mut(at + 2)) {
                *count += 1;
            }
        })
    }

    /// Makes places of the counts from `first` on; how many postings they are for.
    fn sum_up(&mut self, first: usize) -> usize {
        let base = self.postings.len();
        let mut sum = base as u32;
        for at in first..self.starts.len() {
            if let Some(start) = self.starts.get_mut(at) {
                sum += *start;
                *start = sum;
            }
        }
        sum as usize - base
    }

    fn fill(&mut self, records: &Records, place: impl Fn(LabelId) -> Option<usize>) -> Result<(), Unbuilt> {
        let Self { starts, postings, .. } = self;
        records.each(&mut |record, label| {
            if let Some(at) = place(label).and_then(|at| starts.get_mut(at + 1)) {
                if let Some(slot) = postings.get_mut(*at as usize) {
                    *slot = record;
                }
                *at += 1;
            }
        })
    }

    /// Drops the oldest objects of each area that has more than `most`; of those four fifths stay, the most recent.
    pub fn prune(&mut self, most: usize) -> Vec<Pruned> {
        let kept = (most - most / 5).max(1);
        let mut pruned = Vec::new();
        for ((area, _), list) in AREAS.iter().zip(&mut self.objects) {
            if list.len() <= most {
                continue;
            }
            let dropped = list.len() - kept;
            self.dropped.extend(list.iter().take(dropped));
            let mut stay = Column::default();
            list.iter().skip(dropped).for_each(|label| stay.push(label));
            *list = stay;
            pruned.push(Pruned {
                area: *area,
                dropped,
                kept,
            });
        }
        pruned
    }

    fn shed(&mut self, shelf: &Arc<Shelf>) -> Result<(), SpillError> {
        for list in &mut self.objects {
            list.shed(shelf, 0)?;
        }
        self.starts.shed(shelf, 0)?;
        self.postings.shed(shelf, 0)
    }

    fn range(&self, label: LabelId) -> Range<usize> {
        let at = label as usize;
        if !self.dropped.is_empty() && self.dropped.contains(&label) {
            return 0..0;
        }
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// The records that name or cover the object, in path order.
    pub fn records(&self, label: LabelId) -> Cow<'_, [u32]> {
        self.postings.slice(self.range(label))
    }

    /// How many they are.
    pub fn count(&self, label: LabelId) -> usize {
        self.range(label).len()
    }

    /// The file of a record.
    pub fn file_of(&self, record: u32) -> Option<u32> {
        let at = self
            .spans
            .partition_point(|(from, ..)| *from <= record)
            .checked_sub(1)?;
        self.spans
            .get(at)
            .filter(|(_, to, _)| record < *to)
            .map(|(.., file)| *file)
    }

    /// The objects of an area, in first-seen order.
    pub fn of(&self, area: Area) -> &Column<LabelId> {
        // In bounds: there is a list for each area.
        &self.objects[area as usize]
    }

    /// How many objects there are.
    pub fn object_count(&self) -> usize {
        self.objects.iter().map(Column::len).sum()
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        let lists: usize = self.objects.iter().map(Column::trim).sum();
        lists + self.starts.trim() + self.postings.trim()
    }

    /// Bytes it holds in memory; pages that were read back are reserved by themselves.
    pub fn heap_bytes(&self) -> usize {
        let columns = self.objects.iter().chain([&self.starts, &self.postings]);
        let columns: usize = columns.map(Column::heap_bytes).sum();
        let dropped = self.dropped.capacity() * 5 * 8 / 7;
        columns + dropped + self.spans.capacity() * 12
    }
}

/// A set of small numbers.
struct Bits(Vec<u64>);

impl Bits {
    fn new(most: usize) -> Self {
        Self(vec![0; most.div_ceil(64)])
    }

    /// Whether `at` was not in it. Numbers that are too large never are.
    fn insert(&mut self, at: usize) -> bool {
        let Some(word) = self.0.get_mut(at / 64) else {
            return false;
        };
        let bit = 1 << (at % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

fn spans(store: &Store, order: &[u32]) -> Vec<(u32, u32, u32)> {
    let mut spans: Vec<_> = order
        .iter()
        .filter_map(|file| {
            store
                .files
                .get(*file as usize)
                .map(|f| (f.records.from, f.records.to, *file))
        })
        .filter(|(from, to, _)| from < to)
        .collect();
    spans.sort_unstable();
    spans
}

/// The records that are indexed.
struct Records<'a> {
    store: &'a Store,
    order: &'a [u32],
    purpose: Purpose,
    goes_on: &'a dyn Fn() -> bool,
}

impl Records<'_> {
    /// Calls `found` with each record and each label it counts for.
    fn each(&self, found: &mut impl FnMut(u32, LabelId)) -> Result<(), Unbuilt> {
        let mut since = PACE;
        for file in self.order {
            let Some(entry) = self.store.files.get(*file as usize) else {
                continue;
            };
            let records = self.store.records_of(*file as usize);
            for (part, from) in records.chunks(PACE).zip((entry.records.from..).step_by(PACE)) {
                since += part.len();
                if since >= PACE {
                    since = 0;
                    self.asked()?;
                }
                self.named(part, from, found);
            }
            self.credited(*file, found);
        }
        Ok(())
    }

    fn asked(&self) -> Result<(), Unbuilt> {
        if (self.goes_on)() {
            Ok(())
        } else {
            Err(Unbuilt::Cancelled)
        }
    }

    /// The labels of records.
    fn named(&self, records: &[Record], from: u32, found: &mut impl FnMut(u32, LabelId)) {
        for (record, at) in records.iter().zip(from..) {
            if let Some(label) = counted(record, self.purpose) {
                found(at, self.store.canonical(label));
            }
        }
    }

    /// What the records of a file cover beside their labels.
    fn credited(&self, file: u32, found: &mut impl FnMut(u32, LabelId)) {
        if self.purpose == Purpose::Coverage {
            for (record, label) in self.store.credits_of(file as usize).iter() {
                found(*record, self.store.known_as(*label));
            }
        }
    }
}

fn counted(record: &Record, purpose: Purpose) -> Option<LabelId> {
    let without = match purpose {
        Purpose::Coverage => flag::NO_COVER,
        Purpose::Labels => flag::DYNAMIC | flag::COMMENTED,
    };
    (record.label != 0 && record.flags & without == 0).then_some(record.label)
}
