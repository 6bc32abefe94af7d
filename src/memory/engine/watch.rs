//! One watch: its limits, its levels, how often it wants a sample.

use std::collections::VecDeque;

use super::usage::{Limits, Usage};
use crate::memory::level::{Change, Level, Levels};

/// A sample this many milliseconds early is in time: waking up is not exact.
pub const EARLY: u64 = 25;
/// From this percentage on, the end may be near.
const NEAR: f64 = 90.0;
/// From this one on it is, however slowly memory grows.
const FULL: f64 = 98.0;
/// Growth that reaches the limit within so many milliseconds.
const SOON: f64 = 5_000.0;
/// Samples that the growth is taken from.
const GROWTH: usize = 4;

pub struct Watch {
    pub id: u32,
    /// Milliseconds between two `sample` events.
    pub interval: u64,
    pub limits: Limits,
    levels: Levels,
    due: u64,
    /// The highest resident memory since its last `sample` event.
    peak: Option<u64>,
    growth: VecDeque<(u64, f64)>,
    imminent: bool,
}

/// What a sample means to a watch.
#[derive(Default)]
pub struct Verdict {
    pub change: Option<Change>,
    /// The limit will be reached within seconds; said once.
    pub imminent: bool,
    pub due: bool,
    /// The highest resident memory since the last sample that was due.
    pub peak: Option<u64>,
}

impl Watch {
    pub fn new(id: u32, interval: u64, limits: Limits, levels: Levels) -> Self {
        Self {
            id,
            interval,
            limits,
            levels,
            due: 0,
            peak: None,
            growth: VecDeque::with_capacity(GROWTH),
            imminent: false,
        }
    }

    pub fn level(&self) -> Level {
        self.levels.level()
    }

    /// Milliseconds until it wants a sample.
    pub fn wants_in(&self, at: u64) -> u64 {
        self.due.saturating_sub(at)
    }

    pub fn judge(&mut self, at: u64, peak: Option<u64>, usage: Option<Usage>) -> Verdict {
        self.peak = self.peak.max(peak);
        let due = self.is_due(at);
        let peak = if due { self.peak.take() } else { self.peak };
        let percent = usage.map(|usage| usage.percent);
        Verdict {
            change: percent.and_then(|percent| self.levels.feed(percent)),
            imminent: percent.is_some_and(|percent| self.ends_soon(at, percent)),
            due,
            peak,
        }
    }

    /// Whether a sample is due, and if so, when the next is.
    fn is_due(&mut self, at: u64) -> bool {
        let due = self.wants_in(at) <= EARLY;
        if due {
            // On a grid, so that small delays do not add up; after a long silence the grid begins anew.
            let next = self.due.saturating_add(self.interval);
            self.due = if next > at {
                next
            } else {
                at.saturating_add(self.interval)
            };
        }
        due
    }

    fn ends_soon(&mut self, at: u64, percent: f64) -> bool {
        if self.growth.len() == GROWTH {
            self.growth.pop_front();
        }
        self.growth.push_back((at, percent));
        if percent < NEAR {
            self.imminent = false;
            return false;
        }
        let ends = percent >= FULL || self.reaches_limit_within() <= SOON;
        let said = self.imminent;
        self.imminent |= ends;
        ends && !said
    }

    /// Milliseconds, going on as between the first and the last of the samples at hand.
    fn reaches_limit_within(&self) -> f64 {
        match (self.growth.front(), self.growth.back()) {
            (Some((from, low)), Some((to, high))) if to > from && high > low => {
                (100.0 - high) / (high - low) * (to - from) as f64
            }
            _ => f64::INFINITY,
        }
    }
}
