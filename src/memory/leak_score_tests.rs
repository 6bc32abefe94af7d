use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// One vector of `__test__/golden/leak-score.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Vector {
    why: String,
    mb_per_hour: f64,
    grown: bool,
    rise_by_chance: f64,
    majors: u32,
    peak_percent: f64,
    freed_share: Option<f64>,
    factors: u32,
    expected: [f64; 5],
    score: f64,
}

const WARNING: f64 = 70.0;
const EMERGENCY: f64 = 95.0;

fn parts(found: &Evidence) -> Parts {
    Parts::of(found, WARNING, EMERGENCY)
}

#[test]
fn golden_vectors() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../__test__/golden/leak-score.json")).unwrap();
    assert!(vectors.len() >= 20, "{} vectors", vectors.len());
    for vector in vectors {
        let found = parts(&Evidence {
            mb_per_hour: vector.mb_per_hour,
            grown: vector.grown,
            rise_by_chance: vector.rise_by_chance,
            majors: vector.majors,
            peak_percent: vector.peak_percent,
            freed_share: vector.freed_share,
            factors: vector.factors,
        });
        let Parts {
            growth,
            consistency,
            peak,
            efficiency,
            additional,
        } = found;
        for (part, expected) in [growth, consistency, peak, efficiency, additional]
            .into_iter()
            .zip(vector.expected)
        {
            assert!((part - expected).abs() < 1e-9, "{}: {found:?}", vector.why);
        }
        assert!((found.sum() - vector.score).abs() < 1e-9, "{}: {found:?}", vector.why);
    }
}

prop_compose! {
    fn evidence()(
        mb_per_hour in -100.0..200.0, grown: bool, rise_by_chance in 0.0..1.0, majors in 0_u32..20,
        peak_percent in 0.0..120.0, freed_share in prop::option::of(0.0..1.0), factors in 0_u32..8,
    ) -> Evidence {
        Evidence { mb_per_hour, grown, rise_by_chance, majors, peak_percent, freed_share, factors }
    }
}

proptest! {
    #[test]
    fn never_outside_of_its_bounds(found in evidence()) {
        let Parts { growth, consistency, peak, efficiency, additional } = parts(&found);
        for (part, most) in [(growth, 40.0), (consistency, 20.0), (peak, 20.0), (efficiency, 15.0), (additional, 5.0)] {
            prop_assert!((0.0..=most).contains(&part));
        }
    }

    /// More of anything that speaks for a leak never makes the score less.
    #[test]
    fn rises_with_each_input(found in evidence(), more in 0.0..50.0, share in 0.0..1.0) {
        let least = parts(&found).sum();
        let worse = [
            Evidence { mb_per_hour: found.mb_per_hour + more, ..found },
            Evidence { grown: true, ..found },
            Evidence { rise_by_chance: found.rise_by_chance * share, ..found },
            Evidence { majors: found.majors + 5, ..found },
            Evidence { peak_percent: found.peak_percent + more, ..found },
            Evidence { freed_share: found.freed_share.map(|freed| freed * share), ..found },
            Evidence { factors: found.factors + 1, ..found },
        ];
        for evidence in worse {
            prop_assert!(parts(&evidence).sum() >= least - 1e-9, "{evidence:?}");
        }
    }
}
