//! The labels of a store: those met lately in memory, each once; earlier ones on disk, if memory was short.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use crate::pgtap::area::{AREAS, Area};
use crate::spill::SpillError;

use super::column::{Column, Fixed, decode, encode, number};
use super::label::{Label, LabelId, Labels};
use super::names::NameId;
use super::rows::{PAGE, Rows};
use super::shelf::{Pages, Shelf};

impl Fixed for Label {
    const BYTES: usize = 13;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.area as u8);
        self.parts.iter().for_each(|part| part.write(out));
    }

    fn read(bytes: &[u8]) -> Self {
        let area = bytes.first().and_then(|at| AREAS.get(usize::from(*at)));
        Self {
            area: area.map_or(Area::Schemas, |(area, _)| *area),
            parts: [number(bytes, 1), number(bytes, 5), number(bytes, 9)],
        }
    }
}

/// Labels by number. A label that [`KeptLabels::shed`] moved gets another number when it is met again: it is among the
/// newest then. [`super::merge`] tells which numbers are one.
#[derive(Default)]
pub struct KeptLabels {
    past: Column<Label>,
    /// Those that [`KeptLabels::move_oldest`] moved behind them.
    moved: OnceLock<Pages<Vec<Label>>>,
    /// Replaced as a whole, so that questions go on meanwhile.
    here: RwLock<Arc<Here>>,
}

/// The labels in memory.
#[derive(Clone, Default)]
struct Here {
    /// The number of the first is one more.
    base: LabelId,
    labels: Labels,
    /// How many each area has.
    counts: [usize; AREAS.len()],
}

impl Here {
    fn new(base: LabelId, labels: &[Label]) -> Self {
        let mut here = Self {
            base,
            ..Self::default()
        };
        here.intern_all(labels);
        here
    }

    fn intern_all(&mut self, labels: &[Label]) -> Vec<LabelId> {
        let before = self.labels.all().len();
        let mut ids = self.labels.intern_all(labels);
        for label in self.labels.all().from(before) {
            // In bounds: there is a count for each area.
            self.counts[label.area as usize] += 1;
        }
        ids.iter_mut().for_each(|id| *id += self.base);
        ids
    }

    /// How many of the labels met last are `most` of an area at most.
    fn newest(&self, most: usize) -> usize {
        let mut counts = [0; AREAS.len()];
        let fits = |label: &&Label| {
            let count = counts.get_mut(label.area as usize);
            count.is_none_or(|count| {
                *count += 1;
                *count <= most
            })
        };
        self.labels.all().iter().rev().take_while(fits).count()
    }
}

/// The labels as they lay when it was asked for.
pub struct Current<'k> {
    kept: &'k KeptLabels,
    here: Arc<Here>,
}

impl Current<'_> {
    /// The label with this number.
    pub fn get(&self, id: LabelId) -> Option<Label> {
        match id.checked_sub(self.here.base + 1) {
            Some(at) => self.here.labels.get(at + 1).copied(),
            None => self.kept.on_disk((id as usize).checked_sub(1)?),
        }
    }

    /// The number of `label`, if it is in memory.
    pub fn find(&self, label: &Label) -> Option<LabelId> {
        self.here.labels.find(label).map(|id| id + self.here.base)
    }

    /// Whether a label of `area` is in memory.
    pub fn any_of(&self, area: Area) -> bool {
        self.here.counts[area as usize] > 0
    }

    /// The number of the first label in memory is one more.
    pub fn base(&self) -> LabelId {
        self.here.base
    }

    /// Labels in memory, in the order of their numbers, which begin behind [`Current::base`].
    pub fn here(&self) -> &Rows<Label> {
        self.here.labels.all()
    }

    /// How many labels in memory the area has that has the most.
    pub fn most_of_an_area(&self) -> usize {
        self.here.counts.iter().copied().max().unwrap_or(0)
    }
}

