//! Who uses a cache: those who read and write it together, or one alone who moves it away.
//!
//! SQLite's own locks cannot tell: they hang on the file, and a name that stands for another file meanwhile takes
//! `-wal` and `-shm` files from under those who still have the old one open.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::aside::beside;
use super::error::CacheError;

/// How long others are waited for.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How often they are asked.
const PAUSE: Duration = Duration::from_millis(10);

/// A lock on the cache of a path, until it is dropped. It is on an empty file of its own, which stays.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "open files hold locks")] File);

impl Lock {
    /// For using the cache: many may.
    pub fn shared(path: &Path) -> Result<Self, CacheError> {
        take(path, File::try_lock_shared)
    }

    /// For moving it away: nobody else uses it then.
    pub fn alone(path: &Path) -> Result<Self, CacheError> {
        take(path, File::try_lock)
    }
}

fn take(path: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Lock, CacheError> {
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, ".lock"))?;
    let end = Instant::now() + PATIENCE;
    loop {
        match lock(&file) {
            Ok(()) => return Ok(Lock(file)),
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                let waited = PATIENCE.as_secs();
                return Err(CacheError::Io(format!(
                    "others have been using it for {waited} seconds"
                )));
            }
            Err(TryLockError::Error(cause)) => return Err(cause.into()),
        }
    }
}
