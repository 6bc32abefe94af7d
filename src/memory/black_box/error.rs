//! What can go wrong with a black box.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::header::VERSION;

/// The message says what was found and what to do.
#[derive(Debug)]
pub enum BlackBoxError {
    /// The system has no locks that end with their process.
    Unsupported,
    /// The folder is missing, is no folder, or no file may be made or locked in it.
    Folder { folder: PathBuf, cause: io::Error },
    /// No room for the whole file.
    Full {
        folder: PathBuf,
        bytes: u64,
        cause: io::Error,
    },
    /// Any other failure to read or write.
    Io {
        tried: &'static str,
        path: PathBuf,
        cause: io::Error,
    },
    /// Not a black box.
    Foreign { path: PathBuf },
    /// A later version of the format.
    Newer { path: PathBuf, version: u32 },
    /// Cut off, or not what was written.
    Damaged { path: PathBuf, found: String },
    /// Used after it was closed.
    Closed { path: PathBuf },
}

impl BlackBoxError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsupported => "ERR_PGTAP_BLACK_BOX_UNSUPPORTED",
            Self::Folder { .. } => "ERR_PGTAP_BLACK_BOX_FOLDER",
            Self::Full { .. } => "ERR_PGTAP_BLACK_BOX_FULL",
            Self::Io { .. } => "ERR_PGTAP_BLACK_BOX_IO",
            Self::Foreign { .. } => "ERR_PGTAP_BLACK_BOX_FOREIGN",
            Self::Newer { .. } => "ERR_PGTAP_BLACK_BOX_NEWER",
            Self::Damaged { .. } => "ERR_PGTAP_BLACK_BOX_DAMAGED",
            Self::Closed { .. } => "ERR_PGTAP_CLOSED",
        }
    }

    /// A file that could not be made in `folder`, where it needs so many bytes.
    pub(super) fn making(folder: &Path, bytes: u64, cause: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let folder = folder.to_owned();
        match cause.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::Full { folder, bytes, cause },
            _ => Self::Folder { folder, cause },
        }
    }

    /// For `map_err`: a file that could not be read or written.
    pub(super) fn io(tried: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |cause| Self::Io {
            tried,
            path: path.to_owned(),
            cause,
        }
    }

    pub(super) fn damaged(path: &Path, found: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            found: found.into(),
        }
    }
}

impl fmt::Display for BlackBoxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported => f.write_str("a black box needs Linux or another Unix system"),
            Self::Folder { folder, cause } => write!(
                f,
                "no black box can be kept in '{}' ({cause}); give a folder on a local disk that this process may write to",
                folder.display()
            ),
            Self::Full { folder, bytes, cause } => write!(
                f,
                "no room for a black box of {bytes} bytes in '{}' ({cause}); free some space there, or give another folder",
                folder.display()
            ),
            Self::Io { tried, path, cause } => {
                write!(f, "the black box '{}' could not be {tried} ({cause})", path.display())
            }
            Self::Foreign { path } => write!(f, "'{}' is no black box", path.display()),
            Self::Newer { path, version } => write!(
                f,
                "'{}' is a black box of format {version}, and this version of pgtap-scanner reads up to {VERSION}; update it",
                path.display()
            ),
            Self::Damaged { path, found } => write!(f, "the black box '{}' is damaged: {found}", path.display()),
            Self::Closed { path } => write!(f, "the black box '{}' was closed; open a new one", path.display()),
        }
    }
}

impl std::error::Error for BlackBoxError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Folder { cause, .. } | Self::Full { cause, .. } | Self::Io { cause, .. } => Some(cause),
            _ => None,
        }
    }
}
