//! The name that was probably meant.

use crate::edit_distance::within;

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

fn distance(name: &[char], candidate: &str, limit: usize) -> Option<usize> {
    // Most candidates end here, without a copy.
    if candidate.chars().count().abs_diff(name.len()) > limit {
        return None;
    }
    let candidate: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
    within(name, &candidate, limit)
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
