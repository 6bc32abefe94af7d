#[cfg(target_os = "linux")]
use std::process::{Command, Stdio};

use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

use super::*;

fn spill() -> (TempDir, SpillFile) {
    let folder = tempdir().unwrap();
    let file = SpillFile::create(&SpillPlace::folder(folder.path()), true).unwrap();
    (folder, file)
}

fn text(file: &SpillFile, frame: &Frame) -> Result<Vec<u8>, SpillError> {
    let mut into = b"what was there".to_vec();
    let read = file.read(frame, &mut into);
    assert!(read.is_ok() || into.is_empty(), "wrong bytes are handed out");
    read.map(|()| into)
}

fn code<T: std::fmt::Debug>(result: Result<T, SpillError>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn what_is_written_is_read() {
    let (_folder, file) = spill();
    let long = b"has_table ".repeat(1000);
    let frames = [&b"one"[..], b"", &long].map(|raw| file.append(raw).unwrap());
    assert_eq!(text(&file, &frames[2]).unwrap(), long);
    assert_eq!(text(&file, &frames[0]).unwrap(), b"one");
    assert_eq!(text(&file, &frames[1]).unwrap(), b"");
    assert!(frames[2].disk_bytes() < 200);
    let stats = file.stats();
    assert_eq!((stats.frames, stats.raw_bytes, stats.dead_bytes), (3, 10_003, 0));
    assert_eq!(stats.live_bytes, frames.iter().map(Frame::disk_bytes).sum::<u64>());
}

#[test]
fn compression_can_be_switched_off() {
    let folder = tempdir().unwrap();
    let file = SpillFile::create(&SpillPlace::folder(folder.path()), false).unwrap();
    let frame = file.append(&[b'x'; 1000]).unwrap();
    assert_eq!(frame.disk_bytes(), 1008);
    assert_eq!(text(&file, &frame).unwrap(), [b'x'; 1000]);
    let packed = file.append_packed(&Packed::new(&[b'x'; 1000])).unwrap();
    assert!(packed.disk_bytes() < 50);
    assert_eq!(text(&file, &packed).unwrap(), [b'x'; 1000]);
}

#[test]
fn freed_space_is_used_again() {
    let (_folder, file) = spill();
    let first = file.append(b"abc").unwrap();
    let second = file.append(b"def").unwrap();
    file.free(first);
    assert_eq!(file.stats().dead_bytes, 11);
    let third = file.append(b"ghi").unwrap();
    assert_eq!((third.offset, file.stats().dead_bytes), (0, 0));
    assert_eq!(text(&file, &second).unwrap(), b"def");
    assert_eq!(text(&file, &third).unwrap(), b"ghi");
    file.free(second);
    file.free(third);
    assert_eq!(file.file.metadata().unwrap().len(), 0);
    let written_bytes = 33;
    assert_eq!(
        file.stats(),
        SpillStats {
            written_bytes,
            ..SpillStats::default()
        }
    );
}

#[test]
fn a_useless_end_is_cut_off() {
    let folder = tempdir().unwrap();
    let file = SpillFile::create(&SpillPlace::folder(folder.path()), false).unwrap();
    let kept = file.append(b"kept").unwrap();
    let large = file.append(&vec![7; 2 << 20]).unwrap();
    assert!(file.file.metadata().unwrap().len() > 2 << 20);
    file.free(large);
    assert_eq!(file.file.metadata().unwrap().len(), kept.disk_bytes());
    assert_eq!(text(&file, &kept).unwrap(), b"kept");
}

#[test]
fn every_flipped_bit_is_told() {
    let (_folder, file) = spill();
    let raw = b"has_table('public', 'users'); ".repeat(4);
    let frame = file.append(&raw).unwrap();
    let mut bytes = vec![0; frame.disk_bytes() as usize];
    read_exact_at(&file.file, &mut bytes, 0).unwrap();
    let mut tried = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            write_all_at(&file.file, &[bytes[at] ^ (1 << bit)], at as u64).unwrap();
            assert_eq!(
                code(text(&file, &frame)),
                "ERR_PGTAP_SPILL_DAMAGED",
                "byte {at}, bit {bit}"
            );
            tried += 1;
        }
        write_all_at(&file.file, &bytes[at..=at], at as u64).unwrap();
    }
    assert_eq!(tried, bytes.len() * 8);
    assert_eq!(text(&file, &frame).unwrap(), raw);
}

