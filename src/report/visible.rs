//! Text that shows all that is in it, on one line.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// Control characters, line separators, and marks that turn the direction of text or take no room.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The text with hidden characters written as escapes: a name may not move the cursor, end a line or turn its direction.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a string cannot fail.
            c if is_hidden(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.into()
}

/// The first `cells` of a text as terminals count them; an ellipsis, which is one of them, stands for the rest.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    let mut room = cells;
    let mut end_before_ellipsis = 0;
    for (at, c) in text.char_indices() {
        let width = c.width().unwrap_or(0);
        if width > room {
            return format!("{}\u{2026}", text.get(..end_before_ellipsis).unwrap_or_default()).into();
        }
        room -= width;
        if room > 0 {
            end_before_ellipsis = at + c.len_utf8();
        }
    }
    text.into()
}

/// A name for people: visible, and at most `cells` wide.
pub fn shown(text: &str, cells: usize) -> String {
    // What is far beyond the cut need not be made visible.
    let end = text.char_indices().nth(cells + 1).map_or(text.len(), |(at, _)| at);
    cut(&visible(text.get(..end).unwrap_or_default()), cells).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_written_out() {
        assert_eq!(visible("a\n\u{1b}[31m\u{202e}b\0"), "a\\n\\u{1b}[31m\\u{202e}b\\u{0}");
        assert!(matches!(visible("caf\u{e9} \u{5d0}"), Cow::Borrowed(_)));
    }

    #[test]
    fn cut_counts_cells() {
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(cut("abcde", 4), "abc\u{2026}");
        assert_eq!(cut("\u{6f22}\u{5b57}\u{6f22}", 5), "\u{6f22}\u{5b57}\u{2026}");
        assert_eq!(cut("e\u{301}e\u{301}", 2), "e\u{301}e\u{301}");
    }

    #[test]
    fn a_long_name_is_cut_after_it_was_made_visible() {
        assert_eq!(shown(&"\n".repeat(10_000), 5), "\\n\\n\u{2026}");
        assert_eq!(shown("abc", 3), "abc");
    }
}
