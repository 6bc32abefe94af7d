//! Sudden rises of memory use, in the whole process or by one operation.

use serde::Serialize;

/// How large a spike is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The medium threshold or more.
    Medium,
    /// The high threshold or more.
    High,
    /// The critical threshold or more.
    Critical,
}

/// From how many bytes on a rise is a spike, and how many in a row are too many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Where `Medium` begins.
    pub medium: f64,
    /// Where `High` begins.
    pub high: f64,
    /// Where `Critical` begins.
    pub critical: f64,
    /// The spike with this number in a row, and those after it, are marked `consecutive`.
    pub consecutive: u32,
}

impl Thresholds {
    /// Whether all lie above 0, none below the one before it, and the limit is one spike or more.
    pub fn are_ordered(&self) -> bool {
        0.0 < self.medium
            && self.medium <= self.high
            && self.high <= self.critical
            && self.critical.is_finite()
            && self.consecutive > 0
    }

    fn severity(&self, bytes: f64) -> Option<Severity> {
        let steps = [
            (self.critical, Severity::Critical),
            (self.high, Severity::High),
            (self.medium, Severity::Medium),
        ];
        steps
            .into_iter()
            .find(|(threshold, _)| bytes >= *threshold)
            .map(|(_, severity)| severity)
    }
}

/// A rise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spike {
    /// How large.
    pub severity: Severity,
    /// The whole rise in bytes.
    pub memory_increase: f64,
    /// When it was highest, in milliseconds of the samples' clock.
    pub at_ms: f64,
    /// How long it rose; `None` for an operation's.
    pub duration_ms: Option<f64>,
    /// Where it began, in bytes; `None` for an operation's.
    pub base_bytes: Option<f64>,
    /// Which one in a row it is, from 1.
    pub in_row: u32,
    /// As many in a row as the limit, or more.
    pub consecutive: bool,
}

/// A rise is measured from the lowest sample of so many milliseconds: between half and all of them.
const RECENT_MS: f64 = 10_000.0;
/// A rise is over when there was no higher sample for so long.
const SETTLE_MS: f64 = 1_000.0;
/// A rise that goes on is told after so long, and what follows is a rise of its own.
const LONGEST_MS: f64 = 10_000.0;
/// Spikes follow each other in a row when no more than this lies between them.
const ROW_MS: f64 = 60_000.0;

/// The lowest value of the last while, in constant memory: the minima of two half windows.
#[derive(Clone, Copy, Debug)]
struct Recent {
    since_ms: f64,
    now: f64,
    before: f64,
}

impl Recent {
    fn new(at_ms: f64, bytes: f64) -> Self {
        Self {
            since_ms: at_ms,
            now: bytes,
            before: bytes,
        }
    }

    /// The base for a sample, before it is counted itself.
    fn lowest(&self) -> f64 {
        self.now.min(self.before)
    }

    fn feed(&mut self, at_ms: f64, bytes: f64) {
        if at_ms - self.since_ms >= RECENT_MS / 2.0 || at_ms < self.since_ms {
            *self = Self {
                since_ms: at_ms,
                now: bytes,
                before: self.now,
            };
        }
        self.now = self.now.min(bytes);
    }
}

/// A rise that is under way.
#[derive(Clone, Copy, Debug)]
struct Rise {
    base: f64,
    began_ms: f64,
    peak: f64,
    peak_ms: f64,
}

impl Rise {
    /// Whether a sample ends it: it gave back half of the rise, stood still for a second, or lasted very long.
    fn is_over(&self, at_ms: f64, bytes: f64) -> bool {
        bytes < self.peak - (self.peak - self.base) / 2.0
            || at_ms - self.peak_ms >= SETTLE_MS
            || at_ms - self.began_ms >= LONGEST_MS
    }
}

/// Spikes that follow each other.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    last_ms: Option<f64>,
    count: u32,
}

impl Row {
    fn next(&mut self, at_ms: f64) -> u32 {
        let follows = self.last_ms.is_some_and(|last| at_ms - last <= ROW_MS);
        self.count = if follows { self.count.saturating_add(1) } else { 1 };
        self.last_ms = Some(at_ms);
        self.count
    }
}

/// Finds spikes in samples and operations; each kind has a row of its own, since an operation's spike is one of the
/// process, too.
///
/// Samples must all be of the same measure (resident memory, say), and may hold peaks between two others. A rise is told
/// once, by the sample that ends it, with all that it rose: memory that was given back again counts like memory that
/// stays. After it the base is where memory is then, and follows it down.
#[derive(Clone, Debug)]
pub struct Spikes {
    thresholds: Thresholds,
    recent: Option<Recent>,
    rise: Option<Rise>,
    samples: Row,
    operations: Row,
}

impl Spikes {
    /// Has seen nothing.
    pub fn new(thresholds: Thresholds) -> Self {
        Self {
            thresholds,
            recent: None,
            rise: None,
            samples: Row::default(),
            operations: Row::default(),
        }
    }

    /// Takes a sample; the spike that it ends. What is not a number is no sample.
    pub fn feed(&mut self, at_ms: f64, bytes: f64) -> Option<Spike> {
        if !at_ms.is_finite() || !bytes.is_finite() {
            return None;
        }
        if let Some(rise) = &mut self.rise {
            if bytes > rise.peak {
                (rise.peak, rise.peak_ms) = (bytes, at_ms);
            }
            return rise.is_over(at_ms, bytes).then(|| self.end(at_ms, bytes)).flatten();
        }
        let recent = self.recent.get_or_insert(Recent::new(at_ms, bytes));
        let base = recent.lowest();
        let began_ms = recent.since_ms.min(at_ms);
        recent.feed(at_ms, bytes);
        if bytes - base >= self.thresholds.medium {
            let (peak, peak_ms) = (bytes, at_ms);
            self.rise = Some(Rise {
                base,
                began_ms,
                peak,
                peak_ms,
            });
        }
        None
    }

    fn end(&mut self, at_ms: f64, bytes: f64) -> Option<Spike> {
        let rise = self.rise.take()?;
        self.recent = Some(Recent::new(at_ms, bytes));
        let increase = rise.peak - rise.base;
        let severity = self.thresholds.severity(increase)?;
        let in_row = self.samples.next(rise.peak_ms);
        Some(Spike {
            severity,
            memory_increase: increase,
            at_ms: rise.peak_ms,
            duration_ms: Some(rise.peak_ms - rise.began_ms),
            base_bytes: Some(rise.base),
            in_row,
            consecutive: in_row >= self.thresholds.consecutive,
        })
    }

    /// Takes what a tracked operation allocated; the spike if it is one.
    pub fn feed_operation(&mut self, at_ms: f64, bytes: f64) -> Option<Spike> {
        let severity = self.thresholds.severity(bytes)?;
        let in_row = self.operations.next(at_ms);
        Some(Spike {
            severity,
            memory_increase: bytes,
            at_ms,
            duration_ms: None,
            base_bytes: None,
            in_row,
            consecutive: in_row >= self.thresholds.consecutive,
        })
    }
}

#[cfg(test)]
#[path = "spike_tests.rs"]
mod tests;
