//! How often memory is sampled: seldom when all is calm, often near a limit or while JavaScript is blocked.

use crate::memory::system_reader::SystemSample;

/// Milliseconds between samples.
const USUAL: u64 = 250;
const CALM: u64 = 1_000;
pub const CLOSE: u64 = 50;

/// Near a limit: from this percentage on.
const NEAR: f64 = 90.0;
/// Memory that would reach its limit in so many steps like the last is as good as near.
const STEPS: u64 = 20;
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
    hurries: bool,
}

impl Pace {
    /// Memory is near a limit, or on its way there.
    pub fn hurries(&self) -> bool {
        self.hurries
    }
    /// Milliseconds until the next sample. `percent` is the highest of all watches and `room` the bytes that it leaves,
    /// `blocked` for how long JavaScript has not answered.
    pub fn next(&mut self, reading: &SystemSample, percent: f64, room: u64, blocked: Option<u64>) -> u64 {
        let risen = match (self.last, reading.resident) {
            (Some(last), Some(now)) => now.saturating_sub(last),
            _ => 0,
        };
        self.hurries = percent >= NEAR || risen >= STILL / 4 && risen.saturating_mul(STEPS) >= room;
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
            _ if self.hurries => CLOSE,
            _ if self.still > CALM_AFTER && blocked.is_none() => CALM,
            _ => USUAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: u64 = 1 << 40;

    fn reading(megabytes: u64) -> SystemSample {
        SystemSample {
            resident: Some(megabytes << 20),
            ..SystemSample::default()
        }
    }

    #[test]
    fn calm_after_a_while_and_awake_at_once() {
        let mut pace = Pace::default();
        let calm: Vec<_> = (0..12).map(|_| pace.next(&reading(100), 20.0, FREE, None)).collect();
        assert_eq!(calm, [USUAL; 8].into_iter().chain([CALM; 4]).collect::<Vec<_>>());
        assert_eq!(pace.next(&reading(110), 20.0, FREE, None), USUAL);
        for _ in 0..20 {
            pace.next(&reading(110), 20.0, FREE, None);
        }
        assert_eq!(pace.next(&reading(110), 50.0, FREE, None), USUAL);
        assert_eq!(pace.next(&reading(110), 90.0, FREE, None), CLOSE);
    }

    #[test]
    fn close_while_javascript_is_blocked_but_not_for_ever() {
        let mut pace = Pace::default();
        assert_eq!(pace.next(&reading(100), 20.0, FREE, Some(250)), CLOSE);
        assert_eq!(pace.next(&reading(100), 20.0, FREE, Some(LONG)), CLOSE);
        assert_eq!(pace.next(&reading(100), 20.0, FREE, Some(LONG + 1)), USUAL);
    }

    #[test]
    fn memory_on_its_way_to_a_limit_is_watched_closely() {
        let mut pace = Pace::default();
        pace.next(&reading(100), 20.0, 50 << 20, None);
        assert_eq!(pace.next(&reading(103), 30.0, 50 << 20, None), CLOSE);
        assert!(pace.hurries());
        assert_eq!(pace.next(&reading(106), 30.0, 100 << 20, None), USUAL);
        // Little is never a hurry, however little room there is.
        assert_eq!(pace.next(&reading(106), 30.0, 1, None), USUAL);
    }

    #[test]
    fn without_figures_it_is_calm() {
        let mut pace = Pace::default();
        for _ in 0..9 {
            pace.next(&SystemSample::default(), 0.0, FREE, None);
        }
        assert_eq!(pace.next(&SystemSample::default(), 0.0, FREE, None), CALM);
    }
}
