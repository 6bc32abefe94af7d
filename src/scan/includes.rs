//! Files that `\i` and `\ir` name.

use std::path::{Path, PathBuf};

use crate::pgtap::facts::Include;

/// Where psql would look: `\ir` beside the file; `\i` in the folder it runs in, which is taken to be the working
/// folder, the scanned root or a folder above it, and at last the file's own.
pub fn resolve(include: &Include, file: &Path, root: &Path) -> Option<PathBuf> {
    let named = to_path(&include.path);
    let own = file.parent().unwrap_or(root);
    if include.relative || named.is_absolute() {
        return existing(own.join(&named));
    }
    let working = std::env::current_dir().ok();
    let folders = working
        .iter()
        .map(PathBuf::as_path)
        .chain(root.ancestors().take(4))
        .chain([own]);
    folders.map(|folder| folder.join(&named)).find_map(existing)
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.is_file().then(|| dunce::canonicalize(&path).unwrap_or(path))
}

#[cfg(unix)]
fn to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
