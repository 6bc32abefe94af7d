//! The folder of black boxes: their names, the last run, which ones are kept.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::BlackBoxError;
use super::header::Header;
use super::story::{self, Story};

const EXTENSION: &str = ".blackbox";

/// What a look at the folder brought.
#[derive(Debug, Default)]
pub struct Rotated {
    /// The newest run that is over.
    pub previous: Option<Story>,
    /// What could not be read or removed.
    pub problems: Vec<BlackBoxError>,
}

/// Reads how the last run in `folder` ended, and removes the files of all runs that are over but the `keep` newest.
/// Files of runs that go on, and files with other names, are left alone.
pub fn rotate(folder: &Path, keep: usize, root: &Path) -> Rotated {
    let mut rotated = Rotated::default();
    let over = match runs_over(folder) {
        Ok(over) => over,
        Err(cause) => {
            rotated.problems.push(BlackBoxError::making(folder, 0, cause));
            return rotated;
        }
    };
    match over.first().map(|path| story::read(path, root)).transpose() {
        Ok(previous) => rotated.previous = previous,
        Err(problem) => rotated.problems.push(problem),
    }
    let removed = over.iter().skip(keep).map(|path| (path, fs::remove_file(path)));
    let failed = removed.filter_map(|(path, result)| Some((path, result.err()?)));
    // Another process of the program may have been faster.
    let failed = failed.filter(|(_, cause)| cause.kind() != io::ErrorKind::NotFound);
    let problems = failed.map(|(path, cause)| BlackBoxError::io("removed", path)(cause));
    rotated.problems.extend(problems);
    rotated
}

/// Whether the process that made the file still holds it.
pub(super) fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        // Locks may work where a file was made and not where it was copied to.
        Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Unsupported => Ok(false),
        Err(TryLockError::Error(cause)) => Err(cause),
    }
}

/// Gives the finished file a name that no other has: when it was made, by which process, and a number where one process
/// makes several at once.
pub(super) fn name(mut file: NamedTempFile, folder: &Path, header: &Header) -> io::Result<(File, PathBuf)> {
    let Header { created_at, pid, .. } = header;
    for number in 0..u32::MAX {
        let path = folder.join(format!("run-{created_at:013}-{pid}-{number}{EXTENSION}"));
        match file.persist_noclobber(&path) {
            Ok(file) => return Ok((file, path)),
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => file = failed.file,
            Err(failed) => return Err(failed.error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Files of runs that are over, the newest first.
fn runs_over(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        // A link or a pipe of that name is nobody's black box.
        if let Some(run) = name.to_str().and_then(run)
            && entry.file_type()?.is_file()
            && !File::open(entry.path())
                .and_then(|file| is_held(&file))
                .unwrap_or(false)
        {
            found.push((run, entry.path()));
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// When the file was made, by which process, which of several.
fn run(name: &str) -> Option<[u64; 3]> {
    let name = name.strip_prefix("run-")?.strip_suffix(EXTENSION)?;
    let mut numbers = name.split('-').map(|number| number.parse().ok());
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(found)
}

#[cfg(all(test, unix))]
#[path = "folder_tests.rs"]
mod tests;
