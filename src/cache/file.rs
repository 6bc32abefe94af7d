//! The cache as a file, which several processes may use at once.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use twox_hash::XxHash3_64;

use crate::coverage::batch::Stamp;

use super::aside::set_aside;
use super::error::CacheError;
use super::lock::{Lock, PATIENCE};
use super::row::{Row, Times};
use super::schema::{APPLICATION_ID, CONFIGURATIONS, FORMAT, TABLES, UNUSED, USE};

/// Where the rows of one configuration are.
#[derive(Clone, Debug)]
pub struct Address {
    path: PathBuf,
    configuration: i64,
    /// A hash of the configuration.
    seed: u64,
}

/// An open cache, for writing.
pub struct Cache {
    connection: Connection,
    address: Address,
    purpose: String,
    /// What tells it from another one of this path.
    made: String,
    // Dropped last: until then nobody moves the file.
    _lock: Lock,
}

impl Cache {
    /// Opens or makes the cache at `path`, for the rows of one `purpose` (version, options). Those of a few others stay.
    pub fn open(path: &Path, purpose: &str) -> Result<Self, CacheError> {
        let path = real(path);
        if path.is_dir() {
            return Err(CacheError::Io("it is a folder".to_owned()));
        }
        let lock = Lock::shared(&path)?;
        let mut connection = prepared(&path)?;
        let configuration = transact(&mut connection, |all| used(all, purpose))?;
        Ok(Self {
            made: made(&connection)?,
            connection,
            address: Address {
                path,
                configuration,
                seed: XxHash3_64::oneshot(purpose.as_bytes()),
            },
            purpose: purpose.to_owned(),
            _lock: lock,
        })
    }

    /// Moves what is at `path`, and is of no use, out of the way; where it is then. `None` when another process has
    /// done so already.
    pub fn clear_place(path: &Path) -> Result<Option<PathBuf>, CacheError> {
        let path = real(path);
        set_aside(&path, &|| !matches!(prepared(&path), Err(CacheError::Unusable(_))))
    }

    /// Moves this cache, which turned out to be damaged, out of the way, as [`Self::clear_place`] does.
    pub fn retire(self) -> Result<Option<PathBuf>, CacheError> {
        let (path, own) = (self.address.path.clone(), self.made.clone());
        drop(self);
        set_aside(&path, &|| {
            let found = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|other| made(&other));
            found.is_ok_and(|made| made != own)
        })
    }

    /// Keeps rows.
    pub fn keep(&mut self, rows: &[(PathBuf, Row)]) -> Result<(), CacheError> {
        let Address { seed, .. } = self.address;
        let purpose = &self.purpose;
        self.address.configuration = transact(&mut self.connection, |all| {
            // Others may have dropped this configuration meanwhile.
            let configuration = used(all, purpose)?;
            let mut insert = all.prepare_cached("REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
            for (path, row) in rows {
                let path = key(path);
                let Row {
                    times,
                    read,
                    stamp,
                    body,
                } = row;
                let (bytes, hash, sum) = (times.bytes as i64, stamp.hash as i64, row.sum(&path, seed));
                insert.execute(params![
                    configuration,
                    path,
                    bytes,
                    times.changed,
                    hash,
                    read,
                    body,
                    sum
                ])?;
            }
            Ok(configuration)
        })?;
        Ok(())
    }

    /// Drops the rows of files below `root` of which `exists` says that they are gone.
    pub fn prune(&mut self, root: &Path, exists: &dyn Fn(&[u8]) -> bool) -> Result<usize, CacheError> {
        let root = key(&root.join(""));
        let Address { configuration, .. } = self.address;
        let mut gone: Vec<Vec<u8>> = Vec::new();
        {
            let mut select = self
                .connection
                .prepare("SELECT path FROM entry WHERE configuration = ?")?;
            let mut rows = select.query([configuration])?;
            while let Some(row) = rows.next()? {
                let path: Vec<u8> = row.get(0)?;
                if path.starts_with(&root) && !exists(&path) {
                    gone.push(path);
                }
            }
        }
        transact(&mut self.connection, |all| {
            let mut delete = all.prepare("DELETE FROM entry WHERE configuration = ? AND path = ?")?;
            for path in &gone {
                delete.execute(params![configuration, path])?;
            }
            Ok(gone.len())
        })
    }

    /// Where its rows are.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// A path as rows have it.
    pub fn key(path: &Path) -> Vec<u8> {
        key(path)
    }
}

