//! Moves a cache that is of no use out of the way.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::CacheError;
use super::lock::Lock;

/// Caches that stay beside the one in use. Behind that the one that was written to the longest ago is replaced.
const MOST: usize = 4;

/// What SQLite keeps beside a database. It goes before the database does: a new one must never meet it.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// `path` with `end` behind its name.
pub fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Moves what is at `path` out of the way, once nobody uses it; where it is then. `None` when there is nothing to move,
/// or `replaced` says that another process has done it.
pub fn set_aside(path: &Path, replaced: &dyn Fn() -> bool) -> Result<Option<PathBuf>, CacheError> {
    let _alone = Lock::alone(path)?;
    if !path.try_exists()? || replaced() {
        return Ok(None);
    }
    let aside = place(path);
    for end in BESIDE {
        move_over(&beside(path, end), &beside(&aside, end))?;
    }
    std::fs::rename(path, &aside)?;
    Ok(Some(aside))
}

/// `.damaged`, `.damaged-2` and so on: the first that is free, else the oldest.
fn place(path: &Path) -> PathBuf {
    let name = |n: usize| match n {
        1 => beside(path, ".damaged"),
        n => beside(path, &format!(".damaged-{n}")),
    };
    let age = |place: &PathBuf| {
        let changed = std::fs::symlink_metadata(place).and_then(|m| m.modified());
        changed.unwrap_or(SystemTime::UNIX_EPOCH)
    };
    // `min_by_key` takes the first of several that are free.
    (1..=MOST).map(name).min_by_key(age).unwrap_or_else(|| name(1))
}

/// Renames a file; where there is none nothing is left at its new place either.
fn move_over(from: &Path, to: &Path) -> io::Result<()> {
    let moved = std::fs::rename(from, to);
    let gone = |e: &io::Error| e.kind() == io::ErrorKind::NotFound;
    match moved {
        Err(error) if gone(&error) => std::fs::remove_file(to).or_else(|e| if gone(&e) { Ok(()) } else { Err(e) }),
        other => other,
    }
}
