//! Records in the order they came: some in memory, the rest on disk.
//!
//! A record is `["kind","name",value]`. Records stand in segments, with commas between them, so that a segment between
//! brackets is JSON. Of a segment on disk about 64 bytes stay in memory, which are not counted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::budget::{Budget, Reservation};
use crate::spill::{Frame, SpillError, SpillFile, SpillPlace, SpillStats};

use super::page::push_string;

/// A segment takes records until it has so many bytes.
pub const SEGMENT: usize = 256 << 10;

/// What a segment in memory costs beside its bytes.
const SEGMENT_COST: u64 = 64;

/// The log. Several threads may use it at once.
pub struct Log {
    state: Mutex<State>,
    place: SpillPlace,
    /// Held while records go to disk: one at a time, in order.
    flushing: Mutex<()>,
}

struct State {
    segments: VecDeque<Segment>,
    file: Option<Arc<SpillFile>>,
    reserved: Reservation,
    next: u64,
}

struct Segment {
    /// The number of its first record.
    first: u64,
    records: u64,
    at: At,
}

enum At {
    Memory(Arc<Vec<u8>>),
    Disk(Frame),
}

/// Some records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// The number of the first one; it may be below the number that was asked for.
    pub first: u64,
    /// How many there are.
    pub count: u64,
    /// The records, with commas between them.
    pub text: Vec<u8>,
}

/// What a log holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogHeld {
    /// Records.
    pub records: u64,
    /// Bytes of memory: now, the most ever, allowed.
    pub memory: [u64; 3],
    /// The file.
    pub disk: SpillStats,
}

impl Log {
    /// An empty log that holds up to `bytes` in memory.
    pub fn new(bytes: u64, place: SpillPlace) -> Self {
        let state = State {
            segments: VecDeque::new(),
            file: None,
            reserved: Reservation::empty(&Budget::new(bytes)),
            next: 0,
        };
        Self {
            state: Mutex::new(state),
            place,
            flushing: Mutex::default(),
        }
    }

    /// Adds a record, `value` being JSON. `false`, and nothing is added, when it has no room until
    /// [`Self::flush`] has made some. A record that is larger than all the memory is taken when nothing else is there.
    pub fn add(&self, kind: &str, name: &str, value: &[u8]) -> bool {
        let mut record = Vec::with_capacity(kind.len() + name.len() + value.len() + 16);
        record.push(b'[');
        push_string(&mut record, kind);
        record.push(b',');
        push_string(&mut record, name);
        record.push(b',');
        record.extend_from_slice(value);
        record.push(b']');
        self.state().add(&record)
    }

    /// Moves all records to disk. After an error those that were not moved are still in memory.
    pub fn flush(&self) -> Result<(), SpillError> {
        let _one = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some((first, bytes)) = self.state().first_in_memory() else {
                return Ok(());
            };
            let file = self.file()?;
            let frame = file.append(&bytes)?;
            self.state().moved(first, frame, &file);
        }
    }

    /// Records from number `from` on, those of one segment; none behind the last.
    pub fn read(&self, from: u64) -> Result<Records, SpillError> {
        let state = self.state();
        let behind = state
            .segments
            .partition_point(|segment| segment.first + segment.records <= from);
        let Some(segment) = state.segments.get(behind) else {
            return Ok(Records::default());
        };
        let mut text = Vec::new();
        match (&segment.at, &state.file) {
            (At::Memory(bytes), _) => text.extend_from_slice(bytes),
            (At::Disk(frame), Some(file)) => file.read(frame, &mut text)?,
            (At::Disk(_), None) => {}
        }
        Ok(Records {
            first: segment.first,
            count: segment.records,
            text,
        })
    }

    /// Forgets all records, and gives memory and disk back. Numbers go on, so that who is reading goes on with what
    /// is added later.
    pub fn clear(&self) {
        let mut state = self.state();
        state.segments = VecDeque::new();
        state.file = None;
        state.reserved.set(0);
    }

    /// Bytes of memory that it takes now.
    pub fn memory(&self) -> u64 {
        self.state().reserved.bytes()
    }

    /// What it holds.
    pub fn held(&self) -> LogHeld {
        let state = self.state();
        let budget = state.reserved.budget();
        LogHeld {
            records: state.segments.iter().map(|segment| segment.records).sum(),
            memory: [budget.current(), budget.high(), budget.limit()],
            disk: state.file.as_ref().map(|file| file.stats()).unwrap_or_default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below it panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self) -> Result<Arc<SpillFile>, SpillError> {
        let mut state = self.state();
        if let Some(file) = &state.file {
            return Ok(file.clone());
        }
        let file = Arc::new(SpillFile::create(&self.place, true)?);
        state.file = Some(file.clone());
        Ok(file)
    }
}

impl State {
    fn add(&mut self, record: &[u8]) -> bool {
        if self.append(record) {
            return true;
        }
        let cost = record.len() as u64 + SEGMENT_COST;
        if self.reserved.try_grow(cost).is_err() {
            if self.first_in_memory().is_some() {
                return false;
            }
            self.reserved.grow(cost);
        }
        self.segments.push_back(Segment {
            first: self.next,
            records: 1,
            at: At::Memory(Arc::new(record.to_vec())),
        });
        self.next += 1;
        true
    }

    /// Adds to the last segment, if that has room and nobody is writing it to disk.
    fn append(&mut self, record: &[u8]) -> bool {
        let Some(segment) = self.segments.back_mut() else {
            return false;
        };
        let At::Memory(bytes) = &mut segment.at else {
            return false;
        };
        let Some(bytes) = Arc::get_mut(bytes) else { return false };
        let wanted = bytes.len() + 1 + record.len();
        if wanted > SEGMENT {
            return false;
        }
        if wanted > bytes.capacity() {
            let capacity = (bytes.capacity() * 2).clamp(wanted, SEGMENT);
            let more = capacity - bytes.capacity();
            if self.reserved.try_grow(more as u64).is_err() {
                return false;
            }
            bytes.reserve_exact(capacity - bytes.len());
        }
        bytes.push(b',');
        bytes.extend_from_slice(record);
        segment.records += 1;
        self.next += 1;
        true
    }

    /// The first segment in memory: all before it are on disk.
    fn first_in_memory(&self) -> Option<(u64, Arc<Vec<u8>>)> {
        let on_disk = self
            .segments
            .partition_point(|segment| matches!(segment.at, At::Disk(_)));
        let segment = self.segments.get(on_disk)?;
        match &segment.at {
            At::Memory(bytes) => Some((segment.first, bytes.clone())),
            At::Disk(_) => None,
        }
    }

    /// The segment that begins with this record is on disk; unless the log was cleared meanwhile.
    fn moved(&mut self, first: u64, frame: Frame, file: &SpillFile) {
        let segment = self.segments.binary_search_by_key(&first, |segment| segment.first);
        let Some(segment) = segment.ok().and_then(|at| self.segments.get_mut(at)) else {
            file.free(frame);
            return;
        };
        if let At::Memory(bytes) = &segment.at {
            self.reserved.shrink(bytes.capacity() as u64 + SEGMENT_COST);
        }
        segment.at = At::Disk(frame);
    }
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
