//! Levels with hysteresis: healthy, warning, critical, emergency.

use serde::{Deserialize, Serialize};

/// A level is entered with this many samples at or above its threshold in a row; an emergency with one.
const ENTER: u32 = 2;
/// It is left with this many samples in a row below [`LEAVE_BELOW`].
const LEAVE: u32 = 3;
/// Percentage points below the threshold.
const LEAVE_BELOW: f64 = 5.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    Healthy,
    Warning,
    Critical,
    Emergency,
}

/// Where levels begin, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Thresholds {
    pub warning: f64,
    pub critical: f64,
    /// `None` where nothing is beyond critical.
    pub emergency: Option<f64>,
}

impl Thresholds {
    fn of(&self, level: Level) -> f64 {
        match level {
            Level::Healthy => f64::NEG_INFINITY,
            Level::Warning => self.warning,
            Level::Critical => self.critical,
            Level::Emergency => self.emergency.unwrap_or(f64::INFINITY),
        }
    }

    /// The highest level whose threshold, lowered by `lower`, is reached.
    fn reached(&self, percent: f64, lower: f64) -> Level {
        let levels = [Level::Emergency, Level::Critical, Level::Warning];
        let found = levels.into_iter().find(|level| percent >= self.of(*level) - lower);
        found.unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub from: Level,
    pub to: Level,
}

#[derive(Debug)]
pub struct Levels {
    thresholds: Thresholds,
    level: Level,
    /// Samples in a row at or above the thresholds of warning, critical and emergency.
    above: [u32; 3],
    below: u32,
    /// The highest level that the samples of `below` did not leave.
    floor: Level,
}

impl Levels {
    pub fn new(thresholds: Thresholds) -> Self {
        Self {
            thresholds,
            level: Level::Healthy,
            above: [0; 3],
            below: 0,
            floor: Level::Healthy,
        }
    }

    pub fn level(&self) -> Level {
        self.level
    }

    /// Takes a sample; the change that it brings.
    pub fn feed(&mut self, percent: f64) -> Option<Change> {
        let from = self.level;
        self.level = self.entered(percent).max(self.left(percent));
        (self.level != from).then_some(Change { from, to: self.level })
    }

    /// The highest level that enough samples in a row have reached.
    fn entered(&mut self, percent: f64) -> Level {
        let levels = [Level::Warning, Level::Critical, Level::Emergency];
        let mut entered = Level::Healthy;
        for (level, above) in levels.into_iter().zip(&mut self.above) {
            let reached = percent >= self.thresholds.of(level);
            *above = if reached { above.saturating_add(1) } else { 0 };
            let enough = if level == Level::Emergency { 1 } else { ENTER };
            if *above >= enough {
                entered = level;
            }
        }
        entered
    }

    /// What is left of the present level: the highest that one of the last samples still held.
    fn left(&mut self, percent: f64) -> Level {
        let held = self.thresholds.reached(percent, LEAVE_BELOW).min(self.level);
        if held >= self.level {
            self.below = 0;
            return self.level;
        }
        self.floor = if self.below == 0 { held } else { self.floor.max(held) };
        self.below += 1;
        if self.below < LEAVE {
            return self.level;
        }
        self.below = 0;
        self.floor
    }
}

#[cfg(test)]
#[path = "level_tests.rs"]
mod tests;
