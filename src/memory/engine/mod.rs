//! The memory of one environment: sample in, verdict out. No V8 and no clock of its own.
//!
//! Two threads feed it. The sampler's ([`Engine::sampled`]) brings what the system says and goes on while JavaScript is
//! blocked; JavaScript's ([`Engine::answered`]) brings V8's figures when it was asked for them, and takes the events.

pub mod event;
mod pace;
pub mod sample;
pub mod timeline;
pub mod usage;
pub mod watch;

use serde_json::Value;

use self::event::Blocked;
use self::pace::{CLOSE, Pace};
use self::sample::{Heap, Sample};
use self::timeline::Timeline;
use self::usage::Limits;
use self::watch::{EARLY, Watch};
use super::black_box::BlackBoxError;
use super::leak::{self, Leaks};
use super::leak_report::LeakReport;
use super::series::Point;
use super::system_reader::SystemSample;
use super::trend::{MINUTE_MS, Trend};

/// V8's figures are asked for at least this often, in milliseconds; more often where memory is more than half full.
const HEAP_EVERY: u64 = 1_000;
const FULL_EVERY: u64 = 250;
const HALF: f64 = 50.0;
/// Memory that would be full in so many steps like the last is watched closely.
const STEPS: f64 = 20.0;
/// For so many milliseconds.
const RISING_FOR: u64 = 1_000;
/// And at once when resident memory moved by this many bytes.
const MOVED: u64 = 8 << 20;
/// JavaScript that does not answer for so many milliseconds is blocked.
const BLOCKED_AFTER: u64 = 250;

/// A leak of 50 MB an hour grows by 4 MB in a window, more than is taken for noise.
const LEAK_WINDOWS: leak::Options = leak::Options {
    window_ms: 5.0 * MINUTE_MS,
    warning_percent: 70.0,
    emergency_percent: 95.0,
};
/// Events that wait for a blocked JavaScript; samples beyond are in the timeline alone.
const MOST_WAITING: usize = 256;

pub struct Engine {
    pub timeline: Timeline,
    watches: Vec<Watch>,
    pace: Pace,
    /// What V8 said last, when, and the resident memory then.
    heap: Option<Heap>,
    heap_at: u64,
    resident: Option<u64>,
    /// Since when an answer is owed.
    asked: Option<u64>,
    blocked: Option<Blocked>,
    /// The highest resident memory since the last sample, and since the process began.
    peak: Option<u64>,
    high: Option<u64>,
    /// The highest percentage of all watches.
    percent: f64,
    /// Bytes that are left of the limit that is nearest.
    room: u64,
    /// The percentage rises fast, until then: V8 moves memory to the old generation by fits and starts.
    rising_until: u64,
    waiting: Vec<Value>,
    leaks: Leaks,
}

/// What the sampler is to do after a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Ask JavaScript for V8's figures.
    pub ask: bool,
    /// Milliseconds until the next reading; `None` when nobody watches.
    pub wait: Option<u64>,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            timeline: Timeline::default(),
            watches: Vec::new(),
            pace: Pace::default(),
            heap: None,
            heap_at: 0,
            resident: None,
            asked: None,
            blocked: None,
            peak: None,
            high: None,
            percent: 0.0,
            room: u64::MAX,
            rising_until: 0,
            waiting: Vec::new(),
            leaks: Leaks::new(LEAK_WINDOWS),
        }
    }
}

impl Engine {
    /// Takes a reading of the sampler's thread.
    pub fn sampled(&mut self, at: u64, reading: &SystemSample) -> Next {
        self.raise(reading);
        let owed = self.asked.map(|asked| at.saturating_sub(asked));
        let blocked = owed.filter(|owed| *owed >= BLOCKED_AFTER);
        if let (Some(_), Some(since)) = (blocked, self.asked) {
            self.go_on_alone(at, reading, since);
        }
        if self.watches.is_empty() {
            return Next { ask: false, wait: None };
        }
        let pace = self.pace.next(reading, self.percent, self.room, blocked);
        let pace = if at < self.rising_until { pace.min(CLOSE) } else { pace };
        let ask = owed.is_none() && self.wants_answer(at, reading);
        if ask {
            self.asked = Some(at);
        }

        let due = if ask || owed.is_some() {
            self.shortest()
        } else {
            self.due_in(at)
        };
        Next {
            ask,
            wait: Some(pace.min(due).max(1)),
        }
    }

