//! Frames in a temporary file.
//!
//! A frame on disk is 8 bytes of checksum and the packed bytes. Where it stands and how long it is, only its [`Frame`]
//! knows: the file is of no use to anybody else.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use twox_hash::XxHash3_64;

use super::error::SpillError;
use super::pack::Packed;
use super::place::SpillPlace;
use super::positioned::{read_exact_at, write_all_at};
use super::space::Space;

/// The most bytes that one frame may hold: 1 GiB.
pub const LARGEST_FRAME: usize = 1 << 30;

/// Bytes of a checksum.
const HEADER: usize = 8;

/// The file is shortened when so many bytes at its end are of no use.
const SHORTEN: u64 = 1 << 20;

/// Where bytes are kept. It belongs to the file that gave it; it is no handle, so dropping it frees nothing:
/// [`SpillFile::free`] does.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    offset: u64,
    packed: u32,
    raw: u32,
}

impl Frame {
    /// Bytes that it takes on disk.
    pub fn disk_bytes(&self) -> u64 {
        HEADER as u64 + u64::from(self.packed)
    }

    /// Bytes that [`SpillFile::read`] gives.
    pub fn raw_bytes(&self) -> u64 {
        u64::from(self.raw)
    }
}

/// What a spill file holds; bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpillStats {
    /// Frames that were not freed.
    pub frames: u64,
    /// What they take on disk.
    pub live_bytes: u64,
    /// What they take when read.
    pub raw_bytes: u64,
    /// Space of freed frames that is not used again yet.
    pub dead_bytes: u64,
    /// All that was ever written.
    pub written_bytes: u64,
}

/// A temporary file of frames. Several threads may use it at once.
#[derive(Debug)]
pub struct SpillFile {
    file: File,
    folder: PathBuf,
    most: u64,
    compressed: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    space: Space,
    /// How long the file may be at most: where the last write went.
    length: u64,
    stats: SpillStats,
}

impl SpillFile {
    /// Makes a file in `place`. With `compressed` [`Self::append`] compresses.
    pub fn create(place: &SpillPlace, compressed: bool) -> Result<Self, SpillError> {
        let folder = place.folder.clone().unwrap_or_else(std::env::temp_dir);
        let file = tempfile::tempfile_in(&folder).map_err(|cause| SpillError::creating(&folder, cause))?;
        Ok(Self {
            file,
            folder,
            most: place.most,
            compressed,
            state: Mutex::default(),
        })
    }

    /// Keeps `raw`. After an error nothing has changed for the frames that are there.
    pub fn append(&self, raw: &[u8]) -> Result<Frame, SpillError> {
        check_length(raw.len())?;
        self.append_packed(&if self.compressed {
            Packed::new(raw)
        } else {
            Packed::plain(raw)
        })
    }

    /// The same for bytes that are packed already.
    pub fn append_packed(&self, packed: &Packed) -> Result<Frame, SpillError> {
        check_length(packed.raw_len())?;
        let bytes = packed.bytes();
        let length = (HEADER + bytes.len()) as u64;
        let offset = self.place(length)?;
        let checksum = checksum(offset, bytes).to_le_bytes();
        let written = write_all_at(&self.file, &checksum, offset)
            .and_then(|()| write_all_at(&self.file, bytes, offset + HEADER as u64));
        if let Err(cause) = written {
            return Err(self.give_up(offset, length, cause));
        }
        let frame = Frame {
            offset,
            packed: bytes.len() as u32,
            raw: packed.raw_len() as u32,
        };
        self.state().count(&frame);
        Ok(frame)
    }

    /// The offset of `length` bytes within the limit.
    fn place(&self, length: u64) -> Result<u64, SpillError> {
        let mut state = self.state();
        let offset = state.space.take(length);
        if state.space.end() <= self.most {
            return Ok(offset);
        }
        state.space.give(offset, length);
        Err(SpillError::Limit {
            folder: self.folder.clone(),
            wanted: length,
            held: state.stats.live_bytes,
            most: self.most,
        })
    }

    /// Puts what `frame` holds in place of what `into` holds. After an error `into` is empty.
    pub fn read(&self, frame: &Frame, into: &mut Vec<u8>) -> Result<(), SpillError> {
        into.clear();
        let mut header = [0; HEADER];
        let mut bytes = vec![0; frame.packed as usize];
        read_exact_at(&self.file, &mut header, frame.offset)
            .and_then(|()| read_exact_at(&self.file, &mut bytes, frame.offset + HEADER as u64))
            .map_err(|cause| self.unreadable(frame, cause))?;
        if checksum(frame.offset, &bytes) != u64::from_le_bytes(header) {
            return Err(self.damaged(frame, "its checksum differs"));
        }
        Packed::from_parts(&bytes, frame.raw as usize)
            .unpack(into)
            .map_err(|found| self.damaged(frame, &found.to_string()))
    }

    /// Gives the space of a frame back, for other frames to use.
    pub fn free(&self, frame: Frame) {
        let mut state = self.state();
        state.stats.frames -= 1;
        state.stats.live_bytes -= frame.disk_bytes();
        state.stats.raw_bytes -= frame.raw_bytes();
        state.space.give(frame.offset, frame.disk_bytes());
        self.shorten(&mut state, SHORTEN);
    }

    /// What the file holds.
    pub fn stats(&self) -> SpillStats {
        let state = self.state();
        SpillStats {
            dead_bytes: state.space.unused(),
            ..state.stats
        }
    }

    /// The folder that the file was made in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below it panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a failed write back.
    fn give_up(&self, offset: u64, length: u64, cause: io::Error) -> SpillError {
        let mut state = self.state();
        state.length = state.length.max(offset + length);
        state.space.give(offset, length);
        self.shorten(&mut state, 1);
        SpillError::writing(&self.folder, length, state.stats.live_bytes, cause)
    }

    /// Cuts the end of the file off when it has no use and `least` bytes. Where that fails the space is used again
    /// later, and nothing is wrong.
    fn shorten(&self, state: &mut State, least: u64) {
        let end = state.space.end();
        let useless = state.length.saturating_sub(end);
        if (useless >= least || end == 0) && useless > 0 && self.file.set_len(end).is_ok() {
            state.length = end;
        }
    }

    fn unreadable(&self, frame: &Frame, cause: io::Error) -> SpillError {
        if cause.kind() == io::ErrorKind::UnexpectedEof {
            return self.damaged(frame, "the file ends before them");
        }
        SpillError::Io {
            tried: "read",
            folder: self.folder.clone(),
            cause,
        }
    }

    fn damaged(&self, frame: &Frame, found: &str) -> SpillError {
        SpillError::Damaged {
            folder: self.folder.clone(),
            offset: frame.offset,
            bytes: frame.disk_bytes(),
            found: found.to_owned(),
        }
    }
}

impl State {
    fn count(&mut self, frame: &Frame) {
        self.length = self.length.max(frame.offset + frame.disk_bytes());
        self.stats.frames += 1;
        self.stats.live_bytes += frame.disk_bytes();
        self.stats.raw_bytes += frame.raw_bytes();
        self.stats.written_bytes += frame.disk_bytes();
    }
}

/// The offset is part of it: bytes that a disk put in the wrong place do not pass.
fn checksum(offset: u64, bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(offset, bytes)
}

fn check_length(bytes: usize) -> Result<(), SpillError> {
    if bytes > LARGEST_FRAME {
        return Err(SpillError::TooLarge { bytes });
    }
    Ok(())
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
