//! Why bytes could not be moved to disk, or came back wrong.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What a spill file can meet. The message says what was found and what to do.
#[derive(Debug)]
pub enum SpillError {
    /// The disk, a quota or a limit on the size of files is reached.
    Full {
        /// The folder of the spill file.
        folder: PathBuf,
        /// Bytes that were to be written.
        wanted: u64,
        /// Bytes that the file holds for its owner.
        held: u64,
        /// The system's reason.
        cause: io::Error,
    },
    /// The file may not become longer.
    Limit {
        /// The folder of the spill file.
        folder: PathBuf,
        /// Bytes that were to be written.
        wanted: u64,
        /// Bytes that the file holds for its owner.
        held: u64,
        /// Bytes that it may have.
        most: u64,
    },
    /// The folder is missing, is no folder, or no file may be made in it.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// A frame is not what was written: cut off, or its checksum differs.
    Damaged {
        /// The folder of the spill file.
        folder: PathBuf,
        /// Where the frame begins.
        offset: u64,
        /// Bytes that it takes on disk.
        bytes: u64,
        /// What is wrong with it.
        found: String,
    },
    /// More bytes than a frame may have.
    TooLarge {
        /// Bytes that were given.
        bytes: usize,
    },
    /// Any other failure to read or write.
    Io {
        /// What was tried: `"read"` or `"written"`.
        tried: &'static str,
        /// The folder of the spill file.
        folder: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
}

impl SpillError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "ERR_PGTAP_SPILL_FULL",
            Self::Limit { .. } => "ERR_PGTAP_SPILL_LIMIT",
            Self::Folder { .. } => "ERR_PGTAP_SPILL_FOLDER",
            Self::Damaged { .. } => "ERR_PGTAP_SPILL_DAMAGED",
            Self::TooLarge { .. } => "ERR_PGTAP_SPILL_TOO_LARGE",
            Self::Io { .. } => "ERR_PGTAP_SPILL_IO",
        }
    }

    /// A failed creation.
    pub(super) fn creating(folder: &Path, cause: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let folder = folder.to_owned();
        match cause.kind() {
            Kind::StorageFull | Kind::QuotaExceeded => Self::Full {
                folder,
                wanted: 0,
                held: 0,
                cause,
            },
            Kind::NotFound | Kind::PermissionDenied | Kind::NotADirectory | Kind::ReadOnlyFilesystem => {
                Self::Folder { folder, cause }
            }
            _ => Self::Io {
                tried: "made",
                folder,
                cause,
            },
        }
    }

    /// A failed write of `wanted` bytes.
    pub(super) fn writing(folder: &Path, wanted: u64, held: u64, cause: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let folder = folder.to_owned();
        match cause.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::Full {
                folder,
                wanted,
                held,
                cause,
            },
            _ => Self::Io {
                tried: "written",
                folder,
                cause,
            },
        }
    }
}

impl fmt::Display for SpillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full {
                folder,
                wanted,
                held,
                cause,
            } => write!(
                f,
                "no room for {wanted} more bytes in '{}', where {held} bytes are held on disk ({cause}); free some space \
                 there, or set tempDir to a folder with more",
                folder.display()
            ),
            Self::Limit {
                folder,
                wanted,
                held,
                most,
            } => write!(
                f,
                "no room for {wanted} more bytes in the temporary file in '{}', which holds {held} bytes and may have \
                 {most}; raise maxDiskMB",
                folder.display()
            ),
            Self::Folder { folder, cause } => write!(
                f,
                "no temporary file can be made in '{}' ({cause}); set tempDir to an existing folder that this process \
                 may write to",
                folder.display()
            ),
            Self::Damaged {
                folder,
                offset,
                bytes,
                found,
            } => write!(
                f,
                "{bytes} bytes at offset {offset} of the temporary file in '{}' are not what was written ({found}); \
                 check that disk, and run again",
                folder.display()
            ),
            Self::TooLarge { bytes } => write!(
                f,
                "{bytes} bytes are too many for one piece, at most {} are allowed; split it",
                super::LARGEST_FRAME
            ),
            Self::Io { tried, folder, cause } => write!(
                f,
                "a temporary file in '{}' could not be {tried} ({cause}); check that disk, or set tempDir to another \
                 folder",
                folder.display()
            ),
        }
    }
}

impl std::error::Error for SpillError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Full { cause, .. } | Self::Folder { cause, .. } | Self::Io { cause, .. } => Some(cause),
            Self::Limit { .. } | Self::Damaged { .. } | Self::TooLarge { .. } => None,
        }
    }
}
