//! Writes a saved file beside its place, and puts it there when it is whole.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use rustc_hash::FxHashMap;
use tempfile::{NamedTempFile, TempPath};

use super::error::SavedError;
use super::file::{Place, SavedFile, chained, content_hash};
use super::schema::{APPLICATION_ID, TABLES, VERSION, VIEWS};

/// Numbers of labels that are known without asking the file.
const KNOWN: usize = 1 << 16;

/// Takes files in the order of their paths. Until [`SavedWriter::finish`] the target stays as it was.
pub struct SavedWriter {
    connection: Connection,
    temporary: TempPath,
    target: PathBuf,
    files: i64,
    assertions: i64,
    content: u64,
    labels: FxHashMap<Place, i64>,
    types: FxHashMap<String, i64>,
}

impl SavedWriter {
    /// Begins a file that will be `target`.
    pub fn new(target: &Path) -> Result<Self, SavedError> {
        let folder = target
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let temporary =
            NamedTempFile::with_prefix_in(".pgtap-scanner-", folder).map_err(|e| SavedError::io(target, &e))?;
        let temporary = temporary.into_temp_path();
        let begun = begin(&temporary).map_err(|e| SavedError::io(target, &e))?;
        Ok(Self {
            connection: begun,
            temporary,
            target: target.to_owned(),
            files: 0,
            assertions: 0,
            content: 0,
            labels: FxHashMap::default(),
            types: FxHashMap::default(),
        })
    }

    /// Adds a file; its path comes behind those of the files before.
    pub fn add(&mut self, file: &SavedFile) -> Result<(), SavedError> {
        self.content = chained(self.content, content_hash(file));
        self.files += 1;
        self.assertions += file.assertions.len() as i64;
        let added = self.insert(file);
        added.map_err(|e| SavedError::io(&self.target, &e))
    }

    fn insert(&mut self, file: &SavedFile) -> rusqlite::Result<()> {
        let id = self.files;
        self.connection
            .prepare_cached("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?
            .execute(params![
                id,
                file.path,
                file.size as i64,
                file.lines,
                file.plan,
                file.bytes as i64,
                file.hash as i64,
                file.listing
            ])?;
        for (at, (path, relative, line)) in file.includes.iter().enumerate() {
            let mut insert = self
                .connection
                .prepare_cached("INSERT INTO include VALUES (?, ?, ?, ?, ?)")?;
            insert.execute(params![id, at as i64, path, relative, line])?;
        }
        for (at, assertion) in file.assertions.iter().enumerate() {
            let label = assertion.label.as_ref().map(|place| self.label(place)).transpose()?;
            let kind = self.kind(&assertion.kind)?;
            let mut insert = self
                .connection
                .prepare_cached("INSERT INTO assertion VALUES (?, ?, ?, ?, ?, ?, ?)")?;
            let (line, flags) = (assertion.line, assertion.flags);
            insert.execute(params![id, at as i64, line, kind, label, flags, assertion.description])?;
        }
        for (number, (position, place)) in file.credits.iter().enumerate() {
            let label = self.label(place)?;
            let mut insert = self
                .connection
                .prepare_cached("INSERT INTO credit VALUES (?, ?, ?, ?)")?;
            insert.execute(params![id, number as i64, position, label])?;
        }
        for (number, place) in file.uses.iter().enumerate() {
            let label = self.label(place)?;
            let mut insert = self.connection.prepare_cached("INSERT INTO use VALUES (?, ?, ?)")?;
            insert.execute(params![id, number as i64, label])?;
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

    /// Ends the file and puts it in place of what was there; how many files and assertions it holds.
    pub fn finish(self) -> Result<(i64, i64), SavedError> {
        let Self {
            connection,
            temporary,
            target,
            files,
            assertions,
            content,
            ..
        } = self;
        let failed = |e: &dyn std::fmt::Display| SavedError::io(&target, e);
        let end = || {
            connection.execute("INSERT INTO meta VALUES ('content', ?)", [format!("{content:016x}")])?;
            connection.execute_batch(VIEWS)?;
            connection.execute_batch("COMMIT")
        };
        end().map_err(|e| failed(&e))?;
        connection.close().map_err(|(_, e)| failed(&e))?;
        let written = std::fs::File::open(&temporary).and_then(|file| file.sync_all());
        written.map_err(|e| failed(&e))?;
        readable(&temporary, &target);
        temporary.persist(&target).map_err(|e| failed(&e.error))?;
        Ok((files, assertions))
    }
}

fn begin(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
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

/// Temporary files are for their owner alone; a saved one has the rights of what it replaces, or those of a usual file.
#[cfg(unix)]
fn readable(temporary: &Path, target: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let before = std::fs::metadata(target).map(|m| m.permissions());
    let rights = before.unwrap_or_else(|_| std::fs::Permissions::from_mode(0o644));
    // Without them the file is whole all the same.
    let _ = std::fs::set_permissions(temporary, rights);
}

#[cfg(not(unix))]
fn readable(_: &Path, _: &Path) {}
