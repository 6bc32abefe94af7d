//! How often memory is sampled: seldom when all is calm, often near a limit or while JavaScript is blocked.

use crate::memory::system_reader::SystemSample;

/// Milliseconds between samples.
const USUAL: u64 = 250;
const CALM: u64 = 1_000;
const CLOSE: u64 = 50;

/// Near a limit: from this percentage on.
const NEAR: f64 = 90.0;
/// Far from any limit: below this percentage.
const FAR: f64 = 50.0;
/// Resident memory that moves less between samples is calm: bytes.
const STILL: u64 = 4 << 20;
/// That many such samples in a row.
const CALM_AFTER: u32 = 8;
/// Blocked for longer than this, a sample now and then will do; a debugger may hold a program for hours.
const LONG: u64 = 10_000;

#[derive(Default)]
pub struct Pace {
    last: Option<u64>,
    still: u32,
}

impl Pace {
    /// Milliseconds until the next sample. `percent` is the highest of all watches, `blocked` for how long JavaScript
    /// has not answered.
    pub fn next(&mut self, reading: &SystemSample, percent: f64, blocked: Option<u64>) -> u64 {
        let moved = match (self.last, reading.resident) {
            (Some(last), Some(now)) => last.abs_diff(now),
            _ => 0,
        };
        self.last = reading.resident;
        self.still = if moved < STILL && percent < FAR {
            self.still.saturating_add(1)
        } else {
            0
        };
        match blocked {
            Some(since) if since <= LONG => CLOSE,
            _ if percent >= NEAR => CLOSE,
            _ if self.still > CALM_AFTER && blocked.is_none() => CALM,
            _ => USUAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(megabytes: u64) -> SystemSample {
        SystemSample {
            resident: Some(megabytes << 20),
            ..SystemSample::default()
        }
    }

    #[test]
    fn calm_after_a_while_and_awake_at_once() {
        let mut pace = Pace::default();
        let calm: Vec<_> = (0..12).map(|_| pace.next(&reading(100), 20.0, None)).collect();
        assert_eq!(calm, [USUAL; 8].into_iter().chain([CALM; 4]).collect::<Vec<_>>());
        assert_eq!(pace.next(&reading(110), 20.0, None), USUAL);
        for _ in 0..20 {
            pace.next(&reading(110), 20.0, None);
        }
        assert_eq!(pace.next(&reading(110), 50.0, None), USUAL);
        assert_eq!(pace.next(&reading(110), 90.0, None), CLOSE);
    }

    #[test]
    fn close_while_javascript_is_blocked_but_not_for_ever() {
        let mut pace = Pace::default();
        assert_eq!(pace.next(&reading(100), 20.0, Some(250)), CLOSE);
        assert_eq!(pace.next(&reading(100), 20.0, Some(LONG)), CLOSE);
        assert_eq!(pace.next(&reading(100), 20.0, Some(LONG + 1)), USUAL);
    }

    #[test]
    fn without_figures_it_is_calm() {
        let mut pace = Pace::default();
        for _ in 0..9 {
            pace.next(&SystemSample::default(), 0.0, None);
        }
        assert_eq!(pace.next(&SystemSample::default(), 0.0, None), CALM);
    }
}
