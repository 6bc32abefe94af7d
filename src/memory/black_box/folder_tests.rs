//! Folders with files of many runs.

use std::os::unix::fs::symlink;

use super::super::writer::tests::about;
use super::super::{About, BlackBox, Ended};
use super::*;

fn run(folder: &Path, created_at: u64) -> BlackBox {
    let about = About { created_at, ..about() };
    BlackBox::create(folder, &about, Path::new("/")).unwrap()
}

fn look(folder: &Path, keep: usize) -> Rotated {
    rotate(folder, keep, Path::new("/"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_newest_run_that_is_over_is_told_and_some_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    (1..=5).for_each(|moment| drop(run(folder.path(), moment)));
    let _goes_on = [run(folder.path(), 0), run(folder.path(), 9)];
    let found = look(folder.path(), 2);
    let previous = found.previous.unwrap();
    assert_eq!((previous.header.created_at, previous.ended), (5, Ended::Killed));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let left: Vec<_> = names(folder.path()).iter().map(|name| run_time(name)).collect();
    assert_eq!(left, [0, 4, 5, 9], "those that go on, and two");
    look(folder.path(), 0);
    let left: Vec<_> = names(folder.path()).iter().map(|name| run_time(name)).collect();
    assert_eq!(left, [0, 9]);
}

fn run_time(name: &str) -> u64 {
    super::run(name).unwrap()[0]
}

#[test]
fn other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let others = [
        "run-1-2.blackbox",
        "run-a-2-3.blackbox",
        "run-1-2-3-4.blackbox",
        "run-1-2-3",
        "notes.txt",
        ".black-box-x",
    ];
    for name in others {
        fs::write(folder.path().join(name), "mine").unwrap();
    }
    symlink("notes.txt", folder.path().join("run-9-9-9.blackbox")).unwrap();
    fs::create_dir(folder.path().join("run-8-8-8.blackbox")).unwrap();
    let found = look(folder.path(), 0);
    assert!(found.previous.is_none() && found.problems.is_empty(), "{found:?}");
    assert_eq!(names(folder.path()).len(), others.len() + 2);
}

#[test]
fn a_damaged_last_run_is_a_problem_not_an_older_story() {
    let folder = tempfile::tempdir().unwrap();
    drop(run(folder.path(), 1));
    let damaged = run(folder.path(), 2).path().to_owned();
    fs::write(&damaged, "gone").unwrap();
    let found = look(folder.path(), 3);
    assert!(found.previous.is_none());
    let codes: Vec<_> = found.problems.iter().map(BlackBoxError::code).collect();
    assert_eq!(codes, ["ERR_PGTAP_BLACK_BOX_DAMAGED"]);
}

#[test]
fn a_folder_that_is_not_there_has_no_runs() {
    let folder = tempfile::tempdir().unwrap();
    let none = look(&folder.path().join("none"), 3);
    assert!(none.previous.is_none() && none.problems.is_empty());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let codes: Vec<_> = look(&file, 3).problems.iter().map(BlackBoxError::code).collect();
    assert_eq!(codes, ["ERR_PGTAP_BLACK_BOX_FOLDER"]);
}
