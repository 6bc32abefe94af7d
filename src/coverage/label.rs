//! Labels as numbers: an area and up to three names.

use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::pgtap::area::Area;

use super::grow::table_growth;
use super::names::NameId;
use super::rows::Rows;

/// Number of a label; 0 is none.
pub type LabelId = u32;

/// An area and the parts of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// What kind of object.
    pub area: Area,
    /// Its parts, outermost first.
    pub parts: [NameId; 3],
}

/// Labels held once. A label costs 16 bytes and about 12 for its place in the table, which keeps half of the hash
/// so that neither growing nor most look-ups touch the labels.
#[derive(Clone, Default)]
pub struct Labels {
    all: Rows<Label>,
    table: HashTable<(u32, LabelId)>,
}

fn hash(label: &Label) -> u32 {
    let mut hasher = FxHasher::default();
    label.hash(&mut hasher);
    (hasher.finish() >> 32) as u32
}

/// The table wants its high and its low bits to differ.
fn spread(short: u32) -> u64 {
    u64::from(short) << 32 | u64::from(short.wrapping_mul(0x9E37_79B9))
}

impl Labels {
    /// The number of `label`, given when it is new.
    pub fn intern(&mut self, label: Label) -> LabelId {
        let short = hash(&label);
        match self.find_hashed(&label, short) {
            Some(id) => id,
            None => self.add(label, short),
        }
    }

    /// The numbers of `labels`, all of them different. Looking all up before any is added does not wait for memory at each.
    pub fn intern_all(&mut self, labels: &[Label]) -> Vec<LabelId> {
        let find = |label: &Label| {
            let short = hash(label);
            (short, self.find_hashed(label, short).unwrap_or(0))
        };
        let found: Vec<(u32, LabelId)> = labels.iter().map(find).collect();
        let numbers = labels.iter().zip(found).map(|(label, (short, id))| match id {
            0 => self.add(*label, short),
            known => known,
        });
        numbers.collect()
    }

    fn add(&mut self, label: Label, short: u32) -> LabelId {
        self.all.push(label);
        let id = self.all.len() as LabelId;
        self.table
            .insert_unique(spread(short), (short, id), |(short, _)| spread(*short));
        id
    }

    fn find_hashed(&self, label: &Label, short: u32) -> Option<LabelId> {
        let same = |(other, id): &(u32, LabelId)| *other == short && self.get(*id) == Some(label);
        self.table.find(spread(short), same).map(|(_, id)| *id)
    }

    /// The number of `label`, if it is known.
    pub fn find(&self, label: &Label) -> Option<LabelId> {
        self.find_hashed(label, hash(label))
    }

    /// The label with this number.
    pub fn get(&self, id: LabelId) -> Option<&Label> {
        self.all.get((id as usize).checked_sub(1)?)
    }

    /// All labels, in the order of their numbers.
    pub fn all(&self) -> &Rows<Label> {
        &self.all
    }

    /// Forgets all labels and keeps the buffers.
    pub fn clear(&mut self) {
        self.all.truncate(0);
        self.table.clear();
    }

    /// Bytes that it may take for a moment to hold `more` labels, too.
    pub fn growth(&self, more: usize) -> usize {
        self.all.growth(more) + table_growth(&self.table, more)
    }

    /// Bytes it holds.
    pub fn heap_bytes(&self) -> usize {
        self.all.heap_bytes() + self.table.allocation_size()
    }
}

/// The parts of the label that `text` spells: split at its first two dots, so that equal texts are one label
/// however their names were divided.
pub fn split(text: &[u8]) -> [&[u8]; 3] {
    let mut parts: [&[u8]; 3] = [&[]; 3];
    for (slot, part) in parts.iter_mut().zip(text.splitn(3, |b| *b == b'.')) {
        *slot = part;
    }
    parts
}
