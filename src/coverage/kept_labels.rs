//! The labels of a store: those met lately in memory, each once; earlier ones on disk, if memory was short.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::pgtap::area::{AREAS, Area};
use crate::spill::SpillError;

use super::column::{Column, Fixed, number};
use super::label::{Label, LabelId, Labels};
use super::names::NameId;
use super::rows::{PAGE, Rows};
use super::shelf::Shelf;

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
    here: Labels,
    /// How many labels in memory each area has.
    counts: [usize; AREAS.len()],
}

impl KeptLabels {
    /// The number of the first label in memory is one more.
    pub fn base(&self) -> LabelId {
        self.past.len() as LabelId
    }

    /// The number of `label`, given when it is new.
    pub fn intern(&mut self, label: Label) -> LabelId {
        self.intern_all(&[label]).first().copied().unwrap_or(0)
    }

    /// The numbers of `labels`, all of them different, given where they are new.
    pub fn intern_all(&mut self, labels: &[Label]) -> Vec<LabelId> {
        let before = self.here.all().len();
        let mut ids = self.here.intern_all(labels);
        for label in self.here.all().from(before) {
            // In bounds: there is a count for each area.
            self.counts[label.area as usize] += 1;
        }
        let base = self.base();
        ids.iter_mut().for_each(|id| *id += base);
        ids
    }

    /// The number of `label`, if it is in memory.
    pub fn find(&self, label: &Label) -> Option<LabelId> {
        self.here.find(label).map(|id| id + self.base())
    }

    /// The label with this number.
    pub fn get(&self, id: LabelId) -> Option<Label> {
        match id.checked_sub(self.base() + 1) {
            Some(at) => self.here.get(at + 1).copied(),
            None => self.past.get((id as usize).checked_sub(1)?),
        }
    }

    /// How many numbers were given.
    pub fn len(&self) -> usize {
        self.past.len() + self.here.all().len()
    }

    /// Whether none were.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Labels in memory, in the order of their numbers, which begin behind [`KeptLabels::base`].
    pub fn here(&self) -> &Rows<Label> {
        self.here.all()
    }

    /// How many labels in memory the area has that has the most.
    pub fn most_of_an_area(&self) -> usize {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// How many of the labels met last are `most` of an area at most.
    pub fn newest(&self, most: usize) -> usize {
        let mut counts = [0; AREAS.len()];
        let fits = |label: &&Label| {
            let count = counts.get_mut(label.area as usize);
            count.is_none_or(|count| {
                *count += 1;
                *count <= most
            })
        };
        self.here().iter().rev().take_while(fits).count()
    }

    /// Moves full pages to the shelf, the oldest first, until at most `stay` labels are left in memory, or less than a
    /// page. After an error those that were written are there, and the others still here.
    pub fn shed(&mut self, shelf: &Arc<Shelf>, stay: usize) -> Result<(), SpillError> {
        let (pages, outcome) = self.past.shelve(self.here.all(), shelf, stay);
        let rest: Vec<Label> = self.here().from(pages * PAGE).copied().collect();
        self.put_here(&rest);
        outcome
    }

    /// Gives names of labels in memory other numbers. Labels that differed differ still.
    pub fn rename(&mut self, new: &FxHashMap<NameId, NameId>) {
        let renamed = |label: Label| Label {
            parts: label.parts.map(|id| new.get(&id).copied().unwrap_or(id)),
            ..label
        };
        let here: Vec<Label> = self.here().iter().copied().map(renamed).collect();
        self.put_here(&here);
    }

    /// Puts `labels`, all of them different, in place of those in memory.
    fn put_here(&mut self, labels: &[Label]) {
        self.here = Labels::default();
        self.counts = [0; AREAS.len()];
        self.intern_all(labels);
    }

    /// Whether a label of `area` is in memory.
    pub fn any_of(&self, area: Area) -> bool {
        self.counts[area as usize] > 0
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        self.past.trim()
    }

    /// Bytes that it may take for a moment to hold `more` labels, too.
    pub fn growth(&self, more: usize) -> usize {
        self.here.growth(more)
    }

    /// Bytes it holds in memory beside pages that were read back.
    pub fn heap_bytes(&self) -> usize {
        self.here.heap_bytes() + self.past.heap_bytes()
    }
}
