//! Why a snapshot could not be read.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// What reading or analysing a snapshot can meet.
#[derive(Debug)]
pub enum SnapshotError {
    /// The file is missing, is no regular file, or the system could not read it.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// The file is cut off, damaged, or no heap snapshot.
    Format {
        /// The file.
        path: PathBuf,
        /// Where, in bytes from the file's beginning.
        offset: u64,
        /// What the format has there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// More nodes or edges than 32 bits can number, or the system gave no memory for them.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What there is too much of, and how much.
        what: String,
    },
    /// The caller asked to stop.
    Aborted,
}

impl SnapshotError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ERR_PGTAP_SNAPSHOT_IO",
            Self::Format { .. } => "ERR_PGTAP_SNAPSHOT_FORMAT",
            Self::TooLarge { .. } => "ERR_PGTAP_SNAPSHOT_TOO_LARGE",
            Self::Aborted => "ABORT_ERR",
        }
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, cause } => write!(f, "cannot read the heap snapshot {}: {cause}", path.display()),
            Self::Format {
                path,
                offset,
                expected,
                found,
            } => write!(
                f,
                "{} is no complete V8 heap snapshot: expected {expected} at byte {offset} but found {found}",
                path.display()
            ),
            Self::TooLarge { path, what } => {
                write!(f, "the heap snapshot {} is too large: {what}", path.display())
            }
            Self::Aborted => f.write_str("The operation was aborted"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// What functions of this folder return.
pub type Result<T> = std::result::Result<T, SnapshotError>;
