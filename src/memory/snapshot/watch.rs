//! What a caller learns of a long operation, and how it ends one.

use std::path::Path;

use super::error::{Result, SnapshotError};

/// How far an operation is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The file that is being read, or was read last.
    pub file: &'a Path,
    /// Bytes of it that were read.
    pub read_bytes: u64,
    /// Bytes that it has.
    pub total_bytes: u64,
    /// Whether reading is over, and the graph is being worked on.
    pub read: bool,
}

/// The caller's side of an operation.
pub struct Watch<'a> {
    /// Asked often; `false` ends the operation with [`SnapshotError::Aborted`].
    pub goes_on: &'a dyn Fn() -> bool,
    /// Told of each piece that was read.
    pub progress: &'a dyn Fn(Progress),
}

/// Steps of a loop between two questions whether to go on.
const STEPS: usize = 1 << 16;

impl Watch<'_> {
    /// An error when the caller asked to stop.
    pub fn check(&self) -> Result<()> {
        if (self.goes_on)() {
            Ok(())
        } else {
            Err(SnapshotError::Aborted)
        }
    }

    /// The same in a loop, asked once in a while only.
    pub fn step(&self, step: usize) -> Result<()> {
        if step.is_multiple_of(STEPS) {
            self.check()
        } else {
            Ok(())
        }
    }
}
