//! Files of black boxes, written and read back.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::super::record::empty;
use super::*;
use crate::memory::black_box::{Ended, Story, read};

pub fn about() -> About {
    About {
        name: "server.js".into(),
        node_version: "v20.1.2".into(),
        minutes: 1,
        interval_ms: 1_000,
        created_at: 1_700_000_000_000,
    }
}

pub fn at(at: u64) -> Record {
    Record {
        resident: Some(at),
        ..empty(at)
    }
}

fn create(folder: &Path) -> BlackBox {
    BlackBox::create(folder, &about(), Path::new("/")).unwrap()
}

fn story(path: &Path) -> Story {
    read(path, Path::new("/")).unwrap()
}

fn times(story: &Story) -> Vec<u64> {
    story.samples.iter().map(|sample| sample.at).collect()
}

#[test]
fn what_was_recorded_is_read_while_it_goes_on_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = create(folder.path());
    (1..=3).for_each(|second| black_box.record(&at(second * 1_000)).unwrap());
    let path = black_box.path().to_owned();
    assert_eq!(
        (story(&path).ended, times(&story(&path))),
        (Ended::Running, vec![1_000, 2_000, 3_000])
    );
    drop(black_box);
    let found = story(&path);
    assert_eq!(
        (found.ended, found.header.pid, found.torn),
        (Ended::Killed, std::process::id(), 0)
    );
    assert_eq!(
        (&*found.header.name, &*found.header.node_version),
        ("server.js", "v20.1.2")
    );
    assert!((found.minutes() - 2.0 / 60.0).abs() < 1e-9, "{}", found.minutes());
}

#[test]
fn the_oldest_make_room_for_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = create(folder.path());
    (1..=200).for_each(|second| black_box.record(&at(second * 1_000)).unwrap());
    let expected: Vec<u64> = (141..=200).map(|second| second * 1_000).collect();
    assert_eq!(times(&story(black_box.path())), expected, "a minute of them");
}

#[test]
fn the_newest_is_kept_however_often_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = create(folder.path());
    for moment in 0..100 {
        let peak = Some(if moment == 3 { 999 } else { moment });
        let record = Record {
            peak,
            ..at(10_000 + moment * 50)
        };
        black_box.record(&record).unwrap();
    }
    let found = story(black_box.path());
    assert_eq!(times(&found), [10_950, 11_950, 12_950, 13_950, 14_950]);
    assert_eq!(found.samples[0].peak, Some(999), "no peak is lost");
    assert_eq!(found.samples[1].peak, Some(39));
    assert_eq!(found.peak(), Some(14_950));
}

#[test]
fn every_change_of_level_is_kept() {
    use Level::{Critical, Emergency, Healthy, Warning};
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = create(folder.path());
    let levels = [Healthy, Warning, Warning, Critical, Emergency, Emergency, Healthy];
    for (moment, level) in levels.into_iter().enumerate() {
        black_box
            .record(&Record {
                level,
                ..at(moment as u64)
            })
            .unwrap();
    }
    let found = story(black_box.path());
    assert_eq!(found.levels(), [Healthy, Warning, Critical, Emergency, Healthy]);
    assert_eq!(times(&found), [0, 2, 3, 5, 6]);
}

#[test]
fn a_clock_that_is_set_back_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = create(folder.path());
    for moment in [9_000, 10_000, 2_000, 3_000] {
        black_box.record(&at(moment)).unwrap();
    }
    let found = story(black_box.path());
    assert_eq!(times(&found), [9_000, 10_000, 2_000, 3_000], "in the order they came");
    assert!(found.minutes() < 1e-9, "{}", found.minutes());
}

