//! Looks for a byte that is likely to be near.

use crate::work;

/// So many words are looked at before memchr is called: a call costs more than they do.
const WORDS: usize = 4;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where `byte` first stands in `text`.
#[inline]
pub fn near(byte: u8, text: &[u8]) -> Option<usize> {
    let (words, _) = text.as_chunks::<8>();
    for (at, word) in words.iter().take(WORDS).enumerate() {
        work::add(8);
        // A byte that is equal becomes zero, and the lowest zero byte is the lowest whose high bit is set here.
        let other = u64::from_le_bytes(*word) ^ (ONES * byte as u64);
        let equal = other.wrapping_sub(ONES) & !other & HIGHS;
        if equal != 0 {
            return Some(at * 8 + equal.trailing_zeros() as usize / 8);
        }
    }
    let from = words.len().min(WORDS) * 8;
    work::memchr(byte, text.get(from..)?).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_memchr_finds() {
        for length in 0..80 {
            for at in 0..=length {
                for fill in [b'a', b'&', b'(', 0xA7, 0, 0xFF] {
                    let mut text = vec![fill; length];
                    text.iter_mut().skip(at).step_by(3).for_each(|b| *b = b'\'');
                    assert_eq!(near(b'\'', &text), memchr::memchr(b'\'', &text), "{text:?}");
                }
            }
        }
    }
}
