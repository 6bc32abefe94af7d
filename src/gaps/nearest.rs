//! The name that was probably meant.

/// The candidate that is closest to `name`, if one is close: one edit for each three characters, at most three.
pub fn nearest<'n>(name: &str, candidates: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let most = (name.len() / 3).min(3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let limit = best.map_or(most, |(distance, _)| distance.saturating_sub(1));
        if let Some(distance) = distance(&name, candidate, limit)
            && best.is_none_or(|(known, _)| distance < known)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Edits between the two, where a swap of neighbours is one; `None` above `limit`.
fn distance(name: &[char], candidate: &str, limit: usize) -> Option<usize> {
    if candidate.chars().count().abs_diff(name.len()) > limit {
        return None;
    }
    let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in name.iter().enumerate() {
        let mut next = vec![i + 1];
        // Every row has one entry more than `other` has characters, and `i` and `j` are places in the two.
        for (j, b) in other.iter().enumerate() {
            let mut cost = (row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && name[i - 1] == *b && *a == other[j - 1] {
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
    use super::*;

    #[test]
    fn close_names_are_found_and_far_ones_are_not() {
        let names = ["users", "orders", "order_lines", "Users2", "id"];
        let of = |name: &str| nearest(name, names.into_iter());
        assert_eq!(of("usrs"), Some("users"));
        assert_eq!(of("suers"), Some("users"));
        assert_eq!(of("USERS"), Some("users"));
        assert_eq!(of("order_line"), Some("order_lines"));
        assert_eq!(of("customers"), None);
        assert_eq!(of("ix"), None);
        assert_eq!(of(""), None);
    }
}
