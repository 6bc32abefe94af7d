//! Statistics of a series of points in time: a line through them, and whether they rise.

/// A value at a time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Milliseconds since any fixed moment.
    pub at_ms: f64,
    /// Bytes, or whatever the series is of.
    pub value: f64,
}

/// The straight line with the least squared distance to the points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// Value per millisecond.
    pub slope: f64,
    /// Share of the variance that the line explains, 0 to 1; 0 where nothing varies.
    pub r_squared: f64,
}

/// The line through points; flat for fewer than two, or all at one time.
pub fn fit(points: &[Point]) -> Line {
    let n = points.len() as f64;
    let mean = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (mid, level) = (mean(|point| point.at_ms), mean(|point| point.value));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for point in points {
        let (x, y) = (point.at_ms - mid, point.value - level);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    if xx <= 0.0 || yy <= 0.0 {
        return Line::default();
    }
    Line {
        slope: xy / xx,
        r_squared: (xy * xy / (xx * yy)).min(1.0),
    }
}

/// The most points that [`rise`] compares with each other.
pub const MOST: usize = 60;

/// How likely values without a trend would rise as much as these: the one-sided test of Mann and Kendall, 0 to 1.
/// Small means rising. From the normal approximation with continuity and ties, which for 5 points or more differs from
/// the exact value by less than 0.01. Under three values say nothing: 1. More than [`MOST`] points are thinned before.
pub fn rise(points: &[Point]) -> f64 {
    let values: Vec<f64> = thin(points, MOST).iter().map(|point| point.value).collect();
    if values.len() < 3 {
        return 1.0;
    }
    let mut score = 0.0;
    for (index, first) in values.iter().enumerate() {
        for second in &values[index + 1..] {
            score += f64::from(i8::from(second > first) - i8::from(second < first));
        }
    }
    let variance = variance_of_score(values);
    if variance <= 0.0 {
        return 1.0;
    }
    let continuity = if score > 0.0 { -1.0 } else { f64::from(score < 0.0) };
    upper_tail((score + continuity) / variance.sqrt())
}

fn variance_of_score(mut values: Vec<f64>) -> f64 {
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    values.sort_by(f64::total_cmp);
    let tied: f64 = values
        .chunk_by(|a, b| a == b)
        .map(|group| term(group.len() as f64))
        .sum();
    (term(values.len() as f64) - tied) / 18.0
}

/// The part of the normal distribution above `z`, by a polynomial of Abramowitz and Stegun (26.2.17), within 1e-7.
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let factors = [
        1.330_274_429,
        -1.821_255_978,
        1.781_477_937,
        -0.356_563_782,
        0.319_381_530,
    ];
    let above = density * factors.iter().fold(0.0, |sum, factor| (sum + factor) * t);
    if z < 0.0 { 1.0 - above } else { above }
}

/// At most `most` points: the means of as many groups of neighbours, of sizes that differ by one at most.
pub fn thin(points: &[Point], most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points.to_vec();
    }
    (0..most)
        .map(|group| {
            let range = group * points.len() / most..(group + 1) * points.len() / most;
            mean(&points[range])
        })
        .collect()
}

/// The point in the middle of some.
pub fn mean(points: &[Point]) -> Point {
    let n = points.len().max(1) as f64;
    Point {
        at_ms: points.iter().map(|point| point.at_ms).sum::<f64>() / n,
        value: points.iter().map(|point| point.value).sum::<f64>() / n,
    }
}

/// The middle value; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Vec<Point> {
        values
            .iter()
            .enumerate()
            .map(|(index, &value)| Point {
                at_ms: index as f64 * 1000.0,
                value,
            })
            .collect()
    }

    #[test]
    fn a_line_is_found_again() {
        let line = fit(&series(&[5.0, 7.0, 9.0, 11.0]));
        assert!((line.slope - 0.002).abs() < 1e-12 && (line.r_squared - 1.0).abs() < 1e-12);
        // Anscombe's first set: slope 0.5001, R2 0.6665.
        let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
        let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
        let points: Vec<Point> = x.iter().zip(y).map(|(&at_ms, value)| Point { at_ms, value }).collect();
        let line = fit(&points);
        assert!(
            (line.slope - 0.50009).abs() < 1e-4 && (line.r_squared - 0.66654).abs() < 1e-4,
            "{line:?}"
        );
    }

    #[test]
    fn nothing_to_fit_is_flat() {
        let twice = [Point { at_ms: 3.0, value: 1.0 }, Point { at_ms: 3.0, value: 9.0 }];
        for points in [&series(&[])[..], &series(&[4.0]), &series(&[4.0; 5]), &twice] {
            assert_eq!(fit(points), Line::default());
        }
    }

    #[test]
    fn rising_is_unlikely_by_chance() {
        // Exact: 1/120, 1/720, and 0.5 in the middle.
        assert!((rise(&series(&[1.0, 2.0, 3.0, 4.0, 5.0])) - 0.00833).abs() < 0.01);
        assert!((rise(&series(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])) - 0.00139).abs() < 0.01);
        assert!(rise(&series(&[5.0, 4.0, 3.0, 2.0, 1.0])) > 0.98);
        assert_eq!(rise(&series(&[2.0; 9])), 1.0);
        assert_eq!(rise(&series(&[1.0, 2.0])), 1.0);
        let zigzag: Vec<f64> = (0..40).map(|n| f64::from(n % 2)).collect();
        assert!(rise(&series(&zigzag)) > 0.3);
    }

    #[test]
    fn many_points_are_thinned_to_means() {
        let points = series(&(0..1000).map(f64::from).collect::<Vec<_>>());
        let thinned = thin(&points, MOST);
        assert_eq!(thinned.len(), MOST);
        assert!(thinned.windows(2).all(|pair| pair[0].value < pair[1].value));
        let sum: f64 = thinned.iter().map(|point| point.value).sum::<f64>() / 60.0;
        assert!((sum - 499.5).abs() < 1.0);
        assert!(rise(&points) < 1e-9);
    }

    #[test]
    fn the_middle_value() {
        assert_eq!(median(vec![]), 0.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
