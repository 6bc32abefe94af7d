use super::*;
use crate::memory::trend::{HOUR_MS, MB};

const WINDOW_MS: f64 = 300_000.0;
const STEP_MS: f64 = 2_500.0;
/// Samples between two major collections.
const MAJOR_EVERY: u32 = 10;

fn detector() -> Leaks {
    Leaks::new(Options {
        window_ms: WINDOW_MS,
        warning_percent: 70.0,
        emergency_percent: 95.0,
    })
}

/// A program on a virtual clock: floors of each memory in MB at an hour; garbage is made up here.
struct Program<F: Fn(f64) -> [f64; 3]> {
    leaks: Leaks,
    step: u32,
    floors: F,
    resources: fn(f64) -> u32,
    listeners: fn(f64) -> u32,
    verdicts: Vec<Verdict>,
    reports: Vec<LeakReport>,
}

impl<F: Fn(f64) -> [f64; 3]> Program<F> {
    fn new(floors: F) -> Self {
        Self {
            leaks: detector(),
            step: 0,
            floors,
            resources: |_| 5,
            listeners: |_| 0,
            verdicts: Vec::new(),
            reports: Vec::new(),
        }
    }

    /// Runs until `windows` more have been judged, collecting each tenth sample where `majors` says so.
    fn run(&mut self, windows: usize, majors: bool) -> &mut Self {
        let end = self.reports.len() + windows;
        while self.reports.len() < end {
            let at_ms = f64::from(self.step) * STEP_MS;
            self.tick(at_ms, majors);
            self.step += 1;
        }
        self
    }

    fn tick(&mut self, at_ms: f64, majors: bool) {
        let [heap, external, native] = (self.floors)(at_ms / HOUR_MS).map(|mb| mb * MB);
        // Noise of 1 %, and garbage of up to half of the heap.
        let noise = f64::from(self.step * 7919 % 13) / 1300.0 * heap;
        let garbage = f64::from(self.step % MAJOR_EVERY) / f64::from(MAJOR_EVERY) * heap;
        if majors && self.step.is_multiple_of(MAJOR_EVERY) {
            let (before, after) = (heap * 1.5 + noise, heap + noise);
            self.leaks.collection(&Collection {
                at_ms,
                major: true,
                before,
                after,
            });
        }
        let heap_used = heap + noise + garbage;
        let sample = Sample {
            at_ms,
            heap_used,
            heap_total: heap * 2.0,
            external,
            rss: heap * 2.0 + external + native,
            usage_percent: 40.0,
            resources: Some((self.resources)(at_ms / HOUR_MS)),
            listeners: Some((self.listeners)(at_ms / HOUR_MS)),
            detached: None,
        };
        self.verdicts.extend(self.leaks.sample(&sample));
        if self.leaks.report().windows as usize > self.reports.len() {
            self.reports.push(self.leaks.report().clone());
        }
    }
}

#[test]
fn a_rate_is_found_again_and_five_mb_an_hour_are_healthy() {
    for (per_hour, growth) in [(0.0, 0.0), (5.0, 0.0), (27.5, 20.0), (51.0, 40.0), (200.0, 40.0)] {
        let mut program = Program::new(|hours| [10.0 + per_hour * hours, 2.0, 40.0]);
        program.run(4, true);
        let report = &program.reports[3];
        // The noise is a hundredth of the heap, which is in no step with the windows.
        assert!(
            (report.growth_mb_per_hour - per_hour).abs() < 1.0 + per_hour / 50.0,
            "{per_hour}: {report:?}"
        );
        if report.gate.grown || per_hour <= 5.0 {
            assert!((report.parts.growth - growth).abs() < 2.5, "{per_hour}: {report:?}");
        }
        assert_eq!(report.suspected, per_hour > 50.0, "{per_hour}: {report:?}");
        assert_eq!(program.verdicts.len(), usize::from(per_hour > 50.0), "{per_hour}");
    }
}

