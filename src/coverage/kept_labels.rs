//! The labels of a store: those met lately in memory, each once; earlier ones on disk, if memory was short.

use std::sync::Arc;

use crate::pgtap::area::{AREAS, Area};
use crate::spill::SpillError;

use super::column::{Column, Fixed, number};
use super::label::{Label, LabelId, Labels};
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

/// Labels by number. A label that was met before the last [`KeptLabels::shed`] gets another number when it is met
/// again; [`super::merge`] tells which numbers are one.
#[derive(Default)]
pub struct KeptLabels {
    past: Column<Label>,
    here: Labels,
}

impl KeptLabels {
    /// The number of the first label in memory is one more.
    pub fn base(&self) -> LabelId {
        self.past.len() as LabelId
    }

    /// The number of `label`, given when it is new.
    pub fn intern(&mut self, label: Label) -> LabelId {
        self.here.intern(label) + self.base()
    }

    /// The number of `label`, if it was met since the last [`KeptLabels::shed`].
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
    pub fn here(&self) -> &[Label] {
        self.here.all()
    }

    /// How many labels in memory the area has that has the most.
    pub fn most_of_an_area(&self) -> usize {
        let mut counts = [0; AREAS.len()];
        for label in self.here() {
            if let Some(count) = counts.get_mut(label.area as usize) {
                *count += 1;
            }
        }
        counts.into_iter().max().unwrap_or(0)
    }

    /// Moves full pages to the shelf. After an error those that were written are there, and the others still here.
    pub fn shed(&mut self, shelf: &Arc<Shelf>) -> Result<(), SpillError> {
        self.past.extend(self.here.all().iter().copied());
        let outcome = self.past.shed(shelf);
        let rest = self.past.take_here();
        self.here = Labels::default();
        for label in rest {
            self.here.intern(label);
        }
        outcome
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        self.past.trim()
    }

    /// Bytes that it may take for a moment to hold `more` labels, too.
    pub fn growth(&self, more: usize) -> usize {
        self.here.growth(more)
    }

    /// Bytes it holds in memory.
    pub fn heap_bytes(&self) -> usize {
        self.here.heap_bytes() + self.past.heap_bytes()
    }
}
