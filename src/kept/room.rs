//! Making room: what is not in use is packed, moved to disk, or dropped.

use crate::spill::SpillError;

use super::block::{join, value};
use super::blocks::BlockId;
use super::news::Limit;
use super::objects::{ENTRY, GONE, NOWHERE, Objects, Place, Refused, cost, hash};
use super::recent::{List, NONE};

/// A block takes values until it has so many bytes, or so many values.
const BLOCK_BYTES: usize = 256 << 10;
const BLOCK_VALUES: usize = 1000;

/// Of ten objects, so many stay when a kind is pruned.
const KEPT_OF_TEN: usize = 8;

/// Entries are numbered anew when more than half of them, and so many, are gone.
const MANY_GONE: usize = 1024;

impl Objects {
    /// Makes a place in memory for one more object of this kind.
    pub(super) fn make_place(&mut self, kind: u32) -> Result<(), Refused> {
        let most = self.limits.objects_per_kind;
        while self.kinds.get(kind).is_some_and(|kind| kind.in_memory >= most) {
            self.lighten(kind, Limit::Objects(most))?;
        }
        Ok(())
    }

    /// Reserves memory; what is least recently used leaves for it.
    pub(super) fn make_room(&mut self, bytes: u64) -> Result<(), Refused> {
        let reached = Limit::Bytes(self.limits.bytes);
        while self.reserved.try_grow(bytes).is_err() {
            if self.blocks.drop_cache() {
                continue;
            }
            let Some(kind) = self.oldest_kind() else {
                return Err(Refused::Full(reached));
            };
            self.lighten(kind, reached)?;
        }
        Ok(())
    }

    fn lighten(&mut self, kind: u32, reached: Limit) -> Result<(), Refused> {
        if !self.limits.spill {
            self.prune(kind, reached);
            return Ok(());
        }
        match self.move_out(kind) {
            Err(cause) => return Err(Refused::Disk(reached, cause)),
            Ok(false) => return Err(Refused::Full(reached)),
            Ok(true) => {}
        }
        if let Some(kind) = self.kinds.get_mut(kind) {
            kind.overflowed = true;
            self.news.moved(&kind.name, reached);
        }
        Ok(())
    }

    /// The kind that has what was not used for the longest time.
    fn oldest_kind(&self) -> Option<u32> {
        let used = |number: usize| {
            let kind = self.kinds.all().get(number)?;
            let packed = kind
                .packed
                .front()
                .and_then(|id| self.blocks.get(*id))
                .map(|block| block.made);
            let loose = kind.loose.oldest().map(|id| self.recent.used(id));
            packed.into_iter().chain(loose).min()
        };
        let kinds = (0..self.kinds.all().len()).filter_map(|number| Some((used(number)?, number)));
        kinds.min().map(|(_, number)| number as u32)
    }

    /// Packs values that are not in use, when the kind is to be compressed and has enough of them.
    pub(super) fn pack_unused(&mut self, number: u32) {
        let batch = self.batch();
        if self
            .kinds
            .get(number)
            .is_some_and(|kind| kind.compressed && kind.loose.len() >= 2 * batch)
        {
            self.pack(number);
        }
    }

    /// Packs a batch of a kind; `false` when it has nothing loose.
    pub(super) fn pack(&mut self, number: u32) -> bool {
        let ids = self.oldest(number, self.batch());
        if ids.is_empty() {
            return false;
        }
        let raw = self.joined(&ids);
        self.release(number, &ids);
        let made = self.recent.tick();
        let block = self.blocks.keep(ids.clone(), &raw, made);
        self.place(&ids, block);
        if let Some(kind) = self.kinds.get_mut(number) {
            kind.packed.push_back(block);
        }
        true
    }

    /// Moves the oldest block of a kind, or a batch of its loose values, to disk; `false` when nothing is in memory.
    fn move_out(&mut self, number: u32) -> Result<bool, SpillError> {
        let Some(kind) = self.kinds.get(number) else {
            return Ok(false);
        };
        if let Some(block) = kind.packed.front().copied() {
            self.blocks.move_out(block)?;
            let live = self.blocks.get(block).map_or(0, |block| block.live);
            if let Some(kind) = self.kinds.get_mut(number) {
                kind.packed.pop_front();
                kind.in_memory -= live;
            }
            return Ok(true);
        }
        // Half of them at most: what was used last stays.
        let (most, compressed) = (self.batch().min(kind.loose.len().div_ceil(2)), kind.compressed);
        let ids = self.oldest(number, most);
        if ids.is_empty() {
            return Ok(false);
        }
        let raw = self.joined(&ids);
        let frame = self.blocks.write(&raw, compressed)?;
        self.release(number, &ids);
        if let Some(kind) = self.kinds.get_mut(number) {
            kind.in_memory -= ids.len();
        }
        let made = self.recent.tick();
        let block = self.blocks.on_disk(ids.clone(), frame, made);
        self.place(&ids, block);
        Ok(true)
    }

