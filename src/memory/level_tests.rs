use super::Level::{Critical, Emergency, Healthy, Warning};
use super::*;

const PROFILES: [[f64; 3]; 4] = [
    [75.0, 90.0, f64::INFINITY],
    [60.0, 75.0, 90.0],
    [80.0, 90.0, 95.0],
    [70.0, 85.0, 95.0],
];

fn levels([warning, critical, emergency]: [f64; 3]) -> Levels {
    Levels::new(Thresholds {
        warning,
        critical,
        emergency: emergency.is_finite().then_some(emergency),
    })
}

/// The levels after each sample.
fn after(percents: &[f64]) -> Vec<Level> {
    let mut levels = levels([70.0, 85.0, 95.0]);
    let feed = |percent: &f64| {
        levels.feed(*percent);
        levels.level()
    };
    percents.iter().map(feed).collect()
}

#[test]
fn every_profile_is_exact_to_a_tenth_of_a_point() {
    for profile in PROFILES {
        for (threshold, below, at) in [
            (profile[0], Healthy, Warning),
            (profile[1], Warning, Critical),
            (profile[2], Critical, Emergency),
        ] {
            if threshold.is_infinite() {
                continue;
            }
            for (percent, expected) in [(threshold - 0.1, below), (threshold, at), (threshold + 0.1, at)] {
                let mut levels = levels(profile);
                levels.feed(percent);
                levels.feed(percent);
                assert_eq!(levels.level(), expected, "{profile:?} at {percent}");
            }
        }
    }
}

#[test]
fn two_samples_enter_and_one_is_an_emergency() {
    assert_eq!(after(&[70.0]), [Healthy]);
    assert_eq!(after(&[70.0, 69.9, 70.0]), [Healthy; 3]);
    assert_eq!(after(&[70.0, 70.0]), [Healthy, Warning]);
    // Two above the warning, of which one is above critical.
    assert_eq!(after(&[70.0, 85.0]), [Healthy, Warning]);
    assert_eq!(after(&[70.0, 85.0, 85.0]), [Healthy, Warning, Critical]);
    assert_eq!(after(&[10.0, 95.0]), [Healthy, Emergency]);
    assert_eq!(after(&[85.0, 85.0]), [Healthy, Critical]);
}

#[test]
fn three_samples_five_points_below_leave() {
    let warned = [70.0, 70.0];
    let then = |rest: &[f64]| after(&[&warned[..], rest].concat())[2..].to_vec();
    assert_eq!(then(&[65.0; 4]), [Warning; 4]);
    assert_eq!(then(&[64.9; 3]), [Warning, Warning, Healthy]);
    assert_eq!(
        then(&[64.9, 64.9, 65.0, 64.9, 64.9, 64.9]),
        [Warning, Warning, Warning, Warning, Warning, Healthy]
    );
}

#[test]
fn levels_are_left_one_or_more_at_a_time() {
    let from = |rest: &[f64]| after(&[&[95.0][..], rest].concat())[1..].to_vec();
    // Below the emergency, within critical.
    assert_eq!(from(&[82.0; 3]), [Emergency, Emergency, Critical]);
    assert_eq!(from(&[10.0; 3]), [Emergency, Emergency, Healthy]);
    // The highest of the three is where it stops.
    assert_eq!(from(&[10.0, 82.0, 10.0]), [Emergency, Emergency, Critical]);
    assert_eq!(from(&[82.0, 82.0, 82.0, 79.9, 79.9, 79.9])[5], Warning);
}

#[test]
fn a_level_that_is_left_may_be_entered_again_at_once() {
    assert_eq!(
        after(&[70.0, 70.0, 10.0, 10.0, 10.0, 70.0, 70.0])[4..],
        [Healthy, Healthy, Warning]
    );
}

#[test]
fn changes_say_from_and_to() {
    let mut levels = levels([70.0, 85.0, 95.0]);
    assert_eq!(
        levels.feed(99.0),
        Some(Change {
            from: Healthy,
            to: Emergency
        })
    );
    assert_eq!(levels.feed(99.0), None);
    // Not a number is neither above nor below: nothing changes.
    assert_eq!(levels.feed(f64::NAN), None);
    assert_eq!(levels.level(), Emergency);
}
