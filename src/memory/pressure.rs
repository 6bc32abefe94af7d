//! Pressure stall information: how much of the time tasks waited for memory.

use serde::{Deserialize, Serialize};

/// Percent of the last 10 and 60 seconds. The kernel averages anew every 2 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Averages {
    /// Some task waited.
    pub some_avg10: f32,
    pub some_avg60: f32,
    /// All tasks that had work waited: nothing was done.
    pub full_avg10: f32,
    pub full_avg60: f32,
}

/// How much tasks waited, as averages and in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pressure {
    #[serde(flatten)]
    pub averages: Averages,
    /// Microseconds in which some task waited.
    pub some_total_us: u64,
    /// Microseconds in which all did.
    pub full_total_us: u64,
}

/// The two lines of `/proc/pressure/memory` and of a group's `memory.pressure`.
pub fn parse(text: &str) -> Option<Pressure> {
    let (some_avg10, some_avg60, some_total_us) = line(text, "some ")?;
    let (full_avg10, full_avg60, full_total_us) = line(text, "full ")?;
    let averages = Averages {
        some_avg10,
        some_avg60,
        full_avg10,
        full_avg60,
    };
    Some(Pressure {
        averages,
        some_total_us,
        full_total_us,
    })
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`
fn line(text: &str, name: &str) -> Option<(f32, f32, u64)> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some((
        field(line, "avg10")?.parse().ok()?,
        field(line, "avg60")?.parse().ok()?,
        field(line, "total")?.parse().ok()?,
    ))
}

fn field<'line>(line: &'line str, name: &str) -> Option<&'line str> {
    line.split(' ')
        .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lines_are_read() {
        let some = "some avg10=1.50 avg60=2.25 avg300=0.00 total=12345\n";
        let full = "full avg10=0.50 avg60=0.25 avg300=0.00 total=678\n";
        let averages = Averages {
            some_avg10: 1.5,
            some_avg60: 2.25,
            full_avg10: 0.5,
            full_avg60: 0.25,
        };
        let expected = Pressure {
            averages,
            some_total_us: 12345,
            full_total_us: 678,
        };
        let cases = [
            (format!("{some}{full}"), Some(expected)),
            (some.to_owned(), None),
            (full.to_owned(), None),
            (format!("{some}{full}").replace("avg60=0.25", "avg60=x"), None),
            (format!("{some}{full}").replace("avg10=", "avg11="), None),
            (format!("{some}{full}").replace("total=678", "total=-1"), None),
            (String::new(), None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(&text), expected, "{text:?}");
        }
    }
}
