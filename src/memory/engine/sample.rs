//! One moment's memory: what the system says and what V8 said.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::usage::Usage;
use crate::memory::cgroup::Container;

/// What the system says, in bytes; `None` is what this system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Memory of the process that is in RAM.
    pub resident: Option<u64>,
    /// The highest that was since the process began.
    pub peak: Option<u64>,
    /// What the machine has for new work.
    pub available: Option<u64>,
    /// The control group that leaves the least.
    pub container: Option<Container>,
    pub pressure: Option<Pressure>,
}

/// Pressure stall information: percent of the time in which some or all tasks waited for memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pressure {
    pub some_avg10: f32,
    pub some_avg60: f32,
    pub full_avg10: f32,
    pub full_avg60: f32,
}

/// V8's figures of one environment, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heap {
    pub used: u64,
    /// What V8 committed so far.
    pub total: u64,
    /// What it may grow to.
    pub limit: u64,
    /// Outside the heap, held by objects on it; Buffers among it.
    pub external: u64,
    pub array_buffers: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Milliseconds since the epoch; never less than the sample's before.
    pub at: u64,
    pub reading: Reading,
    /// The highest resident memory since the sample before.
    pub peak: Option<u64>,
    /// `None` while JavaScript was blocked.
    pub heap: Option<Heap>,
}

impl Sample {
    /// This sample in place of itself and `earlier`: nothing of the peak is lost.
    pub fn merge(mut self, earlier: &Sample) -> Sample {
        self.peak = self.peak.max(earlier.peak);
        self
    }
}

/// A sample with what its figures are of a limit: as JavaScript sees it.
pub struct Judged<'a> {
    pub sample: &'a Sample,
    pub usage: Option<Usage>,
    pub effective_limit: Option<u64>,
}

impl Serialize for Judged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Sample {
            at,
            reading,
            peak,
            heap,
        } = self.sample;
        let mut fields = serializer.serialize_struct("Sample", 16)?;
        fields.serialize_field("at", at)?;
        fields.serialize_field("blocked", &heap.is_none())?;
        fields.serialize_field("rssBytes", &reading.resident)?;
        fields.serialize_field("peakRssBytes", peak)?;
        fields.serialize_field("heapUsedBytes", &heap.map(|heap| heap.used))?;
        fields.serialize_field("heapTotalBytes", &heap.map(|heap| heap.total))?;
        fields.serialize_field("heapLimitBytes", &heap.map(|heap| heap.limit))?;
        fields.serialize_field("externalBytes", &heap.map(|heap| heap.external))?;
        fields.serialize_field("arrayBuffersBytes", &heap.map(|heap| heap.array_buffers))?;
        fields.serialize_field("container", &reading.container)?;
        fields.serialize_field("availableBytes", &reading.available)?;
        fields.serialize_field("pressure", &reading.pressure)?;
        fields.serialize_field("percent", &self.usage.map(|usage| usage.percent))?;
        fields.serialize_field("of", &self.usage.map(|usage| usage.of))?;
        fields.serialize_field("limitBytes", &self.usage.map(|usage| usage.limit))?;
        fields.serialize_field("effectiveLimitBytes", &self.effective_limit)?;
        fields.end()
    }
}