    /// Writes a value to disk without a stay in memory. The memory for its entry, `own` bytes, is reserved.
    pub(super) fn put_on_disk(&mut self, number: u32, name: &str, bytes: &[u8], own: u64) -> Result<(), Refused> {
        let raw = join(std::iter::once(bytes));
        let compressed = self.kinds.get(number).is_some_and(|kind| kind.compressed);
        let frame = match self.blocks.write(&raw, compressed) {
            Ok(frame) => frame,
            Err(cause) => {
                self.reserved.shrink(own);
                return Err(Refused::Disk(Limit::Bytes(self.limits.bytes), cause));
            }
        };
        let id = self.entry(number, name);
        self.leave(id);
        let made = self.recent.tick();
        let block = self.blocks.on_disk(vec![id], frame, made);
        self.place(&[id], block);
        if let Some(kind) = self.kinds.get_mut(number) {
            kind.overflowed = true;
        }
        Ok(())
    }

    fn batch(&self) -> usize {
        self.limits.batch.clamp(1, BLOCK_VALUES)
    }

    /// Up to `most` loose entries of a kind, from the one not used for the longest time on, as one block takes them.
    fn oldest(&self, number: u32, most: usize) -> Vec<u32> {
        let list = self.kinds.get(number).map_or_else(List::default, |kind| kind.loose);
        let mut ids = self.recent.oldest(&list, most);
        let mut bytes = 0;
        let fitting = ids.iter().take_while(|id| {
            let before = bytes;
            bytes += self.loose(**id).map_or(0, <[u8]>::len);
            before == 0 || bytes <= BLOCK_BYTES
        });
        let fitting = fitting.count();
        ids.truncate(fitting);
        ids
    }

    fn loose(&self, id: u32) -> Option<&[u8]> {
        match &self.entries.get(id as usize)?.place {
            Place::Loose(bytes) => Some(bytes),
            Place::Block { .. } => None,
        }
    }

    fn joined(&self, ids: &[u32]) -> Vec<u8> {
        join(ids.iter().map(|id| self.loose(*id).unwrap_or_default()))
    }

    /// Drops loose values of a kind; [`Self::place`] says next where they are now.
    fn release(&mut self, number: u32, ids: &[u32]) {
        for id in ids {
            let Some(entry) = self.entries.get_mut(*id as usize) else {
                continue;
            };
            if let Place::Loose(bytes) = std::mem::replace(&mut entry.place, NOWHERE) {
                self.reserved.shrink(cost(bytes.len()));
            }
            if let Some(kind) = self.kinds.get_mut(number) {
                self.recent.remove(&mut kind.loose, *id);
            }
        }
    }

    /// The members of these places have their values in this block.
    fn place(&mut self, members: &[u32], block: BlockId) {
        for (at, id) in members.iter().enumerate() {
            if let Some(entry) = self.entries.get_mut(*id as usize) {
                entry.place = Place::Block { block, at: at as u32 };
            }
        }
    }

    /// The members of a block that have their values there, with their places in it.
    fn living(&self, number: BlockId) -> Vec<(usize, u32)> {
        let here = |at: usize, id: u32| {
            let place = self.entries.get(id as usize).map(|entry| &entry.place);
            matches!(place, Some(Place::Block { block, at: own }) if *block == number && *own as usize == at)
        };
        let members = self.blocks.get(number).map_or(&[][..], |block| &block.members);
        let members = members.iter().copied().enumerate();
        members.filter(|(at, id)| here(*at, *id)).collect()
    }

    /// Takes an entry's value out of a block.
    pub(super) fn leave_block(&mut self, kind: u32, number: BlockId) {
        let Some(block) = self.blocks.get_mut(number) else {
            return;
        };
        block.live -= 1;
        let (live, all, on_disk) = (block.live, block.members.len(), block.on_disk());
        if let Some(kind) = self.kinds.get_mut(kind) {
            kind.in_memory -= usize::from(!on_disk);
            if live == 0 {
                kind.packed.retain(|packed| *packed != number);
            }
        }
        if live == 0 {
            self.blocks.forget(number);
        } else if live * 4 < all {
            self.rewrite(kind, number);
        }
    }

