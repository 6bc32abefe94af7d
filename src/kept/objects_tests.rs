use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::tempdir;

use super::*;
use crate::kept::news::Notice;

fn limits(objects_per_kind: usize, bytes: u64) -> Limits {
    Limits {
        objects_per_kind,
        bytes,
        batch: 3,
        compress: false,
        spill: true,
        place: SpillPlace::default(),
    }
}

fn all(objects: &mut Objects) -> Vec<(String, String, Value)> {
    let (mut found, mut from) = (Vec::new(), Some(0));
    while let Some(number) = from {
        let page = objects.page(number).unwrap();
        let text = format!("[{}]", String::from_utf8(page.text).unwrap());
        found.extend(serde_json::from_str::<Vec<(String, String, Value)>>(&text).unwrap());
        from = page.next;
    }
    found
}

fn got(objects: &mut Objects, kind: &str, name: &str) -> Option<Value> {
    let bytes = objects.get(kind, name).unwrap()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

fn put(objects: &mut Objects, kind: &str, name: &str, value: &Value) -> Result<(), Refused> {
    objects.put(kind, name, value.to_string().as_bytes())
}

/// What is counted is what is there.
fn check(objects: &Objects) {
    let living: Vec<&Entry> = objects.entries.iter().filter(|entry| entry.kind != GONE).collect();
    let loose: Vec<u64> = living
        .iter()
        .filter_map(|entry| match &entry.place {
            Place::Loose(bytes) => Some(cost(bytes.len())),
            Place::Block { .. } => None,
        })
        .collect();
    let entries: u64 = living.iter().map(|entry| ENTRY + entry.name.len() as u64).sum();
    let kinds: u64 = objects
        .kinds
        .all()
        .iter()
        .map(|kind| 240 + 2 * kind.name.len() as u64)
        .sum();
    assert_eq!(objects.reserved.bytes(), entries + kinds + loose.iter().sum::<u64>());
    assert_eq!(
        objects.kinds.all().iter().map(|kind| kind.loose.len()).sum::<usize>(),
        loose.len()
    );
    assert_eq!(objects.names.len(), living.len());
    for kind in objects.kinds.all() {
        let in_memory = kind.order.iter().filter(|id| objects.in_memory(**id)).count();
        assert_eq!(kind.in_memory, in_memory, "{}", kind.name);
        let packed = kind
            .packed
            .iter()
            .map(|id| objects.blocks.get(*id).filter(|block| !block.on_disk()).unwrap());
        assert_eq!(
            packed.map(|block| block.live).sum::<usize>() + kind.loose.len(),
            in_memory
        );
        assert!(kind.in_memory <= objects.limits.objects_per_kind);
    }
}

#[test]
fn what_memory_has_no_place_for_is_on_disk_and_found() {
    let mut objects = Objects::new(limits(10, 1 << 20));
    for number in 0..100 {
        put(&mut objects, "tables", &format!("t{number}"), &json!({ "n": number })).unwrap();
    }
    check(&objects);
    assert!(objects.held().disk.frames > 10);
    assert_eq!(got(&mut objects, "tables", "t0"), Some(json!({ "n": 0 })));
    assert_eq!(got(&mut objects, "tables", "t100"), None);
    assert_eq!(objects.names("tables", 98, 200), ["t98", "t99"]);
    let names: Vec<String> = all(&mut objects).into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(names, (0..100).map(|number| format!("t{number}")).collect::<Vec<_>>());
    let notice = Notice::Spilling {
        limit: "object_limit",
        most: 10,
        kind: "tables".to_owned(),
    };
    assert_eq!(objects.news.take(), [notice], "it is told once");
}

#[test]
fn what_is_used_stays_in_memory() {
    for batch in [3, 100] {
        let mut objects = Objects::new(Limits {
            batch,
            ..limits(10, 1 << 20)
        });
        let in_memory = |objects: &Objects, name| objects.in_memory(objects.find(0, name).unwrap());
        for number in 0..60 {
            put(&mut objects, "tables", &format!("t{number}"), &json!(number)).unwrap();
            assert!(in_memory(&objects, "t0"), "{number}, batch {batch}");
            assert_eq!(got(&mut objects, "tables", "t0"), Some(json!(0)));
        }
        assert!(in_memory(&objects, "t59"));
        assert!(!in_memory(&objects, "t1") && !in_memory(&objects, "t40"));
    }
}

#[test]
fn the_bytes_of_memory_are_kept_to() {
    let mut objects = Objects::new(limits(usize::MAX, 100_000));
    let value = json!("x".repeat(1000));
    for number in 0..300 {
        put(&mut objects, ["a", "b"][number % 2], &format!("t{number}"), &value).unwrap();
        assert!(objects.held().memory[0] <= 100_000 + 500);
    }
    check(&objects);
    assert_eq!(all(&mut objects).len(), 300);
    assert!(objects.held().memory[1] <= 100_000 + 500, "{:?}", objects.held());
}

#[test]
fn when_names_alone_fill_the_memory_nothing_more_is_taken() {
    let mut objects = Objects::new(limits(usize::MAX, 20_000));
    let refused = (0..).find(|number| put(&mut objects, "tables", &format!("t{number}"), &json!(number)).is_err());
    let count = refused.unwrap();
    assert!((50..140).contains(&count), "{count}");
    check(&objects);
    let notice = Notice::Refused {
        limit: "memory_limit",
        most: 20_000,
        kind: "tables".to_owned(),
    };
    assert_eq!(objects.news.take().last(), Some(&notice));
    assert_eq!(all(&mut objects).len(), count);
    assert_eq!(got(&mut objects, "tables", "t0"), Some(json!(0)));
}

#[test]
fn a_value_as_large_as_the_memory_goes_straight_to_disk() {
    let mut objects = Objects::new(limits(10, 10_000));
    let large = json!("y".repeat(50_000));
    put(&mut objects, "tables", "large", &large).unwrap();
    put(&mut objects, "tables", "small", &json!(1)).unwrap();
    assert!(objects.held().memory[1] <= 10_000);
    assert_eq!(got(&mut objects, "tables", "large"), Some(large));
    put(&mut objects, "tables", "large", &json!(2)).unwrap();
    check(&objects);
    assert_eq!(objects.held().disk.frames, 0);
    assert_eq!(all(&mut objects)[0].2, json!(2), "its place in the order is kept");
}

#[test]
fn compression_makes_memory_and_disk_smaller() {
    let fill = |compress, objects_per_kind| {
        let mut objects = Objects::new(Limits {
            compress,
            batch: 50,
            ..limits(objects_per_kind, 10 << 20)
        });
        for number in 0..2000 {
            let value =
                json!({ "type": "has_table", "file": "a_test.sql", "line": number, "description": "it is there" });
            put(&mut objects, "tables", &format!("t{number}"), &value).unwrap();
        }
        check(&objects);
        assert_eq!(got(&mut objects, "tables", "t17").unwrap()["line"], 17);
        assert_eq!(all(&mut objects).len(), 2000);
        objects.held()
    };
    let (plain, small) = (fill(false, usize::MAX), fill(true, usize::MAX));
    assert_eq!(plain.packed, (0, 0));
    assert!(small.packed.0 * 2 < small.packed.1, "{:?}", small.packed);
    assert!(plain.memory[0] - small.memory[0] > 100_000);
    let (plain, small) = (fill(false, 200), fill(true, 200));
    assert!(small.disk.live_bytes * 2 < plain.disk.live_bytes, "{small:?} {plain:?}");
}

#[test]
fn one_kind_can_be_compressed() {
    let mut objects = Objects::new(limits(1000, 1 << 20));
    for number in 0..100 {
        put(
            &mut objects,
            "tables",
            &format!("t{number}"),
            &json!("same ".repeat(20)),
        )
        .unwrap();
    }
    assert!(objects.compress("tables") > 5000);
    assert_eq!(objects.compress("tables"), 0);
    assert_eq!(objects.kinds()[0].loose.len(), 0);
    check(&objects);
    assert_eq!(got(&mut objects, "tables", "t7"), Some(json!("same ".repeat(20))));
}

#[test]
fn without_a_disk_the_least_recently_used_are_dropped() {
    let mut objects = Objects::new(Limits {
        spill: false,
        ..limits(10, 1 << 20)
    });
    for number in 0..11 {
        put(&mut objects, "tables", &format!("t{number}"), &json!(number)).unwrap();
    }
    assert_eq!(
        objects.names("tables", 0, 99),
        ["t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10"]
    );
    let notice = Notice::Pruned {
        limit: "object_limit",
        most: 10,
        kind: "tables".to_owned(),
        dropped: 2,
        kept: 8,
    };
    assert_eq!(objects.news.take(), [notice]);
    for number in 0..20_000 {
        put(&mut objects, "tables", &format!("t{number}"), &json!(number)).unwrap();
    }
    check(&objects);
    assert!(objects.entries.len() < 3000, "places of dropped ones are used again");
    assert_eq!(got(&mut objects, "tables", "t19999"), Some(json!(19_999)));
    assert_eq!(got(&mut objects, "tables", "t0"), None);
    let found = all(&mut objects);
    assert_eq!(found.len(), objects.count("tables"));
    assert!(found.is_sorted_by_key(|(_, _, value)| value.as_u64()));
}

#[test]
fn without_a_disk_nothing_is_dropped_for_a_value_larger_than_half_the_memory() {
    let mut objects = Objects::new(Limits {
        spill: false,
        ..limits(100, 20_000)
    });
    for number in 0..10 {
        put(&mut objects, "tables", &format!("t{number}"), &json!(number)).unwrap();
    }
    let refused = put(&mut objects, "tables", "large", &json!("x".repeat(10_001))).unwrap_err();
    assert!(matches!(refused, Refused::Full(Limit::Bytes(20_000))));
    assert_eq!(all(&mut objects).len(), 10);
    put(&mut objects, "tables", "large", &json!("x".repeat(9_900))).unwrap();
    check(&objects);
}

#[test]
fn a_failed_disk_takes_nothing_away_and_is_told_once() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing");
    let mut objects = Objects::new(Limits {
        place: SpillPlace::folder(&missing),
        ..limits(4, 1 << 20)
    });
    for number in 0..4 {
        put(&mut objects, "tables", &format!("t{number}"), &json!(number)).unwrap();
    }
    for number in 4..8 {
        let refused = put(&mut objects, "tables", &format!("t{number}"), &json!(number)).unwrap_err();
        assert!(
            matches!(refused, Refused::Disk(Limit::Objects(4), SpillError::Folder { .. })),
            "{refused:?}"
        );
    }
    put(&mut objects, "tables", "t1", &json!("new")).unwrap();
    check(&objects);
    let news = objects.news.take();
    assert!(
        matches!(
            &news[..],
            [
                Notice::Failed {
                    code: "ERR_PGTAP_SPILL_FOLDER",
                    ..
                },
                Notice::Refused { .. }
            ]
        ),
        "{news:?}"
    );
    assert_eq!(all(&mut objects).len(), 4);
    assert_eq!(got(&mut objects, "tables", "t1"), Some(json!("new")));
    std::fs::create_dir(missing).unwrap();
    put(&mut objects, "tables", "t4", &json!(4)).unwrap();
    assert_eq!((all(&mut objects).len(), objects.held().disk.frames), (5, 1));
}