#[test]
fn a_leak_is_suspected_at_the_first_pair_and_resolved_when_its_floor_stands_still() {
    // 120 MB an hour for half an hour; then nothing any more, and what was kept is let go slowly.
    let mut program = Program::new(|hours| [10.0 + 120.0 * hours.min(0.5) - 20.0 * (hours - 0.5).max(0.0), 2.0, 40.0]);
    program.run(5, true);
    assert!(
        !program.reports[0].suspected && program.reports[0].score >= SUSPECTED,
        "one window says nothing"
    );
    assert!(
        program.reports[1..].iter().all(|report| report.suspected),
        "{:?}",
        program.reports
    );
    assert!(matches!(program.verdicts[..], [Verdict::Suspected(_)]));
    let since = program.reports[1].since_ms;
    assert!(since.is_some() && program.reports.iter().skip(1).all(|report| report.since_ms == since));
    program.run(6, true);
    assert!(
        matches!(program.verdicts[..], [Verdict::Suspected(_), Verdict::Resolved(_)]),
        "{:?}",
        program.verdicts.len()
    );
    let resolved = program
        .reports
        .iter()
        .rposition(|report| report.since_ms.is_some())
        .unwrap()
        + 1;
    let floors = program.reports[resolved - 2..=resolved]
        .iter()
        .map(|report| report.evidence.floor_bytes);
    assert!(
        floors.is_sorted_by(|first, then| first >= then),
        "two windows have to be calm"
    );
    assert_eq!(program.leaks.report().since_ms, None);
    assert_ne!(program.leaks.report().pattern, Some(Pattern::LinearGrowth));
}

#[test]
fn each_kind_of_growth_has_its_label() {
    type Kind = (Pattern, fn(f64) -> [f64; 3], fn(f64) -> u32, fn(f64) -> u32);
    let rising = |hours: f64| 5 + (hours * 4000.0) as u32;
    let kinds: [Kind; 6] = [
        (
            Pattern::LinearGrowth,
            |hours| [10.0 + 120.0 * hours, 2.0, 40.0],
            |_| 5,
            |_| 0,
        ),
        (
            Pattern::ListenerLeak,
            |hours| [10.0 + 120.0 * hours, 2.0, 40.0],
            rising,
            |_| 0,
        ),
        (
            Pattern::ListenerLeak,
            |hours| [10.0 + 120.0 * hours, 2.0, 40.0],
            |_| 5,
            rising,
        ),
        (
            Pattern::BufferLeak,
            |hours| [10.0, 2.0 + 120.0 * hours, 40.0],
            |_| 5,
            |_| 0,
        ),
        (
            Pattern::CacheGrowth,
            |hours| [10.0 + 120.0 * hours.powf(0.6), 2.0, 40.0],
            |_| 5,
            |_| 0,
        ),
        (
            Pattern::NativeGrowth,
            |hours| [10.0, 2.0, 40.0 + 120.0 * hours],
            |_| 5,
            |_| 0,
        ),
    ];
    for (pattern, floors, resources, listeners) in kinds {
        let mut program = Program::new(floors);
        program.resources = resources;
        program.listeners = listeners;
        program.run(5, true);
        let last = &program.reports[4];
        assert!(last.suspected, "{pattern:?}: {last:?}");
        assert_eq!(last.pattern, Some(pattern), "{last:?}");
        assert!(!last.recommendations.is_empty());
    }
}

#[test]
fn much_garbage_is_churn_and_no_leak() {
    let mut program = Program::new(|_| [40.0, 2.0, 40.0]);
    program.run(4, true);
    let last = &program.reports[3];
    assert_eq!((last.suspected, last.pattern), (false, None), "{last:?}");
    // The same with twenty times the floor freed in a window.
    let at = program.leaks.report().at_ms.unwrap() + 1.0;
    for n in 0..40 {
        let at_ms = at + f64::from(n);
        program.leaks.collection(&Collection {
            at_ms,
            major: false,
            before: 60.0 * MB,
            after: 40.0 * MB,
        });
    }
    program.run(1, true);
    assert_eq!(
        program.reports[4].pattern,
        Some(Pattern::Churn),
        "{:?}",
        program.reports[4]
    );
}

#[test]
fn a_step_and_a_wave_are_no_leaks() {
    let shapes: [fn(f64) -> f64; 3] = [
        |hours| if hours < 0.2 { 20.0 } else { 60.0 },
        // A period of 12 minutes, that is 2.4 windows.
        |hours| 40.0 + 20.0 * (hours * 5.0 * std::f64::consts::TAU).sin(),
        // Full after one window.
        |hours| 10.0 + 600.0 * hours.min(1.0 / 12.0),
    ];
    for (index, shape) in shapes.into_iter().enumerate() {
        let mut program = Program::new(|hours| [shape(hours), 2.0, 40.0]);
        program.run(12, true);
        assert!(
            program.reports.iter().all(|report| !report.suspected),
            "shape {index}: {:?}",
            program.reports
        );
    }
}

#[test]
fn without_major_collections_a_window_stretches_and_suspects_nothing() {
    let mut program = Program::new(|hours| [10.0 + 240.0 * hours, 2.0, 40.0]);
    program.run(3, false);
    for report in &program.reports {
        assert!(
            (report.window_ms - STRETCH * WINDOW_MS).abs() <= STEP_MS,
            "{}",
            report.window_ms
        );
        assert!(!report.gate.collected && !report.suspected);
    }
}

