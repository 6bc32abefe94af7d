//! psql's meta-commands: where one ends, what it does to the statement before it, its arguments.

use crate::work::{self, memchr};

/// Commands that take the rest of the line as it stands.
const WHOLE_LINE: &[&[u8]] = &[b"copy", b"!", b"h", b"help", b"ef", b"ev", b"sf", b"sv", b"sf+", b"sv+"];

/// Commands that send the statement before them.
const SENDERS: &[&[u8]] = &[
    b"g",
    b"gx",
    b"gset",
    b"gexec",
    b"gdesc",
    b"crosstabview",
    b"crosstabView",
    b"watch",
    b"bind_named",
];

/// The name of the command that `text` (from its backslash on) holds.
pub fn name(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\\").unwrap_or(text);
    let end = text
        .iter()
        .position(|b| b.is_ascii_whitespace() || matches!(b, b'(' | b'|' | b'\\'))
        .unwrap_or(text.len());
    work::add(end);
    &text[..end]
}

/// What stands behind the name.
fn rest(text: &[u8]) -> &[u8] {
    rest_of(text, name(text))
}

fn rest_of<'a>(text: &'a [u8], name: &[u8]) -> &'a [u8] {
    text.get(1 + name.len()..).unwrap_or(&[])
}

/// Whether the command ends the statement that stands before it (`\g`, `\gset` and their like).
pub fn ends_statement(text: &[u8]) -> bool {
    SENDERS.contains(&name(text))
}

/// Whether data lines follow: `\copy … from stdin`.
pub fn copies_from_stdin(text: &[u8]) -> bool {
    if name(text) != b"copy" {
        return false;
    }
    let mut words = rest(text)
        .split(|b| b.is_ascii_whitespace() || *b == b';')
        .filter(|w| !w.is_empty());
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case(b"from") {
            return words
                .next()
                .is_some_and(|w| w.eq_ignore_ascii_case(b"stdin") || w.eq_ignore_ascii_case(b"pstdin"));
        }
    }
    false
}

/// Where the command at `start` ends: at the newline, behind `\\\\`, or at the next backslash outside quotes.
/// Looks no further than that, so that a line of many commands is read once.
pub fn meta_end(source: &[u8], start: usize) -> usize {
    let text = &source[start..];
    if text.get(1) == Some(&b'\\') {
        return start + 2;
    }
    let word = name(text);
    let behind = rest_of(text, word);
    if WHOLE_LINE.contains(&word) || behind.iter().find(|b| **b != b' ' && **b != b'\t') == Some(&b'|') {
        return start + memchr(b'\n', text).unwrap_or(text.len());
    }
    start + argument_end(text, 1 + word.len())
}

/// At the newline or the next backslash outside quotes, from `at` on.
fn argument_end(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        work::add(1);
        match byte {
            b'\n' => return at,
            b'\\' if text.get(at + 1) == Some(&b'\\') => return at + 2,
            b'\\' => return at,
            b'\'' | b'"' => at = quote_end(text, at, byte),
            _ => at += 1,
        }
    }
    text.len()
}

/// Behind the closing quote, or at the newline; in single quotes a backslash escapes the next byte.
fn quote_end(text: &[u8], open: usize, quote: u8) -> usize {
    let mut at = open + 1;
    while let Some(&byte) = text.get(at) {
        work::add(1);
        at += match byte {
            b'\n' => return at,
            b'\\' if quote == b'\'' && text.get(at + 1) != Some(&b'\n') => 2,
            byte if byte == quote => return at + 1,
            _ => 1,
        };
    }
    text.len()
}

/// The arguments as psql reads them: split at white space, quotes removed.
pub fn arguments(text: &[u8]) -> Vec<Vec<u8>> {
    quoted_arguments(text).into_iter().map(|(value, _)| value).collect()
}

/// The same, each with whether all of it is quoted: psql substitutes no variables inside quotes.
pub fn quoted_arguments(text: &[u8]) -> Vec<(Vec<u8>, bool)> {
    let mut found = Vec::new();
    let mut bytes = rest(text).iter().copied().peekable();
    loop {
        while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
        if bytes.peek().is_none() {
            return found;
        }
        found.push(argument(&mut bytes));
    }
}

fn argument(bytes: &mut std::iter::Peekable<impl Iterator<Item = u8>>) -> (Vec<u8>, bool) {
    let mut value = Vec::new();
    let mut quote = None;
    let mut all_quoted = true;
    while let Some(byte) = bytes.next() {
        match quote {
            None if byte == b'\'' || byte == b'"' => quote = Some(byte),
            Some(b'\'') if byte == b'\\' => value.extend(bytes.next().map(unescape)),
            Some(open) if byte == open => {
                // A doubled quote inside quotes stands for itself.
                if bytes.next_if_eq(&open).is_some() {
                    value.push(open);
                } else {
                    quote = None;
                }
            }
            _ => {
                all_quoted &= quote.is_some();
                value.push(byte);
            }
        }
        if quote.is_none() && bytes.peek().is_none_or(u8::is_ascii_whitespace) {
            break;
        }
    }
    (value, all_quoted)
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(text: &str) -> &str {
        &text[..meta_end(text.as_bytes(), 0)]
    }

    #[test]
    fn ends_where_psql_ends_it() {
        assert_eq!(end_of("\\set x 1\nselect"), "\\set x 1");
        assert_eq!(end_of("\\set x 'a\\'b' \\echo hi"), "\\set x 'a\\'b' ");
        assert_eq!(end_of("\\pset t off \\\\ select 1"), "\\pset t off \\\\");
        assert_eq!(end_of("\\copy t from 'a\\b'\nx"), "\\copy t from 'a\\b'");
        assert_eq!(end_of("\\o | cat \\x"), "\\o | cat \\x");
        assert_eq!(end_of("\\"), "\\");
    }

    #[test]
    fn splits_arguments() {
        let args = |t: &str| {
            arguments(t.as_bytes())
                .into_iter()
                .map(|a| String::from_utf8(a).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(args("\\set name 'it''s' x\"y z\""), ["name", "it's", "xy z"]);
        assert_eq!(args("\\i  'a b.sql' "), ["a b.sql"]);
        assert!(args("\\endif").is_empty());
    }

    #[test]
    fn knows_what_sends_and_what_copies() {
        assert!(ends_statement(b"\\gset pre_"));
        assert!(ends_statement(b"\\g (format=csv)"));
        assert!(!ends_statement(b"\\gibberish"));
        assert!(copies_from_stdin(b"\\copy t (a, b) FROM STDIN with csv"));
        assert!(!copies_from_stdin(b"\\copy t from 'stdin.csv'"));
    }
}
