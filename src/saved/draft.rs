//! A file that is being written beside its place.
//!
//! Its writer holds a lock on it as long as it lives, so that the next one can tell what a killed process left behind
//! from what is still being written: by other processes, other containers, or other machines that share the folder.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// How the names of drafts begin.
const PREFIX: &str = ".pgtap-scanner-";

/// A draft of the file `target`. Dropped before it is finished, it is removed.
pub struct Draft {
    path: TempPath,
    target: PathBuf,
    // Closed last: until the draft is in place or gone nobody else may remove it.
    held: File,
}

impl Draft {
    /// An empty draft. Where `target` is a symbolic link, what it points to is written.
    pub fn new(target: &Path) -> io::Result<Self> {
        let target = followed(target)?;
        let folder = target.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        remove_leftovers(folder);
        loop {
            let (held, path) = NamedTempFile::with_prefix_in(PREFIX, folder)?.into_parts();
            if hold(&held)? {
                return Ok(Self { path, target, held });
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in the place of what was there.
    pub fn finish(self) -> io::Result<()> {
        let Self { path, target, held } = self;
        held.sync_all()?;
        readable(&path, &target);
        path.persist(&target).map_err(|e| e.error)?;
        drop(held);
        Ok(())
    }
}

/// The file that `target` stands for; it need not be there.
fn followed(target: &Path) -> io::Result<PathBuf> {
    match dunce::canonicalize(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match std::fs::read_link(target) {
            // A link in a circle is another error.
            Ok(next) => followed(&target.parent().unwrap_or(Path::new("")).join(next)),
            Err(_) => Ok(target.to_owned()),
        },
        found => found,
    }
}

/// Locks a new draft; `false` when somebody who took it for a leftover was faster.
#[cfg(unix)]
fn hold(draft: &File) -> io::Result<bool> {
    use std::fs::TryLockError;
    use std::os::unix::fs::MetadataExt;
    match draft.try_lock() {
        Ok(()) => Ok(draft.metadata()?.nlink() > 0),
        Err(TryLockError::WouldBlock) => Ok(false),
        // Without locks nobody can tell leftovers, and so nobody removes any.
        Err(TryLockError::Error(_)) => Ok(true),
    }
}

/// A lock would keep SQLite out, too; that the draft is open is enough for [`remove_if_left`].
#[cfg(not(unix))]
fn hold(_: &File) -> io::Result<bool> {
    Ok(true)
}

/// Removes drafts whose writers are gone. What cannot be removed does not hinder a new one.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let named = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        if named && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            remove_if_left(&entry.path());
        }
    }
}

#[cfg(unix)]
fn remove_if_left(path: &Path) {
    if let Ok(left) = File::open(path)
        && left.try_lock().is_ok()
    {
        let _ = std::fs::remove_file(path);
    }
}

/// Files that others have open can be removed here, too. Nobody has it open who can be asked to share it with nobody.
#[cfg(windows)]
fn remove_if_left(path: &Path) {
    use std::os::windows::fs::OpenOptionsExt;
    let alone = std::fs::OpenOptions::new().read(true).share_mode(0).open(path);
    if alone.map(drop).is_ok() {
        let _ = std::fs::remove_file(path);
    }
}

/// Leftovers stay where nobody can tell them from drafts.
#[cfg(not(any(unix, windows)))]
fn remove_if_left(_: &Path) {}

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
