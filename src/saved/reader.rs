//! Reads a saved file, once it is sure to be one.

use std::path::{Path, PathBuf};

use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, Row};

use super::error::SavedError;
use super::file::{Place, SavedAssertion, SavedFile, chained, content_hash};
use super::schema::{APPLICATION_ID, VERSION};

/// An open saved file.
pub struct SavedReader {
    connection: Connection,
    path: PathBuf,
    files: i64,
}

/// The longest listing of a file's assertions that is unpacked: 1 GiB.
const LARGEST: usize = 1 << 30;

impl SavedReader {
    /// Opens `path` for reading and checks what it is, not yet whether it is whole.
    pub fn open(path: &Path) -> Result<Self, SavedError> {
        std::fs::File::open(path).map_err(|e| SavedError::io(path, &e))?;
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|e| SavedError::reading(path, &e))?;
        connection.set_prepared_statement_cache_capacity(16);
        let mut reader = Self {
            connection,
            path: path.to_owned(),
            files: 0,
        };
        if reader.one::<i32>("PRAGMA application_id")? != APPLICATION_ID {
            return Err(SavedError::Foreign(path.to_owned()));
        }
        let version = reader.one::<i32>("PRAGMA user_version")?;
        if version > VERSION {
            return Err(SavedError::Newer(path.to_owned(), version));
        }
        if version < 1 {
            return Err(reader.damaged(&format!("there is no format {version}")));
        }
        reader.files = reader.one("SELECT count(*) FROM file")?;
        Ok(reader)
    }

    fn one<T: FromSql>(&self, sql: &str) -> Result<T, SavedError> {
        let found = self.connection.query_row(sql, [], |row| row.get(0));
        found.map_err(|e| SavedError::reading(&self.path, &e))
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many files it holds; their numbers begin at 1.
    pub fn files(&self) -> i64 {
        self.files
    }

    /// Calls `each` with every file, in the order of paths. An error, too, when all of them are not what was saved.
    pub fn each(&self, each: &mut dyn FnMut(SavedFile) -> Result<(), SavedError>) -> Result<(), SavedError> {
        let mut content = 0;
        for id in 1..=self.files {
            let file = self.file(id)?;
            content = chained(content, content_hash(&file));
            each(file)?;
        }
        let saved: String = self.one("SELECT value FROM meta WHERE key = 'content'")?;
        if saved == format!("{content:016x}") {
            return Ok(());
        }
        Err(self.damaged("its content is not what was saved"))
    }

    /// An error unless all files are what was saved.
    pub fn check(&self, goes_on: &dyn Fn() -> bool) -> Result<(), SavedError> {
        self.each(&mut |_| if goes_on() { Ok(()) } else { Err(SavedError::Cancelled) })
    }

    fn damaged(&self, why: &str) -> SavedError {
        SavedError::Damaged(self.path.clone(), why.to_owned())
    }

    /// The file with the number `id`.
    pub fn file(&self, id: i64) -> Result<SavedFile, SavedError> {
        self.read(id).map_err(|e| match e {
            rusqlite::Error::QueryReturnedNoRows => self.damaged(&format!("file {id} is missing")),
            other => SavedError::reading(&self.path, &other),
        })
    }

    fn read(&self, id: i64) -> rusqlite::Result<SavedFile> {
        let mut file = self
            .connection
            .prepare_cached("SELECT path, size, lines, plan, bytes, hash, listing FROM file WHERE id = ?")?
            .query_row([id], |row| {
                Ok(SavedFile {
                    path: row.get(0)?,
                    size: row.get::<_, i64>(1)? as u64,
                    lines: row.get(2)?,
                    plan: row.get(3)?,
                    bytes: row.get::<_, i64>(4)? as u64,
                    hash: row.get::<_, i64>(5)? as u64,
                    listing: row.get(6)?,
                    ..SavedFile::default()
                })
            })?;
        let includes = "SELECT path, relative, line FROM include WHERE file = ? ORDER BY position";
        file.includes = self.rows(includes, id, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let assertions = "SELECT a.line, t.name, l.kind, l.name, a.flags, a.description FROM assertion a \
                          JOIN type t ON t.id = a.type LEFT JOIN label l ON l.id = a.label WHERE a.file = ? \
                          ORDER BY a.position";
        file.assertions = self.rows(assertions, id, assertion)?;
        let credits = "SELECT c.position, l.kind, l.name FROM credit c JOIN label l ON l.id = c.label \
                       WHERE c.file = ? ORDER BY c.number";
        file.credits = self.rows(credits, id, |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        let uses = "SELECT l.kind, l.name FROM use u JOIN label l ON l.id = u.label WHERE u.file = ? ORDER BY u.number";
        file.uses = self.rows(uses, id, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(file)
    }

    fn rows<T>(&self, sql: &str, id: i64, read: fn(&Row) -> rusqlite::Result<T>) -> rusqlite::Result<Vec<T>> {
        self.connection.prepare_cached(sql)?.query_map([id], read)?.collect()
    }

    /// The assertions of file `id` as callers see them: JSON.
    pub fn listing(&self, id: i64) -> Result<Vec<u8>, SavedError> {
        let found = self
            .connection
            .prepare_cached("SELECT listing FROM file WHERE id = ?")
            .and_then(|mut select| select.query_row([id], |row| row.get::<_, Vec<u8>>(0)));
        let packed = found.map_err(|e| SavedError::reading(&self.path, &e))?;
        unpacked(&packed).ok_or_else(|| self.damaged(&format!("the assertions of file {id} cannot be unpacked")))
    }
}

fn assertion(row: &Row) -> rusqlite::Result<SavedAssertion> {
    let kind: Option<String> = row.get(2)?;
    let label: Option<Place> = match kind {
        Some(kind) => Some((kind, row.get(3)?)),
        None => None,
    };
    Ok(SavedAssertion {
        line: row.get(0)?,
        kind: row.get(1)?,
        label,
        flags: row.get(4)?,
        description: row.get(5)?,
    })
}

/// `bytes` with their length before them, compressed.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    lz4_flex::block::compress_prepend_size(bytes)
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let (length, _) = lz4_flex::block::uncompressed_size(packed).ok()?;
    if length > LARGEST {
        return None;
    }
    lz4_flex::block::decompress_size_prepended(packed).ok()
}
