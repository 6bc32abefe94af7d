//! The names of a store: those met lately in memory, each once; earlier ones on disk, if memory was short.

use std::borrow::Cow;
use std::sync::Arc;

use crate::spill::SpillError;

use super::column::{full_pages, number};
use super::names::{NameId, Names};
use super::shelf::{Pages, Shelf};

/// Names of a page.
const PAGE: usize = 2048;

/// Names by number. A name that [`KeptNames::shed`] moved gets another number when it is met again: it is among the newest
/// then.
#[derive(Default)]
pub struct KeptNames {
    past: Pages<Page>,
    here: Names,
}

/// The ends of a page's names and their bytes.
struct Page(Vec<u8>);

impl Page {
    fn get(&self, at: usize) -> &[u8] {
        let end = |at: usize| number(&self.0, at * 4) as usize;
        let (from, to) = (at.checked_sub(1).map_or(0, end), end(at));
        let bytes = self.0.get(PAGE * 4..).unwrap_or(&[]);
        bytes.get(from..to).unwrap_or(&[])
    }
}

impl KeptNames {
    fn base(&self) -> usize {
        self.past.count() * PAGE
    }

    /// The number of `name`, given when it is new.
    pub fn intern(&mut self, name: &[u8]) -> NameId {
        self.here.intern(name) + self.base() as NameId
    }

    /// The numbers of all of `more`, in order.
    pub fn intern_all(&mut self, more: &Names) -> Vec<NameId> {
        let base = self.base() as NameId;
        let mut ids = self.here.intern_all(more);
        ids.iter_mut().for_each(|id| *id += base);
        ids
    }

    /// The number of `name`, if it is in memory.
    pub fn find(&self, name: &[u8]) -> Option<NameId> {
        self.here.find(name).map(|id| id + self.base() as NameId)
    }

    /// The name with this number; empty for 0 and unknown numbers.
    pub fn get(&self, id: NameId) -> Cow<'_, [u8]> {
        let Some(at) = (id as usize).checked_sub(1) else {
            return Cow::Borrowed(&[]);
        };
        match at.checked_sub(self.base()) {
            Some(at) => Cow::Borrowed(self.here.get(at as NameId + 1)),
            None => {
                let page = self.past.get(at / PAGE, None, Page);
                Cow::Owned(page.map_or_else(Vec::new, |page| page.get(at % PAGE).to_vec()))
            }
        }
    }

    /// How many numbers were given.
    pub fn len(&self) -> usize {
        self.base() + self.here.len()
    }

    /// Whether none were.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The last of the names that [`KeptNames::shed`] would move; 0 for none.
    pub fn moving(&self, stay: usize) -> NameId {
        match full_pages(self.here.len(), stay, PAGE) {
            0 => 0,
            pages => (self.base() + pages * PAGE) as NameId,
        }
    }

    /// How many names are in memory.
    pub fn here(&self) -> usize {
        self.here.len()
    }

    /// Moves full pages to the shelf, the oldest first, until at most `stay` names are left in memory, or less than a
    /// page. After an error those that were written are there, and the others still here.
    pub fn shed(&mut self, shelf: &Arc<Shelf>, stay: usize) -> Result<(), SpillError> {
        let mut outcome = Ok(());
        let mut written = 0;
        let moving = full_pages(self.here.len(), stay, PAGE) * PAGE;
        while outcome.is_ok() && written < moving {
            outcome = self.past.push(shelf, &self.page(written));
            written += if outcome.is_ok() { PAGE } else { 0 };
        }
        let mut here = Names::default();
        for at in written..self.here.len() {
            here.intern(self.here.get(at as NameId + 1));
        }
        self.here = here;
        outcome
    }

    fn page(&self, from: usize) -> Vec<u8> {
        let names = (from..from + PAGE).map(|at| self.here.get(at as NameId + 1));
        let mut bytes = Vec::new();
        let mut end = 0u32;
        for name in names.clone() {
            end = end.saturating_add(name.len() as u32);
            bytes.extend_from_slice(&end.to_le_bytes());
        }
        names.for_each(|name| bytes.extend_from_slice(name));
        bytes
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        self.past.trim()
    }

    /// Bytes that it may take for a moment to hold all of `more`, too.
    pub fn growth(&self, more: &Names) -> usize {
        self.here.growth(more)
    }

    /// Bytes it holds in memory beside pages that were read back.
    pub fn heap_bytes(&self) -> usize {
        self.here.heap_bytes() + self.past.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use crate::budget::Budget;
    use crate::spill::SpillPlace;

    use super::*;

    #[test]
    fn names_keep_their_numbers_when_they_move() {
        let shelf = Arc::new(Shelf::new(&SpillPlace::default(), true, &Budget::new(u64::MAX)).unwrap());
        let mut names = KeptNames::default();
        let text = |i: usize| format!("name_{i}{}", "x".repeat(i % 50)).into_bytes();
        let mut known: Vec<(NameId, Vec<u8>)> = Vec::new();
        for round in 0..4 {
            known.extend(
                (0..3000)
                    .map(|i| text(round * 3000 + i))
                    .map(|name| (names.intern(&name), name)),
            );
            assert_eq!(names.intern(&known.last().unwrap().1), known.last().unwrap().0);
            names.shed(&shelf, 0).unwrap();
        }
        for (id, name) in &known {
            assert_eq!(names.get(*id), name.as_slice());
        }
        assert_eq!(
            (
                names.len(),
                names.past.count(),
                names.get(0).len(),
                names.get(99_999).len()
            ),
            (12_000, 5, 0, 0)
        );
        assert_eq!(names.find(&known[11_999].1), Some(12_000));
        let again = names.intern(&known[0].1);
        assert_eq!(
            (again, names.get(again)),
            (12_001, Cow::Borrowed(known[0].1.as_slice()))
        );
    }
}
