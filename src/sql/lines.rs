//! Line numbers from byte offsets.

/// Counts lines from the last offset asked for, so that questions in source order cost one pass in all.
#[derive(Clone)]
pub struct Lines<'a> {
    source: &'a [u8],
    offset: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    /// Lines of `source`, whose first line has the number `first`.
    pub fn new(source: &'a [u8], first: u32) -> Self {
        Self {
            source,
            offset: 0,
            line: first,
        }
    }

    /// The line of the byte at `offset` (clamped to the end). Only `\n` ends a line, so CRLF counts once.
    pub fn at(&mut self, offset: usize) -> u32 {
        let offset = offset.min(self.source.len());
        if offset >= self.offset {
            self.line = self.line.saturating_add(newlines(&self.source[self.offset..offset]));
        } else {
            self.line = self.line.saturating_sub(newlines(&self.source[offset..self.offset]));
        }
        self.offset = offset;
        self.line
    }
}

/// How many newlines `bytes` holds.
pub fn newlines(bytes: &[u8]) -> u32 {
    crate::work::add(bytes.len());
    // Most questions are a line apart. A part is so short that its count fits into a byte.
    let count = |part: &[u8]| part.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    bytes.chunks(128).map(|part| u32::from(count(part))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_forwards_and_backwards() {
        let mut lines = Lines::new(b"a\r\nb\n\nc", 1);
        assert_eq!(lines.at(0), 1);
        assert_eq!(lines.at(6), 4);
        assert_eq!(lines.at(3), 2);
        assert_eq!(lines.at(999), 4);
    }
}
