//! Files that are damaged in every way.

use super::super::writer::tests::{about, at};
use super::super::{BlackBox, Record};
use super::*;

const ROOT: &str = "/";

/// A run that is over, with so many records a second apart.
fn run(folder: &Path, records: u64) -> PathBuf {
    let mut black_box = BlackBox::create(folder, &about(), Path::new(ROOT)).unwrap();
    (1..=records).for_each(|second| black_box.record(&at(second * 1_000)).unwrap());
    black_box.path().to_owned()
}

fn code(path: &Path) -> &'static str {
    read(path, Path::new(ROOT)).unwrap_err().code()
}

fn changed(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_torn_record_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    for byte in [0, 8, 60, RECORD - 1] {
        let path = run(folder.path(), 5);
        changed(&path, |bytes| bytes[PAGE as usize + 4 * RECORD + byte] ^= 0x40);
        let found = read(&path, Path::new(ROOT)).unwrap();
        let times: Vec<u64> = found.samples.iter().map(|sample| sample.at).collect();
        assert_eq!(
            (times, found.torn),
            (vec![1_000, 2_000, 3_000, 4_000], 1),
            "byte {byte}"
        );
    }
}

#[test]
fn no_byte_of_a_file_makes_it_lie_or_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = run(folder.path(), 3);
    let whole = fs::read(&path).unwrap();
    let told = |found: &Story| (found.samples.clone(), found.header.clone(), found.closed.clone());
    let expected = told(&read(&path, Path::new(ROOT)).unwrap());
    let mut refused = 0;
    let interesting = (0..256)
        .chain((1024..1152).step_by(3))
        .chain((4096..4096 + 4 * RECORD).step_by(3));
    for byte in interesting {
        let mut bytes = whole.clone();
        bytes[byte] ^= 0x81;
        fs::write(&path, bytes).unwrap();
        match read(&path, Path::new(ROOT)) {
            Err(_) => refused += 1,
            Ok(found) if found.torn == 0 => assert_eq!(told(&found), expected, "byte {byte}"),
            Ok(found) => assert!(
                found.samples.iter().all(|sample| expected.0.contains(sample)),
                "byte {byte}"
            ),
        }
    }
    assert_eq!(refused, 256, "each byte of the header counts");
}

#[test]
fn files_that_are_none_of_ours_or_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = run(folder.path(), 5);
    let whole = fs::read(&path).unwrap();
    for length in [0, 7, 255] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(code(&path), "ERR_PGTAP_BLACK_BOX_DAMAGED", "{length}");
    }
    for length in [256, 4096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let refused = read(&path, Path::new(ROOT)).unwrap_err();
        assert_eq!(refused.code(), "ERR_PGTAP_BLACK_BOX_DAMAGED");
        assert!(
            refused
                .to_string()
                .contains(&format!("ends at byte {length} of {}", whole.len())),
            "{refused}"
        );
    }
    fs::write(&path, vec![b'x'; 5000]).unwrap();
    assert_eq!(code(&path), "ERR_PGTAP_BLACK_BOX_FOREIGN");
    assert_eq!(code(folder.path()), "ERR_PGTAP_BLACK_BOX_FOREIGN", "a folder");
    assert_eq!(code(Path::new("/dev/zero")), "ERR_PGTAP_BLACK_BOX_FOREIGN", "a device");
    assert_eq!(code(&folder.path().join("none")), "ERR_PGTAP_BLACK_BOX_IO");
    fs::write(&path, &whole).unwrap();
    changed(&path, |bytes| bytes[8] = 2);
    assert_eq!(code(&path), "ERR_PGTAP_BLACK_BOX_NEWER");
}

#[test]
fn a_story_is_told_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = BlackBox::create(folder.path(), &about(), Path::new(ROOT)).unwrap();
    black_box
        .record(&Record {
            level: Level::Warning,
            ..at(60_000)
        })
        .unwrap();
    black_box.record(&at(90_000)).unwrap();
    let told = serde_json::to_value(read(black_box.path(), Path::new(ROOT)).unwrap()).unwrap();
    assert_eq!(told["ended"], "running");
    assert_eq!(told["minutes"], 0.5);
    assert_eq!(told["levels"], serde_json::json!(["warning", "healthy"]));
    assert_eq!(told["samples"].as_array().unwrap().len(), 2);
    assert_eq!(told["lastSample"]["rssBytes"], 90_000);
    assert_eq!(told["lastSample"]["heapUsedBytes"], serde_json::Value::Null);
    assert_eq!(
        (&told["reason"], &told["exitCode"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
}