    /// Writes what is left of a block anew, without what was replaced. Where that fails it stays as it is: nothing is
    /// lost but room, and who reads it is told what is wrong.
    fn rewrite(&mut self, kind: u32, number: BlockId) {
        let Ok(raw) = self.blocks.raw(number) else { return };
        let Some(block) = self.blocks.get(number) else { return };
        let (on_disk, made, count) = (block.on_disk(), block.made, block.members.len());
        let living = self.living(number);
        let values: Vec<&[u8]> = living.iter().filter_map(|(at, _)| value(&raw, count, *at)).collect();
        if values.len() != living.len() {
            return;
        }
        let joined = join(values.into_iter());
        let members: Vec<u32> = living.iter().map(|(_, id)| *id).collect();
        let compressed = self.kinds.get(kind).is_some_and(|kind| kind.compressed);
        let new = if on_disk {
            let Ok(frame) = self.blocks.write(&joined, compressed) else {
                return;
            };
            self.blocks.on_disk(members.clone(), frame, made)
        } else {
            self.blocks.keep(members.clone(), &joined, made)
        };
        self.place(&members, new);
        if let Some(kind) = self.kinds.get_mut(kind) {
            let moved = kind.packed.iter_mut().filter(|packed| **packed == number);
            moved.for_each(|packed| *packed = new);
        }
        self.blocks.forget(number);
    }

    /// Drops the least recently used fifth of a kind, at least one.
    fn prune(&mut self, number: u32, reached: Limit) {
        let Some(kind) = self.kinds.get(number) else { return };
        let all = kind.order.len();
        let kept = (all * KEPT_OF_TEN / 10).min(all.saturating_sub(1));
        let loose = self.recent.oldest(&kind.loose, all);
        let packed = kind
            .packed
            .iter()
            .flat_map(|block| self.living(*block))
            .map(|(_, id)| id);
        let oldest: Vec<u32> = packed.chain(loose).take(all - kept).collect();
        for id in oldest {
            self.remove(id);
        }
        let entries = &self.entries;
        if let Some(kind) = self.kinds.get_mut(number) {
            kind.order
                .retain(|id| entries.get(*id as usize).is_some_and(|entry| entry.kind != GONE));
            kind.overflowed = true;
            self.news.pruned(&kind.name, reached, all - kept, kept);
        }
        if self.gone > MANY_GONE && self.gone * 2 > self.entries.len() {
            self.renumber();
        }
    }

    fn remove(&mut self, id: u32) {
        self.leave(id);
        let Some(entry) = self.entries.get_mut(id as usize) else {
            return;
        };
        let hashed = hash(entry.kind, &entry.name);
        self.reserved.shrink(ENTRY + entry.name.len() as u64);
        entry.kind = GONE;
        entry.name = "".into();
        self.gone += 1;
        if let Ok(found) = self.names.find_entry(hashed, |found| *found == id) {
            found.remove();
        }
    }

    /// Gives the entries that are left new places, without those that are gone.
    fn renumber(&mut self) {
        let mut places = vec![NONE; self.entries.len()];
        let living = (0..).zip(&self.entries).filter(|(_, entry)| entry.kind != GONE);
        for (new, (old, _)) in (0..).zip(living) {
            if let Some(place) = places.get_mut(old as usize) {
                *place = new;
            }
        }
        let new = |id: u32| places.get(id as usize).copied().unwrap_or(NONE);
        self.entries.retain(|entry| entry.kind != GONE);
        self.blocks.renumber(new);
        self.relink(new);
        self.gone = 0;
        self.names.clear();
        for (id, entry) in (0..).zip(&self.entries) {
            let hashed = hash(entry.kind, &entry.name);
            let entries = &self.entries;
            self.names.insert_unique(hashed, id, |id| {
                entries
                    .get(*id as usize)
                    .map_or(0, |entry| hash(entry.kind, &entry.name))
            });
        }
    }

    /// The orders of all kinds with new numbers.
    fn relink(&mut self, new: impl Fn(u32) -> u32) {
        let mut used: Vec<(u64, u32, u32)> = Vec::new();
        for (number, kind) in (0..).zip(self.kinds.all_mut()) {
            let ids = self.recent.oldest(&kind.loose, usize::MAX);
            used.extend(ids.into_iter().map(|id| (self.recent.used(id), number, new(id))));
            kind.order.iter_mut().for_each(|id| *id = new(*id));
            kind.loose = List::default();
        }
        used.sort_unstable();
        self.recent.clear();
        for (_, number, id) in used {
            if let Some(kind) = self.kinds.get_mut(number) {
                self.recent.push(&mut kind.loose, id);
            }
        }
    }
}
