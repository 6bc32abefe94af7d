//! Why a cache is of no use.

use std::fmt;

use super::schema::FORMAT;

/// What is wrong with a cache.
#[derive(Debug)]
pub enum CacheError {
    /// It is damaged, or something else: another one can be made in its place.
    Unusable(String),
    /// A later version of the package made it, in this format: it is left as it is.
    Newer(i32),
    /// The system refuses, or another process holds it for long.
    Io(String),
}

impl From<rusqlite::Error> for CacheError {
    fn from(cause: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match cause.sqlite_error_code() {
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => Self::Unusable(cause.to_string()),
            Some(_) => Self::Io(cause.to_string()),
            // A column of another type, a missing row: not what we wrote.
            None => Self::Unusable(cause.to_string()),
        }
    }
}

impl From<std::io::Error> for CacheError {
    fn from(cause: std::io::Error) -> Self {
        Self::Io(cause.to_string())
    }
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(why) | Self::Io(why) => f.write_str(why),
            Self::Newer(format) => write!(
                f,
                "a later version of pgtap-scanner made it: it has format {format}, and this version reads {FORMAT}"
            ),
        }
    }
}
