//! Which parts of the file are in use.

use std::collections::{BTreeMap, BTreeSet};

/// The space of one file: its end, and the holes before it.
#[derive(Debug, Default)]
pub struct Space {
    end: u64,
    holes: BTreeMap<u64, u64>,
    by_length: BTreeSet<(u64, u64)>,
}

impl Space {
    /// Where the last used byte ends: the length that the file needs.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Bytes in holes.
    pub fn unused(&self) -> u64 {
        self.holes.values().sum()
    }

    /// The offset of `length` bytes: in the smallest hole that has them, else at the end.
    pub fn take(&mut self, length: u64) -> u64 {
        let Some(&(size, offset)) = self.by_length.range((length, 0)..).next() else {
            let offset = self.end;
            self.end += length;
            return offset;
        };
        self.remove(offset, size);
        if size > length {
            self.insert(offset + length, size - length);
        }
        offset
    }

    /// Gives back what [`Self::take`] gave. Neighbouring holes become one; a hole at the end shortens the file.
    pub fn give(&mut self, offset: u64, length: u64) {
        let (mut start, mut size) = (offset, length);
        if let Some((&before, &length)) = self.holes.range(..offset).next_back()
            && before + length == offset
        {
            self.remove(before, length);
            (start, size) = (before, length + size);
        }
        if let Some(&after) = self.holes.get(&(offset + length)) {
            self.remove(offset + length, after);
            size += after;
        }
        if start + size == self.end {
            self.end = start;
        } else {
            self.insert(start, size);
        }
    }

    fn insert(&mut self, offset: u64, length: u64) {
        self.holes.insert(offset, length);
        self.by_length.insert((length, offset));
    }

    fn remove(&mut self, offset: u64, length: u64) {
        self.holes.remove(&offset);
        self.by_length.remove(&(length, offset));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_smallest_hole_that_fits_is_used() {
        let mut space = Space::default();
        let offsets: Vec<u64> = [10, 30, 10, 20, 10].map(|length| space.take(length)).into();
        assert_eq!(offsets, [0, 10, 40, 50, 70]);
        space.give(10, 30);
        space.give(50, 20);
        assert_eq!((space.take(15), space.unused()), (50, 35));
        assert_eq!(space.take(31), 80);
    }

    #[test]
    fn neighbours_become_one_and_the_end_moves_back() {
        let mut space = Space::default();
        for _ in 0..4 {
            space.take(10);
        }
        space.give(0, 10);
        space.give(20, 10);
        space.give(10, 10);
        assert_eq!((space.unused(), space.end()), (30, 40));
        space.give(30, 10);
        assert_eq!((space.unused(), space.end()), (0, 0));
    }

    proptest! {
        #[test]
        fn nothing_overlaps_and_nothing_is_lost(steps in proptest::collection::vec((any::<bool>(), 1u64..50, any::<usize>()), 1..200)) {
            let mut space = Space::default();
            let mut held: Vec<(u64, u64)> = Vec::new();
            for (take, length, which) in steps {
                if take || held.is_empty() {
                    held.push((space.take(length), length));
                } else {
                    let (offset, length) = held.swap_remove(which % held.len());
                    space.give(offset, length);
                }
                let mut sorted = held.clone();
                sorted.sort_unstable();
                prop_assert!(sorted.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0));
                prop_assert_eq!(sorted.last().map_or(0, |last| last.0 + last.1), space.end());
                prop_assert_eq!(held.iter().map(|h| h.1).sum::<u64>() + space.unused(), space.end());
                prop_assert_eq!(space.holes.len(), space.by_length.len());
            }
        }
    }
}
