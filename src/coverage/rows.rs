//! Values in a row that grows without moving them: what was allocated stays where it is, and no copy stands beside it.

use std::borrow::Cow;
use std::ops::Range;

/// Values of a page.
pub const PAGE: usize = 2048;

/// Values in pages, of which all but the last are full.
#[derive(Clone)]
pub struct Rows<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Copy> Rows<T> {
    /// How many values there are.
    #[inline]
    pub fn len(&self) -> usize {
        match self.pages.split_last() {
            Some((last, full)) => full.len() * PAGE + last.len(),
            None => 0,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value.
    #[inline]
    pub fn push(&mut self, value: T) {
        match self.pages.last_mut() {
            Some(page) if page.len() < page.capacity() => page.push(value),
            _ => self.with_room(1).push(value),
        }
    }

    /// Adds values.
    pub fn extend(&mut self, mut values: impl ExactSizeIterator<Item = T>) {
        while values.len() > 0 {
            let page = self.with_room(values.len());
            let room = PAGE - page.len();
            page.extend(values.by_ref().take(room));
        }
    }

    /// The page that the next of `more` values go to. A page that is not the first is allocated as a whole.
    fn with_room(&mut self, more: usize) -> &mut Vec<T> {
        if self.pages.last().is_none_or(|page| page.len() == PAGE) {
            let size = if self.pages.is_empty() { 0 } else { PAGE };
            self.pages.push(Vec::with_capacity(size));
        }
        let last = self.pages.len() - 1;
        let page = &mut self.pages[last];
        let wanted = page.len() + more.min(PAGE - page.len());
        if wanted > page.capacity() {
            page.reserve_exact(wanted.max(page.capacity() * 2).min(PAGE) - page.len());
        }
        page
    }

    /// The value at `at`.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&T> {
        self.pages.get(at / PAGE)?.get(at % PAGE)
    }

    /// The place of the value at `at`.
    #[inline]
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.pages.get_mut(at / PAGE)?.get_mut(at % PAGE)
    }

    /// The values in `range`, as far as there are any; copied where they lie on several pages.
    pub fn slice(&self, range: Range<usize>) -> Cow<'_, [T]> {
        let end = range.end.min(self.len());
        let (first, from) = (range.start / PAGE, range.start % PAGE);
        if range.start >= end {
            return Cow::Borrowed(&[]);
        }
        if end <= (first + 1) * PAGE {
            let page = self
                .pages
                .get(first)
                .and_then(|page| page.get(from..end - first * PAGE));
            return Cow::Borrowed(page.unwrap_or(&[]));
        }
        Cow::Owned(self.from(range.start).take(end - range.start).copied().collect())
    }

    /// All values from `at` on, in order.
    pub fn from(&self, at: usize) -> impl DoubleEndedIterator<Item = &T> {
        let pages = self.pages.get(at / PAGE..).unwrap_or(&[]);
        let (first, rest) = pages.split_first().map_or((&[][..], pages), |(first, rest)| {
            (first.get(at % PAGE..).unwrap_or(&[]), rest)
        });
        first.iter().chain(rest.iter().flatten())
    }

    /// All values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.from(0)
    }

    /// Its full pages, in order.
    pub fn full_pages(&self) -> impl Iterator<Item = &[T]> {
        self.pages.iter().filter(|page| page.len() == PAGE).map(Vec::as_slice)
    }

    /// Lets the first `count` pages go, and room that was not needed.
    pub fn drop_pages(&mut self, count: usize) {
        self.pages.drain(..count.min(self.pages.len()));
        self.pages.shrink_to_fit();
        if let Some(page) = self.pages.last_mut() {
            page.shrink_to_fit();
        }
    }

    /// Forgets the values from `length` on and keeps the room of the page that is the last then.
    pub fn truncate(&mut self, length: usize) {
        let pages = length.div_ceil(PAGE).max(1);
        self.pages.truncate(pages);
        let before = (pages - 1) * PAGE;
        if let Some(page) = self.pages.get_mut(pages - 1) {
            page.truncate(length - before);
        }
    }

    /// Bytes that it may take for a moment to hold `more` values, too; 0 where there is room.
    pub fn growth(&self, more: usize) -> usize {
        let room = self.pages.last().map_or(0, |page| page.capacity() - page.len());
        if more <= room {
            return 0;
        }
        // A page that is not allocated as a whole is copied; and the list of pages may grow.
        let pages = (self.len() + more).div_ceil(PAGE) - self.pages.len() + 1;
        pages * PAGE * size_of::<T>() + (self.pages.len() + pages) * 2 * size_of::<Vec<T>>()
    }

    /// Bytes it holds.
    pub fn heap_bytes(&self) -> usize {
        let values = self
            .pages
            .split_last()
            .map_or(0, |(last, full)| full.len() * PAGE + last.capacity());
        values * size_of::<T>() + self.pages.capacity() * size_of::<Vec<T>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(count: usize) -> Rows<u32> {
        let mut rows = Rows::default();
        rows.extend((0..count as u32).collect::<Vec<_>>().into_iter());
        rows
    }

    #[test]
    fn values_come_back_however_they_were_added() {
        for step in [1, 7, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE] {
            let mut rows = Rows::default();
            let all: Vec<u32> = (0..5 * PAGE as u32).collect();
            for part in all.chunks(step) {
                let before = rows.heap_bytes();
                let growth = rows.growth(part.len());
                match part {
                    [one] => rows.push(*one),
                    _ => rows.extend(part.iter().copied()),
                }
                assert!(rows.heap_bytes() <= before + growth, "{step}");
            }
            assert!(rows.iter().eq(&all) && rows.iter().rev().eq(all.iter().rev()), "{step}");
            assert_eq!((rows.len(), rows.get(5 * PAGE)), (all.len(), None));
            assert!(rows.heap_bytes() <= all.len() * 4 + 5 * 2 * 24, "{}", rows.heap_bytes());
        }
    }

    #[test]
    fn slices_are_copied_only_where_they_must_be() {
        let rows = row(3 * PAGE + 5);
        let all: Vec<u32> = rows.iter().copied().collect();
        let ranges = [
            (0..0, true),
            (0..PAGE, true),
            (5..9, true),
            (PAGE..2 * PAGE, true),
            (PAGE - 1..PAGE + 1, false),
            (7..3 * PAGE + 1, false),
            (3 * PAGE..9 * PAGE, true),
            (9 * PAGE..10 * PAGE, true),
        ];
        for (range, borrowed) in ranges {
            let expected = all.get(range.start.min(all.len())..range.end.min(all.len())).unwrap();
            let found = rows.slice(range.clone());
            assert_eq!(
                (&*found, matches!(found, Cow::Borrowed(_))),
                (expected, borrowed),
                "{range:?}"
            );
        }
    }

    #[test]
    fn pages_that_go_leave_the_others() {
        let mut rows = row(3 * PAGE + 5);
        assert_eq!(rows.full_pages().count(), 3);
        rows.drop_pages(2);
        assert!(rows.iter().copied().eq(2 * PAGE as u32..3 * PAGE as u32 + 5));
        rows.extend([1, 2].into_iter());
        assert_eq!((rows.len(), rows.get(PAGE + 6)), (PAGE + 7, Some(&2)));
        for length in [PAGE + 7, PAGE + 6, PAGE + 1, PAGE, PAGE - 1, 3, 0] {
            let before: Vec<u32> = rows.iter().copied().collect();
            rows.truncate(length);
            assert!(rows.iter().eq(&before[..length]), "{length}");
            assert_eq!(rows.is_empty(), length == 0);
        }
    }
}
