use super::Level::{Critical, Emergency, Healthy, Warning};
use super::*;

/// Warning, critical, emergency of the monitor, the profiles `render` and `local`, and the default.
const TABLES: [(f64, f64, Option<f64>); 4] = [
    (75.0, 90.0, None),
    (60.0, 75.0, Some(90.0)),
    (80.0, 90.0, Some(95.0)),
    (70.0, 85.0, Some(95.0)),
];

fn levels((warning, critical, emergency): (f64, f64, Option<f64>)) -> Levels {
    let thresholds = Thresholds {
        warning,
        critical,
        emergency,
    };
    Levels::new(thresholds)
}

/// The level after each sample.
fn walk(levels: &mut Levels, samples: &[f64]) -> Vec<Level> {
    let follow = |&percent: &f64| {
        let before = levels.level();
        let change = levels.feed(percent);
        let expected = (before != levels.level()).then_some(Change {
            from: before,
            to: levels.level(),
        });
        assert_eq!(change, expected);
        levels.level()
    };
    samples.iter().map(follow).collect()
}

#[test]
fn a_tenth_of_a_point_decides_who_enters() {
    for table in TABLES {
        let (warning, critical, emergency) = table;
        for (threshold, level, below) in [(warning, Warning, Healthy), (critical, Critical, Warning)] {
            assert_eq!(
                walk(&mut levels(table), &[threshold - 0.1; 4]).last(),
                Some(&below),
                "{table:?}"
            );
            assert_eq!(
                walk(&mut levels(table), &[threshold, threshold]),
                [Healthy, level],
                "{table:?}"
            );
            assert_eq!(
                walk(&mut levels(table), &[threshold + 0.1; 2]),
                [Healthy, level],
                "{table:?}"
            );
        }
        if let Some(threshold) = emergency {
            assert_eq!(
                walk(&mut levels(table), &[threshold - 0.1; 4]).last(),
                Some(&Critical),
                "{table:?}"
            );
            assert_eq!(walk(&mut levels(table), &[threshold]), [Emergency], "{table:?}");
            assert_eq!(walk(&mut levels(table), &[threshold + 0.1]), [Emergency], "{table:?}");
        }
    }
}

#[test]
fn a_tenth_of_a_point_decides_who_leaves() {
    for table in TABLES {
        let (warning, critical, emergency) = table;
        for threshold in [Some(warning), Some(critical), emergency].into_iter().flatten() {
            let mut stays = levels(table);
            let entered = *walk(&mut stays, &[threshold; 2]).last().unwrap();
            assert_eq!(walk(&mut stays, &[threshold - 4.9; 9]), [entered; 9], "{table:?}");
            let mut leaves = levels(table);
            walk(&mut leaves, &[threshold; 2]);
            let after = walk(&mut leaves, &[threshold - 5.0; 3]);
            assert_eq!(after[..2], [entered; 2], "{table:?}");
            assert!(after[2] < entered, "{table:?}");
        }
    }
}

#[test]
fn sequences() {
    let default = TABLES[3];
    let cases: [(&[f64], &[Level]); 9] = [
        // One sample is noise, and so are two that do not follow each other.
        (&[71.0, 60.0, 71.0, 60.0], &[Healthy; 4]),
        (
            &[71.0, 71.0, 66.0, 66.0, 66.0],
            &[Healthy, Warning, Warning, Warning, Warning],
        ),
        // A sample inside the margin begins the count of three anew.
        (
            &[71.0, 71.0, 65.0, 65.0, 65.1, 65.0, 65.0, 65.0],
            &[Healthy, Warning, Warning, Warning, Warning, Warning, Warning, Healthy],
        ),
        // A jump over a level is one change; the slower one counts only what reached it.
        (&[86.0, 86.0], &[Healthy, Critical]),
        (&[71.0, 86.0, 86.0], &[Healthy, Warning, Critical]),
        (&[96.0], &[Emergency]),
        // From the top down to whatever still holds.
        (&[96.0, 81.0, 81.0, 81.0], &[Emergency, Emergency, Emergency, Critical]),
        (&[96.0, 10.0, 10.0, 10.0], &[Emergency, Emergency, Emergency, Healthy]),
        (
            &[96.0, 66.0, 66.0, 66.0, 65.0, 65.0, 65.0],
            &[Emergency, Emergency, Emergency, Warning, Warning, Warning, Healthy],
        ),
    ];
    for (samples, expected) in cases {
        assert_eq!(walk(&mut levels(default), samples), expected, "{samples:?}");
    }
}

#[test]
fn what_is_not_a_number_is_no_sample() {
    let mut found = levels(TABLES[3]);
    assert_eq!(walk(&mut found, &[71.0, f64::NAN, 71.0]), [Healthy, Healthy, Warning]);
}

#[test]
fn without_an_emergency_there_is_none() {
    assert_eq!(walk(&mut levels(TABLES[0]), &[150.0; 3]), [Healthy, Critical, Critical]);
}