#[test]
fn every_truncation_is_told() {
    let (_folder, file) = spill();
    let kept = file.append(b"kept").unwrap();
    let frame = file.append(b"cut off").unwrap();
    for length in (kept.disk_bytes()..kept.disk_bytes() + frame.disk_bytes()).rev() {
        file.file.set_len(length).unwrap();
        let error = text(&file, &frame).unwrap_err();
        assert_eq!(error.code(), "ERR_PGTAP_SPILL_DAMAGED");
        assert!(error.to_string().contains("the file ends before them"), "{error}");
    }
    assert_eq!(text(&file, &kept).unwrap(), b"kept");
}

#[test]
fn too_many_bytes_are_refused() {
    let (_folder, file) = spill();
    assert_eq!(check_length(LARGEST_FRAME).map_err(|e| e.code()), Ok(()));
    assert_eq!(
        check_length(LARGEST_FRAME + 1).map_err(|e| e.code()),
        Err("ERR_PGTAP_SPILL_TOO_LARGE")
    );
    let packed = Packed::from_parts(b"x", LARGEST_FRAME + 1);
    assert_eq!(code(file.append_packed(&packed)), "ERR_PGTAP_SPILL_TOO_LARGE");
    assert_eq!(file.stats(), SpillStats::default());
}

#[test]
fn a_folder_that_is_none() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = SpillFile::create(&SpillPlace::folder(&missing), true).unwrap_err();
    assert_eq!(error.code(), "ERR_PGTAP_SPILL_FOLDER");
    assert!(error.to_string().contains(missing.to_str().unwrap()), "{error}");
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    assert_eq!(
        code(SpillFile::create(&SpillPlace::folder(&plain), true)),
        "ERR_PGTAP_SPILL_FOLDER"
    );
}

/// Windows deletes no folder in which a file is open.
#[cfg(unix)]
#[test]
fn a_folder_deleted_behind_the_file_changes_nothing() {
    let (folder, file) = spill();
    let frame = file.append(b"before").unwrap();
    folder.close().unwrap();
    let after = file.append(b"after").unwrap();
    assert_eq!(text(&file, &frame).unwrap(), b"before");
    assert_eq!(text(&file, &after).unwrap(), b"after");
}

#[test]
fn threads_write_read_and_free_at_once() {
    let (_folder, file) = spill();
    let rounds = |seed: usize| {
        let mut held = Vec::new();
        for round in 0..400 {
            let raw = format!("{seed}/{round} ").repeat(1 + (seed * 31 + round * 17) % 40);
            held.push((file.append(raw.as_bytes()).unwrap(), raw));
            if round % 3 == 0 {
                let (frame, raw) = held.swap_remove(round % held.len());
                assert_eq!(text(&file, &frame).unwrap(), raw.as_bytes());
                file.free(frame);
            }
        }
        for (frame, raw) in held {
            assert_eq!(text(&file, &frame).unwrap(), raw.as_bytes());
            file.free(frame);
        }
    };
    let rounds = &rounds;
    std::thread::scope(|scope| {
        for seed in 0..4 {
            scope.spawn(move || rounds(seed));
        }
    });
    let stats = file.stats();
    assert_eq!((stats.frames, stats.live_bytes, stats.dead_bytes), (0, 0, 0));
}

