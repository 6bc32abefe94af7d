//! One window's series, judged: lines through their floors, and the gate.

use super::leak_report::{Gate, Series};
use super::leak_score::ENOUGH_MAJORS;
use super::leak_window::{Of, Window};
use super::series::{Line, Point, fit, median, rise};
use super::trend::{HOUR_MS, MB};

/// Major collections without which nothing is suspected.
pub const MAJORS: u32 = 3;
/// Growth below this is noise.
const LEAST_GROWTH: f64 = 3.0 * MB;
/// Growth below this part of the floor is noise.
const LEAST_SHARE: f64 = 0.1;
/// A line that explains no more of the floors is none.
const LEAST_R_SQUARED: f64 = 0.3;
/// A series rises when chance would make as good a rise in fewer than this share of cases.
const BY_CHANCE: f64 = 0.05;
/// A rise is clear when chance would make as good a one in no more than this share: where consistency counts in full.
const CLEAR: f64 = 0.01;

/// What is remembered of a series between windows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Last {
    /// The middle of its floors; `None` before there were any.
    pub median: Option<f64>,
    /// Bytes per millisecond.
    pub slope: f64,
}

/// One series of a window.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which one.
    pub series: Series,
    /// Used memory without garbage, or as near to it as can be had.
    pub floors: Vec<Point>,
    /// The line through them.
    pub line: Line,
    /// How likely floors without a trend would rise as much.
    pub chance: f64,
    /// Their middle.
    pub median: f64,
    /// What the line grows within the window.
    pub growth: f64,
    /// What must hold beside the score.
    pub gate: Gate,
}

impl Judged {
    /// The three series of a window.
    pub fn all(window: &Window, last: &[Last; 3]) -> [Self; 3] {
        let heap = if window.majors < ENOUGH_MAJORS {
            window.minima(Of::Heap)
        } else {
            window.floors().to_vec()
        };
        let [before_heap, before_external, before_native] = last;
        [
            Self::of(Series::Heap, heap, before_heap, window),
            Self::of(Series::External, window.minima(Of::External), before_external, window),
            Self::of(Series::Native, window.minima(Of::Native), before_native, window),
        ]
    }

    fn of(series: Series, floors: Vec<Point>, last: &Last, window: &Window) -> Self {
        let values: Vec<f64> = floors.iter().map(|point| point.value).collect();
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let line = fit(&floors);
        let median = median(values);
        let growth = line.slope * window.elapsed_ms();
        let gate = Gate {
            grown: growth >= least_growth(median),
            fitted: line.r_squared > LEAST_R_SQUARED,
            above_last: last.median.is_some_and(|before| lowest.is_finite() && lowest > before),
            last_rose: last.slope > 0.0,
            collected: window.majors >= MAJORS,
        };
        let chance = rise(&floors);
        Self {
            series,
            floors,
            line,
            chance,
            median,
            growth,
            gate,
        }
    }

    /// The slope as people read it.
    pub fn mb_per_hour(&self) -> f64 {
        self.line.slope * HOUR_MS / MB
    }

    /// Whether it rises, and not by chance.
    pub fn rises(&self) -> bool {
        self.line.slope > 0.0 && self.chance < BY_CHANCE
    }

    /// It grows, and enough to say so.
    pub fn is_clear(&self) -> bool {
        self.gate.grown && self.gate.fitted && self.chance <= CLEAR
    }

    /// It lies above the last window, which rose, and may grow enough within `longest_ms`: a longer look will tell.
    pub fn is_undecided(&self, longest_ms: f64) -> bool {
        let may_grow = self.line.slope * longest_ms >= least_growth(self.median);
        self.gate.above_last && self.gate.last_rose && may_grow && !self.is_clear()
    }

    /// What the next window has to know.
    pub fn remembered(&self) -> Last {
        Last {
            median: (!self.floors.is_empty()).then_some(self.median),
            slope: self.line.slope,
        }
    }
}

/// Growth that means something over such a floor.
fn least_growth(floor: f64) -> f64 {
    LEAST_GROWTH.max(LEAST_SHARE * floor)
}

/// How many of the five additional factors hold.
pub fn factors(window: &Window, [heap, external, native]: &[Judged; 3]) -> u32 {
    let rises = |of| counts_rise(window, of);
    let held = [
        external.line.slope > heap.line.slope.max(0.0),
        rises(Of::Resources) || rises(Of::Listeners),
        rises(Of::Detached),
        native.rises(),
        window.idle_cleanups >= 2,
    ];
    held.into_iter().map(u32::from).sum()
}

/// Whether a number that samples carry rises.
pub fn counts_rise(window: &Window, of: Of) -> bool {
    let points = window.minima(of);
    fit(&points).slope > 0.0 && rise(&points) < BY_CHANCE
}
