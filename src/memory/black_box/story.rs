//! What a black box tells.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::error::BlackBoxError;
use super::evidence::{self, Ended, Evidence};
use super::folder;
use super::header::{CLOSED, CLOSED_AT, Closed, HEADER, Header, NoHeader, PAGE};
use super::identity::Identity;
use super::layout::Part;
use super::record::{RECORD, Record};
use crate::memory::level::Level;

/// A run, from its file.
#[derive(Debug)]
pub struct Story {
    pub file: PathBuf,
    pub header: Header,
    pub closed: Option<Closed>,
    pub ended: Ended,
    /// What `ended` was concluded from, in one sentence.
    pub why: String,
    /// In the order they were recorded.
    pub samples: Vec<Record>,
    /// Records that are not what was written: torn by the end of the process, or damaged since.
    pub torn: u32,
}

/// Reads a file. It says that the run goes on when its process still holds it. `root` is where `/proc` is found, `/` in
/// production.
pub fn read(path: &Path, root: &Path) -> Result<Story, BlackBoxError> {
    let (bytes, held) = contents(path)?;
    let header = header(path, &bytes)?;
    let closed = part::<CLOSED>(&bytes, CLOSED_AT as usize).and_then(|part| Closed::decode(&part));
    let (samples, torn) = samples(&bytes);
    let now = Identity::read(root);
    let evidence = Evidence {
        held,
        header: &header,
        closed: closed.as_ref(),
        samples: &samples,
        now: &now,
    };
    let (ended, why) = evidence::judge(&evidence);
    Ok(Story {
        file: path.to_owned(),
        header,
        closed,
        ended,
        why,
        samples,
        torn,
    })
}

/// The bytes of a file that is not longer than a black box may be, and whether its process still holds it.
fn contents(path: &Path) -> Result<(Vec<u8>, bool), BlackBoxError> {
    let io = BlackBoxError::io("read", path);
    // A pipe would be waited for.
    if !fs::metadata(path).map_err(&io)?.is_file() {
        return Err(BlackBoxError::Foreign { path: path.to_owned() });
    }
    let file = File::open(path).map_err(&io)?;
    let held = folder::is_held(&file).map_err(&io)?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).map_err(&io)?;
    Ok((bytes, held))
}

/// More than any black box has, in bytes.
const LONGEST: u64 = 2 << 20;

fn header(path: &Path, bytes: &[u8]) -> Result<Header, BlackBoxError> {
    let length = bytes.len();
    let cut = |wanted: u64| BlackBoxError::damaged(path, format!("it ends at byte {length} of {wanted}"));
    let Some(part) = part::<HEADER>(bytes, 0) else {
        return Err(cut(PAGE));
    };
    let header = Header::decode(&part).map_err(|found| match found {
        NoHeader::Foreign => BlackBoxError::Foreign { path: path.to_owned() },
        NoHeader::Newer(version) => BlackBoxError::Newer {
            path: path.to_owned(),
            version,
        },
        NoHeader::Damaged => BlackBoxError::damaged(path, format!("bytes 0 to {HEADER} are not what was written")),
    })?;
    match header.file_bytes() {
        whole if (length as u64) < whole => Err(cut(whole)),
        _ => Ok(header),
    }
}

/// The records in their order, and how many are torn.
fn samples(bytes: &[u8]) -> (Vec<Record>, u32) {
    let (slots, _) = bytes.get(PAGE as usize..).unwrap_or_default().as_chunks::<RECORD>();
    let written = slots.iter().filter(|slot| slot.iter().any(|byte| *byte != 0));
    let mut torn = 0;
    let mut found = Vec::new();
    for slot in written {
        match Record::decode(&Part(*slot)) {
            Some(record) => found.push(record),
            None => torn += 1,
        }
    }
    found.sort_by_key(|(number, _)| *number);
    (found.into_iter().map(|(_, record)| record).collect(), torn)
}

fn part<const SIZE: usize>(bytes: &[u8], offset: usize) -> Option<Part<SIZE>> {
    bytes.get(offset..)?.first_chunk().copied().map(Part)
}

impl Story {
    /// Minutes between the first sample and the last.
    pub fn minutes(&self) -> f64 {
        let span = self.samples.first().zip(self.samples.last());
        let span = span.map_or(0, |(first, last)| last.at.saturating_sub(first.at));
        span as f64 / 60_000.0
    }

    /// The highest resident memory, in bytes.
    pub fn peak(&self) -> Option<u64> {
        let figures = self.samples.iter().flat_map(|sample| [sample.resident, sample.peak]);
        figures.flatten().max()
    }

    /// Levels in the order they were entered.
    pub fn levels(&self) -> Vec<Level> {
        let mut levels: Vec<_> = self.samples.iter().map(|sample| sample.level).collect();
        levels.dedup();
        levels
    }
}

impl Serialize for Story {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Header { pid, name, .. } = &self.header;
        let closed = self.closed.as_ref();
        let mut fields = serializer.serialize_struct("Story", 17)?;
        fields.serialize_field("file", &self.file.to_string_lossy())?;
        fields.serialize_field("ended", &self.ended)?;
        fields.serialize_field("why", &self.why)?;
        fields.serialize_field("reason", &closed.map(|closed| &closed.reason))?;
        fields.serialize_field("exitCode", &closed.and_then(|closed| closed.exit_code))?;
        fields.serialize_field("closedAt", &closed.map(|closed| closed.at))?;
        fields.serialize_field("pid", pid)?;
        fields.serialize_field("name", name)?;
        fields.serialize_field("nodeVersion", &self.header.node_version)?;
        fields.serialize_field("createdAt", &self.header.created_at)?;
        fields.serialize_field("intervalMs", &self.header.interval_ms)?;
        fields.serialize_field("minutes", &self.minutes())?;
        fields.serialize_field("peakRssBytes", &self.peak())?;
        fields.serialize_field("levels", &self.levels())?;
        fields.serialize_field("tornSamples", &self.torn)?;
        fields.serialize_field("lastSample", &self.samples.last())?;
        fields.serialize_field("samples", &self.samples)?;
        fields.end()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let heap = self.heap;
        let mut fields = serializer.serialize_struct("Sample", 13)?;
        fields.serialize_field("at", &self.at)?;
        fields.serialize_field("blocked", &heap.is_none())?;
        fields.serialize_field("level", &self.level)?;
        fields.serialize_field("rssBytes", &self.resident)?;
        fields.serialize_field("peakRssBytes", &self.peak)?;
        fields.serialize_field("heapUsedBytes", &heap.map(|heap| heap.used))?;
        fields.serialize_field("heapTotalBytes", &heap.map(|heap| heap.total))?;
        fields.serialize_field("heapLimitBytes", &heap.map(|heap| heap.limit))?;
        fields.serialize_field("externalBytes", &heap.map(|heap| heap.external))?;
        fields.serialize_field("arrayBuffersBytes", &heap.map(|heap| heap.array_buffers))?;
        fields.serialize_field("container", &self.container)?;
        fields.serialize_field("availableBytes", &self.available)?;
        fields.serialize_field("pressure", &self.pressure)?;
        fields.end()
    }
}

#[cfg(all(test, unix))]
#[path = "story_tests.rs"]
mod tests;
