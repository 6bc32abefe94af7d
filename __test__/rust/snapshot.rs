//! Heap snapshots that are cut off, changed or lie: always an answer or a coded error, and memory in proportion.
#![cfg(not(feature = "binding"))] // The binding brings an allocator of its own.

#[allow(dead_code)] // Other tests use the rest of it.
#[path = "counting.rs"]
mod counting;

use std::fs;
use std::path::{Path, PathBuf};

use pgtap_scanner::memory::snapshot::analysis::{Analysis, analyse};
use pgtap_scanner::memory::snapshot::diff::{By, diff};
use pgtap_scanner::memory::snapshot::error::SnapshotError;
use pgtap_scanner::memory::snapshot::watch::Watch;

use counting::counted;

const SMALL: &[u8] = include_bytes!("../fixtures/snapshots/small.heapsnapshot");
/// The buffer, and what answers and tables take at least; and bytes for each byte of the file.
const AT_LEAST: usize = 2 << 20;
const PER_BYTE: usize = 16;

const WATCH: Watch = Watch {
    goes_on: &|| true,
    progress: &|_| {},
};

/// A file with these bytes, removed with the folder.
fn file(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("changed.heapsnapshot");
    fs::write(&path, bytes).unwrap();
    path
}

fn read(path: &Path) -> Result<Analysis, SnapshotError> {
    analyse(path, 10, true, &WATCH)
}

/// A generator of numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Reads and compares `bytes`; no panic, memory in proportion, errors within the file. Whether it was read.
fn survives(folder: &tempfile::TempDir, whole: &Path, bytes: &[u8], what: &str) -> bool {
    let path = file(folder, bytes);
    let mut answer = None;
    let counts = counted(|| answer = Some(read(&path)));
    assert!(
        counts.peak <= (AT_LEAST + PER_BYTE * bytes.len()) as i64,
        "{what}: {counts:?}"
    );
    match answer.unwrap() {
        Ok(_) => {
            diff(whole, &path, By::Retained, 10, &WATCH).unwrap();
            true
        }
        Err(SnapshotError::Format { offset, .. }) => {
            assert!(
                offset <= bytes.len() as u64,
                "{what}: an error at {offset} of {}",
                bytes.len()
            );
            false
        }
        Err(other) => panic!("{what}: {other}"),
    }
}

#[test]
fn a_file_that_is_cut_off_is_an_error_where_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut tried = 0;
    for end in (0..SMALL.len()).step_by(61) {
        let path = file(&folder, &SMALL[..end]);
        match read(&path) {
            Err(SnapshotError::Format { offset, .. }) => {
                // Counts that the rest cannot hold are noticed earlier.
                assert!(offset <= end as u64, "cut at {end}, error at {offset}");
            }
            other => panic!("cut at {end}: {other:?}"),
        }
        tried += 1;
    }
    assert!(tried > 1000);
}

#[test]
fn changed_bytes_never_panic_and_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.heapsnapshot");
    fs::write(&whole, SMALL).unwrap();
    let mut numbers = Numbers(0x5eed);
    let (mut read, mut refused) = (0, 0);
    for round in 0..1000 {
        let mut bytes = SMALL.to_vec();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(bytes.len());
            match numbers.below(4) {
                0 => bytes[at] = numbers.below(256) as u8,
                // A digit for a digit keeps the file well-formed: wrong types, targets, names, counts.
                1 => {
                    bytes[at] = if bytes[at].is_ascii_digit() {
                        b'0' + numbers.below(10) as u8
                    } else {
                        bytes[at]
                    }
                }
                2 => drop(bytes.drain(at..(at + numbers.below(20)).min(SMALL.len() - 100).max(at))),
                _ => bytes.insert(at, b"09,[]{}\"\\u:"[numbers.below(11)]),
            }
        }
        match survives(&folder, &whole, &bytes, &format!("round {round}")) {
            true => read += 1,
            false => refused += 1,
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}

#[test]
fn counts_that_lie_get_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.heapsnapshot");
    fs::write(&whole, SMALL).unwrap();
    let text = String::from_utf8(SMALL.to_vec()).unwrap();
    let mut tried = 0;
    for (key, lie) in [
        ("node_count", "4294967294"),
        ("node_count", "18446744073709551615"),
        ("node_count", "0"),
        ("node_count", "601"),
        ("edge_count", "4294967294"),
        ("edge_count", "1"),
    ] {
        let at = text.find(&format!("\"{key}\":")).unwrap() + key.len() + 3;
        let end = at + text[at..].find([',', '}']).unwrap();
        let changed = format!("{}{lie}{}", &text[..at], &text[end..]);
        assert!(!survives(&folder, &whole, changed.as_bytes(), lie), "{key}: {lie}");
        tried += 1;
    }
    assert_eq!(tried, 6);
}
