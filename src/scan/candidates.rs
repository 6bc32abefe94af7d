//! Which files of a folder are candidates.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
use walkdir::{DirEntry, WalkDir};

use super::events::Notice;
use super::options::Options;

/// Paths as bytes: those of the system where it knows bytes, elsewhere UTF-8 as far as they are text. Different paths have
/// different bytes.
pub fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

/// Walks `root`; hands each candidate to `found` and each thing left out that should not be to `notice`.
/// `found` answers false to stop.
pub fn walk(root: &Path, options: &Options, found: &mut dyn FnMut(PathBuf) -> bool, notice: &mut dyn FnMut(Notice)) {
    let mut seen = FxHashSet::default();
    let follow = options.given.follow_symlinks;
    let mut entries = WalkDir::new(root).follow_links(follow).into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) if entry.depth() == 0 => continue,
            Ok(entry) => entry,
            Err(error) => {
                if error.loop_ancestor().is_none() {
                    notice(Notice::unreadable(error.path().unwrap_or(root), &error.to_string()));
                }
                continue;
            }
        };
        let relative = relative(root, entry.path());
        if entry.file_type().is_dir() {
            if !is_entered(options, &entry, &relative, notice) {
                entries.skip_current_dir();
            }
        } else if is_candidate(options, &entry, &relative)
            && is_file(&entry, notice)
            && (!follow || first_time(&entry, &mut seen))
            && !found(entry.into_path())
        {
            return;
        }
    }
}

/// Whether a folder is entered.
fn is_entered(options: &Options, entry: &DirEntry, relative: &Path, notice: &mut dyn FnMut(Notice)) -> bool {
    if excluded_folder(options, relative) {
        return false;
    }
    let deep = entry.depth() > options.given.max_depth;
    if deep {
        notice(Notice::too_deep(entry.path(), options.given.max_depth));
    }
    !deep
}

/// Whether it can be read; a link that is not followed is left out without a word.
fn is_file(entry: &DirEntry, notice: &mut dyn FnMut(Notice)) -> bool {
    let file = entry.file_type().is_file();
    if !file && !entry.path_is_symlink() {
        notice(Notice::not_a_file(entry.path()));
    }
    file
}

/// The path below the root with `/` between its names.
pub fn relative(root: &Path, path: &Path) -> PathBuf {
    let below = path.strip_prefix(root).unwrap_or(path);
    if std::path::MAIN_SEPARATOR == '/' {
        return below.to_owned();
    }
    PathBuf::from(below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
}

fn is_hidden(relative: &Path) -> bool {
    relative
        .components()
        .any(|part| bytes(Path::new(part.as_os_str())).starts_with(b"."))
}

/// A folder is not entered when it is excluded itself, or all that it can hold is.
fn excluded_folder(options: &Options, relative: &Path) -> bool {
    if is_hidden(relative) && options.include_hidden.is_empty() {
        return true;
    }
    options.exclude.is_match(relative) || options.exclude.is_match(relative.join("\u{1}"))
}

fn is_candidate(options: &Options, entry: &DirEntry, relative: &Path) -> bool {
    let name = bytes(Path::new(entry.file_name()));
    if !options
        .given
        .file_extensions
        .iter()
        .any(|e| name.ends_with(e.as_bytes()))
    {
        return false;
    }
    selected(options, relative) && !options.ignore.iter().any(|p| p.is_match(bytes(entry.path())))
}

/// Whether the patterns take the path; exclusion wins.
pub fn selected(options: &Options, relative: &Path) -> bool {
    let wanted = if is_hidden(relative) {
        &options.include_hidden
    } else {
        &options.include
    };
    wanted.is_match(relative) && !options.exclude.is_match(relative)
}

/// Whether the file was not reached before by another path.
#[cfg(unix)]
fn first_time(entry: &DirEntry, seen: &mut FxHashSet<(u64, u64)>) -> bool {
    use std::os::unix::fs::MetadataExt;
    entry.metadata().map_or(true, |m| seen.insert((m.dev(), m.ino())))
}

/// Whether the file was not reached before by another path.
#[cfg(not(unix))]
fn first_time(entry: &DirEntry, seen: &mut FxHashSet<PathBuf>) -> bool {
    dunce::canonicalize(entry.path()).map_or(true, |path| seen.insert(path))
}

/// Hands the files below `root` to `found` that are no candidates although nothing excludes them: their names end with
/// one of `extensions`, but not as the options want it, or no include pattern takes them.
pub fn passed_over(root: &Path, options: &Options, extensions: &[&str], found: &mut dyn FnMut(PathBuf)) {
    let mut entries = WalkDir::new(root).into_iter();
    while let Some(entry) = entries.next() {
        // What cannot be read the scan has told.
        let Ok(entry) = entry else { continue };
        let relative = relative(root, entry.path());
        if entry.depth() > 0 && entry.file_type().is_dir() {
            if !is_entered(options, &entry, &relative, &mut |_| {}) {
                entries.skip_current_dir();
            }
        } else if entry.file_type().is_file()
            && !is_candidate(options, &entry, &relative)
            && !is_hidden(&relative)
            && !options.exclude.is_match(&relative)
            && !options.ignore.iter().any(|p| p.is_match(bytes(entry.path())))
            && extensions.iter().any(|e| {
                bytes(Path::new(entry.file_name()))
                    .to_ascii_lowercase()
                    .ends_with(e.as_bytes())
            })
        {
            found(entry.into_path());
        }
    }
}
