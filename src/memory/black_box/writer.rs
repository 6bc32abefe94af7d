//! Records into the file.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::BlackBoxError;
use super::folder;
use super::header::{CLOSED_AT, Closed, Header, PAGE};
use super::identity::Identity;
use super::layout::Part;
use super::record::{RECORD, Record};
use crate::memory::level::Level;
use crate::spill::positioned::write_all_at;

/// The most records of a file, which stays below 1 MB with them.
const MOST: u64 = 7_680;

/// What the caller knows of the run.
#[derive(Clone, Debug)]
pub struct About {
    /// The program's name without its arguments, which may hold secrets; cut at 64 bytes.
    pub name: String,
    /// Cut at 32 bytes.
    pub node_version: String,
    /// How long the ring is to reach back; less where that were more than 7,680 records.
    pub minutes: u32,
    /// How far records that are kept lie apart, in milliseconds; at least 1.
    pub interval_ms: u32,
    /// Milliseconds since the epoch.
    pub created_at: u64,
}

/// An open black box. The file is locked for as long as this lives.
#[derive(Debug)]
pub struct BlackBox {
    file: File,
    path: PathBuf,
    capacity: u64,
    interval_ms: u64,
    /// The newest record, when it was begun, its peak and level.
    number: u64,
    began: u64,
    peak: Option<u64>,
    level: Level,
    closed: bool,
}

impl BlackBox {
    /// Makes a new file in `folder`, which is made where it is missing; both for the owner alone. `root` is where
    /// `/proc` is found, `/` in production.
    pub fn create(folder: &Path, about: &About, root: &Path) -> Result<Self, BlackBoxError> {
        if !cfg!(unix) {
            return Err(BlackBoxError::Unsupported);
        }
        let header = header(about, Identity::read(root));
        let bytes = header.file_bytes();
        let making = |cause| BlackBoxError::making(folder, bytes, cause);
        make_folder(folder).map_err(making)?;
        let mut file = tempfile::Builder::new()
            .prefix(".black-box-")
            .tempfile_in(folder)
            .map_err(making)?;
        fill(file.as_file_mut(), bytes).map_err(making)?;
        write_all_at(file.as_file(), &header.encode().0, 0).map_err(making)?;
        // From here on it is a run that goes on; only then it gets its name.
        file.as_file().lock().map_err(making)?;
        let (file, path) = folder::name(file, folder, &header).map_err(making)?;
        Ok(Self {
            file,
            path,
            capacity: u64::from(header.capacity),
            interval_ms: u64::from(header.interval_ms),
            number: 0,
            began: 0,
            peak: None,
            level: Level::Healthy,
            closed: false,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a record: one positioned write of 128 bytes, without an allocation unless it fails.
    ///
    /// A record that comes before the interval is over takes the place of the one before, unless the level changed: the
    /// newest is always there, and however often records come, the ring reaches back as far as it should.
    pub fn record(&mut self, record: &Record) -> Result<(), BlackBoxError> {
        if self.closed {
            return Err(self.was_closed());
        }
        let mut record = *record;
        if self.number > 0 && record.level == self.level && record.at.abs_diff(self.began) < self.interval_ms {
            record.peak = record.peak.max(self.peak);
        } else {
            self.number += 1;
            self.began = record.at;
            self.level = record.level;
        }
        self.peak = record.peak;
        let slot = (self.number - 1) % self.capacity;
        self.write(&record.encode(self.number), PAGE + slot * RECORD as u64)
    }

    /// Marks that the program ended the recording by itself. A second time is an error.
    pub fn close(&mut self, closed: &Closed) -> Result<(), BlackBoxError> {
        if self.closed {
            return Err(self.was_closed());
        }
        self.closed = true;
        self.write(&closed.encode(), CLOSED_AT)?;
        self.file.unlock().map_err(BlackBoxError::io("unlocked", &self.path))
    }

    /// Whether [`Self::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn write<const SIZE: usize>(&self, part: &Part<SIZE>, offset: u64) -> Result<(), BlackBoxError> {
        write_all_at(&self.file, &part.0, offset).map_err(BlackBoxError::io("written", &self.path))
    }

    fn was_closed(&self) -> BlackBoxError {
        BlackBoxError::Closed {
            path: self.path.clone(),
        }
    }
}

fn header(about: &About, identity: Identity) -> Header {
    let interval_ms = about.interval_ms.max(1);
    let records = (u64::from(about.minutes) * 60_000).div_ceil(u64::from(interval_ms));
    Header {
        capacity: records.clamp(1, MOST) as u32,
        interval_ms,
        pid: std::process::id(),
        created_at: about.created_at,
        started: identity.started,
        boot: identity.boot,
        group: identity.group,
        events: identity.events,
        node_version: about.node_version.clone(),
        name: about.name.clone(),
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Writes all of it, so that the disk has room for every record: a hole would be filled, or not, when it is too late.
fn fill(file: &mut File, bytes: u64) -> io::Result<()> {
    let page = [0; PAGE as usize];
    for _ in 0..bytes.div_ceil(PAGE) {
        file.write_all(&page)?;
    }
    file.set_len(bytes)
}

#[cfg(all(test, unix))]
#[path = "writer_tests.rs"]
pub(super) mod tests;
