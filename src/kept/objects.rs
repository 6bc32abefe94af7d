//! Objects by kind and name: the ones used last in memory, the rest on disk.
//!
//! Names and places of all objects stay in memory, about [`ENTRY`] bytes and the name for each. Values are loose while
//! they are in use; several of the least recently used become a block, which is compressed in memory or goes to disk.

use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::budget::{Budget, Reservation};
use crate::coverage::grow::reserve;
use crate::spill::{SpillError, SpillPlace, SpillStats};

use super::block::value;
use super::blocks::{BlockId, Blocks};
use super::kinds::{Kind, Kinds};
use super::news::{Limit, News};
use super::recent::{NONE, Recent};

/// What an object costs beside its name and value: entry, links, order, its place in the table, allocations.
pub const ENTRY: u64 = 136;

/// What a store may use, and how it keeps things.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Objects of one kind in memory.
    pub objects_per_kind: usize,
    /// Bytes of memory: names, places and values.
    pub bytes: u64,
    /// Objects that become one block.
    pub batch: usize,
    /// Compress what is not in use, in memory and on disk.
    pub compress: bool,
    /// Move the least recently used to disk at a limit; else they are dropped.
    pub spill: bool,
    /// Where the file is made, and how large it may be.
    pub place: SpillPlace,
}

/// Why an object was not taken. Nothing has changed.
#[derive(Debug)]
pub enum Refused {
    /// It has no room in memory, and nothing that could leave makes enough.
    Full(Limit),
    /// Others could not be moved to disk.
    Disk(Limit, SpillError),
}

/// An object.
pub(super) struct Entry {
    /// Numbers the objects in the order they came; never given twice.
    pub(super) number: u64,
    pub(super) name: Box<str>,
    pub(super) kind: u32,
    pub(super) place: Place,
}

/// Where a value is.
pub(super) enum Place {
    Loose(Box<[u8]>),
    Block { block: BlockId, at: u32 },
}

/// A value that is not there yet, or not any more: in no block.
pub(super) const NOWHERE: Place = Place::Block {
    block: BlockId::MAX,
    at: 0,
};

/// The kind of an entry whose object was dropped.
pub(super) const GONE: u32 = u32::MAX;

/// The store.
pub struct Objects {
    pub(super) limits: Limits,
    pub(super) entries: Vec<Entry>,
    pub(super) names: HashTable<u32>,
    pub(super) kinds: Kinds,
    pub(super) recent: Recent,
    pub(super) blocks: Blocks,
    pub(super) reserved: Reservation,
    next: u64,
    pub(super) gone: usize,
    /// What happened that the owner should be told.
    pub news: News,
}

/// What a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Held {
    /// Bytes of memory: now, the most ever, allowed.
    pub memory: [u64; 3],
    /// Bytes of blocks in memory: as they are kept, and unpacked.
    pub packed: (u64, u64),
    /// The file.
    pub disk: SpillStats,
}

pub(super) fn hash(kind: u32, name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    (kind, name).hash(&mut hasher);
    hasher.finish()
}

/// What a loose value costs.
pub(super) fn cost(value: usize) -> u64 {
    value as u64 + 16
}

impl Objects {
    /// An empty store.
    pub fn new(limits: Limits) -> Self {
        let budget = Budget::new(limits.bytes);
        let blocks = Blocks::new(limits.place.clone(), Reservation::empty(&budget));
        Self {
            limits,
            entries: Vec::new(),
            names: HashTable::new(),
            kinds: Kinds::default(),
            recent: Recent::default(),
            blocks,
            reserved: Reservation::empty(&budget),
            next: 0,
            gone: 0,
            news: News::default(),
        }
    }

