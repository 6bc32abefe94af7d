//! Bytes made smaller with LZ4 where that helps.

use std::borrow::Cow;
use std::fmt;

use lz4_flex::block::{compress, decompress_into};

/// Bytes as they are kept: compressed, or as they were where that would not be smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed<'b> {
    bytes: Cow<'b, [u8]>,
    raw: usize,
}

/// Bytes that were not packed by [`Packed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpackable;

impl fmt::Display for Unpackable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the compressed bytes cannot be read")
    }
}

impl<'b> Packed<'b> {
    /// Compresses `raw`, unless that does not make it smaller.
    pub fn new(raw: &'b [u8]) -> Self {
        let smaller = compress(raw);
        if smaller.len() < raw.len() {
            return Self {
                bytes: Cow::Owned(smaller),
                raw: raw.len(),
            };
        }
        Self::plain(raw)
    }

    /// The bytes as they are.
    pub fn plain(raw: &'b [u8]) -> Self {
        Self {
            bytes: Cow::Borrowed(raw),
            raw: raw.len(),
        }
    }

    /// What [`Self::bytes`] and [`Self::raw_len`] gave earlier; `raw` is the length that it unpacks to.
    pub fn from_parts(bytes: &'b [u8], raw: usize) -> Self {
        Self {
            bytes: Cow::Borrowed(bytes),
            raw,
        }
    }

    /// The bytes to keep. They are compressed when there are fewer than [`Self::raw_len`].
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes it unpacks to.
    pub fn raw_len(&self) -> usize {
        self.raw
    }

    /// The bytes to keep, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_owned()
    }

    /// Puts what was packed in place of what `into` holds.
    pub fn unpack(&self, into: &mut Vec<u8>) -> Result<(), Unpackable> {
        into.clear();
        if self.bytes.len() == self.raw {
            into.extend_from_slice(&self.bytes);
            return Ok(());
        }
        into.resize(self.raw, 0);
        match decompress_into(&self.bytes, into) {
            Ok(length) if length == self.raw => Ok(()),
            _ => {
                into.clear();
                Err(Unpackable)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unpacked(packed: &Packed) -> Vec<u8> {
        let mut into = vec![1, 2, 3];
        packed.unpack(&mut into).unwrap();
        into
    }

    #[test]
    fn repetition_is_made_smaller_and_noise_is_not_made_larger() {
        let same = vec![b'x'; 10_000];
        let packed = Packed::new(&same);
        assert!(packed.bytes().len() < 100);
        assert_eq!((packed.raw_len(), unpacked(&packed)), (10_000, same.clone()));
        let noise = b"q9ZtX";
        assert_eq!(Packed::new(noise).bytes(), noise);
        assert_eq!(unpacked(&Packed::new(b"")), b"");
    }

    #[test]
    fn a_wrong_length_is_refused() {
        let same = vec![b'x'; 1000];
        let packed = Packed::new(&same);
        for raw in [999, 1001] {
            let mut into = Vec::new();
            assert_eq!(
                Packed::from_parts(packed.bytes(), raw).unpack(&mut into),
                Err(Unpackable)
            );
            assert!(into.is_empty());
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(raw in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..3000),
            "[a-c]{0,3000}".prop_map(String::into_bytes),
        ]) {
            let packed = Packed::new(&raw);
            prop_assert!(packed.bytes().len() <= raw.len());
            prop_assert_eq!(&unpacked(&packed), &raw);
            prop_assert_eq!(&unpacked(&Packed::from_parts(packed.bytes(), packed.raw_len())), &raw);
        }
    }
}
