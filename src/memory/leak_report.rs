//! What a leak detector says.

use serde::Serialize;

use super::leak_pattern::Pattern;
use super::leak_score::Parts;

/// Which memory a report is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Series {
    /// Used heap.
    #[default]
    Heap,
    /// Memory outside the heap that V8 knows of.
    External,
    /// Resident memory that is neither that nor committed for the heap.
    Native,
}

/// What must hold beside the score; all are needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// The fitted growth is at least 3 MB, and 10 % of the median floor.
    pub grown: bool,
    /// The line explains more than 0.3 of the variance.
    pub fitted: bool,
    /// The lowest floor lies above the last window's median.
    pub above_last: bool,
    /// The last window rose, too.
    pub last_rose: bool,
    /// There were at least three major collections.
    pub collected: bool,
}

impl Gate {
    /// All hold.
    pub fn is_open(&self) -> bool {
        self.grown && self.fitted && self.above_last && self.last_rose && self.collected
    }
}

/// The numbers behind a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// Median of the floors, in bytes.
    pub floor_bytes: f64,
    /// What the line grows within the window, in bytes.
    pub fitted_growth_bytes: f64,
    /// Share of the floors' variance that the line explains.
    pub r_squared: f64,
    /// How likely floors without a trend would rise as much, 0 to 1.
    pub rise_by_chance: f64,
    /// Slope of the heap's floors.
    #[serde(rename = "heapMBPerHour")]
    pub heap_mb_per_hour: f64,
    /// Slope of the memory outside the heap.
    #[serde(rename = "externalMBPerHour")]
    pub external_mb_per_hour: f64,
    /// Slope of the rest of the resident memory.
    #[serde(rename = "nativeMBPerHour")]
    pub native_mb_per_hour: f64,
    /// Highest use in percent.
    pub peak_percent: f64,
    /// Median share of the heap that major collections freed, 0 to 1; `None` without any.
    pub freed_share: Option<f64>,
    /// Bytes that all collections freed.
    pub freed_bytes: f64,
    /// How far the heap's growth bulges above a straight line; 0 for a straight one.
    pub bulge: f64,
    /// The standard error of `bulge`.
    pub bulge_noise: f64,
}

/// What a detector says of the last window that it judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeakReport {
    /// 0 to 100.
    pub score: f64,
    /// The score is 60 or more and the gate is open.
    pub suspected: bool,
    /// Since when a leak has been suspected without being resolved, in milliseconds of the samples' clock.
    pub since_ms: Option<f64>,
    /// What the score is the sum of.
    pub parts: Parts,
    /// Slope of the floors of `series`.
    #[serde(rename = "growthMBPerHour")]
    pub growth_mb_per_hour: f64,
    /// The kind of growth; of the suspicion while it lasts. `None` where nothing speaks for any.
    pub pattern: Option<Pattern>,
    /// Which memory it is about.
    pub series: Series,
    /// What must hold beside the score.
    pub gate: Gate,
    /// How long the window was; 0 before the first one is full.
    pub window_ms: f64,
    /// When it ended; `None` before the first one is full.
    pub at_ms: Option<f64>,
    /// Windows judged so far.
    pub windows: u32,
    /// Major collections in the window.
    pub majors: u32,
    /// The numbers behind it.
    pub evidence: Numbers,
    /// What to do next.
    pub recommendations: &'static [&'static str],
}

/// A change of the verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", content = "report", rename_all = "lowercase")]
pub enum Verdict {
    /// A leak is suspected from now on.
    Suspected(LeakReport),
    /// Its floor has not risen for two windows.
    Resolved(LeakReport),
}
