//! Labels as numbers: an area and up to three names.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::pgtap::area::Area;

use super::names::{NameId, Names};

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

/// Labels held once. A label costs 16 bytes and about 6 for its place in the table.
#[derive(Default)]
pub struct Labels {
    all: Vec<Label>,
    table: HashTable<LabelId>,
}

fn hash(label: &Label) -> u64 {
    let mut hasher = FxHasher::default();
    label.hash(&mut hasher);
    hasher.finish()
}

impl Labels {
    /// The number of `label`, given when it is new.
    pub fn intern(&mut self, label: Label) -> LabelId {
        let hashed = hash(&label);
        let all = &self.all;
        if let Some(id) = self.table.find(hashed, |id| all.get(*id as usize - 1) == Some(&label)) {
            return *id;
        }
        self.all.push(label);
        let id = self.all.len() as LabelId;
        let all = &self.all;
        // Numbers in the table are at least 1 and at most all.len().
        self.table.insert_unique(hashed, id, |id| all.get(*id as usize - 1).map_or(0, hash));
        id
    }

    /// The number of `label`, if it is known.
    pub fn find(&self, label: &Label) -> Option<LabelId> {
        self.table.find(hash(label), |id| self.all.get(*id as usize - 1) == Some(label)).copied()
    }

    /// The label with this number.
    pub fn get(&self, id: LabelId) -> Option<&Label> {
        self.all.get((id as usize).checked_sub(1)?)
    }

    /// All labels, in the order of their numbers.
    pub fn all(&self) -> &[Label] {
        &self.all
    }

    /// Forgets all labels and keeps the buffers.
    pub fn clear(&mut self) {
        self.all.clear();
        self.table.clear();
    }

    /// Bytes it holds.
    pub fn heap_bytes(&self) -> usize {
        self.all.capacity() * size_of::<Label>() + self.table.capacity() * 5
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

/// Whether a part holds a dot and the label must be divided anew.
pub fn is_plain(part: &[u8]) -> bool {
    memchr::memchr(b'.', part).is_none()
}

/// The label's text.
pub fn text<'n>(names: &'n Names, label: &Label) -> Cow<'n, [u8]> {
    let [first, second, third] = label.parts.map(|id| names.get(id));
    match label.parts {
        [_, 0, 0] => Cow::Borrowed(first),
        [_, _, 0] => Cow::Owned([first, second].join(&b'.')),
        _ => Cow::Owned([first, second, third].join(&b'.')),
    }
}
