//! Which labels are one: a store that was short of memory met some of them again after it had put them away.
//!
//! Each time a store sheds it writes a run: a hash of the text of each label that is in none yet, sorted. Merging the
//! runs finds equal texts with one page of each run in memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::pgtap::area::Area;
use crate::spill::SpillError;

use super::column::{Column, Fixed, number};
use super::label::LabelId;
use super::rows::PAGE;
use super::shelf::Shelf;

/// Hashes texts with keys that nobody outside the process knows: 128 bits, so that equal hashes are equal texts.
#[derive(Default)]
pub struct TextHash(RandomState, RandomState);

impl TextHash {
    /// The hash of a label's parts.
    pub fn of(&self, parts: [&[u8]; 3]) -> u128 {
        // In one piece: the hasher takes many times as long for six small ones.
        let mut text: SmallVec<[u8; 128]> = SmallVec::new();
        for part in parts {
            text.extend_from_slice(&part.len().to_le_bytes());
            text.extend_from_slice(part);
        }
        let half = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            hasher.write(&text);
            u128::from(hasher.finish())
        };
        half(&self.0) << 64 | half(&self.1)
    }
}

/// A label as runs hold it; they are sorted by text, then area, then number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The [`TextHash`] of its parts.
    pub hash: u128,
    /// Its area, as its place in the list of areas.
    pub area: u8,
    /// Its number.
    pub id: LabelId,
}

impl Fixed for Entry {
    const BYTES: usize = 21;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.hash.to_le_bytes());
        out.push(self.area);
        self.id.write(out);
    }

    fn read(bytes: &[u8]) -> Self {
        Self {
            hash: bytes.first_chunk().map_or(0, |b| u128::from_le_bytes(*b)),
            area: bytes.get(16).copied().unwrap_or(0),
            id: number(bytes, 17),
        }
    }
}

/// A sorted run of `entries`.
pub fn run(mut entries: Vec<Entry>, shelf: &Arc<Shelf>) -> Result<Column<Entry>, SpillError> {
    entries.sort_unstable();
    Column::shelved(&entries, shelf)
}

/// Areas that a relation may have beside `Tables`, in the order in which they are asked.
pub const OTHERS: [Area; 4] = [
    Area::Views,
    Area::MaterializedViews,
    Area::ForeignTables,
    Area::Composites,
];

/// All labels by their text.
#[derive(Default)]
pub struct Merged {
    /// Numbers given later to a label that had one.
    aliases: FxHashMap<LabelId, LabelId>,
    /// Tables that other assertions call a view or the like.
    known_as: FxHashMap<LabelId, LabelId>,
    /// Each label once, sorted.
    all: Column<Entry>,
    /// The hash of each page's first entry.
    firsts: Vec<u128>,
}

impl Merged {
    /// Merges `runs`.
    pub fn new(runs: &[Column<Entry>], shelf: &Arc<Shelf>) -> Result<Self, SpillError> {
        let mut merged = Self::default();
        let mut sources: Vec<_> = runs.iter().map(Column::iter).collect();
        let mut heap = BinaryHeap::new();
        for (at, source) in sources.iter_mut().enumerate() {
            heap.extend(source.next().map(|entry| Reverse((entry, at))));
        }
        let mut group: Vec<Entry> = Vec::new();
        while let Some(Reverse((entry, at))) = heap.pop() {
            heap.extend(
                sources
                    .get_mut(at)
                    .and_then(Iterator::next)
                    .map(|next| Reverse((next, at))),
            );
            if group.first().is_some_and(|first| first.hash != entry.hash) {
                merged.add(&group, shelf)?;
                group.clear();
            }
            match group.last() {
                Some(last) if last.area == entry.area => {
                    merged.aliases.insert(entry.id, last.id);
                }
                _ => group.push(entry),
            }
        }
        merged.add(&group, shelf)?;
        merged.all.shed(shelf, 0)?;
        merged.aliases.shrink_to_fit();
        Ok(merged)
    }

