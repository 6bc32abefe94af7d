//! What the cache holds of a file, and whether the file is still that one.

use std::fs::Metadata;
use std::time::{SystemTime, UNIX_EPOCH};

use twox_hash::XxHash3_64;

use crate::coverage::batch::Stamp;

use super::entry::Entry;

/// A file changed so shortly before it was read may have changed again without its time showing it.
const UNSURE: i64 = 2_000_000_000;

/// Size and times of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Bytes.
    pub bytes: u64,
    /// When it changed, in nanoseconds since 1970.
    pub changed: i64,
}

fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_nanos()).unwrap_or(i64::MAX),
    }
}

impl Times {
    /// Those of a regular file.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        let changed = nanoseconds(metadata.modified().ok()?);
        metadata.is_file().then_some(Self {
            bytes: metadata.len(),
            changed,
        })
    }
}

/// What the cache holds of a file.
pub struct Row {
    /// How the file was.
    pub times: Times,
    /// When it was read, in nanoseconds since 1970.
    pub read: i64,
    /// How its content was.
    pub stamp: Stamp,
    /// What reading it gave: JSON, compressed.
    pub body: Vec<u8>,
}

impl Row {
    /// A row for a file that was just read.
    pub fn new(times: Times, stamp: Stamp, entry: &Entry) -> Option<Self> {
        let text = serde_json::to_vec(entry).ok()?;
        Some(Self {
            times,
            read: nanoseconds(SystemTime::now()),
            stamp,
            body: lz4_flex::block::compress_prepend_size(&text),
        })
    }

    /// The same, for a file whose times changed and whose content did not.
    pub fn touched(self, times: Times) -> Self {
        Self {
            times,
            read: nanoseconds(SystemTime::now()),
            ..self
        }
    }

    /// Whether a file with these times is surely the one that was read.
    pub fn is_sure(&self, times: Times) -> bool {
        self.times == times && times.changed.saturating_add(UNSURE) < self.read
    }

    /// What reading it gave.
    pub fn entry(&self) -> Option<Entry> {
        serde_json::from_slice(&lz4_flex::block::decompress_size_prepended(&self.body).ok()?).ok()
    }

    /// A hash of all of it, of its path and of the configuration that it was read with (`seed`): a damaged index could
    /// find the row of another one.
    pub fn sum(&self, path: &[u8], seed: u64) -> i64 {
        let numbers = [
            seed,
            self.times.bytes,
            self.times.changed as u64,
            self.read as u64,
            self.stamp.hash,
        ];
        let bytes = numbers.map(u64::to_le_bytes).concat();
        let seed = XxHash3_64::oneshot_with_seed(XxHash3_64::oneshot(&bytes), path);
        XxHash3_64::oneshot_with_seed(seed, &self.body) as i64
    }
}
