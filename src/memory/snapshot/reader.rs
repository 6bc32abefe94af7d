//! JSON as V8 writes snapshots, read through a buffer of fixed size.
//!
//! Only what a snapshot consists of is read into values: whole numbers, short texts. Everything else is skipped.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use memchr::memchr2;

use super::error::{Result, SnapshotError};
use super::watch::{Progress, Watch};

/// Bytes of the buffer.
const BUFFER: usize = 256 << 10;
/// How deep values may nest that are skipped; V8 writes call trees that nest twice for each frame.
const DEEPEST: u32 = 1 << 20;

/// A file, and a place in it.
pub struct Reader<'w> {
    file: File,
    path: PathBuf,
    length: u64,
    buffer: Box<[u8]>,
    /// The file's offset of the buffer's first byte.
    base: u64,
    at: usize,
    end: usize,
    watch: &'w Watch<'w>,
    silent: bool,
}

impl<'w> Reader<'w> {
    /// Opens a regular file; a pipe might never end.
    pub fn open(path: &Path, watch: &'w Watch<'w>) -> Result<Self> {
        let io = |cause| SnapshotError::Io {
            path: path.to_owned(),
            cause,
        };
        // Asked before it is opened: opening a pipe would wait for its writer.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(io(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")));
        }
        let file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        Ok(Self {
            file,
            path: path.to_owned(),
            length,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            base: 0,
            at: 0,
            end: 0,
            watch,
            silent: false,
        })
    }

    /// The file's length when it was opened.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the next byte lies in the file.
    pub fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Goes to another place. From now on no progress is told: what follows was read before.
    pub fn seek(&mut self, offset: u64) -> Result<()> {
        self.silent = true;
        if (self.base..self.base + self.end as u64).contains(&offset) {
            self.at = (offset - self.base) as usize;
            return Ok(());
        }
        self.file
            .seek(SeekFrom::Start(offset))
            .map_err(|cause| self.io(cause))?;
        (self.base, self.at, self.end) = (offset, 0, 0);
        Ok(())
    }

    fn io(&self, cause: io::Error) -> SnapshotError {
        SnapshotError::Io {
            path: self.path.clone(),
            cause,
        }
    }

    /// The error for something else than the format has at `offset`.
    pub fn wrong(&self, offset: u64, expected: impl Into<String>, found: impl Into<String>) -> SnapshotError {
        SnapshotError::Format {
            path: self.path.clone(),
            offset,
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// The error for what comes next.
    pub fn unexpected(&mut self, expected: &str) -> SnapshotError {
        let offset = self.offset();
        match self.peek() {
            Err(failed) => failed,
            Ok(None) => self.wrong(offset, expected, "the end of the file"),
            Ok(Some(byte)) if byte.is_ascii_graphic() => {
                self.wrong(offset, expected, format!("'{}'", char::from(byte)))
            }
            Ok(Some(byte)) => self.wrong(offset, expected, format!("the byte 0x{byte:02x}")),
        }
    }

    /// Reads on; `false` at the end of the file.
    fn fill(&mut self) -> Result<bool> {
        self.watch.check()?;
        self.base += self.end as u64;
        (self.at, self.end) = (0, 0);
        self.end = loop {
            match self.file.read(&mut self.buffer) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(self.io(cause)),
                Ok(bytes) => break bytes,
            }
        };
        if !self.silent {
            (self.watch.progress)(Progress {
                file: &self.path,
                read_bytes: self.base + self.end as u64,
                total_bytes: self.length,
                read: false,
            });
        }
        Ok(self.end > 0)
    }

    /// What the buffer still holds.
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    /// The next byte, `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        if self.at == self.end && !self.fill()? {
            return Ok(None);
        }
        Ok(self.rest().first().copied())
    }

    /// The next byte that is no space.
    pub fn peek_token(&mut self) -> Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return Ok(other),
            }
        }
    }

    /// Takes `byte`, which is named `expected` in the error.
    pub fn take(&mut self, byte: u8, expected: &str) -> Result<()> {
        if self.peek_token()? != Some(byte) {
            return Err(self.unexpected(expected));
        }
        self.at += 1;
        Ok(())
    }

    /// Begins an array or object; `false` when it is empty.
    pub fn begin(&mut self, open: u8, close: u8, expected: &str) -> Result<bool> {
        self.take(open, expected)?;
        let empty = self.peek_token()? == Some(close);
        self.at += usize::from(empty);
        Ok(!empty)
    }

    /// After an element: whether another follows.
    pub fn more(&mut self, close: u8) -> Result<bool> {
        let next = self.peek_token()?;
        if next != Some(b',') && next != Some(close) {
            return Err(self.unexpected(&format!("',' or '{}'", char::from(close))));
        }
        self.at += 1;
        Ok(next == Some(b','))
    }

    /// A whole number.
    pub fn number(&mut self) -> Result<u64> {
        self.peek_token()?;
        let (offset, mut value, mut digits) = (self.offset(), 0u64, 0);
        while let Some(byte @ b'0'..=b'9') = self.peek()? {
            let next = value
                .checked_mul(10)
                .and_then(|v| v.checked_add(u64::from(byte - b'0')));
            value = next.ok_or_else(|| self.wrong(offset, "a number of up to 64 bits", "a larger one"))?;
            digits += 1;
            self.at += 1;
        }
        if digits == 0 {
            return Err(self.unexpected("a whole number"));
        }
        Ok(value)
    }

    /// As many whole numbers as `row` has, with commas between.
    pub fn row(&mut self, row: &mut [u64]) -> Result<()> {
        self.peek_token()?;
        if let Some(bytes) = plain_row(self.rest(), row) {
            self.at += bytes;
            return Ok(());
        }
        for (i, field) in row.iter_mut().enumerate() {
            if i > 0 {
                self.take(b',', "','")?;
            }
            *field = self.number()?;
        }
        Ok(())
    }

    /// Skips a text. Its first quote is the next token.
    pub fn skip_text(&mut self) -> Result<()> {
        self.take(b'"', "a text")?;
        loop {
            let Some(found) = memchr2(b'"', b'\\', self.rest()) else {
                self.at = self.end;
                if self.peek()?.is_none() {
                    return Err(self.unexpected("the end of a text"));
                }
                continue;
            };
            self.at += found + 1;
            // The byte before is the one that was found.
            if self.buffer.get(self.at - 1) == Some(&b'"') {
                return Ok(());
            }
            self.any("an escaped character")?;
        }
    }

    /// A text, of which the first `most` bytes are kept; a character is never cut.
    pub fn text(&mut self, most: usize) -> Result<String> {
        self.take(b'"', "a text")?;
        let mut kept = Vec::new();
        let mut cut = false;
        loop {
            let mut bytes = [0; 4];
            let piece = match self.any("the end of a text")? {
                b'"' => break,
                b'\\' => self.escape()?.encode_utf8(&mut bytes).as_bytes(),
                byte => {
                    bytes[0] = byte;
                    &bytes[..1]
                }
            };
            cut |= kept.len() + piece.len() > most;
            if !cut {
                kept.extend_from_slice(piece);
            }
        }
        if cut
            && let Err(broken) = std::str::from_utf8(&kept)
            && broken.error_len().is_none()
        {
            kept.truncate(broken.valid_up_to());
        }
        let mut text = String::from_utf8_lossy(&kept).into_owned();
        if cut {
            text.push('…');
        }
        Ok(text)
    }

    fn any(&mut self, expected: &str) -> Result<u8> {
        let byte = self.peek()?;
        self.at += 1;
        byte.ok_or_else(|| {
            self.at -= 1;
            self.unexpected(expected)
        })
    }

    /// What follows a backslash. Half of a pair of surrogates is the replacement character.
    fn escape(&mut self) -> Result<char> {
        Ok(match self.any("an escaped character")? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => return self.unicode(),
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            _ => {
                self.at -= 1;
                return Err(self.unexpected("an escaped character"));
            }
        })
    }

    fn unicode(&mut self) -> Result<char> {
        let mut unit = self.four_digits()?;
        while (0xd800..0xdc00).contains(&unit) {
            let two = self.rest().get(..2).map(<[u8]>::to_vec);
            // A pair that the buffer's end parts is shown as two replacements: names are for reading only.
            if two.as_deref() != Some(b"\\u") {
                return Ok(char::REPLACEMENT_CHARACTER);
            }
            self.at += 2;
            let low = self.four_digits()?;
            if (0xdc00..0xe000).contains(&low) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            } else {
                unit = low;
            }
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = char::from(self.any("a hexadecimal digit")?).to_digit(16);
            let Some(digit) = digit else {
                self.at -= 1;
                return Err(self.unexpected("a hexadecimal digit"));
            };
            value = value * 16 + digit;
        }
        Ok(value)
    }

    /// Skips any value. Brackets are matched by their number, not by their kind: what is skipped is not judged.
    pub fn skip_value(&mut self) -> Result<()> {
        let mut depth = 0u32;
        loop {
            match self.peek_token()? {
                Some(b'[' | b'{') if depth < DEEPEST => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b']' | b'}') if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b'"') => self.skip_text()?,
                Some(b',' | b':') if depth > 0 => self.at += 1,
                Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => self.skip_word()?,
                _ => return Err(self.unexpected("a value")),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn skip_word(&mut self) -> Result<()> {
        while let Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') = self.peek()? {
            self.at += 1;
        }
        Ok(())
    }

    /// The bytes of an object, braces included; at most `most`.
    pub fn object(&mut self, most: usize) -> Result<Vec<u8>> {
        if self.peek_token()? != Some(b'{') {
            return Err(self.unexpected("'{'"));
        }
        let offset = self.offset();
        let (mut kept, mut depth, mut in_text, mut escaped) = (Vec::new(), 0u32, false, false);
        loop {
            let byte = self.any("the end of an object")?;
            if kept.len() == most {
                return Err(self.wrong(offset, format!("an object of at most {most} bytes"), "a longer one"));
            }
            kept.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' if !in_text => depth += 1,
                b'}' if !in_text => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(kept);
            }
        }
    }
}

/// Reads a row that lies whole in `bytes`, without spaces, as V8 writes it: how many bytes it takes.
fn plain_row(bytes: &[u8], row: &mut [u64]) -> Option<usize> {
    let mut at = 0;
    let last = row.len().checked_sub(1)?;
    for (i, field) in row.iter_mut().enumerate() {
        let (mut value, begin) = (0u64, at);
        loop {
            let digit = bytes.get(at)?.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
        // 19 digits always fit 64 bits.
        if at == begin || at - begin > 19 {
            return None;
        }
        *field = value;
        if i < last {
            if bytes.get(at) != Some(&b',') {
                return None;
            }
            at += 1;
        }
    }
    Some(at)
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
