//! Text in XML.

use std::borrow::Cow;

/// What every document begins with.
pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Characters that no XML 1.0 document may hold, not even as references (<https://www.w3.org/TR/xml/#charsets>).
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Text that reads as itself between tags and in attributes; forbidden characters become U+FFFD. Parsers would change
/// line ends and tabs of attributes that are not references.
pub fn escaped(text: &str) -> Cow<'_, str> {
    let special = |c| matches!(c, '&' | '<' | '>' | '"' | '\'' | '\n' | '\r' | '\t') || is_forbidden(c);
    if !text.contains(special) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            c if is_forbidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_breaks_out_of_an_attribute_or_a_section() {
        assert_eq!(escaped("<a b='c'>&\"]]>"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;]]&gt;");
        assert_eq!(
            escaped("a\tb\r\n\0\u{1b}\u{ffff}"),
            "a&#9;b&#13;&#10;\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
