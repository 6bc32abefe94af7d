//! Byte strings held once, known by number.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::grow::{growth, reserve, table_growth};

/// Number of a name; 0 is no name.
pub type NameId = u32;

/// Names in one arena. A name costs its bytes, 4 bytes for its end and about 10 for its place in the table.
#[derive(Default)]
pub struct Names {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    table: HashTable<(u32, NameId)>,
}

/// The hash that [`Names`] uses.
pub fn short(name: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(name);
    (hasher.finish() >> 32) as u32
}

/// The table keeps half of the hash, so that growing does not read the names; it wants high and low bits to differ.
fn spread(short: u32) -> u64 {
    u64::from(short) << 32 | u64::from(short.wrapping_mul(0x9E37_79B9))
}

impl Names {
    /// The number of `name`, given when it is new.
    pub fn intern(&mut self, name: &[u8]) -> NameId {
        let short = short(name);
        match self.find_hashed(name, short) {
            Some(id) => id,
            None => self.add(name, short),
        }
    }

    /// The numbers of all of `more`, in order. Looking all up before any is added does not wait for memory at each.
    pub fn intern_all(&mut self, more: &Self) -> Vec<NameId> {
        let all = (1..=more.len() as NameId).map(|id| more.get(id));
        let find = |name| {
            let short = short(name);
            (short, self.find_hashed(name, short).unwrap_or(0))
        };
        let found: Vec<(u32, NameId)> = all.clone().map(find).collect();
        let numbers = all.zip(found).map(|(name, (short, id))| match id {
            0 => self.add(name, short),
            known => known,
        });
        numbers.collect()
    }

    fn add(&mut self, name: &[u8], short: u32) -> NameId {
        reserve(&mut self.bytes, name.len());
        self.bytes.extend_from_slice(name);
        reserve(&mut self.ends, 1);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        let id = self.ends.len() as NameId;
        self.table
            .insert_unique(spread(short), (short, id), |(short, _)| spread(*short));
        id
    }

    /// The number of `name`, if it is known.
    pub fn find(&self, name: &[u8]) -> Option<NameId> {
        self.find_hashed(name, short(name))
    }

    fn find_hashed(&self, name: &[u8], short: u32) -> Option<NameId> {
        let same = |(other, id): &(u32, NameId)| *other == short && self.get(*id) == name;
        self.table.find(spread(short), same).map(|(_, id)| *id)
    }

    /// The name with this number; empty for 0 and unknown numbers.
    pub fn get(&self, id: NameId) -> &[u8] {
        slice(&self.bytes, &self.ends, id)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets all names and keeps the buffers.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.table.clear();
    }

    /// Bytes it holds.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * 4 + self.table.allocation_size()
    }

    /// Bytes that it may take for a moment to hold all of `more`, too.
    pub fn growth(&self, more: &Self) -> usize {
        let count = more.len();
        growth(&self.bytes, more.bytes.len()) + growth(&self.ends, count) + table_growth(&self.table, count)
    }

    /// Gives back what it holds beyond need.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

fn slice<'a>(bytes: &'a [u8], ends: &[u32], id: NameId) -> &'a [u8] {
    let Some(at) = (id as usize).checked_sub(1) else {
        return &[];
    };
    let start = at.checked_sub(1).and_then(|i| ends.get(i)).copied().unwrap_or(0);
    let end = ends.get(at).copied().unwrap_or(start);
    bytes.get(start as usize..end as usize).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_numbers() {
        let mut names = Names::default();
        let ids: Vec<_> = (0..10_000)
            .map(|i| names.intern(format!("name_{i}").as_bytes()))
            .collect();
        for (i, id) in ids.iter().enumerate() {
            let text = format!("name_{i}");
            assert_eq!(names.get(*id), text.as_bytes());
            assert_eq!(names.intern(text.as_bytes()), *id);
            assert_eq!(names.find(text.as_bytes()), Some(*id));
        }
        assert_eq!((names.len(), names.get(0), names.find(b"x")), (10_000, &b""[..], None));
    }
}
