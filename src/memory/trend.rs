//! How memory use went over some minutes.

use serde::Serialize;

use super::series::{Line, Point, fit, rise};

/// Bytes of a megabyte, as everywhere in the toolkit.
pub const MB: f64 = 1024.0 * 1024.0;
/// Milliseconds of an hour.
pub const HOUR_MS: f64 = 3_600_000.0;
/// Milliseconds of a minute.
pub const MINUTE_MS: f64 = 60_000.0;
/// Use increases when a line rises and chance would make as good a rise in fewer than this share of cases.
const BY_CHANCE: f64 = 0.05;
/// Two samples a moment apart would make any rise a hundred thousand MB an hour: so many, over so long, are a trend.
const LEAST_SAMPLES: usize = 5;
const LEAST_MS: f64 = 30_000.0;

/// Memory use over a window that ends with the last sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trend {
    /// Length of the window in minutes, as asked for.
    pub time_window: f64,
    /// Samples in the window.
    pub samples: usize,
    /// Mean in bytes; `None` without samples.
    pub average_bytes: Option<f64>,
    /// Highest in bytes; `None` without samples.
    pub peak_bytes: Option<f64>,
    /// Mean in percent of the limit; `None` without a limit or samples.
    pub average_usage: Option<f64>,
    /// Highest in percent of the limit; `None` without a limit or samples.
    pub peak_usage: Option<f64>,
    /// Slope in percent points of the limit per minute; `None` without a limit, 0 before there are five samples over half
    /// a minute.
    pub growth_rate: Option<f64>,
    /// Slope in MB per hour.
    #[serde(rename = "growthRateMBPerHour")]
    pub growth_rate_mb_per_hour: f64,
    /// Share of the variance that the slope explains, 0 to 1.
    pub r_squared: f64,
    /// How likely a series without a trend would rise as much, 0 to 1 (one-sided Mann-Kendall).
    pub rise_by_chance: f64,
    /// The slope is above 0, and `riseByChance` below 0.05.
    pub is_increasing: bool,
}

impl Trend {
    /// Of the points within `minutes` before the last one (in order of time, in bytes), as parts of `limit_bytes`.
    pub fn of(points: &[Point], minutes: f64, limit_bytes: Option<f64>) -> Self {
        let since = points.last().map_or(0.0, |last| last.at_ms - minutes * MINUTE_MS);
        let points = &points[points.partition_point(|point| point.at_ms < since)..];
        let line = if enough(points) { fit(points) } else { Line::default() };
        let chance = rise(points);
        let percent = |bytes: f64| limit_bytes.map(|limit| bytes / limit * 100.0);
        let average = (!points.is_empty()).then(|| sum(points) / points.len() as f64);
        let peak = points.iter().map(|point| point.value).reduce(f64::max);
        Self {
            time_window: minutes,
            samples: points.len(),
            average_bytes: average,
            peak_bytes: peak,
            average_usage: average.and_then(percent),
            peak_usage: peak.and_then(percent),
            growth_rate: percent(line.slope * MINUTE_MS),
            growth_rate_mb_per_hour: line.slope * HOUR_MS / MB,
            r_squared: line.r_squared,
            rise_by_chance: chance,
            is_increasing: line.slope > 0.0 && chance < BY_CHANCE,
        }
    }
}

fn enough(points: &[Point]) -> bool {
    let span = |first: &Point, last: &Point| last.at_ms - first.at_ms;
    let long = points
        .first()
        .zip(points.last())
        .is_some_and(|(first, last)| span(first, last) >= LEAST_MS);
    long && points.len() >= LEAST_SAMPLES
}

fn sum(points: &[Point]) -> f64 {
    points.iter().map(|point| point.value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `per_hour` MB of growth from 100 MB, one sample each ten seconds.
    fn growing(per_hour: f64, minutes: u32) -> Vec<Point> {
        (0..=minutes * 6)
            .map(|n| {
                let at_ms = f64::from(n) * 10_000.0;
                Point {
                    at_ms,
                    value: 100.0 * MB + per_hour * MB * at_ms / HOUR_MS,
                }
            })
            .collect()
    }

    #[test]
    fn rates_in_both_units() {
        for per_hour in [-60.0, 5.0, 50.0, 600.0] {
            let trend = Trend::of(&growing(per_hour, 40), 30.0, Some(1000.0 * MB));
            assert_eq!(trend.samples, 181);
            assert!((trend.growth_rate_mb_per_hour - per_hour).abs() < 1e-6, "{trend:?}");
            // 1,000 MB are 100 points: 60 MB per hour are 0.1 points per minute.
            assert!(
                (trend.growth_rate.unwrap() - per_hour / 600.0).abs() < 1e-9,
                "{trend:?}"
            );
            assert_eq!(trend.is_increasing, per_hour > 0.0);
        }
    }

    #[test]
    fn average_and_peak_of_the_window_only() {
        let mut points = growing(0.0, 30);
        points[0].value = 900.0 * MB;
        let trend = Trend::of(&points, 10.0, Some(200.0 * MB));
        assert_eq!(
            (trend.samples, trend.average_usage, trend.peak_usage),
            (61, Some(50.0), Some(50.0))
        );
        assert_eq!(Trend::of(&points, 30.0, None).peak_bytes, Some(900.0 * MB));
    }

    #[test]
    fn noise_does_not_increase() {
        let mut points = growing(0.0, 30);
        for (n, point) in points.iter_mut().enumerate() {
            point.value += f64::from((n as u32 * 7919) % 13) * MB;
        }
        let trend = Trend::of(&points, 30.0, None);
        assert!(!trend.is_increasing && trend.growth_rate.is_none(), "{trend:?}");
    }

    #[test]
    fn too_few_samples_are_no_trend() {
        let steep = growing(6_000.0, 10);
        for few in [&steep[..4], &[steep[0], steep[1]]] {
            let trend = Trend::of(few, 30.0, Some(1000.0 * MB));
            assert_eq!((trend.growth_rate, trend.growth_rate_mb_per_hour), (Some(0.0), 0.0));
            assert!(!trend.is_increasing && trend.samples == few.len());
        }
        assert!(Trend::of(&steep[..5], 30.0, None).growth_rate_mb_per_hour > 5_999.0);
    }

    #[test]
    fn no_samples_no_figures() {
        let trend = Trend::of(&[], 30.0, Some(MB));
        assert_eq!((trend.samples, trend.average_bytes, trend.peak_usage), (0, None, None));
        assert!(!trend.is_increasing);
    }
}
