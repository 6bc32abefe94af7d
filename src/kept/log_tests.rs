use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::tempdir;

use super::*;

fn all(log: &Log) -> Vec<(String, String, Value)> {
    let (mut found, mut from) = (Vec::new(), 0);
    loop {
        let records = log.read(from).unwrap();
        if records.count == 0 {
            return found;
        }
        let text = format!("[{}]", String::from_utf8(records.text).unwrap());
        let segment: Vec<(String, String, Value)> = serde_json::from_str(&text).unwrap();
        assert_eq!(segment.len() as u64, records.count);
        found.extend(segment.into_iter().skip(from.saturating_sub(records.first) as usize));
        from = records.first + records.count;
    }
}

fn add(log: &Log, number: usize) -> bool {
    log.add(
        "tables",
        &format!("t{number}"),
        json!([number, "x".repeat(100)]).to_string().as_bytes(),
    )
}

fn numbers(log: &Log) -> Vec<u64> {
    all(log)
        .iter()
        .map(|(_, _, value)| value[0].as_u64().unwrap())
        .collect()
}

#[test]
fn records_come_back_in_order_wherever_they_are() {
    let log = Log::new(1 << 20, SpillPlace::default());
    for number in 0..5000 {
        assert!(add(&log, number));
        if number % 1500 == 700 {
            log.flush().unwrap();
        }
    }
    let held = log.held();
    assert_eq!((held.records, held.disk.frames), (5000, 3));
    assert_eq!(numbers(&log), (0..5000).collect::<Vec<_>>());
    log.flush().unwrap();
    assert_eq!(log.held().memory[0], 0);
    assert_eq!(numbers(&log), (0..5000).collect::<Vec<_>>());
}

#[test]
fn without_room_nothing_is_added_until_it_is_flushed() {
    let log = Log::new(2000, SpillPlace::default());
    let refused = (0..).find(|number| !add(&log, *number)).unwrap();
    assert!((5..20).contains(&refused), "{refused}");
    assert!(log.held().memory[1] <= 2000);
    log.flush().unwrap();
    assert!(add(&log, refused));
    assert_eq!(numbers(&log).len(), refused + 1);
}

#[test]
fn a_record_larger_than_the_memory_is_taken_alone() {
    let log = Log::new(50, SpillPlace::default());
    assert!(add(&log, 0));
    assert!(!add(&log, 1));
    log.flush().unwrap();
    assert!(add(&log, 1));
    assert_eq!(numbers(&log), [0, 1]);
}

#[test]
fn a_failed_flush_keeps_everything() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing");
    let log = Log::new(1 << 20, SpillPlace::folder(&missing));
    assert!(add(&log, 0));
    assert_eq!(log.flush().unwrap_err().code(), "ERR_PGTAP_SPILL_FOLDER");
    assert_eq!(numbers(&log), [0]);
    std::fs::create_dir(missing).unwrap();
    log.flush().unwrap();
    assert_eq!((numbers(&log), log.held().disk.frames), (vec![0], 1));
}

#[test]
fn segments_are_of_a_size_that_is_read_at_once() {
    let log = Log::new(100 << 20, SpillPlace::default());
    for number in 0..20_000 {
        assert!(add(&log, number));
    }
    for from in (0..20_000).step_by(500) {
        let records = log.read(from).unwrap();
        assert!(records.text.len() <= SEGMENT, "{} bytes", records.text.len());
        assert!(records.first <= from && from < records.first + records.count);
    }
    log.flush().unwrap();
    assert!(log.held().disk.frames >= 8);
}

#[test]
fn what_was_cleared_while_it_was_written_takes_no_space() {
    let log = Log::new(1 << 20, SpillPlace::default());
    add(&log, 0);
    let file = log.file().unwrap();
    let (first, bytes) = log.state().first_in_memory().unwrap();
    let frame = file.append(&bytes).unwrap();
    log.state().segments.clear();
    log.state().moved(first, frame, &file);
    assert_eq!((file.stats().frames, numbers(&log)), (0, vec![]));
}

#[test]
fn cleared_it_goes_on_with_what_comes_later() {
    let log = Log::new(1 << 20, SpillPlace::default());
    add(&log, 0);
    log.flush().unwrap();
    add(&log, 1);
    log.clear();
    assert_eq!(
        log.held().records + log.held().memory[0] + log.held().disk.live_bytes,
        0
    );
    add(&log, 2);
    let records = log.read(2).unwrap();
    assert_eq!((records.first, records.count), (2, 1));
}

#[test]
fn adding_reading_flushing_and_clearing_at_once() {
    let log = Log::new(200_000, SpillPlace::default());
    std::thread::scope(|scope| {
        for thread in 0..3 {
            let log = &log;
            scope.spawn(move || {
                for number in 0..3000 {
                    while !add(log, thread * 10_000 + number) {
                        log.flush().unwrap();
                    }
                }
            });
        }
        scope.spawn(|| (0..50).for_each(|_| log.flush().unwrap()));
        scope.spawn(|| (0..20).for_each(|_| drop(log.read(0).unwrap())));
    });
    for thread in 0..3 {
        let own: Vec<u64> = numbers(&log).into_iter().filter(|n| n / 10_000 == thread).collect();
        assert_eq!(own, (thread * 10_000..thread * 10_000 + 3000).collect::<Vec<_>>());
    }
    std::thread::scope(|scope| {
        scope.spawn(|| (0..20).for_each(|_| log.flush().unwrap()));
        scope.spawn(|| (0..20).for_each(|_| log.clear()));
        scope.spawn(|| {
            (0..500).for_each(|number| {
                add(&log, number);
            })
        });
    });
    assert_eq!(numbers(&log).len() as u64, log.held().records);
}

proptest! {
    #[test]
    fn any_steps_give_all_records_once(steps in proptest::collection::vec((0..8u8, 0..600usize), 1..200), bytes in 1..5000u64) {
        let log = Log::new(bytes, SpillPlace::default());
        let mut model = Vec::new();
        for (step, length) in steps {
            if step == 0 {
                log.flush().unwrap();
                continue;
            }
            let (name, value) = (format!("\"{length}\n"), json!("z".repeat(length)));
            while !log.add("k", &name, value.to_string().as_bytes()) {
                log.flush().unwrap();
            }
            model.push(("k".to_owned(), name, value));
        }
        prop_assert_eq!(all(&log), model);
    }
}
