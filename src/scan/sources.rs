//! Sources of small suites, kept so that what callers ask later needs no disk.

use rustc_hash::FxHashMap;

/// In all, no more than this is kept; larger suites are read again when asked about.
pub const MOST: usize = 4 << 20;

/// Kept sources by candidate number.
#[derive(Default)]
pub struct Sources {
    kept: FxHashMap<u32, Vec<u8>>,
    bytes: usize,
}

impl Sources {
    /// Keeps a source while there is room.
    pub fn keep(&mut self, file: u32, source: Vec<u8>) {
        if self.bytes + source.len() > MOST {
            return;
        }
        self.bytes += source.len();
        if let Some(old) = self.kept.insert(file, source) {
            self.bytes -= old.len();
        }
    }

    /// How large a source may be to be kept now.
    pub fn room(&self) -> usize {
        MOST - self.bytes
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
