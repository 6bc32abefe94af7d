//! One moment's memory: what the system says and what V8 said.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::usage::{Of, Usage};
use crate::memory::system_reader::SystemSample;

/// V8's figures of one environment, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heap {
    pub used: u64,
    /// What V8 committed so far.
    pub total: u64,
    /// What it may grow to, the young generation included.
    pub limit: u64,
    /// The old generation alone: V8 gives up when it is full, however empty the young one is.
    pub old_used: u64,
    pub old_limit: u64,
    /// Outside the heap, held by objects on it; Buffers among it.
    pub external: u64,
    pub array_buffers: u64,
    /// Handles and requests that keep the loop busy, listeners where they pile up, and contexts that nobody can enter any
    /// more; where counted.
    pub resources: Option<u32>,
    pub listeners: Option<u32>,
    pub detached: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Milliseconds since the epoch; never less than the sample's before.
    pub at: u64,
    pub reading: SystemSample,
    /// The highest resident memory since the sample before.
    pub peak: Option<u64>,
    /// `None` while JavaScript was blocked.
    pub heap: Option<Heap>,
}

impl Sample {
    /// Bytes that count against a limit of this kind.
    pub fn used(&self, of: Of) -> Option<u64> {
        match of {
            Of::Heap | Of::HeapTotal => self.heap.map(|heap| heap.used),
            Of::OldGeneration => self.heap.map(|heap| heap.old_used),
            Of::Container => self.reading.container.map(|container| container.used_bytes),
            Of::Configured => self.reading.resident,
        }
    }

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
        let mut fields = serializer.serialize_struct("Sample", 18)?;
        fields.serialize_field("at", at)?;
        fields.serialize_field("blocked", &heap.is_none())?;
        fields.serialize_field("rssBytes", &reading.resident)?;
        fields.serialize_field("peakRssBytes", peak)?;
        fields.serialize_field("heapUsedBytes", &heap.map(|heap| heap.used))?;
        fields.serialize_field("heapTotalBytes", &heap.map(|heap| heap.total))?;
        fields.serialize_field("heapLimitBytes", &heap.map(|heap| heap.limit))?;
        fields.serialize_field("oldUsedBytes", &heap.map(|heap| heap.old_used))?;
        fields.serialize_field("oldLimitBytes", &heap.map(|heap| heap.old_limit))?;
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
