//! What an environment is told: JSON objects with a `type`.

use serde_json::{Value, json};

use super::sample::{Heap, Judged, Sample};
use super::usage::Limits;
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

pub fn sample(watch: u32, sample: &Value) -> Value {
    json!({ "type": "sample", "watch": watch, "sample": sample })
}

pub fn level(watch: u32, change: &Change, sample: &Value) -> Value {
    json!({ "type": "level", "watch": watch, "from": change.from, "to": change.to, "sample": sample })
}

pub fn imminent(watch: u32, sample: &Value) -> Value {
    json!({ "type": "oom-imminent", "watch": watch, "sample": sample })
}
