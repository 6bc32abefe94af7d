//! Names as they were written.

use std::path::{Path, PathBuf};

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};

/// A name: text in the file where it is UTF-8, else a blob of its bytes, so that names which look alike when they are
/// decoded stay apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub Vec<u8>);

impl Name {
    /// The path below a folder with `/` between names; elsewhere the path as it is.
    pub fn below(folder: &Path, path: &Path) -> Self {
        let below = path.strip_prefix(folder).unwrap_or(path);
        let bytes = below.as_os_str().as_encoded_bytes().to_vec();
        match std::path::MAIN_SEPARATOR_STR.as_bytes() {
            [b'/'] => Self(bytes),
            separator => Self(bytes.split(|b| [*b] == separator).collect::<Vec<_>>().join(&b'/')),
        }
    }

    /// As a path.
    pub fn to_path(&self) -> PathBuf {
        PathBuf::from(self.to_os_str())
    }

    #[cfg(unix)]
    fn to_os_str(&self) -> &std::ffi::OsStr {
        std::os::unix::ffi::OsStrExt::from_bytes(&self.0)
    }

    #[cfg(not(unix))]
    fn to_os_str(&self) -> std::ffi::OsString {
        self.to_text().into()
    }

    /// For people; what is no UTF-8 is replaced.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl ToSql for Name {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match str::from_utf8(&self.0) {
            Ok(text) => text.into(),
            Err(_) => self.0.as_slice().into(),
        })
    }
}

impl FromSql for Name {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Self(bytes.to_vec())),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A string, or a list of numbers: different names never look alike.
impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => self.0.serialize(serializer),
        }
    }
}
