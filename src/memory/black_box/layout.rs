//! Fields at fixed offsets, little-endian, and the checksum that ends each part of the file.

use twox_hash::XxHash3_64;

/// Stands for what was not told.
const UNTOLD: u64 = u64::MAX;

/// One part of the file: its last eight bytes are the checksum of those before.
#[derive(Clone, Copy, Debug)]
pub struct Part<const SIZE: usize>(pub [u8; SIZE]);

impl<const SIZE: usize> Part<SIZE> {
    pub fn empty() -> Self {
        Self([0; SIZE])
    }

    pub fn put(&mut self, offset: usize, bytes: &[u8]) {
        let place = self.0.get_mut(offset..).and_then(|rest| rest.get_mut(..bytes.len()));
        debug_assert!(place.is_some(), "the layout is a table of constants");
        if let Some(place) = place {
            place.copy_from_slice(bytes);
        }
    }

    /// `None` as [`UNTOLD`].
    pub fn put_number(&mut self, offset: usize, number: Option<u64>) {
        self.put(offset, &number.unwrap_or(UNTOLD).to_le_bytes());
    }

    pub fn bytes<const LENGTH: usize>(&self, offset: usize) -> [u8; LENGTH] {
        let found = self.0.get(offset..).and_then(|rest| rest.first_chunk());
        debug_assert!(found.is_some(), "the layout is a table of constants");
        found.copied().unwrap_or([0; LENGTH])
    }

    pub fn u32(&self, offset: usize) -> u32 {
        u32::from_le_bytes(self.bytes(offset))
    }

    pub fn u64(&self, offset: usize) -> u64 {
        u64::from_le_bytes(self.bytes(offset))
    }

    pub fn number(&self, offset: usize) -> Option<u64> {
        Some(self.u64(offset)).filter(|number| *number != UNTOLD)
    }

    /// Text, cut where it would be longer than `room`.
    pub fn put_text(&mut self, offset: usize, room: usize, text: &str) {
        let cut = (0..=room).rev().find(|cut| text.is_char_boundary(*cut));
        self.put(offset, text.get(..cut.unwrap_or(0)).unwrap_or_default().as_bytes());
    }

    /// Text up to the first zero.
    pub fn text(&self, offset: usize, room: usize) -> String {
        let bytes = self
            .0
            .get(offset..)
            .and_then(|rest| rest.get(..room))
            .unwrap_or_default();
        let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The same with its checksum.
    pub fn sealed(mut self) -> Self {
        let sum = self.sum();
        self.put(SIZE - 8, &sum.to_le_bytes());
        self
    }

    /// Whether it is what [`Self::sealed`] made.
    pub fn is_whole(&self) -> bool {
        self.u64(SIZE - 8) == self.sum()
    }

    fn sum(&self) -> u64 {
        XxHash3_64::oneshot(self.0.get(..SIZE - 8).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back() {
        let mut part = Part::<64>::empty();
        part.put_number(0, Some(7));
        part.put_number(8, None);
        part.put(16, &9u32.to_le_bytes());
        part.put_text(20, 4, "a\u{20ac}b");
        part.put_text(24, 4, "abcd");
        let part = part.sealed();
        assert_eq!((part.number(0), part.number(8), part.u32(16)), (Some(7), None, 9));
        assert_eq!(
            (part.text(20, 4), part.text(24, 4)),
            ("a\u{20ac}".into(), "abcd".into())
        );
        assert!(part.is_whole());
    }

    #[test]
    fn text_is_cut_between_characters() {
        let mut part = Part::<32>::empty();
        part.put_text(0, 3, "ab\u{20ac}");
        assert_eq!(part.text(0, 3), "ab");
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let mut part = Part::<32>::empty();
        part.put_number(0, Some(123_456));
        let part = part.sealed();
        for bit in 0..32 * 8 {
            let mut torn = part;
            torn.0[bit / 8] ^= 1 << (bit % 8);
            assert!(!torn.is_whole(), "bit {bit}");
        }
        assert!(!Part::<32>::empty().is_whole(), "what was never written");
    }
}
