//! Why a saved file cannot be written or read.

use std::fmt;
use std::path::{Path, PathBuf};

use super::schema::VERSION;

/// What saving, opening and merging can meet.
#[derive(Debug)]
pub enum SavedError {
    /// No saved coverage, or no SQLite file at all.
    Foreign(PathBuf),
    /// A later version of the package wrote it.
    Newer(PathBuf, i32),
    /// It is not what was written.
    Damaged(PathBuf, String),
    /// The system refused.
    Io(PathBuf, String),
    /// Two files to be merged hold one path with different content: the path, and the two files.
    Conflict(String, PathBuf, PathBuf),
    /// It was cancelled.
    Cancelled,
}

impl SavedError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Foreign(_) => "ERR_PGTAP_SAVED_FOREIGN",
            Self::Newer(..) => "ERR_PGTAP_SAVED_NEWER",
            Self::Damaged(..) => "ERR_PGTAP_SAVED_DAMAGED",
            Self::Io(..) => "ERR_PGTAP_SAVED_IO",
            Self::Conflict(..) => "ERR_PGTAP_SAVED_CONFLICT",
            Self::Cancelled => "ABORT_ERR",
        }
    }

    /// A failure of the system.
    pub fn io(path: &Path, cause: &dyn fmt::Display) -> Self {
        Self::Io(path.to_owned(), cause.to_string())
    }

    /// What SQLite says while a file is read.
    pub fn reading(path: &Path, cause: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match cause.sqlite_error_code() {
            Some(Code::NotADatabase) => Self::Foreign(path.to_owned()),
            Some(Code::CannotOpen | Code::PermissionDenied | Code::SystemIoFailure | Code::DatabaseBusy) => {
                Self::io(path, cause)
            }
            _ => Self::Damaged(path.to_owned(), cause.to_string()),
        }
    }
}

impl fmt::Display for SavedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(path) => write!(
                f,
                "'{}' is no saved coverage; save one with database.save()",
                path.display()
            ),
            Self::Newer(path, found) => write!(
                f,
                "'{}' has format {found}, and this version reads formats up to {VERSION}; update pgtap-scanner",
                path.display()
            ),
            Self::Damaged(path, found) => {
                write!(f, "'{}' is damaged ({found}); save it again", path.display())
            }
            Self::Io(path, cause) => write!(f, "'{}' could not be read or written: {cause}", path.display()),
            Self::Conflict(path, one, other) => write!(
                f,
                "'{}' and '{}' hold different contents of {path}; merge parts of one state of the suite",
                one.display(),
                other.display()
            ),
            Self::Cancelled => write!(f, "The operation was aborted"),
        }
    }
}

impl std::error::Error for SavedError {}