    /// Keeps `bytes` under this kind and name; a value that was there is replaced and keeps its place in the order.
    pub fn put(&mut self, kind: &str, name: &str, bytes: &[u8]) -> Result<(), Refused> {
        let kind = self.kinds.number(kind, self.limits.compress, &mut self.reserved);
        let done = self.try_put(kind, name, bytes);
        let name = self.kinds.get(kind).map_or("", |kind| &kind.name);
        match &done {
            Ok(()) => self.news.taken(name),
            Err(Refused::Full(reached)) => self.news.refused(name, *reached, None),
            Err(Refused::Disk(reached, cause)) => self.news.refused(name, *reached, Some(cause)),
        }
        done
    }

    fn try_put(&mut self, kind: u32, name: &str, bytes: &[u8]) -> Result<(), Refused> {
        let found = self.find(kind, name);
        if found.is_none() && self.entries.len() >= NONE as usize {
            return Err(Refused::Full(Limit::Objects(self.entries.len())));
        }
        let own = if found.is_some() { 0 } else { ENTRY + name.len() as u64 };
        // What would fill a good part of the memory goes straight to disk.
        if self.limits.spill && bytes.len() as u64 > self.limits.bytes / 4 {
            self.make_room(own)?;
            return self.put_on_disk(kind, name, bytes, own);
        }
        // Without a disk nothing is dropped for a value that would drop nearly all.
        if !self.limits.spill && bytes.len() as u64 > self.limits.bytes / 2 {
            return Err(Refused::Full(Limit::Bytes(self.limits.bytes)));
        }
        if !found.is_some_and(|id| self.in_memory(id)) {
            self.make_place(kind)?;
        }
        self.make_room(own + cost(bytes.len()))?;
        if found.is_some() && self.find(kind, name).is_none() {
            // It was dropped to make room for its own new value.
            self.reserved.grow(ENTRY + name.len() as u64);
        }
        let id = self.entry(kind, name);
        self.leave(id);
        self.set_loose(id, bytes.into());
        self.pack_unused(kind);
        Ok(())
    }

    /// What is kept under this kind and name.
    pub fn get(&mut self, kind: &str, name: &str) -> Result<Option<Vec<u8>>, SpillError> {
        let Some(id) = self.kinds.find(kind).and_then(|kind| self.find(kind, name)) else {
            return Ok(None);
        };
        if let Some(Entry {
            kind,
            place: Place::Loose(_),
            ..
        }) = self.entries.get(id as usize)
            && let Some(kind) = self.kinds.get_mut(*kind)
        {
            self.recent.remove(&mut kind.loose, id);
            self.recent.push(&mut kind.loose, id);
        }
        self.bytes_of(id).map(Some)
    }

    /// Whether there is something under this kind and name.
    pub fn has(&self, kind: &str, name: &str) -> bool {
        self.kinds
            .find(kind)
            .is_some_and(|kind| self.find(kind, name).is_some())
    }

    /// How many objects a kind has.
    pub fn count(&self, kind: &str) -> usize {
        self.kind(kind).map_or(0, |kind| kind.order.len())
    }

    /// Whether a further object of the kind makes others leave memory.
    pub fn at_capacity(&self, kind: &str) -> bool {
        self.count(kind) >= self.limits.objects_per_kind
    }

    /// All kinds in the order they came.
    pub fn kinds(&self) -> &[Kind] {
        self.kinds.all()
    }

    /// Names of a kind, `from..to` in the order they came.
    pub fn names(&self, kind: &str, from: usize, to: usize) -> Vec<&str> {
        let order = self.kind(kind).map_or(&[][..], |kind| kind.order.as_slice());
        let page = order.get(from..to.min(order.len())).unwrap_or(&[]);
        page.iter()
            .filter_map(|id| self.entries.get(*id as usize))
            .map(|entry| &*entry.name)
            .collect()
    }

    /// Keeps what the kind has compressed from now on. Gives the bytes of memory that this freed.
    pub fn compress(&mut self, kind: &str) -> u64 {
        let number = self.kinds.number(kind, true, &mut self.reserved);
        if let Some(kind) = self.kinds.get_mut(number) {
            kind.compressed = true;
        }
        let before = self.reserved.budget().current();
        while self.pack(number) {}
        before.saturating_sub(self.reserved.budget().current())
    }