#[test]
fn a_rise_that_is_too_small_for_its_floor_gets_a_longer_window() {
    // 10 % of 300 MB are 30 MB: 15 minutes at 120 MB an hour.
    let leaks: [fn(f64) -> [f64; 3]; 2] = [
        |hours| [300.0 + 120.0 * hours, 2.0, 40.0],
        |hours| [10.0, 2.0, 300.0 + 120.0 * hours],
    ];
    for (index, leak) in leaks.into_iter().enumerate() {
        let mut program = Program::new(leak);
        program.run(4, true);
        let found: Vec<_> = program.reports.iter().filter(|report| report.suspected).collect();
        assert!(!found.is_empty(), "leak {index}: {:?}", program.reports);
        assert!(found.iter().all(|report| report.window_ms >= 2.9 * WINDOW_MS));
    }
}

#[test]
fn memory_of_its_own_is_bounded() {
    let mut leaks = detector();
    // Ten thousand windows' worth of collections and samples without an end of the window.
    for n in 0..200_000 {
        let at_ms = f64::from(n) * 0.01;
        leaks.collection(&Collection {
            at_ms,
            major: true,
            before: 2.0 * MB,
            after: MB,
        });
    }
    assert!(leaks.bytes() < 16 * 1024, "{}", leaks.bytes());
    for n in 0..2_000_000 {
        let at_ms = f64::from(n) * 1000.0;
        let sample = Sample {
            at_ms,
            heap_used: MB,
            heap_total: MB,
            external: 0.0,
            rss: MB,
            usage_percent: 1.0,
            resources: None,
            listeners: None,
            detached: None,
        };
        leaks.sample(&sample);
    }
    assert!(leaks.bytes() < 16 * 1024, "{}", leaks.bytes());
}

#[test]
fn cleanups_without_effect_count_once_repeated() {
    let additional = |cleanups: u32, freed: f64| {
        let mut program = Program::new(|_| [40.0, 2.0, 40.0]);
        (0..cleanups).for_each(|_| program.leaks.cleanup(0.0, freed));
        program.run(1, true).reports[0].parts.additional
    };
    assert_eq!(
        [additional(1, 0.0), additional(2, 0.0), additional(2, 20.0 * MB)],
        [0.0, 1.0, 0.0]
    );
}

#[test]
fn a_clock_that_goes_back_begins_a_new_window() {
    let mut program = Program::new(|hours| [10.0 + 120.0 * hours, 2.0, 40.0]);
    program.run(2, true);
    program.step = 0;
    program.run(1, true);
    assert_eq!(program.reports[2].window_ms, WINDOW_MS);
}

#[test]
fn what_is_told_late_or_is_no_number_does_no_harm() {
    let mut program = Program::new(|hours| [10.0 + 120.0 * hours, 2.0, 40.0]);
    program.run(1, true);
    let begun = f64::from(program.step) * STEP_MS;
    program.tick(begun, true);
    program.step += 1;
    let (before, after) = (24.0 * MB, 21.0 * MB);
    for at_ms in [begun - 4000.0, f64::NAN, f64::INFINITY] {
        program.leaks.collection(&Collection {
            at_ms,
            major: true,
            before,
            after,
        });
        program.leaks.cleanup(at_ms.max(begun), 9.0 * MB);
    }
    program.tick(f64::NAN, true);
    program.run(1, true);
    assert_eq!(program.reports[1].at_ms, Some(begun + WINDOW_MS));
    assert_eq!((program.reports[1].windows, program.reports[1].suspected), (2, true));
}

#[test]
fn a_report_is_what_javascript_expects() {
    let mut program = Program::new(|hours| [10.0 + 120.0 * hours, 2.0, 40.0]);
    program.run(2, true);
    let text = serde_json::to_value(&program.verdicts[0]).unwrap();
    assert_eq!(text["verdict"], "suspected");
    let report = &text["report"];
    assert_eq!(report["pattern"], "linear_growth");
    assert_eq!(report["gate"]["aboveLast"], true);
    for key in [
        "score",
        "growthMBPerHour",
        "windowMs",
        "majors",
        "sinceMs",
        "evidence",
        "parts",
        "recommendations",
    ] {
        assert!(!report[key].is_null(), "{key}");
    }
    assert!(report["evidence"]["heapMBPerHour"].as_f64().unwrap() > 50.0);
}
