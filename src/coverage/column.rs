//! Values of fixed size in a row, of which the front may lie on disk.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::spill::SpillError;

use super::rows::{PAGE, Rows};
use super::shelf::{Pages, Shelf};

/// A value of fixed size.
pub trait Fixed: Copy {
    /// Bytes of one on disk.
    const BYTES: usize;
    /// Puts it behind `out`.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads it from exactly [`Self::BYTES`] bytes.
    fn read(bytes: &[u8]) -> Self;
}

/// How many pages of `size` have to move so that of `here` values at most `stay` are left, or less than a page.
pub fn full_pages(here: usize, stay: usize, size: usize) -> usize {
    here.saturating_sub(stay).div_ceil(size).min(here / size)
}

/// The little-endian number at `at`; 0 beyond the end.
pub fn number(bytes: &[u8], at: usize) -> u32 {
    let found = bytes.get(at..at + 4).and_then(|b| b.first_chunk());
    found.map_or(0, |b| u32::from_le_bytes(*b))
}

impl Fixed for u32 {
    const BYTES: usize = 4;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        number(bytes, 0)
    }
}

impl Fixed for (u32, u32) {
    const BYTES: usize = 8;

    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(bytes: &[u8]) -> Self {
        (number(bytes, 0), number(bytes, 4))
    }
}

/// A growing row of values. [`Column::shed`] moves full pages to disk; they are found there all the same.
pub struct Column<T> {
    past: Pages<Vec<T>>,
    here: Rows<T>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self {
            past: Pages::default(),
            here: Rows::default(),
        }
    }
}

/// Writes a page behind `past`.
fn put<T: Fixed>(past: &mut Pages<Vec<T>>, page: &[T], shelf: &Arc<Shelf>) -> Result<(), SpillError> {
    past.push(shelf, &encode(page))
}

/// Values as they lie on disk.
pub fn encode<T: Fixed>(page: &[T]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(page.len() * T::BYTES);
    page.iter().for_each(|value| value.write(&mut bytes));
    bytes
}

/// The values that lie on disk as `bytes`.
pub fn decode<T: Fixed>(bytes: Vec<u8>) -> Vec<T> {
    bytes.chunks_exact(T::BYTES).map(T::read).collect()
}

impl<T: Fixed> Column<T> {
    /// The index of the first value in memory.
    fn base(&self) -> usize {
        self.past.count() * PAGE
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.base() + self.here.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value.
    pub fn push(&mut self, value: T) {
        self.here.push(value);
    }

    /// Adds values.
    pub fn extend(&mut self, values: impl ExactSizeIterator<Item = T>) {
        self.here.extend(values);
    }

    /// Forgets the values from `length` on, as far as they are in memory.
    pub fn truncate(&mut self, length: usize) {
        let base = self.base();
        self.here.truncate(length.saturating_sub(base));
    }

    /// The value at `at`.
    #[inline]
    pub fn get(&self, at: usize) -> Option<T> {
        match at.checked_sub(self.base()) {
            Some(at) => self.here.get(at).copied(),
            None => self.page(at / PAGE)?.get(at % PAGE).copied(),
        }
    }

    /// The place of the value at `at`, if that is in memory.
    #[inline]
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let at = at.checked_sub(self.base())?;
        self.here.get_mut(at)
    }

    fn page(&self, number: usize) -> Option<Arc<Vec<T>>> {
        self.past.get(number, Some(PAGE * size_of::<T>()), decode)
    }

