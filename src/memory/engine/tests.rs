use super::*;
use crate::memory::level::{Level, Levels, Thresholds};

const MB: u64 = 1 << 20;

fn reading(resident: u64) -> SystemSample {
    SystemSample {
        resident: Some(resident * MB),
        peak: Some(resident * MB),
        ..SystemSample::default()
    }
}

fn heap(used: u64) -> Heap {
    Heap {
        used: used * MB,
        total: used * MB,
        limit: 100 * MB,
        ..Heap::default()
    }
}

fn watched(interval: u64) -> Engine {
    let thresholds = Thresholds {
        warning: 70.0,
        critical: 85.0,
        emergency: Some(95.0),
    };
    let mut engine = Engine::default();
    engine.watch(Watch::new(1, interval, Limits::default(), Levels::new(thresholds)));
    engine
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// Runs `engine` for so many milliseconds, answering at once; the events.
fn run(
    engine: &mut Engine,
    from: u64,
    to: u64,
    resident: impl Fn(u64) -> u64,
    used: impl Fn(u64) -> u64,
) -> Vec<Value> {
    let mut events = Vec::new();
    let mut at = from;
    while at < to {
        let reading = reading(resident(at));
        let next = engine.sampled(at, &reading);
        if next.ask {
            events.extend(engine.answered(at, &reading, heap(used(at))));
        }
        at += next.wait.expect("somebody watches");
    }
    events
}

#[test]
fn nobody_watches_and_nothing_is_asked() {
    let next = Engine::default().sampled(1_000, &reading(50));
    assert_eq!(next, Next { ask: false, wait: None });
}

#[test]
fn samples_come_at_the_interval() {
    for interval in [100, 1_000, 5_000] {
        let mut engine = watched(interval);
        let events = run(&mut engine, 1_000_000, 1_060_000, |_| 50, |_| 10);
        let samples: Vec<_> = events
            .iter()
            .map(|event| event["sample"]["at"].as_u64().unwrap())
            .collect();
        assert_eq!(
            types(&events),
            vec!["sample"; (60_000 / interval) as usize],
            "{interval}"
        );
        assert!(
            samples
                .windows(2)
                .all(|pair| pair[1].abs_diff(pair[0] + interval) <= 50),
            "{samples:?}"
        );
    }
}

#[test]
fn a_calm_program_is_asked_once_a_second() {
    let mut engine = watched(60_000);
    run(&mut engine, 1_000_000, 1_060_000, |_| 50, |_| 10);
    let taken = engine.timeline.since(0).count();
    assert!((58..=62).contains(&taken), "{taken}");
}

#[test]
fn memory_that_moves_is_looked_at_before_the_second_is_over() {
    let mut engine = watched(60_000);
    run(&mut engine, 1_000_000, 1_002_000, |_| 50, |_| 10);
    let reading = reading(60);
    assert!(engine.sampled(1_002_100, &reading).ask);
}

#[test]
fn levels_change_long_before_the_next_sample_is_due() {
    let mut engine = watched(60_000);
    let events = run(
        &mut engine,
        1_000_000,
        1_010_000,
        |_| 100,
        |at| 40 + (at - 1_000_000) / 150,
    );
    let changes: Vec<_> = events.iter().filter(|event| event["type"] == "level").collect();
    let to: Vec<_> = changes.iter().map(|event| event["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["warning", "critical", "emergency"]);
    assert_eq!(changes[0]["sample"]["of"], "heap");
    assert_eq!(engine.find(1).unwrap().level(), Level::Emergency);
}

#[test]
fn the_end_is_told_once_and_again_after_a_recovery() {
    let mut engine = watched(60_000);
    let grows = |at: u64| (60 + (at - 1_000_000) / 100).min(99);
    let events = run(&mut engine, 1_000_000, 1_010_000, |_| 100, grows);
    assert_eq!(types(&events).iter().filter(|kind| **kind == "oom-imminent").count(), 1);
    run(&mut engine, 1_010_000, 1_015_000, |_| 100, |_| 30);
    let again = run(&mut engine, 1_015_000, 1_020_000, |_| 100, |_| 99);
    assert_eq!(types(&again).iter().filter(|kind| **kind == "oom-imminent").count(), 1);
}

#[test]
fn a_blocked_program_is_watched_on_and_told_so_afterwards() {
    let mut engine = watched(1_000);
    run(&mut engine, 1_000_000, 1_005_000, |_| 50, |_| 10);
    let mut at = 1_006_000;
    assert!(engine.sampled(at, &reading(50)).ask);
    // Nobody answers for a second and a half; 300 MB come and go.
    while at < 1_007_500 {
        let resident = if (1_006_600..1_006_900).contains(&at) { 350 } else { 60 };
        let next = engine.sampled(at, &reading(resident));
        assert!(!next.ask);
        at += next.wait.unwrap();
    }
    let events = engine.answered(at, &reading(60), heap(20));
    let blocked: Vec<_> = events.iter().filter(|event| event["type"] == "blocked").collect();
    assert_eq!(blocked.len(), 1);
    assert_eq!(blocked[0]["durationMs"], at - 1_006_000);
    assert_eq!(blocked[0]["peakRssBytes"], 350 * MB);
    let samples: Vec<_> = engine.timeline.since(1_006_000).collect();
    assert!(samples.len() as u64 == blocked[0]["samples"].as_u64().unwrap() + 1);
    assert_eq!(samples.iter().filter_map(|sample| sample.peak).max(), Some(350 * MB));
    let shown = events.iter().filter(|event| event["type"] == "sample");
    assert!(shown.filter(|event| event["sample"]["blocked"] == true).count() >= 1);
}

#[test]
fn the_kernels_peak_tells_what_rose_between_two_readings() {
    let mut engine = watched(1_000);
    let with_peak = |resident: u64, peak: u64| SystemSample {
        peak: Some(peak * MB),
        ..reading(resident)
    };
    engine.answered(1_000, &with_peak(50, 400), heap(10));
    // The peak of before anybody watched is not this program's doing now.
    assert_eq!(engine.timeline.last().unwrap().peak, Some(50 * MB));
    engine.answered(2_000, &with_peak(50, 450), heap(10));
    assert_eq!(engine.timeline.last().unwrap().peak, Some(450 * MB));
    engine.answered(3_000, &with_peak(50, 450), heap(10));
    assert_eq!(engine.timeline.last().unwrap().peak, Some(50 * MB));
}

#[test]
fn events_that_wait_are_bounded() {
    let mut engine = watched(10);
    engine.sampled(1_000, &reading(50));
    for number in 0..10_000 {
        engine.sampled(2_000 + number * 50, &reading(50));
    }
    let events = engine.answered(600_000, &reading(50), heap(10));
    assert!(events.len() <= MOST_WAITING + 2, "{}", events.len());
    assert_eq!(types(&events).iter().filter(|kind| **kind == "blocked").count(), 1);
}

#[test]
fn a_level_is_entered_while_javascript_is_blocked() {
    let mut engine = Engine::default();
    let limits = Limits {
        configured: Some(100 * MB),
        ..Limits::default()
    };
    let thresholds = Thresholds {
        warning: 70.0,
        critical: 85.0,
        emergency: Some(95.0),
    };
    engine.watch(Watch::new(1, 60_000, limits, Levels::new(thresholds)));
    engine.answered(1_000, &reading(20), heap(10));
    assert!(engine.sampled(2_000, &reading(20)).ask);
    engine.sampled(2_300, &reading(97));
    assert_eq!(engine.find(1).unwrap().level(), Level::Emergency);
    assert!(types(&engine.answered(2_400, &reading(97), heap(10))).contains(&"level"));
}

#[test]
fn without_figures_of_the_system_v8s_still_count() {
    let mut engine = watched(1_000);
    let nothing = SystemSample::default();
    engine.answered(1_000, &nothing, heap(90));
    engine.answered(2_000, &nothing, heap(90));
    assert_eq!(engine.find(1).unwrap().level(), Level::Critical);
    let sample = engine.read(3_000, &nothing, heap(90), &Limits::default());
    assert_eq!(
        (sample["rssBytes"].is_null(), sample["container"].is_null()),
        (true, true)
    );
    assert_eq!(sample["percent"], 90.0);
}

/// What half an hour tells of leaks when the heap grows by 240 MB an hour; `grows` adds to each moment's figures.
fn leak_of(grows: impl Fn(u32, &mut Heap)) -> Value {
    let mut engine = watched(10_000);
    let mut events = Vec::new();
    for step in 0..720 {
        let at = u64::from(step) * 2_500;
        let mut figures = heap(20);
        figures.used += u64::from(step) * MB / 6;
        figures.limit = 1_000 * MB;
        grows(step, &mut figures);
        if step % 10 == 0 {
            let after = figures.used as f64;
            engine.collected(&leak::Collection {
                at_ms: at as f64,
                major: true,
                before: after * 1.5,
                after,
            });
        }
        events.extend(engine.answered(at, &reading(150), figures));
    }
    events.retain(|event| event["type"] == "leak");
    assert_eq!(events.len(), 1, "told once");
    events.remove(0)["report"].take()
}

#[test]
fn a_leak_is_told_with_its_label() {
    assert_eq!(leak_of(|_, _| ())["pattern"], "linear_growth");
    let listeners = leak_of(|step, figures| figures.listeners = Some(step));
    assert_eq!(listeners["pattern"], "listener_leak");
    let resources = leak_of(|step, figures| figures.resources = Some(step));
    assert_eq!(resources["pattern"], "listener_leak");
    let buffers = leak_of(|step, figures| figures.external = u64::from(step) * MB);
    assert_eq!(buffers["pattern"], "buffer_leak");
}
