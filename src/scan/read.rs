//! Reads one file's bytes.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::coverage::batch::Stamp;

/// Opens for reading; a pipe that took the file's place since it was listed must not block us.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    /// `O_NONBLOCK` where `open(2)` has this value.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const NONBLOCK: i32 = 0o4000;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const NONBLOCK: i32 = 0x4;
    OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// Fills `buffer` with the content of the regular file `path`.
pub fn read_into(path: &Path, buffer: &mut Vec<u8>) -> io::Result<Stamp> {
    buffer.clear();
    let mut file = open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let expected = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    buffer.try_reserve(expected.saturating_add(1)).map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.read_to_end(buffer)?;
    Ok(Stamp {
        bytes: buffer.len() as u64,
        changed: changed(&metadata),
        hash: hash(buffer),
    })
}

/// Time of change in nanoseconds.
pub fn changed(metadata: &Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    since.and_then(|d| i64::try_from(d.as_nanos()).ok()).unwrap_or(0)
}

/// A hash of the content, eight bytes at a time.
pub fn hash(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = bytes.len() as u64 ^ MIX;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = (state.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(MIX);
    }
    for byte in rest {
        state = (state.rotate_left(23) ^ u64::from(*byte)).wrapping_mul(MIX);
    }
    state ^ state >> 32
}

/// UTF-16 units of the text, as JavaScript counts a string's length. Each byte that is no UTF-8 counts at most once.
pub fn utf16_len(bytes: &[u8]) -> u64 {
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    let starts = bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count();
    let pairs = bytes.iter().filter(|b| **b >= 0xF0).count();
    (starts + pairs) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_javascript_does() {
        for text in ["", "abc", "é", "a€b", "😀x"] {
            assert_eq!(utf16_len(text.as_bytes()), text.encode_utf16().count() as u64, "{text}");
        }
    }

    #[test]
    fn a_folder_is_no_file() {
        let mut buffer = Vec::new();
        assert!(read_into(Path::new("."), &mut buffer).is_err());
    }
}
