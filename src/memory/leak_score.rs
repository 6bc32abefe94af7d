//! The leak score: five parts, 100 points. Every part rises with its input, or stays.

use serde::Serialize;

/// Growth in MB per hour that is healthy: no points.
pub const HEALTHY_MB_PER_HOUR: f64 = 5.0;
/// Growth in MB per hour that is worth an alert: all points.
pub const ALERT_MB_PER_HOUR: f64 = 50.0;
/// A score that makes a leak suspected, if the gate is open, too.
pub const SUSPECTED: f64 = 60.0;
/// Major collections in a window from which their floors are a series of their own.
pub const ENOUGH_MAJORS: u32 = 5;

/// What a window of samples says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Slope of the floors.
    pub mb_per_hour: f64,
    /// The fitted growth is large enough to mean something (3 MB, and 10 % of the floor).
    pub grown: bool,
    /// How likely floors without a trend would rise as much.
    pub rise_by_chance: f64,
    /// Major collections in the window.
    pub majors: u32,
    /// Highest use in percent of the limit.
    pub peak_percent: f64,
    /// Median share of the heap that major collections freed; `None` without any.
    pub freed_share: Option<f64>,
    /// How many of the five additional factors hold.
    pub factors: u32,
}

/// The parts of a score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Parts {
    /// Growth rate, up to 40.
    pub growth: f64,
    /// Whether it grows all the time, up to 20.
    pub consistency: f64,
    /// How near to the limit, up to 20.
    pub peak: f64,
    /// How little major collections free, up to 15.
    pub efficiency: f64,
    /// One for each additional factor, up to 5.
    pub additional: f64,
}

impl Parts {
    /// The parts of a window; peaks count from `warning` to `emergency` percent.
    pub fn of(found: &Evidence, warning: f64, emergency: f64) -> Self {
        Self {
            growth: growth(found),
            consistency: consistency(found),
            peak: 20.0 * between(found.peak_percent, warning, emergency),
            efficiency: efficiency(found),
            additional: f64::from(found.factors.min(5)),
        }
    }

    /// The score, 0 to 100.
    pub fn sum(&self) -> f64 {
        self.growth + self.consistency + self.peak + self.efficiency + self.additional
    }
}

/// Growth too small to tell from noise is worth 10 at most.
fn growth(found: &Evidence) -> f64 {
    let points = 40.0 * between(found.mb_per_hour, HEALTHY_MB_PER_HOUR, ALERT_MB_PER_HOUR);
    if found.grown { points } else { points.min(10.0) }
}

/// Minima of used heap still hold garbage; floors after major collections do not. The former are worth half.
fn consistency(found: &Evidence) -> f64 {
    let points = 20.0 * (1.0 - between(found.rise_by_chance, 0.01, 0.2));
    if found.majors < ENOUGH_MAJORS {
        points.min(10.0)
    } else {
        points
    }
}

/// A large heap that lives is not inefficient: only with growth.
fn efficiency(found: &Evidence) -> f64 {
    match found.freed_share {
        Some(share) if found.mb_per_hour > 0.0 => 15.0 * (1.0 - between(share, 0.2, 0.6)),
        _ => 0.0,
    }
}

/// How far `value` is on the way, 0 to 1.
fn between(value: f64, from: f64, to: f64) -> f64 {
    if to > from {
        ((value - from) / (to - from)).clamp(0.0, 1.0)
    } else {
        f64::from(value >= to)
    }
}

#[cfg(test)]
#[path = "leak_score_tests.rs"]
mod tests;
