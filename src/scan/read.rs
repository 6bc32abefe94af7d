//! Reads one file's bytes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

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

/// Most files fit into this; one read tells then that the file has ended.
pub const FIRST_READ: usize = 64 << 10;

/// A buffer that is filled again and again without being cleared in between.
#[derive(Default)]
pub struct FileBuffer {
    storage: Vec<u8>,
    filled: usize,
}

impl FileBuffer {
    /// The content of the file that was read last.
    pub fn content(&self) -> &[u8] {
        self.storage.get(..self.filled).unwrap_or(&[])
    }

    /// The content, for keeping.
    pub fn into_content(mut self) -> Vec<u8> {
        self.storage.truncate(self.filled);
        self.storage
    }

    /// Gives back what a large file needed.
    pub fn shrink(&mut self) {
        self.filled = 0;
        self.storage.truncate(FIRST_READ);
        self.storage.shrink_to(FIRST_READ);
    }
}

/// Fills `buffer` with the content of the regular file `path`. Three calls of the system for a file of usual size.
pub fn read_into(path: &Path, buffer: &mut FileBuffer) -> io::Result<Stamp> {
    let mut file = open(path)?;
    if buffer.storage.len() < FIRST_READ {
        buffer.storage.resize(FIRST_READ, 0);
    }
    buffer.filled = 0;
    let first = buffer.storage.get_mut(..FIRST_READ).unwrap_or_default();
    let read = loop {
        match file.read(first) {
            Ok(read) => break read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    buffer.filled = read;
    // A regular file that gives less than was asked for has ended.
    if read == FIRST_READ {
        read_rest(&mut file, buffer)?;
    }
    Ok(Stamp {
        bytes: buffer.filled as u64,
        hash: hash(buffer.content()),
    })
}

/// The rest of a large file, once it is sure to be one with an end.
fn read_rest(file: &mut File, buffer: &mut FileBuffer) -> io::Result<()> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    buffer.storage.truncate(buffer.filled);
    let left = size.saturating_sub(buffer.filled).saturating_add(1);
    buffer
        .storage
        .try_reserve(left)
        .map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.read_to_end(&mut buffer.storage)?;
    buffer.filled = buffer.storage.len();
    Ok(())
}

/// A hash of the content: four lanes of eight bytes, so that the multiplications overlap.
pub fn hash(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let step = |state: u64, word: u64| (state.rotate_left(23) ^ word).wrapping_mul(MIX);
    let mut lanes = [MIX, MIX ^ 1, MIX ^ 2, bytes.len() as u64 ^ MIX];
    let (blocks, rest) = bytes.as_chunks::<32>();
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = step(*lane, u64::from_le_bytes(*word));
        }
    }
    let state = lanes.iter().fold(MIX, |state, lane| step(state, *lane));
    let state = rest.iter().fold(state, |state, byte| step(state, u64::from(*byte)));
    state ^ state >> 32
}

/// UTF-16 units of the text, as JavaScript counts a string's length; what is no UTF-8 counts as decoders replace it.
pub fn utf16_len(bytes: &[u8]) -> u64 {
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    let length = |text: &str| {
        let starts = text.bytes().filter(|b| (b & 0xC0) != 0x80).count();
        (starts + text.bytes().filter(|b| *b >= 0xF0).count()) as u64
    };
    let chunks = bytes.utf8_chunks();
    chunks
        .map(|chunk| length(chunk.valid()) + u64::from(!chunk.invalid().is_empty()))
        .sum()
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
    fn counts_replacements_as_javascript_does() {
        let cases: [&[u8]; 5] = [
            b"\xff\xfea",
            b"\xf0\x9f\x98",
            b"a\xe2\x82b",
            b"\x80\x80",
            b"\xf0\x9f\x98\x80\xff",
        ];
        for bytes in cases {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(utf16_len(bytes), text.encode_utf16().count() as u64, "{bytes:?}");
        }
    }

    #[test]
    fn large_files_are_read_whole() {
        let path = std::env::temp_dir().join(format!("pgtap-read-{}", std::process::id()));
        let mut buffer = FileBuffer::default();
        for size in [0, 1, FIRST_READ - 1, FIRST_READ, FIRST_READ + 1, FIRST_READ * 3] {
            let content: Vec<u8> = (0..size).map(|i| i as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let stamp = read_into(&path, &mut buffer).unwrap();
            assert!(buffer.content() == content, "{size}");
            assert_eq!((stamp.bytes, stamp.hash), (size as u64, hash(&content)));
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn every_byte_counts_in_the_hash() {
        let base = vec![7u8; 100];
        for at in 0..base.len() {
            let mut other = base.clone();
            other[at] ^= 1;
            assert_ne!(hash(&base), hash(&other), "{at}");
        }
        assert_ne!(hash(&base), hash(&base[..99]));
    }

    #[test]
    fn a_folder_is_no_file() {
        assert!(read_into(Path::new("."), &mut FileBuffer::default()).is_err());
    }
}