#[test]
fn a_closed_one_says_so_and_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = create(folder.path());
    let closed = Closed {
        at: 5,
        exit_code: Some(3),
        reason: "exit".into(),
    };
    assert!(!black_box.is_closed());
    black_box.close(&closed).unwrap();
    assert!(black_box.is_closed());
    let found = story(black_box.path());
    assert_eq!((found.ended, found.closed.as_ref()), (Ended::Clean, Some(&closed)));
    assert!(found.samples.is_empty());
    for refused in [black_box.record(&at(1)), black_box.close(&closed)] {
        assert_eq!(refused.unwrap_err().code(), "ERR_PGTAP_CLOSED");
    }
}

#[test]
fn files_are_the_owners_alone_and_have_room_for_all() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    let black_box = create(&inner);
    let file = fs::metadata(black_box.path()).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&inner).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(file.len(), 4096 + 60 * 128);
    assert!(file.blocks() * 512 >= file.len(), "no holes: {} blocks", file.blocks());
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn several_at_once_have_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut boxes: Vec<BlackBox> = (0..5).map(|_| create(folder.path())).collect();
    for (number, black_box) in boxes.iter_mut().enumerate() {
        black_box.record(&at(number as u64)).unwrap();
    }
    for (number, black_box) in boxes.iter().enumerate() {
        assert_eq!(times(&story(black_box.path())), [number as u64]);
    }
}

#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let victim = folder.path().join("victim");
    fs::write(&victim, "untouched").unwrap();
    let name = format!("run-{:013}-{}-0.blackbox", about().created_at, std::process::id());
    symlink(&victim, folder.path().join(&name)).unwrap();
    let black_box = create(folder.path());
    assert!(
        black_box.path().to_str().unwrap().ends_with("-1.blackbox"),
        "{:?}",
        black_box.path()
    );
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
}

#[test]
fn the_file_stays_below_a_megabyte() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (0, 0, 1),
        (1, 60_000, 1),
        (10, 250, 2_400),
        (30, 250, 7_200),
        (u32::MAX, 1, 7_680),
    ];
    for (minutes, interval_ms, expected) in cases {
        let about = About {
            minutes,
            interval_ms,
            ..about()
        };
        let black_box = BlackBox::create(folder.path(), &about, Path::new("/")).unwrap();
        assert_eq!(
            story(black_box.path()).header.capacity,
            expected,
            "{minutes} minutes, {interval_ms} ms"
        );
        assert!(fs::metadata(black_box.path()).unwrap().len() < 1_000_000);
    }
}

#[test]
fn folders_that_cannot_have_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for wrong in [file.clone(), file.join("below"), Path::new("/proc/self/fd").to_owned()] {
        let refused = BlackBox::create(&wrong, &about(), Path::new("/")).unwrap_err();
        assert_eq!(refused.code(), "ERR_PGTAP_BLACK_BOX_FOLDER", "{wrong:?}");
        assert!(refused.to_string().contains(wrong.to_str().unwrap()), "{refused}");
    }
}

#[test]
fn cutting_the_file_off_does_not_end_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = create(folder.path());
    black_box.record(&at(1)).unwrap();
    fs::File::options()
        .write(true)
        .open(black_box.path())
        .unwrap()
        .set_len(0)
        .unwrap();
    black_box.record(&at(2_000)).unwrap();
    let refused = read(black_box.path(), Path::new("/")).unwrap_err();
    assert_eq!(refused.code(), "ERR_PGTAP_BLACK_BOX_FOREIGN", "its header is gone");
    fs::remove_file(black_box.path()).unwrap();
    black_box.record(&at(4_000)).unwrap();
}

/// On this machine: `cargo test --release --lib a_record_costs -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn a_record_costs() {
    let folder = tempfile::tempdir().unwrap();
    let mut black_box = BlackBox::create(
        folder.path(),
        &About {
            interval_ms: 250,
            minutes: 10,
            ..about()
        },
        Path::new("/"),
    )
    .unwrap();
    let began = std::time::Instant::now();
    (0..100_000).for_each(|moment| black_box.record(&at(moment * 250)).unwrap());
    println!("a record: {:.2} us", began.elapsed().as_secs_f64() * 10.0);
}
