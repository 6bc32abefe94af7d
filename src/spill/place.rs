//! Where spill files are made.

use std::path::{Path, PathBuf};

/// A folder, and how long a file in it may be.
#[derive(Clone, Debug)]
pub struct SpillPlace {
    /// The folder; the system's for temporary files by default.
    pub folder: Option<PathBuf>,
    /// Bytes that one file may have; `u64::MAX` for any number.
    pub most: u64,
}

impl Default for SpillPlace {
    fn default() -> Self {
        Self {
            folder: None,
            most: u64::MAX,
        }
    }
}

impl SpillPlace {
    /// A folder without a limit of its own.
    pub fn folder(folder: &Path) -> Self {
        Self {
            folder: Some(folder.to_owned()),
            ..Self::default()
        }
    }
}