/// The file itself, where `path` is a link to it: SQLite's own files lie beside that.
fn real(path: &Path) -> PathBuf {
    dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, CacheError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Opens the cache at `path`, or makes it.
fn prepared(path: &Path) -> Result<Connection, CacheError> {
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    // Of what is not ours nothing is changed, not even by closing it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    format(&connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    transact(&mut connection, |all| {
        // Another process may have been faster.
        if format(all)? < FORMAT {
            all.pragma_update(None, "application_id", APPLICATION_ID)?;
            all.pragma_update(None, "user_version", FORMAT)?;
            all.execute_batch(TABLES)?;
        }
        Ok(())
    })?;
    Ok(connection)
}

/// The format of a cache that this version reads; 0 for an empty file.
fn format(connection: &Connection) -> Result<i32, CacheError> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i32>(0));
    let id = number("PRAGMA application_id")?;
    if id == 0 && number("SELECT count(*) FROM sqlite_schema")? == 0 {
        return Ok(0);
    }
    if id != APPLICATION_ID {
        return Err(CacheError::Unusable("it is another program's database".to_owned()));
    }
    match number("PRAGMA user_version")? {
        newer if newer > FORMAT => Err(CacheError::Newer(newer)),
        format if format < 0 => Err(CacheError::Unusable(format!("there is no format {format}"))),
        format => Ok(format),
    }
}

fn made(connection: &Connection) -> Result<String, CacheError> {
    Ok(connection.query_row("SELECT made FROM meta", [], |row| row.get(0))?)
}

fn transact<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction) -> Result<T, CacheError>,
) -> Result<T, CacheError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

/// Makes a configuration the one used last; its number. Of the others a few stay.
fn used(all: &Transaction, purpose: &str) -> Result<i64, CacheError> {
    let configuration = all.prepare_cached(USE)?.query_row([purpose], |row| row.get(0))?;
    for (table, column) in [("entry", "configuration"), ("configuration", "id")] {
        let delete = format!("DELETE FROM {table} WHERE {column} IN ({UNUSED})");
        all.prepare_cached(&delete)?.execute([CONFIGURATIONS])?;
    }
    Ok(configuration)
}

fn key(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

/// Looks files up, on a thread of its own.
pub struct Lookup {
    connection: Connection,
    configuration: i64,
    seed: u64,
}

impl Lookup {
    /// A connection for the rows at `address`.
    pub fn open(address: &Address) -> Result<Self, CacheError> {
        Ok(Self {
            connection: connect(&address.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
            configuration: address.configuration,
            seed: address.seed,
        })
    }

    /// What the cache holds of `path`.
    pub fn find(&self, path: &Path) -> Result<Option<Row>, CacheError> {
        let path = key(path);
        let sql = "SELECT bytes, changed, hash, read, body, sum FROM entry WHERE configuration = ? AND path = ?";
        let mut select = self.connection.prepare_cached(sql)?;
        let found = select.query_row(params![self.configuration, path], row).optional()?;
        match found {
            Some((row, sum)) if row.sum(&path, self.seed) == sum => Ok(Some(row)),
            Some(_) => Err(CacheError::Unusable("a row is not what was written".to_owned())),
            None => Ok(None),
        }
    }
}

/// A row and its sum.
fn row(found: &rusqlite::Row) -> rusqlite::Result<(Row, i64)> {
    let bytes = found.get::<_, i64>(0)? as u64;
    let row = Row {
        times: Times {
            bytes,
            changed: found.get(1)?,
        },
        stamp: Stamp {
            bytes,
            hash: found.get::<_, i64>(2)? as u64,
        },
        read: found.get(3)?,
        body: found.get(4)?,
    };
    Ok((row, found.get(5)?))
}
