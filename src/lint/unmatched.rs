//! Files that look like tests, but that no pattern of the scan takes.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::pgtap::catalog::Since;
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;
use crate::scan::candidates::passed_over;
use crate::scan::options::Options;
use crate::scan::paths::Paths;
use crate::scan::read::{FileBuffer, read_into};

use super::finding::{Draft, Finding, Spot};
use super::notes;
use super::report::at;
use super::rules::UNMATCHED_FILE;

/// How names of SQL files end.
const EXTENSIONS: [&str; 4] = [".sql", ".pg", ".pgtap", ".psql"];
/// Larger files are dumps, not tests.
const LARGEST: u64 = 4 << 20;

/// The files below `root` that hold a plan or end tests. `known`: the files that were read, also for being included.
pub fn check(
    root: &Path,
    options: &Options,
    suite: &Suite,
    known: &Paths,
    name: &dyn Fn(&Path) -> String,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Finding> {
    let mut left = Vec::new();
    passed_over(root, options, &EXTENSIONS, &mut |path| left.push(path));
    if left.is_empty() {
        return Vec::new();
    }
    let real = |path: &Path| dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let known: FxHashSet<PathBuf> = known.iter().map(|path| real(&path)).collect();
    let mut reader = Reader::new(
        suite,
        Wanted {
            listing: true,
            ..Wanted::default()
        },
    );
    let mut buffer = FileBuffer::default();
    left.retain(|path| {
        goes_on()
            && !known.contains(&real(path))
            && options.in_shard(root, path)
            && is_test(path, &mut reader, &mut buffer)
    });
    left.iter().map(|path| finding(&name(path))).collect()
}

fn is_test(path: &Path, reader: &mut Reader, buffer: &mut FileBuffer) -> bool {
    // A file that cannot be read is none that could be shown to be a test.
    let small = std::fs::metadata(path).is_ok_and(|m| m.len() <= LARGEST);
    if !small || read_into(path, buffer).is_err() {
        return false;
    }
    let (notes, _) = notes::take(reader, buffer.content(), &[Since::LATEST]);
    notes.flow.first.is_some() && (!notes.flow.plans.is_empty() || notes.flow.finished)
}

fn finding(file: &str) -> Finding {
    let message = "the file plans and runs tests, but fileExtensions or includePatterns leave it out";
    let help = "Rename it, or widen these options; excludePatterns says that it is left out on purpose.";
    at(
        &Draft::new(&UNMATCHED_FILE, Spot::Line(1), message, help),
        [1, 1, 1, 1],
        file,
    )
}