    /// The values in `range`, as far as there are any.
    pub fn slice(&self, range: Range<usize>) -> Cow<'_, [T]> {
        let base = self.base();
        let end = range.end.min(self.len());
        if range.start >= base {
            return self.here.slice(range.start - base..end.saturating_sub(base));
        }
        let mut found = Vec::with_capacity(end.saturating_sub(range.start));
        let mut at = range.start;
        while at < end.min(base) {
            let (number, from) = (at / PAGE, at % PAGE);
            let to = PAGE.min(end - number * PAGE);
            let page = self.page(number);
            found.extend_from_slice(page.as_ref().and_then(|p| p.get(from..to)).unwrap_or(&[]));
            at = number * PAGE + to;
        }
        found.extend(self.here.iter().take(end.saturating_sub(base)));
        Cow::Owned(found)
    }

    /// All values, in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        let pages = (0..self.past.count()).filter_map(|number| self.past.pass(number, decode));
        pages.flatten().chain(self.here.iter().copied())
    }

    /// Moves full pages to the shelf, the oldest first, until at most `stay` values are left in memory, or less than a
    /// page. After an error those that were written are there, and the others still here.
    pub fn shed(&mut self, shelf: &Arc<Shelf>, stay: usize) -> Result<(), SpillError> {
        let mut here = std::mem::take(&mut self.here);
        let (written, outcome) = self.shelve(&here, shelf, stay);
        here.drop_pages(written);
        self.here = here;
        outcome
    }

    /// Writes full pages of `rows` behind those on the shelf, the oldest first, until at most `stay` values are left, or
    /// less than a page; how many pages that were.
    pub fn shelve(&mut self, rows: &Rows<T>, shelf: &Arc<Shelf>, stay: usize) -> (usize, Result<(), SpillError>) {
        let before = self.past.count();
        let pages = full_pages(rows.len(), stay, PAGE);
        let mut pages = rows.full_pages().take(pages);
        let outcome = pages.try_for_each(|page| put(&mut self.past, page, shelf));
        (self.past.count() - before, outcome)
    }

    /// A column of `values` on the shelf; less than a page of them stays in memory.
    pub fn shelved(values: &[T], shelf: &Arc<Shelf>) -> Result<Self, SpillError> {
        let mut column = Self::default();
        let (pages, rest) = values.as_chunks::<PAGE>();
        for page in pages {
            put(&mut column.past, page, shelf)?;
        }
        column.here.extend(rest.iter().copied());
        Ok(column)
    }

    /// How many values are in memory.
    pub fn here(&self) -> usize {
        self.here.len()
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        self.past.trim()
    }

    /// Bytes that it may take for a moment to hold `more` values, too.
    pub fn growth(&self, more: usize) -> usize {
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
    fn values_are_found_wherever_they_lie() {
        let shelf = Arc::new(Shelf::new(&SpillPlace::default(), true, &Budget::new(u64::MAX)).unwrap());
        let mut column = Column::default();
        let mut expected = Vec::new();
        for round in 0..5u32 {
            let more: Vec<u32> = (0..3000).map(|i| i * 7 + round).collect();
            column.extend(more.iter().copied());
            expected.extend(more);
            column.shed(&shelf, 0).unwrap();
            assert!(column.here.len() < PAGE && column.past.count() == expected.len() / PAGE);
        }
        assert_eq!(column.len(), expected.len());
        assert!(column.iter().eq(expected.iter().copied()));
        for at in [0, 1, PAGE - 1, PAGE, PAGE * 7, expected.len() - 1] {
            assert_eq!(column.get(at), expected.get(at).copied(), "{at}");
        }
        assert_eq!(column.get(expected.len()), None);
        for range in [
            0..0,
            0..1,
            5..PAGE,
            PAGE - 1..PAGE + 1,
            100..9000,
            14_000..15_000,
            0..15_000,
            14_999..20_000,
        ] {
            let end = range.end.min(expected.len());
            assert_eq!(*column.slice(range.clone()), expected[range.start..end], "{range:?}");
        }
        assert!(shelf.failure().is_none() && shelf.stats().frames == 7);
        drop(column);
        assert_eq!(shelf.stats().live_bytes, 0);
    }

    #[test]
    fn the_oldest_pages_move_and_no_more_than_are_needed() {
        let shelf = Arc::new(Shelf::new(&SpillPlace::default(), true, &Budget::new(u64::MAX)).unwrap());
        let all = 10 * PAGE + 7;
        // Values that stay -> pages that moved.
        let cases = [
            (all, 0),
            (all + 1, 0),
            (all - 1, 1),
            (9 * PAGE, 2),
            (PAGE, 10),
            (8, 10),
            (7, 10),
            (0, 10),
        ];
        for (stay, moved) in cases {
            let mut column = Column::default();
            column.extend((0..all).map(|at| at as u32));
            column.shed(&shelf, stay).unwrap();
            assert_eq!(
                (column.past.count(), column.here()),
                (moved, all - moved * PAGE),
                "{stay}"
            );
            assert!(column.get_mut(moved * PAGE).is_some(), "what came last is in memory");
            assert_eq!(column.get_mut((moved * PAGE).wrapping_sub(1)), None);
            assert!(column.iter().eq(0..all as u32));
        }
    }
}
