//! Sources of small suites, kept so that what callers ask later needs no disk.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashMap;

/// A suite of more bytes than this is read again when it is asked about.
pub const MOST: usize = 1 << 20;

/// Bytes of the suite so far, counted by all threads: when they are too many nobody copies any more.
#[derive(Default)]
pub struct Allowance(AtomicUsize);

impl Allowance {
    /// Whether a source of this size may be kept.
    pub fn take(&self, bytes: usize) -> bool {
        self.0.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= MOST
    }

    /// Whether the suite is too large to keep any of it.
    pub fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) > MOST
    }
}

/// Kept sources by candidate number.
#[derive(Default)]
pub struct Sources {
    kept: FxHashMap<u32, Vec<u8>>,
    bytes: usize,
}

impl Sources {
    /// Keeps a source.
    pub fn keep(&mut self, file: u32, source: Vec<u8>) {
        self.bytes += source.len();
        if let Some(old) = self.kept.insert(file, source) {
            self.bytes -= old.len();
        }
    }

    /// Forgets all: the suite is too large.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The source of a file, if it was kept.
    pub fn get(&self, file: u32) -> Option<&[u8]> {
        self.kept.get(&file).map(Vec::as_slice)
    }

    /// Bytes it holds.
    pub fn heap_bytes(&self) -> usize {
        self.bytes
    }
}
