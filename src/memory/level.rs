//! Levels of memory use with hysteresis: a percentage in, a change of level out.

use serde::{Deserialize, Serialize};

/// How much memory is in use, by thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Below all thresholds.
    Healthy,
    /// Worth a line in a log.
    Warning,
    /// Worth cleaning up.
    Critical,
    /// Worth refusing work.
    Emergency,
}

/// Where levels begin, in percent of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Thresholds {
    /// Where `Warning` begins.
    pub warning: f64,
    /// Where `Critical` begins.
    pub critical: f64,
    /// Where `Emergency` begins; without it there is no such level.
    pub emergency: Option<f64>,
}

/// A step from one level to another, over those between them if need be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The level until now.
    pub from: Level,
    /// The level from now on.
    pub to: Level,
}

/// Samples in a row at or above a threshold that enter its level; one is enough for `Emergency`.
const ENTER: u32 = 2;
/// Samples in a row that leave a level.
const LEAVE: u32 = 3;
/// How far below its threshold, in points, a sample must lie to count as left.
const MARGIN: f64 = 5.0;

/// One level's switch.
#[derive(Clone, Copy, Debug)]
struct Latch {
    level: Level,
    threshold: f64,
    on: bool,
    /// Samples in a row that speak for the other position.
    run: u32,
}

impl Latch {
    fn new(level: Level, threshold: Option<f64>) -> Self {
        Self {
            level,
            threshold: threshold.unwrap_or(f64::INFINITY),
            on: false,
            run: 0,
        }
    }

    fn feed(&mut self, percent: f64) {
        let (against, needed) = match (self.on, self.level) {
            (true, _) => (percent <= self.threshold - MARGIN, LEAVE),
            (false, Level::Emergency) => (percent >= self.threshold, 1),
            (false, _) => (percent >= self.threshold, ENTER),
        };
        self.run = if against { self.run + 1 } else { 0 };
        if self.run == needed {
            self.on = !self.on;
            self.run = 0;
        }
    }
}

/// Follows the level over samples. A level is entered by two samples in a row at its threshold or above (`Emergency` by
/// one), and left by three in a row that lie 5 points or more below it.
///
/// Each level counts for itself, so a jump over several is one change to the highest that has its samples: 76, 91, 91
/// with thresholds 75 and 90 is `Warning` at the second sample and `Critical` at the third; 91, 91 is `Critical` at
/// once. Whoever is in a level is in those below it. What is not a number is no sample.
#[derive(Clone, Debug)]
pub struct Levels {
    latches: [Latch; 3],
    level: Level,
}

impl Levels {
    /// Starts `Healthy`.
    pub fn new(thresholds: Thresholds) -> Self {
        Self {
            latches: [
                Latch::new(Level::Warning, Some(thresholds.warning)),
                Latch::new(Level::Critical, Some(thresholds.critical)),
                Latch::new(Level::Emergency, thresholds.emergency),
            ],
            level: Level::Healthy,
        }
    }

    /// The level now.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Takes the next sample, in percent of the limit; the change that it makes.
    pub fn feed(&mut self, percent: f64) -> Option<Change> {
        if percent.is_nan() {
            return None;
        }
        for latch in &mut self.latches {
            latch.feed(percent);
        }
        let highest = self.latches.iter().filter(|latch| latch.on).map(|latch| latch.level);
        let to = highest.max().unwrap_or(Level::Healthy);
        for latch in self.latches.iter_mut().filter(|latch| latch.level < to && !latch.on) {
            latch.on = true;
            latch.run = 0;
        }
        let from = std::mem::replace(&mut self.level, to);
        (from != to).then_some(Change { from, to })
    }
}

#[cfg(test)]
#[path = "level_tests.rs"]
mod tests;
