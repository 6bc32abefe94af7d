//! How far two names are apart.

/// How many letters differ, are missing, too many or swapped with their neighbour (optimal string alignment); `None` above
/// `limit`.
pub fn within<T: PartialEq>(a: &[T], b: &[T], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        // Every row has one entry more than `b` has letters, and `i` and `j` are places in the two.
        for (j, y) in b.iter().enumerate() {
            let mut cost = (row[j] + usize::from(x != y)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                cost = cost.min(before[j - 1] + 1);
            }
            next.push(cost);
        }
        if next.iter().min().is_some_and(|least| *least > limit) {
            return None;
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_swap_is_one_change() {
        assert_eq!(within(b"ab", b"ba", 9), Some(1));
        assert_eq!(within(b"", b"abc", 9), Some(3));
        assert_eq!(within(b"kitten", b"sitting", 9), Some(3));
    }

    #[test]
    fn what_is_farther_than_the_limit_has_no_distance() {
        assert_eq!(within(b"kitten", b"sitting", 2), None);
        assert_eq!(within(b"kitten", b"sitting", 3), Some(3));
        assert_eq!(within(b"", b"abc", 2), None);
    }
}
