//! Where a store puts what it has no room for, and where it reads it again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::budget::{Budget, Reservation};
use crate::spill::{Frame, SpillError, SpillFile, SpillPlace, SpillStats};

/// A spill file and the first failure to read from it.
///
/// Questions have answers in hundreds of places; none of them could do more about a disk that fails than to pass it on.
/// So what cannot be read is answered as if it were empty, and whoever hands an answer out asks [`Shelf::failure`]
/// before.
pub struct Shelf {
    file: SpillFile,
    /// What pages read back take.
    budget: Budget,
    failure: Mutex<Option<Arc<SpillError>>>,
}

impl Shelf {
    /// A shelf in `place`, on which things lie compressed or not. What is read back is reserved in `budget`.
    pub fn new(place: &SpillPlace, compressed: bool, budget: &Budget) -> Result<Self, SpillError> {
        Ok(Self {
            file: SpillFile::create(place, compressed)?,
            budget: budget.clone(),
            failure: Mutex::default(),
        })
    }

    /// Writes bytes away.
    pub fn put(&self, bytes: &[u8]) -> Result<Frame, SpillError> {
        self.file.append(bytes)
    }

    /// Reserves `bytes` of the budget, for what moving takes for a moment.
    pub fn reserve(&self, bytes: usize) -> Reservation {
        self.budget.reserve(bytes as u64)
    }

    /// What failed first, if anything did: answers since then may be wrong.
    pub fn failure(&self) -> Option<Arc<SpillError>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What lies on disk.
    pub fn stats(&self) -> SpillStats {
        self.file.stats()
    }

    fn take(&self, frame: &Frame) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.file.read(frame, &mut bytes) {
            Ok(()) => Some(bytes),
            Err(error) => {
                let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert_with(|| Arc::new(error));
                None
            }
        }
    }
}

/// Gives the space of the pages back.
impl<P> Drop for Pages<P> {
    fn drop(&mut self) {
        if let Some(shelf) = &self.shelf {
            self.frames.drain(..).for_each(|frame| shelf.file.free(frame));
        }
    }
}

/// Pages read back that are kept for the next question.
const KEPT: usize = 8;

/// Pages on a shelf, in order.
pub struct Pages<P> {
    shelf: Option<Arc<Shelf>>,
    frames: Vec<Frame>,
    /// The page asked for last is the last one.
    kept: Mutex<VecDeque<Kept<P>>>,
}

/// A page that was read back.
struct Kept<P> {
    number: usize,
    page: Arc<P>,
    held: Reservation,
}

impl<P> Default for Pages<P> {
    fn default() -> Self {
        Self {
            shelf: None,
            frames: Vec::new(),
            kept: Mutex::default(),
        }
    }
}

impl<P> Pages<P> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.frames.len()
    }

    /// Writes a page behind the others.
    pub fn push(&mut self, shelf: &Arc<Shelf>, bytes: &[u8]) -> Result<(), SpillError> {
        self.frames.push(shelf.put(bytes)?);
        self.shelf.get_or_insert_with(|| shelf.clone());
        Ok(())
    }

    /// The page `number`, of `bytes` bytes or of as many as were written; `None` where there is none or the shelf fails.
    pub fn get(&self, number: usize, bytes: Option<usize>, decode: impl FnOnce(Vec<u8>) -> P) -> Option<Arc<P>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().rposition(|kept| kept.number == number) {
            let found = kept.remove(at)?;
            let page = found.page.clone();
            kept.push_back(found);
            return Some(page);
        }
        if kept.len() == KEPT {
            kept.pop_front();
        }
        let (shelf, frame) = (self.shelf.as_ref()?, self.frames.get(number)?);
        let held = shelf.budget.reserve(bytes.map_or(frame.raw_bytes(), |n| n as u64));
        let page = Arc::new(decode(shelf.take(frame)?));
        let found = page.clone();
        kept.push_back(Kept { number, page, held });
        Some(found)
    }

    /// The same for readers that come by once.
    pub fn pass(&self, number: usize, decode: impl FnOnce(Vec<u8>) -> P) -> Option<P> {
        self.shelf.as_ref()?.take(self.frames.get(number)?).map(decode)
    }

    /// Forgets pages that were read back; how many bytes that freed.
    pub fn trim(&self) -> usize {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let freed: u64 = kept.drain(..).map(|kept| kept.held.bytes()).sum();
        *kept = VecDeque::new();
        freed as usize
    }

    /// Bytes it holds in memory beside pages that were read back.
    pub fn heap_bytes(&self) -> usize {
        self.frames.capacity() * size_of::<Frame>()
    }
}
