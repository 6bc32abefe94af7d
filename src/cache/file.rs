//! The cache as a file, which several processes may use at once.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use twox_hash::XxHash3_64;

use crate::coverage::batch::Stamp;

use super::entry::Entry;

/// `PRAGMA application_id`.
const APPLICATION_ID: i32 = 0x7067_5463;
/// Raised when rows or what they hold change.
const FORMAT: u32 = 2;
/// How long another process is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// A file changed so shortly before it was read may have changed again without its time showing it.
const UNSURE: i64 = 2_000_000_000;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (
  path BLOB PRIMARY KEY,
  bytes INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  read INTEGER NOT NULL,
  body BLOB NOT NULL,
  sum INTEGER NOT NULL
);
";

/// Why a cache is of no use.
#[derive(Debug)]
pub enum CacheError {
    /// It is damaged, or something else: another one can be made in its place.
    Unusable(String),
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

/// Size and times of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Bytes.
    pub bytes: u64,
    /// When it changed, in nanoseconds since 1970.
    pub changed: i64,
}

fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_nanos()).unwrap_or(i64::MAX),
    }
}

impl Times {
    /// Those of a regular file.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        let changed = nanoseconds(metadata.modified().ok()?);
        metadata.is_file().then_some(Self {
            bytes: metadata.len(),
            changed,
        })
    }
}

/// What the cache holds of a file.
pub struct Row {
    times: Times,
    read: i64,
    /// How its content was.
    pub stamp: Stamp,
    body: Vec<u8>,
}

impl Row {
    /// A row for a file that was just read.
    pub fn new(times: Times, stamp: Stamp, entry: &Entry) -> Option<Self> {
        let text = serde_json::to_vec(entry).ok()?;
        Some(Self {
            times,
            read: nanoseconds(SystemTime::now()),
            stamp,
            body: lz4_flex::block::compress_prepend_size(&text),
        })
    }

    /// The same, for a file whose times changed and whose content did not.
    pub fn touched(self, times: Times) -> Self {
        Self {
            times,
            read: nanoseconds(SystemTime::now()),
            ..self
        }
    }

    /// Whether a file with these times is surely the one that was read.
    pub fn is_sure(&self, times: Times) -> bool {
        self.times == times && times.changed.saturating_add(UNSURE) < self.read
    }

    /// What reading it gave.
    pub fn entry(&self) -> Option<Entry> {
        serde_json::from_slice(&lz4_flex::block::decompress_size_prepended(&self.body).ok()?).ok()
    }

    /// A hash of all of it and of its path: a damaged index could find the row of another file.
    fn sum(&self, path: &[u8]) -> i64 {
        let numbers = [
            self.times.bytes,
            self.times.changed as u64,
            self.read as u64,
            self.stamp.hash,
        ];
        let bytes = numbers.map(u64::to_le_bytes).concat();
        let seed = XxHash3_64::oneshot_with_seed(XxHash3_64::oneshot(&bytes), path);
        XxHash3_64::oneshot_with_seed(seed, &self.body) as i64
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, CacheError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

#[cfg(unix)]
fn key(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
fn key(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

/// An open cache, for writing.
pub struct Cache {
    connection: Connection,
    path: PathBuf,
}

impl Cache {
    /// Opens or makes the cache at `path`. Rows that were made with another `purpose` (version, options) go.
    pub fn open(path: &Path, purpose: &str) -> Result<Self, CacheError> {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if id != APPLICATION_ID && (id != 0 || tables > 0) {
            return Err(CacheError::Unusable("it is another program's database".to_owned()));
        }
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.execute_batch("PRAGMA synchronous = NORMAL")?;
        let cache = Self {
            connection,
            path: path.to_owned(),
        };
        cache.prepare(&format!("{FORMAT} {purpose}"))?;
        Ok(cache)
    }

    fn prepare(&self, purpose: &str) -> Result<(), CacheError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        self.connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        self.connection.execute_batch(TABLES)?;
        let select = "SELECT value FROM meta WHERE key = 'purpose'";
        let known: Option<String> = self.connection.query_row(select, [], |row| row.get(0)).optional()?;
        if known.as_deref() != Some(purpose) {
            self.connection.execute("DELETE FROM entry", [])?;
            self.connection
                .execute("REPLACE INTO meta VALUES ('purpose', ?)", [purpose])?;
        }
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    /// Moves what is at `path` out of the way; where it is then.
    pub fn set_aside(path: &Path) -> Result<PathBuf, CacheError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".damaged");
        let aside = PathBuf::from(name);
        std::fs::rename(path, &aside).map_err(|e| CacheError::Io(e.to_string()))?;
        for end in ["-wal", "-shm"] {
            let mut beside = path.as_os_str().to_owned();
            beside.push(end);
            // Usually there is none.
            let _ = std::fs::remove_file(beside);
        }
        Ok(aside)
    }

    /// A connection for another thread to look files up with.
    pub fn lookup(path: &Path) -> Result<Lookup, CacheError> {
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map(Lookup)
    }

    /// Keeps rows.
    pub fn keep(&mut self, rows: &[(PathBuf, Row)]) -> Result<(), CacheError> {
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut insert = transaction.prepare_cached("REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)")?;
            for (path, row) in rows {
                insert.execute(params![
                    key(path),
                    row.times.bytes as i64,
                    row.times.changed,
                    row.stamp.hash as i64,
                    row.read,
                    row.body,
                    row.sum(&key(path))
                ])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Drops the rows of files below `root` of which `exists` says that they are gone.
    pub fn prune(&mut self, root: &Path, exists: &dyn Fn(&[u8]) -> bool) -> Result<usize, CacheError> {
        let root = key(&root.join(""));
        let mut gone: Vec<Vec<u8>> = Vec::new();
        {
            let mut select = self.connection.prepare("SELECT path FROM entry")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                let path: Vec<u8> = row.get(0)?;
                if path.starts_with(&root) && !exists(&path) {
                    gone.push(path);
                }
            }
        }
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for path in &gone {
            transaction.execute("DELETE FROM entry WHERE path = ?", [path])?;
        }
        transaction.commit()?;
        Ok(gone.len())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A path as rows have it.
    pub fn key(path: &Path) -> Vec<u8> {
        key(path)
    }
}

/// Looks files up.
pub struct Lookup(Connection);

impl Lookup {
    /// What the cache holds of `path`.
    pub fn find(&self, path: &Path) -> Result<Option<Row>, CacheError> {
        let mut select = self
            .0
            .prepare_cached("SELECT bytes, changed, hash, read, body, sum FROM entry WHERE path = ?")?;
        let found = select
            .query_row([key(path)], |row| {
                let bytes = row.get::<_, i64>(0)? as u64;
                let times = Times {
                    bytes,
                    changed: row.get(1)?,
                };
                let stamp = Stamp {
                    bytes,
                    hash: row.get::<_, i64>(2)? as u64,
                };
                let (read, body) = (row.get(3)?, row.get(4)?);
                Ok((
                    Row {
                        times,
                        read,
                        stamp,
                        body,
                    },
                    row.get::<_, i64>(5)?,
                ))
            })
            .optional()?;
        match found {
            Some((row, sum)) if row.sum(&key(path)) == sum => Ok(Some(row)),
            Some(_) => Err(CacheError::Unusable("a row is not what was written".to_owned())),
            None => Ok(None),
        }
    }
}
