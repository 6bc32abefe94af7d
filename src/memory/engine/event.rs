//! What an environment is told: JSON objects with a `type`.

use serde_json::{Value, json};

use super::sample::{Heap, Judged, Sample};
use super::usage::Limits;
use super::watch::{Verdict, Watch};
use crate::memory::leak_report;
use crate::memory::level::Change;

/// What the sampler saw while JavaScript did not answer.
#[derive(Clone, Copy, Debug)]
pub struct Blocked {
    /// When JavaScript was asked and did not answer; milliseconds since the epoch.
    pub since: u64,
    pub samples: u32,
    /// The highest resident memory meanwhile.
    pub peak: Option<u64>,
}

impl Blocked {
    pub fn event(&self, at: u64) -> Value {
        json!({
            "type": "blocked",
            "at": at,
            "sinceMs": self.since,
            "durationMs": at.saturating_sub(self.since),
            "samples": self.samples,
            "peakRssBytes": self.peak,
        })
    }
}

/// The sample as somebody with these limits sees it.
pub fn judged(sample: &Sample, limits: &Limits, heap: Option<Heap>) -> Value {
    json!(Judged {
        sample,
        usage: limits.usage(sample, heap),
        effective_limit: limits.smallest(sample, heap),
    })
}

/// What a sample means to a watch, in order.
pub fn of_watch(watch: &Watch, verdict: &Verdict, sample: &Sample, heap: Option<Heap>) -> Vec<Value> {
    let Verdict {
        change, imminent, due, ..
    } = verdict;
    if !due && !imminent && change.is_none() {
        return Vec::new();
    }
    let shown = judged(sample, &watch.limits, heap);
    let id = watch.id;
    let due = due.then(|| json!({ "type": "sample", "watch": id, "sample": shown }));
    let level = change.map(|Change { from, to }| {
        json!({ "type": "level", "watch": id, "from": from, "to": to, "percent": shown["percent"], "sample": shown })
    });
    let imminent = imminent.then(|| json!({ "type": "oom-imminent", "watch": id, "sample": shown }));
    [due, level, imminent].into_iter().flatten().collect()
}

/// A change of the verdict on leaks.
pub fn leak(verdict: &leak_report::Verdict) -> Value {
    match verdict {
        leak_report::Verdict::Suspected(report) => json!({ "type": "leak", "report": report }),
        leak_report::Verdict::Resolved(report) => json!({ "type": "leak-resolved", "report": report }),
    }
}