    /// What it holds.
    pub fn held(&self) -> Held {
        let budget = self.reserved.budget();
        Held {
            memory: [budget.current(), budget.high(), budget.limit()],
            packed: self.blocks.packed(),
            disk: self.blocks.disk(),
        }
    }

    /// Forgets all objects, and gives memory and disk back.
    pub fn clear(&mut self) {
        let limits = self.limits.clone();
        let next = self.next;
        *self = Self::new(limits);
        self.next = next;
    }

    fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(self.kinds.find(name)?)
    }

    fn find(&self, kind: u32, name: &str) -> Option<u32> {
        let same = |id: &u32| {
            let entry = self.entries.get(*id as usize);
            entry.is_some_and(|entry| entry.kind == kind && &*entry.name == name)
        };
        self.names.find(hash(kind, name), same).copied()
    }

    fn in_memory(&self, id: u32) -> bool {
        match self.entries.get(id as usize).map(|entry| &entry.place) {
            Some(Place::Block { block, .. }) => self.blocks.get(*block).is_some_and(|block| !block.on_disk()),
            place => place.is_some(),
        }
    }

    /// The value of an entry, wherever it is.
    fn bytes_of(&mut self, id: u32) -> Result<Vec<u8>, SpillError> {
        let (block, at) = match self.entries.get(id as usize).map(|entry| &entry.place) {
            Some(Place::Loose(bytes)) => return Ok(bytes.to_vec()),
            Some(Place::Block { block, at }) => (*block, *at as usize),
            None => return Ok(Vec::new()),
        };
        let raw = self.blocks.raw(block)?;
        let count = self.blocks.get(block).map_or(0, |block| block.members.len());
        Ok(value(&raw, count, at).unwrap_or_default().to_vec())
    }

    /// The entry of this name, new at the end of the order or known; a new one has an empty place on no block.
    pub(super) fn entry(&mut self, kind: u32, name: &str) -> u32 {
        if let Some(id) = self.find(kind, name) {
            return id;
        }
        let id = self.entries.len() as u32;
        reserve(&mut self.entries, 1);
        self.entries.push(Entry {
            number: self.next,
            name: name.into(),
            kind,
            place: NOWHERE,
        });
        self.next += 1;
        let entries = &self.entries;
        self.names.insert_unique(hash(kind, name), id, |id| {
            entries
                .get(*id as usize)
                .map_or(0, |entry| hash(entry.kind, &entry.name))
        });
        if let Some(kind) = self.kinds.get_mut(kind) {
            reserve(&mut kind.order, 1);
            kind.order.push(id);
        }
        id
    }

    fn set_loose(&mut self, id: u32, bytes: Box<[u8]>) {
        let Some(entry) = self.entries.get_mut(id as usize) else {
            return;
        };
        entry.place = Place::Loose(bytes);
        if let Some(kind) = self.kinds.get_mut(entry.kind) {
            kind.in_memory += 1;
            self.recent.push(&mut kind.loose, id);
        }
    }

    /// Takes the value of an entry away from where it is.
    pub(super) fn leave(&mut self, id: u32) {
        let Some(entry) = self.entries.get_mut(id as usize) else {
            return;
        };
        let number = entry.kind;
        match std::mem::replace(&mut entry.place, NOWHERE) {
            Place::Loose(bytes) => {
                self.reserved.shrink(cost(bytes.len()));
                if let Some(kind) = self.kinds.get_mut(number) {
                    self.recent.remove(&mut kind.loose, id);
                    kind.in_memory -= 1;
                }
            }
            Place::Block { block, .. } => self.leave_block(number, block),
        }
    }
}

#[cfg(test)]
#[path = "objects_tests.rs"]
mod tests;
