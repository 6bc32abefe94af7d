//! How much of the memory budget the records of a scan may take, and what happens beyond it.

use std::sync::Arc;

use crate::budget::Budget;
use crate::coverage::shelf::Shelf;
use crate::coverage::store::Store;
use crate::memory::give_back;
use crate::spill::{SpillError, SpillPlace};

use super::options::Given;

/// The least that records may take before they are moved: less would be moved in pieces too small.
const LEAST: usize = 2 << 20;
/// The part of what records may take that stays when they are moved: those that came last.
const STAYS: usize = 4;

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
    /// Objects of a kind in memory once the scan has ended; `usize::MAX` for any number.
    objects: usize,
    budget: Budget,
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
    /// The room that the options leave. What is read back from disk is reserved in `budget`.
    pub fn new(options: &Given, budget: &Budget) -> Self {
        Self {
            most: (options.max_memory_mb * SHARE * f64::from(1 << 20)) as usize,
            spill: options.spill,
            place: options.spill_place(),
            compressed: options.enable_compression,
            objects: match options.most_objects {
                0 => usize::MAX,
                most => most,
            },
            budget: budget.clone(),
            shelf: None,
            told: false,
        }
    }

    /// Bytes for the index over the records while it is made.
    pub fn for_index(options: &Given) -> usize {
        (options.max_memory_mb * SHARE / 4.0 * f64::from(1 << 20)) as usize
    }

    /// Bytes that the records of `store` may take beside what cannot be moved: `beside` bytes, and some of the store's.
    /// Tables that grow take up to as much again for a moment, and so do batches that wait.
    fn movable(&self, store: &Store, beside: usize) -> usize {
        (self.most.saturating_sub(beside + store.fixed_bytes()) / 5 * 2).max(LEAST)
    }

    /// Moves records to disk when they take too much beside the `beside` bytes that the scan holds outside the store:
    /// those that were met the longest ago, until a quarter of what may be there is left.
    pub fn keep(&mut self, store: &mut Store, beside: usize) -> Result<Made, SpillError> {
        let (held, most) = (store.movable_bytes(), self.movable(store, beside));
        if held <= most {
            return Ok(Made::Enough);
        }
        if !self.spill {
            return Ok(self.beyond(beside + store.heap_bytes()));
        }
        let shelf = self.shelf()?;
        store.shed(&shelf, most / STAYS)?;
        give_back();
        Ok(Made::Moved(Moved {
            freed: held.saturating_sub(store.movable_bytes()),
            on_disk: shelf.stats().live_bytes,
            objects: false,
        }))
    }

    /// Ends the growth of the store: it is asked from now on. If something was moved, half of what stays then is left:
    /// the index and the answers need room, too. Then objects move of which there are too many.
    pub fn settle(&mut self, store: &mut Store, beside: usize) -> Result<Option<Moved>, SpillError> {
        store.settle(self.movable(store, beside) / STAYS / 2)?;
        self.move_objects(store, self.objects, &|| true)
    }

    /// Moves objects to disk until no kind has more than `most` in memory; what moved, if anything did. `goes_on` may end it.
    pub fn move_objects(
        &mut self,
        store: &Store,
        most: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Option<Moved>, SpillError> {
        let count = store.labels.beyond(most);
        if count == 0 {
            return Ok(None);
        }
        let held = store.heap_bytes();
        let shelf = store.shelf().cloned().map_or_else(|| self.shelf(), Ok)?;
        if !store.move_objects(&shelf, count, goes_on)? {
            return Ok(None);
        }
        give_back();
        Ok(Some(Moved {
            freed: held.saturating_sub(store.heap_bytes()),
            on_disk: shelf.stats().live_bytes,
            objects: true,
        }))
    }

    fn beyond(&mut self, used: usize) -> Made {
        if std::mem::replace(&mut self.told, true) {
            return Made::Enough;
        }
        Made::Beyond(used, self.most)
    }

    fn shelf(&mut self) -> Result<Arc<Shelf>, SpillError> {
        if let Some(shelf) = &self.shelf {
            return Ok(shelf.clone());
        }
        let shelf = Arc::new(Shelf::new(&self.place, self.compressed, &self.budget)?);
        self.shelf = Some(shelf.clone());
        Ok(shelf)
    }
}
