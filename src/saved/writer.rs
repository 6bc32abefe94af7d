//! Writes a saved file.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};
use rustc_hash::FxHashMap;

use super::draft::Draft;
use super::error::SavedError;
use super::file::{Place, SavedAssertion, SavedFile, chained, content_hash};
use super::schema::{APPLICATION_ID, TABLES, VERSION, VIEWS};

/// Numbers of labels that are known without asking the file.
const KNOWN: usize = 1 << 16;

/// Takes files in the order of their paths. Until [`SavedWriter::finish`] the target stays as it was.
pub struct SavedWriter {
    rows: Rows,
    draft: Draft,
    target: PathBuf,
    assertions: i64,
    content: u64,
}

impl SavedWriter {
    /// Begins a file that will be `target`.
    pub fn new(target: &Path) -> Result<Self, SavedError> {
        let draft = Draft::new(target).map_err(|e| SavedError::io(target, &e))?;
        let connection = begin(draft.path()).map_err(|e| SavedError::io(target, &e))?;
        Ok(Self {
            rows: Rows {
                connection,
                files: 0,
                labels: FxHashMap::default(),
                types: FxHashMap::default(),
            },
            draft,
            target: target.to_owned(),
            assertions: 0,
            content: 0,
        })
    }

    /// Adds a file; its path comes behind those of the files before.
    pub fn add(&mut self, file: &SavedFile) -> Result<(), SavedError> {
        self.content = chained(self.content, content_hash(file));
        self.assertions += file.assertions.len() as i64;
        let added = self.rows.add(file);
        added.map_err(|e| SavedError::io(&self.target, &e))
    }

    /// Ends the file and puts it in place of what was there; how many files and assertions it holds.
    pub fn finish(self) -> Result<(i64, i64), SavedError> {
        let failed = |e: &dyn std::fmt::Display| SavedError::io(&self.target, e);
        let files = self.rows.files;
        self.rows.finish(self.content).map_err(|e| failed(&e))?;
        self.draft.finish().map_err(|e| failed(&e))?;
        Ok((files, self.assertions))
    }
}

/// The rows, file by file.
struct Rows {
    connection: Connection,
    files: i64,
    labels: FxHashMap<Place, i64>,
    types: FxHashMap<String, i64>,
}

impl Rows {
    fn add(&mut self, file: &SavedFile) -> rusqlite::Result<()> {
        self.files += 1;
        self.file(file)?;
        self.includes(file)?;
        for (position, assertion) in (0..).zip(&file.assertions) {
            self.assertion(position, assertion)?;
        }
        self.credits(file)?;
        self.uses(file)
    }

    fn file(&self, file: &SavedFile) -> rusqlite::Result<()> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
        let (size, bytes, hash) = (file.size as i64, file.bytes as i64, file.hash as i64);
        let SavedFile {
            path,
            lines,
            plan,
            listing,
            ..
        } = file;
        insert
            .execute(params![self.files, path, size, lines, plan, bytes, hash, listing])
            .map(drop)
    }

    fn includes(&self, file: &SavedFile) -> rusqlite::Result<()> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO include VALUES (?, ?, ?, ?, ?)")?;
        for (at, (path, relative, line)) in (0i64..).zip(&file.includes) {
            insert.execute(params![self.files, at, path, relative, line])?;
        }
        Ok(())
    }

    fn assertion(&mut self, position: i64, assertion: &SavedAssertion) -> rusqlite::Result<()> {
        let label = assertion.label.as_ref().map(|place| self.label(place)).transpose()?;
        let kind = self.kind(&assertion.kind)?;
        let SavedAssertion {
            line,
            flags,
            description,
            ..
        } = assertion;
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO assertion VALUES (?, ?, ?, ?, ?, ?, ?)")?;
        insert
            .execute(params![self.files, position, line, kind, label, flags, description])
            .map(drop)
    }

    fn credits(&mut self, file: &SavedFile) -> rusqlite::Result<()> {
        for (number, (position, place)) in (0i64..).zip(&file.credits) {
            let label = self.label(place)?;
            let mut insert = self
                .connection
                .prepare_cached("INSERT INTO credit VALUES (?, ?, ?, ?)")?;
            insert.execute(params![self.files, number, position, label])?;
        }
        Ok(())
    }

    fn uses(&mut self, file: &SavedFile) -> rusqlite::Result<()> {
        for (number, place) in (0i64..).zip(&file.uses) {
            let label = self.label(place)?;
            let mut insert = self.connection.prepare_cached("INSERT INTO use VALUES (?, ?, ?)")?;
            insert.execute(params![self.files, number, label])?;
        }
        Ok(())
    }

    fn label(&mut self, place: &Place) -> rusqlite::Result<i64> {
        if let Some(id) = self.labels.get(place) {
            return Ok(*id);
        }
        let sql = "INSERT INTO label (kind, name) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = name RETURNING id";
        let id = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![place.0, place.1], |row| row.get(0))?;
        if self.labels.len() >= KNOWN {
            self.labels.clear();
        }
        self.labels.insert(place.clone(), id);
        Ok(id)
    }

    fn kind(&mut self, name: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.types.get(name) {
            return Ok(*id);
        }
        let sql = "INSERT INTO type (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id";
        let id = self
            .connection
            .prepare_cached(sql)?
            .query_row([name], |row| row.get(0))?;
        self.types.insert(name.to_owned(), id);
        Ok(id)
    }

    fn finish(self, content: u64) -> rusqlite::Result<()> {
        let Self { connection, .. } = self;
        connection.execute("INSERT INTO meta VALUES ('content', ?)", [format!("{content:016x}")])?;
        connection.execute_batch(VIEWS)?;
        connection.execute_batch("COMMIT")?;
        connection.close().map_err(|(_, e)| e)
    }
}

/// Without SQLite's locks: the draft has one already, and on some systems the two would stand in each other's way.
#[cfg(unix)]
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    Connection::open_with_flags_and_vfs(path, flags, c"unix-none")
}

#[cfg(not(unix))]
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

fn begin(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path)?;
    connection.set_prepared_statement_cache_capacity(16);
    // Nobody else sees the file before it is whole, so there is nothing to roll back to.
    connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", VERSION)?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch("BEGIN")?;
    Ok(connection)
}
