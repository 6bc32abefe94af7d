//! How much of the memory budget the records of a scan may take, and what happens beyond it.

use std::sync::Arc;

use crate::coverage::shelf::Shelf;
use crate::coverage::store::Store;
use crate::memory::give_back;
use crate::spill::{SpillError, SpillPlace};

use super::options::Given;

/// The least that records may take before they are moved: less would be moved in pieces too small.
const LEAST: usize = 2 << 20;

/// The part of `maxMemoryMB` that a scan's own data may take. The rest is for reading, for the index, and for what the
/// caller's JavaScript holds of the scan.
const SHARE: f64 = 0.5;

/// The room of one scan.
pub struct Room {
    /// Bytes for all data of the scan.
    most: usize,
    /// Beyond it records are moved to disk; else only told.
    spill: bool,
    place: SpillPlace,
    compressed: bool,
    /// Objects of a kind in memory; 0 for any number.
    objects: usize,
    shelf: Option<Arc<Shelf>>,
    told: bool,
}

/// Records that were moved to disk; bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What they took in memory.
    pub freed: usize,
    /// What lies on disk now.
    pub on_disk: u64,
    /// There were too many objects of a kind; else they took too much memory.
    pub objects: bool,
}

/// What became of records beyond the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// There is room.
    Enough,
    /// Records were moved.
    Moved(Moved),
    /// They may not be moved: so many bytes are in use, and so many should be. Told once.
    Beyond(usize, usize),
}

impl Room {
    /// The room that the options leave.
    pub fn new(options: &Given) -> Self {
        Self {
            most: (options.max_memory_mb * SHARE * f64::from(1 << 20)) as usize,
            spill: options.spill,
            place: options.spill_place(),
            compressed: options.enable_compression,
            objects: options.most_objects,
            shelf: None,
            told: false,
        }
    }

    /// Bytes for the index over the records while it is made.
    pub fn for_index(options: &Given) -> usize {
        (options.max_memory_mb * SHARE / 4.0 * f64::from(1 << 20)) as usize
    }

    /// Moves the records to disk when they take too much beside `fixed` bytes that cannot be moved.
    pub fn keep(&mut self, store: &mut Store, fixed: usize) -> Result<Made, SpillError> {
        let movable = store.movable_bytes();
        // Moving them takes as much again.
        let most = (self.most.saturating_sub(fixed) / 2).max(LEAST);
        let objects = self.objects > 0 && store.labels.most_of_an_area() > self.objects;
        if movable <= most && !objects {
            return Ok(Made::Enough);
        }
        if !self.spill {
            let told = std::mem::replace(&mut self.told, true);
            return Ok(if told {
                Made::Enough
            } else {
                Made::Beyond(movable + fixed, self.most)
            });
        }
        let shelf = match &self.shelf {
            Some(shelf) => shelf.clone(),
            None => Arc::new(Shelf::new(&self.place, self.compressed)?),
        };
        self.shelf = Some(shelf.clone());
        store.shed(&shelf)?;
        give_back();
        Ok(Made::Moved(Moved {
            freed: movable.saturating_sub(store.movable_bytes()),
            on_disk: shelf.stats().live_bytes,
            objects: movable <= most,
        }))
    }
}