proptest! {
    #[test]
    fn any_order_of_steps_keeps_every_frame(
        compressed: bool,
        steps in proptest::collection::vec((0..3u8, proptest::collection::vec(any::<u8>(), 0..400), any::<usize>()), 1..80),
    ) {
        let folder = tempdir().unwrap();
        let file = SpillFile::create(&SpillPlace::folder(folder.path()), compressed).unwrap();
        let mut held: Vec<(Frame, Vec<u8>)> = Vec::new();
        for (step, raw, which) in steps {
            if step > 0 || held.is_empty() {
                held.push((file.append(&raw).unwrap(), raw));
            } else {
                let at = which % held.len();
                file.free(held.swap_remove(at).0);
            }
        }
        for (frame, raw) in &held {
            prop_assert_eq!(&text(&file, frame).unwrap(), raw);
        }
        prop_assert_eq!(file.stats().raw_bytes, held.iter().map(|(_, raw)| raw.len() as u64).sum::<u64>());
    }
}

/// A file system of 1 MB, where this process may mount one.
#[cfg(target_os = "linux")]
struct SmallDisk(TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: no file system can be mounted here");
        None
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_takes_nothing_away() {
    let Some(disk) = SmallDisk::mount() else { return };
    let file = SpillFile::create(&SpillPlace::folder(disk.0.path()), false).unwrap();
    let raw = |number: usize| vec![number as u8; 100_000];
    let mut held: Vec<Frame> = (0..10).map(|number| file.append(&raw(number)).unwrap()).collect();
    let before = file.stats();
    let error = file.append(&raw(10)).unwrap_err();
    assert_eq!(error.code(), "ERR_PGTAP_SPILL_FULL");
    assert!(error.to_string().contains("no room for 100008 more bytes"), "{error}");
    assert_eq!(file.stats(), before, "a failed write leaves no trace");
    assert_eq!(file.file.metadata().unwrap().len(), 10 * 100_008);
    for (number, frame) in held.iter().enumerate() {
        assert_eq!(text(&file, frame).unwrap(), raw(number));
    }
    file.free(held.remove(0));
    let again = file.append(&raw(10)).unwrap();
    assert_eq!(text(&file, &again).unwrap(), raw(10), "space that was freed is used");
}

/// Root may write where nobody may, so the rights are withdrawn from another user.
#[cfg(unix)]
#[test]
fn withdrawn_rights_are_told() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o500)).unwrap();
    match SpillFile::create(&SpillPlace::folder(folder.path()), true) {
        Err(error) => assert_eq!(error.code(), "ERR_PGTAP_SPILL_FOLDER"),
        Ok(_) => eprintln!("skipped: this user may write everywhere"),
    }
}

#[test]
fn a_file_has_no_more_bytes_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let place = SpillPlace {
        most: 1000,
        ..SpillPlace::folder(folder.path())
    };
    let file = SpillFile::create(&place, false).unwrap();
    let mut frames: Vec<Frame> = (0..9u8).map(|n| file.append(&[n; 100]).unwrap()).collect();
    for _ in 0..3 {
        let error = file.append(&[9; 100]).unwrap_err();
        assert_eq!(error.code(), "ERR_PGTAP_SPILL_LIMIT");
        let message = error.to_string();
        for part in ["108 more bytes", "holds 972 bytes", "may have 1000", "raise maxDiskMB"] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(file.stats().live_bytes, 972);
    }
    // What fits goes on, and what is given back is used again.
    let small = file.append(&[7; 20]).unwrap();
    assert!(file.append(&[]).is_err());
    file.free(frames.remove(3));
    frames.push(file.append(&[9; 100]).unwrap());
    let mut into = Vec::new();
    for (frame, n) in frames.iter().zip([0, 1, 2, 4, 5, 6, 7, 8, 9]) {
        file.read(frame, &mut into).unwrap();
        assert_eq!(into, [n; 100]);
    }
    file.read(&small, &mut into).unwrap();
    assert_eq!((into.len(), file.file.metadata().unwrap().len()), (20, 1000));
}