    /// A black box could not be written and gets no more.
    pub fn recording_failed(&mut self, failure: &BlackBoxError) {
        self.waiting.push(event::recording_failed(failure));
    }

    /// JavaScript could not be asked, for its environment is closing.
    pub fn unasked(&mut self) {
        self.asked = None;
    }

    fn wants_answer(&self, at: u64, reading: &SystemSample) -> bool {
        let moved = match (self.resident, reading.resident) {
            (Some(then), Some(now)) => then.abs_diff(now) >= MOVED,
            _ => false,
        };
        moved || at < self.rising_until || self.pace.hurries() || self.due_in(at) <= EARLY
    }

    /// Milliseconds until V8's figures are wanted.
    fn due_in(&self, at: u64) -> u64 {
        let every = if self.percent < HALF { HEAP_EVERY } else { FULL_EVERY };
        let heap = (self.heap_at + every).saturating_sub(at);
        let watches = self.watches.iter().map(|watch| watch.wants_in(at));
        watches.min().unwrap_or(heap).min(heap)
    }

    /// Milliseconds after which an answer is wanted anew, or known to be overdue.
    fn shortest(&self) -> u64 {
        let intervals = self.watches.iter().map(|watch| watch.interval);
        intervals.min().unwrap_or(BLOCKED_AFTER).min(BLOCKED_AFTER)
    }

    /// The kernel's own peak tells what rose and fell between two readings.
    fn raise(&mut self, reading: &SystemSample) {
        let risen = reading.peak.filter(|peak| self.high.is_some_and(|high| *peak > high));
        self.peak = self.peak.max(reading.resident).max(risen);
        self.high = self.high.max(reading.peak);
    }

    /// A sample without V8's figures.
    fn go_on_alone(&mut self, at: u64, reading: &SystemSample, since: u64) {
        let peak = self.peak;
        self.take(at, reading, None);
        let blocked = self.blocked.get_or_insert(Blocked {
            since,
            samples: 0,
            peak,
        });
        blocked.samples += 1;
        blocked.peak = blocked.peak.max(peak);
    }

    /// Takes V8's figures on JavaScript's thread. The events since the last answer, in order.
    pub fn answered(&mut self, at: u64, reading: &SystemSample, heap: Heap) -> Vec<Value> {
        self.raise(reading);
        self.asked = None;
        let peak = self.peak;
        self.heap = Some(heap);
        self.heap_at = at;
        self.resident = reading.resident;
        if let Some(mut blocked) = self.blocked.take() {
            blocked.peak = blocked.peak.max(peak);
            self.waiting.push(blocked.event(at));
        }
        self.take(at, reading, Some(heap));
        std::mem::take(&mut self.waiting)
    }

    fn take(&mut self, at: u64, reading: &SystemSample, heap: Option<Heap>) {
        let sample = Sample {
            at,
            reading: *reading,
            peak: self.peak.take(),
            heap,
        };
        self.timeline.push(sample);
        let before = std::mem::take(&mut self.percent);
        self.room = u64::MAX;
        for watch in &mut self.watches {
            let usage = watch.limits.usage(&sample, self.heap);
            if let Some(usage) = usage {
                self.percent = self.percent.max(usage.percent);
                self.room = self.room.min(usage.left());
            }
            let verdict = watch.judge(at, sample.peak, usage);
            let room = self.waiting.len() < MOST_WAITING;
            let sample = Sample {
                peak: verdict.peak,
                ..sample
            };
            let events = event::of_watch(watch, &verdict, &sample, self.heap);
            // What a verdict changes is never left out.
            self.waiting
                .extend(events.into_iter().filter(|event| room || event["type"] != "sample"));
        }
        if before > 0.0 && (self.percent - before) * STEPS >= 100.0 - self.percent {
            self.rising_until = at + RISING_FOR;
        }
        self.judge_leak(&sample);
    }