#[test]
fn what_is_replaced_on_disk_gives_its_space_back() {
    let mut objects = Objects::new(Limits {
        batch: 50,
        ..limits(50, 1 << 20)
    });
    let mut most = 0;
    // Of each block one object is never replaced.
    for round in 0..100 {
        for number in 0..50 {
            let name = if number == 0 {
                format!("kept{round}")
            } else {
                format!("t{number}")
            };
            put(&mut objects, "tables", &name, &json!([round, number, "x".repeat(50)])).unwrap();
        }
        let disk = objects.held().disk;
        most = most.max(disk.live_bytes + disk.dead_bytes);
    }
    check(&objects);
    // 150 objects of 60 bytes; what was ever written is 5,000.
    assert!(most < 50_000, "{most} bytes on disk");
    for round in 0..100 {
        assert_eq!(got(&mut objects, "tables", &format!("kept{round}")).unwrap()[0], round);
    }
    assert_eq!(got(&mut objects, "tables", "t49").unwrap()[0], 99);
}

#[test]
fn cleared_it_begins_anew() {
    let mut objects = Objects::new(limits(3, 1 << 20));
    for number in 0..20 {
        put(&mut objects, "tables", &format!("t{number}"), &json!(number)).unwrap();
    }
    objects.clear();
    assert_eq!(
        (
            all(&mut objects).len(),
            objects.count("tables"),
            objects.held().memory[0]
        ),
        (0, 0, 0)
    );
    put(&mut objects, "tables", "t1", &json!("again")).unwrap();
    assert_eq!(
        all(&mut objects),
        [("tables".to_owned(), "t1".to_owned(), json!("again"))]
    );
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8, u16),
    Get(u8, u8),
    Compress(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3u8, 0..40u8, 0..300u16).prop_map(|(kind, name, length)| Step::Put(kind, name, length)),
        3 => (0..3u8, 0..40u8).prop_map(|(kind, name)| Step::Get(kind, name)),
        1 => (0..3u8).prop_map(Step::Compress),
    ];
    proptest::collection::vec(step, 1..200)
}

