//! What stands in the place of a cache, and what becomes of it.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tempfile::TempDir;

use crate::coverage::batch::Stamp;

use super::{Cache, CacheError, Lookup, Row, Times};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache.sqlite");
    (folder, path)
}

fn row(text: &[u8]) -> Row {
    Row {
        times: Times { bytes: 1, changed: 2 },
        read: 3,
        stamp: Stamp { bytes: 1, hash: 4 },
        body: text.to_vec(),
    }
}

/// Keeps a row that says its purpose.
fn keep(path: &Path, purpose: &str) {
    let mut cache = Cache::open(path, purpose).unwrap();
    cache
        .keep(&[(PathBuf::from("/a.sql"), row(purpose.as_bytes()))])
        .unwrap();
}

fn found(path: &Path, purpose: &str) -> Option<Vec<u8>> {
    let cache = Cache::open(path, purpose).unwrap();
    let lookup = Lookup::open(cache.address()).unwrap();
    lookup.find(Path::new("/a.sql")).unwrap().map(|row| row.body)
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_few_configurations_keep_their_rows() {
    let (_folder, path) = place();
    for purpose in ["a", "b", "c", "d"] {
        keep(&path, purpose);
    }
    for purpose in ["b", "c", "d", "a"] {
        assert_eq!(found(&path, purpose).as_deref(), Some(purpose.as_bytes()));
    }
    // One more: the one not used for the longest time goes.
    keep(&path, "e");
    for (purpose, kept) in [("a", true), ("c", true), ("d", true), ("e", true), ("b", false)] {
        assert_eq!(found(&path, purpose).is_some(), kept, "{purpose}");
    }
}

#[test]
fn a_configuration_that_others_dropped_is_kept_again() {
    let (_folder, path) = place();
    let mut ours = Cache::open(&path, "ours").unwrap();
    let stale = Lookup::open(ours.address()).unwrap();
    for purpose in ["a", "b", "c", "d"] {
        keep(&path, purpose);
    }
    ours.keep(&[(PathBuf::from("/a.sql"), row(b"ours"))]).unwrap();
    assert!(stale.find(Path::new("/a.sql")).unwrap().is_none());
    assert_eq!(found(&path, "ours").as_deref(), Some(&b"ours"[..]));
    assert!(found(&path, "b").is_some());
}

#[test]
fn a_row_of_another_configuration_is_no_row() {
    let (_folder, path) = place();
    keep(&path, "one");
    keep(&path, "two");
    let swap = "UPDATE configuration SET purpose = CASE purpose WHEN 'one' THEN 'two' ELSE 'one' END";
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("UPDATE configuration SET purpose = purpose || '!'")
        .unwrap();
    connection
        .execute_batch(&swap.replace("'one' THEN", "'one!' THEN"))
        .unwrap();
    drop(connection);
    let cache = Cache::open(&path, "two").unwrap();
    let error = Lookup::open(cache.address()).unwrap().find(Path::new("/a.sql"));
    assert!(matches!(error, Err(CacheError::Unusable(_))));
}

#[test]
fn a_later_format_is_left_as_it_is() {
    let (folder, path) = place();
    keep(&path, "any");
    // The later version's last change is still in the write-ahead log.
    let later = Connection::open(&path).unwrap();
    later
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .unwrap();
    later.pragma_update(None, "user_version", 9).unwrap();
    drop(later);
    let content = || ["cache.sqlite", "cache.sqlite-wal"].map(|name| fs::read(folder.path().join(name)).unwrap());
    let before = content();
    assert!(!before[1].is_empty());
    for _ in 0..2 {
        let Err(error) = Cache::open(&path, "any") else {
            panic!("a later format was opened");
        };
        assert!(matches!(error, CacheError::Newer(9)), "{error:?}");
        assert!(error.to_string().contains("format 9"), "{error}");
        assert!(content() == before);
    }
    assert_eq!(Cache::clear_place(&path).unwrap(), None);
    assert!(content() == before);
}

#[test]
fn an_earlier_format_is_emptied_and_one_below_none_refused() {
    let (_folder, path) = place();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA application_id = 1885820003; CREATE TABLE meta (key, value); CREATE TABLE entry (path, body);
             INSERT INTO entry VALUES (1, 2);",
        )
        .unwrap();
    keep(&path, "new");
    assert_eq!(found(&path, "new").as_deref(), Some(&b"new"[..]));
    connection.pragma_update(None, "user_version", -1).unwrap();
    assert!(matches!(Cache::open(&path, "new"), Err(CacheError::Unusable(_))));
}

#[test]
fn what_is_set_aside_takes_a_free_name_and_then_the_oldest() {
    let (folder, path) = place();
    let mut given = Vec::new();
    for round in 0..6 {
        fs::write(
            &path,
            format!("{round} is no database, and long enough to be seen as none"),
        )
        .unwrap();
        fs::write(folder.path().join("cache.sqlite-wal"), format!("{round}")).unwrap();
        given.push(Cache::clear_place(&path).unwrap().unwrap());
        // Times of files may be no finer than this.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let ends = ["", "-2", "-3", "-4", "", "-2"];
    let expected = ends.map(|end| folder.path().join(format!("cache.sqlite.damaged{end}")));
    assert_eq!(given, expected);
    for (end, round) in [("", "4"), ("-2", "5"), ("-3", "2"), ("-4", "3")] {
        for beside in ["", "-wal"] {
            let content = fs::read_to_string(folder.path().join(format!("cache.sqlite.damaged{end}{beside}"))).unwrap();
            assert!(content.starts_with(round), "{end}{beside}: {content}");
        }
    }
    // The lock, and each with its `-wal` and its `-shm`.
    assert_eq!(names(folder.path()).len(), 1 + 3 * 4);
    assert_eq!(Cache::clear_place(&path).unwrap(), None);
}

#[test]
fn who_still_uses_a_damaged_cache_is_waited_for() {
    let (folder, path) = place();
    let [one, other] = ["one", "other"].map(|purpose| Cache::open(&path, purpose).unwrap());
    std::thread::scope(|scope| {
        let moved = scope.spawn(|| one.retire());
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!moved.is_finished() && path.exists());
        drop(other);
        let aside = moved.join().unwrap().unwrap();
        assert_eq!(aside, Some(folder.path().join("cache.sqlite.damaged")));
    });
    assert!(!path.exists());
}

#[test]
fn one_of_two_that_retire_a_cache_moves_it() {
    let (_folder, path) = place();
    let [one, other] = ["one", "other"].map(|purpose| Cache::open(&path, purpose).unwrap());
    std::thread::scope(|scope| {
        // Both wait for one another to be gone, and the first makes a new one.
        let first = scope.spawn(|| one.retire().unwrap());
        let second = scope.spawn(|| other.retire().unwrap());
        let moved = [first.join().unwrap(), second.join().unwrap()];
        assert_eq!(moved.iter().flatten().count(), 1, "{moved:?}");
    });
}

/// Windows deletes no file that is open.
#[cfg(unix)]
#[test]
fn another_cache_in_its_place_is_not_moved() {
    let (_folder, path) = place();
    let old = Cache::open(&path, "x").unwrap();
    fs::remove_file(&path).unwrap();
    keep(&path, "new");
    assert_eq!(old.retire().unwrap(), None);
    assert_eq!(found(&path, "new").as_deref(), Some(&b"new"[..]));
}
