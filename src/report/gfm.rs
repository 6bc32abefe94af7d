//! GitHub's Markdown: text from elsewhere that stays text, and documents of a bounded size.

use super::visible::shown;

/// What a comment on GitHub may hold, in UTF-16 units, with some room for what a program adds.
pub const MOST_UNITS: usize = 65_000;

/// A name as a code span. Nothing in it is markup, a link or a mention; in a table a `|` could end its cell, so names
/// stand in lists.
pub fn code(text: &str, cells: usize) -> String {
    let text = shown(text, cells);
    let fence = "`".repeat(longest_run(&text) + 1);
    // One space at both ends is dropped by the reader; an empty span is none.
    let touches = |c: Option<char>| matches!(c, None | Some('`' | ' '));
    let pad = if touches(text.chars().next()) || touches(text.chars().last()) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A block of SQL, as it is.
pub fn block(sql: &str) -> String {
    let fence = "`".repeat(longest_run(sql).max(2) + 1);
    format!("{fence}sql\n{sql}\n{fence}\n")
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A document that ends before it is too long.
pub struct Bounded {
    text: String,
    room: usize,
}

impl Bounded {
    /// Room for `units` of UTF-16.
    pub fn new(units: usize) -> Self {
        Self {
            text: String::new(),
            room: units,
        }
    }

    /// Adds the text if it fits with `reserve` left over; whether it did.
    pub fn push(&mut self, text: &str, reserve: usize) -> bool {
        let units = text.encode_utf16().count();
        let fits = units + reserve <= self.room;
        if fits {
            self.room -= units;
            self.text.push_str(text);
        }
        fits
    }

    /// The document.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_has_a_longer_fence_than_its_text() {
        assert_eq!(code("a", 9), "`a`");
        assert_eq!(code("a``b", 9), "```a``b```");
        assert_eq!(code("`a", 9), "`` `a ``");
        assert_eq!(code(" a ", 9), "`  a  `");
        assert_eq!(code("", 9), "`  `");
        assert_eq!(code("a\nb", 9), "`a\\nb`");
    }

    #[test]
    fn a_block_has_a_longer_fence_than_its_text() {
        assert_eq!(block("SELECT 1;"), "```sql\nSELECT 1;\n```\n");
        assert_eq!(block("````"), "`````sql\n````\n`````\n");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut bounded = Bounded::new(5);
        assert!(bounded.push("ab", 0));
        assert!(!bounded.push("abc", 1));
        // One character, two units.
        assert!(!bounded.push("\u{1f600}", 2) && bounded.push("\u{1f600}", 1));
        assert_eq!(bounded.into_text(), "ab\u{1f600}");
    }
}