proptest! {
    #[test]
    fn whatever_the_limits_the_content_is_a_maps(
        steps in steps(),
        objects_per_kind in 1..30usize,
        bytes in 40_000..80_000u64,
        batch in 1..10usize,
        compress: bool,
    ) {
        let mut objects = Objects::new(Limits { batch, compress, ..limits(objects_per_kind, bytes) });
        let mut model: Vec<(String, String, Value)> = Vec::new();
        for (at, step) in steps.into_iter().enumerate() {
            match step {
                Step::Put(kind, name, length) => {
                    let (kind, name) = (kind.to_string(), name.to_string());
                    let value = json!([at, "z".repeat(length as usize)]);
                    put(&mut objects, &kind, &name, &value).unwrap();
                    match model.iter_mut().find(|(k, n, _)| (k, n) == (&kind, &name)) {
                        Some(known) => known.2 = value,
                        None => model.push((kind, name, value)),
                    }
                }
                Step::Get(kind, name) => {
                    let (kind, name) = (kind.to_string(), name.to_string());
                    let known = model.iter().find(|(k, n, _)| (k, n) == (&kind, &name));
                    prop_assert_eq!(got(&mut objects, &kind, &name), known.map(|known| known.2.clone()));
                }
                Step::Compress(kind) => drop(objects.compress(&kind.to_string())),
            }
            check(&objects);
        }
        prop_assert_eq!(all(&mut objects), model);
    }

    #[test]
    fn without_a_disk_what_is_left_is_right_and_the_newest_is_there(
        steps in steps(),
        objects_per_kind in 1..30usize,
        compress: bool,
    ) {
        let limits = Limits { spill: false, compress, ..limits(objects_per_kind, 30_000) };
        let mut objects = Objects::new(limits);
        let mut model = std::collections::HashMap::new();
        for (at, step) in steps.into_iter().enumerate() {
            let Step::Put(kind, name, length) = step else { continue };
            let (kind, name, value) = (kind.to_string(), name.to_string(), json!([at, "z".repeat(length as usize)]));
            put(&mut objects, &kind, &name, &value).unwrap();
            prop_assert_eq!(got(&mut objects, &kind, &name), Some(value.clone()));
            model.insert((kind, name), value);
            check(&objects);
        }
        for (kind, name, value) in all(&mut objects) {
            prop_assert_eq!(Some(&value), model.get(&(kind, name)));
        }
    }
}