impl KeptLabels {
    /// What is where, for many questions at once: asking for it takes a lock.
    pub fn current(&self) -> Current<'_> {
        let here = self.here.read().unwrap_or_else(PoisonError::into_inner).clone();
        Current { kept: self, here }
    }

    fn here_mut(&mut self) -> &mut Here {
        // Whoever still held it would get a copy of its own, and memory twice.
        Arc::make_mut(self.here.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// The number of `label`, given when it is new.
    pub fn intern(&mut self, label: Label) -> LabelId {
        self.intern_all(&[label]).first().copied().unwrap_or(0)
    }

    /// The numbers of `labels`, all of them different, given where they are new.
    pub fn intern_all(&mut self, labels: &[Label]) -> Vec<LabelId> {
        self.here_mut().intern_all(labels)
    }

    /// The label with this number.
    pub fn get(&self, id: LabelId) -> Option<Label> {
        self.current().get(id)
    }

    /// The label at `at`, which is not in memory.
    fn on_disk(&self, at: usize) -> Option<Label> {
        let Some(at) = at.checked_sub(self.past.len()) else {
            return self.past.get(at);
        };
        let page = self
            .moved
            .get()?
            .get(at / PAGE, Some(PAGE * size_of::<Label>()), decode)?;
        page.get(at % PAGE).copied()
    }

    /// How many numbers were given.
    pub fn len(&self) -> usize {
        let current = self.current();
        current.base() as usize + current.here().len()
    }

    /// Whether none were.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many labels are in memory.
    pub fn here(&self) -> usize {
        self.current().here().len()
    }

    /// Moves full pages to the shelf, the oldest first, until at most `stay` labels are left in memory, or less than a
    /// page. After an error those that were written are there, and the others still here.
    pub fn shed(&mut self, shelf: &Arc<Shelf>, stay: usize) -> Result<(), SpillError> {
        let here = self.current().here;
        let (pages, outcome) = self.past.shelve(here.labels.all(), shelf, stay);
        let rest: Vec<Label> = here.labels.all().from(pages * PAGE).copied().collect();
        drop(here);
        self.put_here(&rest);
        outcome
    }

    /// How many labels have to move so that no area has more than `most` in memory.
    pub fn beyond(&self, most: usize) -> usize {
        let current = self.current();
        match current.most_of_an_area() <= most {
            true => 0,
            false => current.here().len() - current.here.newest(most),
        }
    }

    /// Moves the `count` oldest labels in memory to the shelf, once, while others ask. After an error all are still here.
    pub fn move_oldest(&self, shelf: &Arc<Shelf>, count: usize) -> Result<(), SpillError> {
        let here = self.current().here;
        let all = here.labels.all();
        let count = count.min(all.len());
        let mut pages = Pages::default();
        for from in (0..count).step_by(PAGE) {
            let page: Vec<Label> = all.from(from).take(PAGE.min(count - from)).copied().collect();
            pages.push(shelf, &encode(&page))?;
        }
        let _held = shelf.reserve(Labels::default().growth(all.len() - count));
        let rest: Vec<Label> = all.from(count).copied().collect();
        if self.moved.set(pages).is_ok() {
            let now = Here::new(here.base + count as LabelId, &rest);
            *self.here.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
        }
        Ok(())
    }

    /// Gives names of labels in memory other numbers. Labels that differed differ still.
    pub fn rename(&mut self, new: &FxHashMap<NameId, NameId>) {
        let renamed = |label: Label| Label {
            parts: label.parts.map(|id| new.get(&id).copied().unwrap_or(id)),
            ..label
        };
        let here: Vec<Label> = self.current().here().iter().copied().map(renamed).collect();
        self.put_here(&here);
    }

    /// Puts `labels`, all of them different, in place of those in memory.
    fn put_here(&mut self, labels: &[Label]) {
        let base = self.past.len() as LabelId;
        // Not both at a time.
        *self.here_mut() = Here::default();
        *self.here_mut() = Here::new(base, labels);
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        self.past.trim() + self.moved.get().map_or(0, Pages::trim)
    }

    /// Bytes that it may take for a moment to hold `more` labels, too.
    pub fn growth(&self, more: usize) -> usize {
        self.current().here.labels.growth(more)
    }

    /// Bytes it holds in memory beside pages that were read back.
    pub fn heap_bytes(&self) -> usize {
        let on_disk = self.past.heap_bytes() + self.moved.get().map_or(0, Pages::heap_bytes);
        self.current().here.labels.heap_bytes() + on_disk
    }
}