    /// V8's figures alone tell of leaks.
    fn judge_leak(&mut self, sample: &Sample) {
        let Some(heap) = sample.heap else { return };
        let usage = Limits::default().usage(sample, None);
        let change = self.leaks.sample(&leak::Sample {
            at_ms: sample.at as f64,
            heap_used: heap.used as f64,
            heap_total: heap.total as f64,
            external: heap.external as f64,
            rss: sample.reading.resident.unwrap_or(0) as f64,
            usage_percent: usage.map_or(0.0, |usage| usage.percent),
            resources: heap.resources,
            listeners: heap.listeners,
            detached: heap.detached,
        });
        self.waiting.extend(change.as_ref().map(event::leak));
    }

    /// Takes a garbage collection: used heap before and after it.
    pub fn collected(&mut self, found: &leak::Collection) {
        self.leaks.collection(found);
    }

    /// What the leak detector says of the last window.
    pub fn leak_report(&self) -> &LeakReport {
        self.leaks.report()
    }

    /// How use went over the last minutes, of the limit that is nearest now.
    pub fn trend(&self, minutes: f64, limits: &Limits) -> Trend {
        let last = self.timeline.last();
        let usage = last.and_then(|last| limits.usage(last, self.heap));
        let since = last.map_or(0.0, |last| last.at as f64 - minutes * MINUTE_MS);
        let points = self.timeline.since(since.max(0.0) as u64).filter_map(|sample| {
            let value = sample.used(usage?.of)? as f64;
            let at_ms = sample.at as f64;
            Some(Point { at_ms, value })
        });
        Trend::of(
            &points.collect::<Vec<_>>(),
            minutes,
            usage.map(|usage| usage.limit as f64),
        )
    }

    /// The last `most` samples that are not older than `since`, as somebody with these limits sees them.
    pub fn history(&self, since: u64, most: usize, limits: &Limits) -> Vec<Value> {
        let mut heap = None;
        let mut samples: Vec<_> = self.timeline.since(since).collect();
        samples.drain(..samples.len().saturating_sub(most));
        let shown = samples.into_iter().map(|sample| {
            heap = sample.heap.or(heap);
            event::judged(sample, limits, heap)
        });
        shown.collect()
    }

    /// Adds a watch, or replaces the one of the same number.
    pub fn watch(&mut self, watch: Watch) {
        self.unwatch(watch.id);
        self.watches.push(watch);
    }

    pub fn unwatch(&mut self, id: u32) {
        self.watches.retain(|watch| watch.id != id);
    }

    pub fn find(&self, id: u32) -> Option<&Watch> {
        self.watches.iter().find(|watch| watch.id == id)
    }

    /// What V8 said last.
    pub fn heap(&self) -> Option<Heap> {
        self.heap
    }

    /// What is known at this moment, for a record of its own: V8's figures are those of the last answer.
    pub fn present(&self, at: u64, reading: &SystemSample) -> Sample {
        Sample {
            at,
            reading: *reading,
            peak: self.peak.max(reading.resident),
            heap: if self.blocked.is_some() { None } else { self.heap },
        }
    }

    /// A sample of now that nobody judges and no history keeps.
    pub fn read(&self, at: u64, reading: &SystemSample, heap: Heap, limits: &Limits) -> Value {
        let peak = self.peak.max(reading.resident);
        let sample = Sample {
            at,
            reading: *reading,
            peak,
            heap: Some(heap),
        };
        event::judged(&sample, limits, None)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
