//! Values that are kept as one piece: first where each ends (4 bytes each, little-endian), then their bytes.

/// Bytes of one end.
const END: usize = 4;

/// A piece with these values. Their sum must stay below 4 GiB.
pub fn join<'v>(values: impl ExactSizeIterator<Item = &'v [u8]> + Clone) -> Vec<u8> {
    let bytes: usize = values.clone().map(<[u8]>::len).sum();
    let mut raw = Vec::with_capacity(values.len() * END + bytes);
    let mut end = 0u32;
    for value in values.clone() {
        end += value.len() as u32;
        raw.extend_from_slice(&end.to_le_bytes());
    }
    for value in values {
        raw.extend_from_slice(value);
    }
    raw
}

/// Value number `at` of a piece that holds `count`.
pub fn value(raw: &[u8], count: usize, at: usize) -> Option<&[u8]> {
    let (ends, bytes) = raw.split_at_checked(count * END)?;
    let end = |at: usize| {
        let end = ends.get(at * END..)?.first_chunk()?;
        Some(u32::from_le_bytes(*end) as usize)
    };
    let start = match at.checked_sub(1) {
        Some(before) => end(before)?,
        None => 0,
    };
    bytes.get(start..end(at)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_by_number() {
        let values: [&[u8]; 4] = [b"one", b"", b"three", b"4"];
        let raw = join(values.iter().copied());
        for (at, expected) in values.iter().enumerate() {
            assert_eq!(value(&raw, 4, at), Some(*expected));
        }
        assert_eq!(value(&raw, 4, 4), None);
        assert_eq!(value(&raw[..10], 4, 0), None);
        assert_eq!(value(&raw[..raw.len() - 1], 4, 3), None);
    }
}