    /// Adds the labels of one text.
    fn add(&mut self, group: &[Entry], shelf: &Arc<Shelf>) -> Result<(), SpillError> {
        let of = |area: Area| group.iter().find(|e| e.area == area as u8).map(|e| e.id);
        if let (Some(table), Some(other)) = (of(Area::Tables), OTHERS.into_iter().find_map(of)) {
            self.known_as.insert(table, other);
        }
        for entry in group {
            if self.all.len().is_multiple_of(PAGE) {
                self.firsts.push(entry.hash);
            }
            self.all.push(*entry);
        }
        if self.all.len() % (16 * PAGE) < group.len() {
            self.all.shed(shelf, 0)?;
        }
        Ok(())
    }

    /// The one number of a label.
    pub fn canonical(&self, id: LabelId) -> LabelId {
        self.aliases.get(&id).copied().unwrap_or(id)
    }

    /// What other assertions call the table `id`, if they call it a view or the like.
    pub fn known_as(&self, id: LabelId) -> Option<LabelId> {
        self.known_as.get(&id).copied()
    }

    /// The label of an area whose text has this hash.
    pub fn find(&self, hash: u128, area: Area) -> Option<LabelId> {
        // The group of a hash may begin on the page before the first one that begins with it.
        let page = self.firsts.partition_point(|first| *first < hash).saturating_sub(1);
        let (mut from, mut to) = (page * PAGE, self.all.len().min((page + 2) * PAGE));
        while from < to {
            let middle = from + (to - from) / 2;
            if self.all.get(middle)?.hash < hash {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        let group = (from..).map_while(|at| self.all.get(at).filter(|e| e.hash == hash));
        group.into_iter().find(|e| e.area == area as u8).map(|e| e.id)
    }

    /// How many texts there are of which at least one label is `wanted`.
    pub fn texts(&self, wanted: &dyn Fn(LabelId) -> bool) -> usize {
        let mut last = None;
        let hits = self.all.iter().filter(|entry| wanted(entry.id));
        hits.filter(|entry| last.replace(entry.hash) != Some(entry.hash))
            .count()
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        self.all.trim()
    }

    /// Bytes it holds in memory; pages that were read back are reserved by themselves.
    pub fn heap_bytes(&self) -> usize {
        let maps = (self.aliases.capacity() + self.known_as.capacity()) * 9 * 8 / 7;
        maps + self.all.heap_bytes() + self.firsts.capacity() * 16
    }
}

#[cfg(test)]
mod tests {
    use crate::budget::Budget;
    use crate::spill::SpillPlace;

    use super::*;

    #[test]
    fn equal_texts_are_one_label_whatever_the_run() {
        let shelf = Arc::new(Shelf::new(&SpillPlace::default(), true, &Budget::new(u64::MAX)).unwrap());
        let hash = TextHash::default();
        let text = |n: u32| format!("object_{n}");
        let entry = |n: u32, area: Area, id: u32| Entry {
            hash: hash.of([b"public", text(n).as_bytes(), b""]),
            area: area as u8,
            id,
        };
        // Each run meets the last 1,000 texts of the one before again; some texts are views, too.
        let mut runs = Vec::new();
        let mut id = 0;
        for round in 0..6u32 {
            let texts = (round * 4000).saturating_sub(1000)..(round + 1) * 4000;
            let mut entries = Vec::new();
            for n in texts {
                id += 1;
                entries.push(entry(n, Area::Tables, id));
                if n % 100 == 0 {
                    id += 1;
                    entries.push(entry(n, Area::Views, id));
                }
            }
            runs.push(run(entries, &shelf).unwrap());
        }
        let merged = Merged::new(&runs, &shelf).unwrap();
        assert_eq!(merged.all.len(), 24_000 + 240);
        assert_eq!((merged.aliases.len(), merged.known_as.len()), (5 * 1010, 240));
        let find = |n: u32, area: Area| merged.find(entry(n, area, 0).hash, area);
        for n in 0..24_000 {
            let table = find(n, Area::Tables).unwrap();
            assert_eq!(merged.canonical(table), table);
            assert_eq!(merged.known_as(table), find(n, Area::Views), "{n}");
            assert_eq!(find(n, Area::Views).is_some(), n % 100 == 0);
        }
        assert_eq!(find(24_000, Area::Tables), None);
        assert_eq!(merged.texts(&|_| true), 24_000);
    }
}
