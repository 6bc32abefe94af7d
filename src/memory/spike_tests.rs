use super::Severity::{Critical, High, Medium};
use super::*;
use crate::memory::trend::MB;

fn spikes() -> Spikes {
    Spikes::new(Thresholds {
        medium: 25.0 * MB,
        high: 50.0 * MB,
        critical: 100.0 * MB,
        consecutive: 3,
    })
}

/// Feeds samples in MB, four a second from `from_ms` on; the spikes as severity and MB.
fn feed(spikes: &mut Spikes, from_ms: f64, samples: &[f64]) -> Vec<(Severity, f64)> {
    let found = samples
        .iter()
        .enumerate()
        .filter_map(|(n, mb)| spikes.feed(from_ms + n as f64 * 250.0, mb * MB));
    found
        .map(|spike| (spike.severity, spike.memory_increase / MB))
        .collect()
}

const SIZES: [(f64, Option<Severity>); 6] = [
    (24.0, None),
    (26.0, Some(Medium)),
    (49.0, Some(Medium)),
    (51.0, Some(High)),
    (99.0, Some(High)),
    (101.0, Some(Critical)),
];

#[test]
fn severity_is_that_of_the_whole_rise() {
    for (size, severity) in SIZES {
        let expected: Vec<_> = severity.map(|found| (found, size)).into_iter().collect();
        let (base, top) = (100.0, 100.0 + size);
        let step = size / 4.0;
        let kept = [base, base, top, top, top, top, top, top, top];
        assert_eq!(feed(&mut spikes(), 0.0, &kept), expected, "kept");
        let transient = [base, base, top, base, base, base];
        assert_eq!(feed(&mut spikes(), 0.0, &transient), expected, "transient");
        let slowly = [
            base,
            base + step,
            base + 2.0 * step,
            base + 3.0 * step,
            top,
            top,
            top,
            top,
            top,
            top,
        ];
        assert_eq!(feed(&mut spikes(), 0.0, &slowly), expected, "in steps");
        // As the native thread tells it after JavaScript was blocked: the peak, and at the same moment what is now.
        let mut blocked = spikes();
        assert_eq!(blocked.feed(0.0, base * MB), None);
        assert_eq!(blocked.feed(1500.0, top * MB), None);
        let told: Vec<_> = blocked
            .feed(1500.0, base * MB)
            .map(|spike| (spike.severity, spike.memory_increase / MB))
            .into_iter()
            .collect();
        assert_eq!(told, expected, "blocked");
    }
}

#[test]
fn operations_are_judged_by_their_bytes() {
    for (size, severity) in SIZES {
        let found = spikes().feed_operation(0.0, size * MB);
        assert_eq!(found.map(|spike| spike.severity), severity);
    }
    assert_eq!(spikes().feed_operation(0.0, f64::NAN), None);
    assert_eq!(spikes().feed_operation(0.0, -30.0 * MB), None);
}

#[test]
fn one_rise_is_one_spike_and_the_next_is_measured_from_where_it_ended() {
    let mut found = spikes();
    let up = [100.0, 160.0, 160.0, 160.0, 160.0, 160.0, 160.0, 160.0, 160.0];
    assert_eq!(feed(&mut found, 0.0, &up), [(High, 60.0)]);
    assert_eq!(
        feed(&mut found, 3000.0, &[160.0, 184.0, 184.0, 184.0, 184.0, 184.0, 184.0]),
        []
    );
    assert_eq!(feed(&mut found, 20_000.0, &[184.0; 9]), []);
    // The base followed down, so this rise is 60 and not 36.
    assert_eq!(
        feed(&mut found, 40_000.0, &[184.0, 120.0, 180.0, 120.0]),
        [(High, 60.0)]
    );
}

#[test]
fn a_slow_rise_is_none() {
    // 1 MB each quarter of a second is 20 to 40 MB in the window; half of that is not.
    let slow: Vec<f64> = (0..400).map(|n| 100.0 + f64::from(n) * 0.5).collect();
    assert_eq!(feed(&mut spikes(), 0.0, &slow), []);
    let fast: Vec<f64> = (0..400).map(|n| 100.0 + f64::from(n) * 4.0).collect();
    let told = feed(&mut spikes(), 0.0, &fast);
    // 100 s at 16 MB a second: told about every ten seconds, and together nearly all of it.
    assert!((8..=12).contains(&told.len()), "{told:?}");
    assert!(told.iter().all(|(severity, _)| *severity == Critical), "{told:?}");
}

#[test]
fn the_third_in_a_row_says_so() {
    let told = |gap_ms: f64| -> Vec<bool> {
        let mut found = spikes();
        let spike = |n: u32| {
            let at = f64::from(n) * gap_ms;
            found.feed(at, 100.0 * MB);
            found.feed(at + 250.0, 130.0 * MB);
            found.feed(at + 500.0, 100.0 * MB).unwrap().consecutive
        };
        (0..4).map(spike).collect()
    };
    assert_eq!(told(30_000.0), [false, false, true, true]);
    assert_eq!(told(90_000.0), [false; 4]);
    let mut operations = spikes();
    let row: Vec<_> = (0..4)
        .map(|n| {
            operations
                .feed_operation(f64::from(n) * 1000.0, 30.0 * MB)
                .unwrap()
                .in_row
        })
        .collect();
    assert_eq!(row, [1, 2, 3, 4]);
}

#[test]
fn the_first_sample_and_what_is_no_number_are_no_spikes() {
    let mut found = spikes();
    assert_eq!(found.feed(0.0, 500.0 * MB), None);
    assert_eq!(found.feed(250.0, f64::NAN), None);
    assert_eq!(found.feed(f64::NAN, 900.0 * MB), None);
    assert_eq!(feed(&mut found, 500.0, &[500.0; 12]), []);
}

#[test]
fn thresholds_out_of_order_are_told() {
    let of = |medium, high, critical, consecutive| Thresholds {
        medium,
        high,
        critical,
        consecutive,
    };
    for wrong in [
        of(0.0, 1.0, 2.0, 3),
        of(2.0, 1.0, 3.0, 3),
        of(1.0, 3.0, 2.0, 3),
        of(1.0, 2.0, f64::INFINITY, 3),
        of(1.0, 2.0, 3.0, 0),
    ] {
        assert!(!wrong.are_ordered(), "{wrong:?}");
    }
    assert!(of(1.0, 1.0, 1.0, 1).are_ordered());
}
