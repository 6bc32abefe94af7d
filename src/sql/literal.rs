//! What a string constant or an identifier says.

use std::borrow::Cow;

use super::token::{Kind, Token};

/// The content of a string constant: quotes removed, escapes decoded, continued parts joined.
/// Bytes that are not valid escapes stay as they are.
pub fn string<'a>(token: &Token, source: &'a [u8]) -> Cow<'a, [u8]> {
    if let Some(text) = between_quotes(token, source) {
        return Cow::Borrowed(text);
    }
    let text = token.text(source);
    match token.kind {
        Kind::DollarStr => Cow::Borrowed(dollar(text, token.open)),
        Kind::Backtick => Cow::Borrowed(text.get(1..text.len() - 1).unwrap_or(&[])),
        Kind::EscapeStr => decode(text, 2, token.open, escape),
        Kind::UnicodeStr => decode(text, 3, token.open, unicode),
        Kind::BitStr => decode(text, 2, token.open, plain),
        Kind::Str if text.first() == Some(&b'\'') => quoted(text, token.open),
        Kind::Str => decode(text, 2, token.open, plain),
        _ => Cow::Borrowed(text),
    }
}

/// The content of a string constant with nothing to decode.
#[inline]
pub fn between_quotes<'a>(token: &Token, source: &'a [u8]) -> Option<&'a [u8]> {
    // A plain token holds both of its quotes.
    let inside = || source.get(token.start as usize + 1..token.end as usize - 1);
    token.plain.then(|| inside().unwrap_or(&[]))
}

/// `'…'`, the common case: borrowed unless a quote stands inside.
fn quoted(text: &[u8], open: bool) -> Cow<'_, [u8]> {
    let inner = text
        .get(1..text.len() - usize::from(!open && text.len() > 1))
        .unwrap_or(&[]);
    if memchr::memchr(b'\'', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    decode(text, 1, open, plain)
}

fn dollar(text: &[u8], open: bool) -> &[u8] {
    let tag = text
        .iter()
        .skip(1)
        .position(|b| *b == b'$')
        .map_or(text.len(), |i| i + 2);
    let end = if open { text.len() } else { text.len() - tag };
    text.get(tag..end).unwrap_or(&[])
}

/// Decodes `text` from `at` on; `special` takes what stands at a backslash and says how many bytes it used.
fn decode<'a>(text: &'a [u8], mut at: usize, open: bool, special: fn(&[u8], &mut Vec<u8>) -> usize) -> Cow<'a, [u8]> {
    let end = text.len() - usize::from(!open && text.len() > at);
    let mut out = Vec::with_capacity(end.saturating_sub(at));
    while at < end {
        match text[at] {
            b'\'' if text.get(at + 1) == Some(&b'\'') && at + 1 < end => {
                out.push(b'\'');
                at += 2;
            }
            b'\'' => at = next_part(text, at + 1),
            b'\\' => at += special(&text[at..end], &mut out),
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(out)
}

/// Behind the quote that opens the next part of a continued string.
fn next_part(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\'' => return at + 1,
            b'-' => at = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |i| at + i),
            _ => at += 1,
        }
    }
    at
}

fn plain(_: &[u8], out: &mut Vec<u8>) -> usize {
    out.push(b'\\');
    1
}

fn push_char(code: u32, out: &mut Vec<u8>) {
    let found = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes());
}

fn number(text: &[u8], radix: u32) -> Option<u32> {
    let digits = std::str::from_utf8(text).ok()?;
    if digits.is_empty() || digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

/// `\n`, `\x41`, `\101`, `\u0041`, `\U00000041` of `E'…'`.
fn escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(&byte) = text.get(1) else {
        out.push(b'\\');
        return 1;
    };
    let width = |from: usize, most: usize, radix: u32| {
        text.iter()
            .skip(from)
            .take(most)
            .take_while(|b| (**b as char).is_digit(radix))
            .count()
    };
    match byte {
        b'b' => out.push(8),
        b'f' => out.push(12),
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'x' if width(2, 2, 16) > 0 => {
            let n = width(2, 2, 16);
            out.extend(number(&text[2..2 + n], 16).map(|v| v as u8));
            return 2 + n;
        }
        b'0'..=b'7' => {
            let n = width(1, 3, 8);
            out.extend(number(&text[1..1 + n], 8).map(|v| v as u8));
            return 1 + n;
        }
        b'u' | b'U' => {
            let n = if byte == b'u' { 4 } else { 8 };
            if let Some(code) = text.get(2..2 + n).and_then(|d| number(d, 16)) {
                push_char(code, out);
                return 2 + n;
            }
            out.push(byte);
        }
        other => out.push(other),
    }
    2
}

/// `\0041` and `\+000041` of `U&'…'` with its default escape character.
fn unicode(text: &[u8], out: &mut Vec<u8>) -> usize {
    if text.get(1) == Some(&b'\\') {
        out.push(b'\\');
        return 2;
    }
    let (from, n) = if text.get(1) == Some(&b'+') { (2, 6) } else { (1, 4) };
    match text.get(from..from + n).and_then(|d| number(d, 16)) {
        Some(code) => {
            push_char(code, out);
            from + n
        }
        None => plain(text, out),
    }
}

/// The name an identifier spells: quotes removed, or folded to lower case (ASCII, as PostgreSQL does in UTF-8 databases).
pub fn name<'a>(token: &Token, source: &'a [u8]) -> Cow<'a, [u8]> {
    let text = token.text(source);
    match token.kind {
        Kind::QuotedWord => word(text, 1, token.open),
        Kind::UnicodeWord => word(text, 3, token.open),
        _ if text.iter().any(u8::is_ascii_uppercase) => Cow::Owned(text.to_ascii_lowercase()),
        _ => Cow::Borrowed(text),
    }
}

fn word(text: &[u8], from: usize, open: bool) -> Cow<'_, [u8]> {
    let end = text.len() - usize::from(!open && text.len() > from);
    let inner = text.get(from..end).unwrap_or(&[]);
    if memchr::memchr(b'"', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().peekable();
    while let Some(&byte) = bytes.next() {
        out.push(byte);
        if byte == b'"' {
            bytes.next_if(|b| **b == b'"');
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexer::{Lexer, Mode};

    fn first(text: &str) -> String {
        let token = Lexer::new(text.as_bytes(), Mode::Psql).next().unwrap();
        let bytes = if token.kind.is_name() {
            name(&token, text.as_bytes())
        } else {
            string(&token, text.as_bytes())
        };
        String::from_utf8(bytes.into_owned()).unwrap()
    }

    #[test]
    fn decodes_every_spelling() {
        let cases = [
            ("'a'", "a"),
            ("''", ""),
            ("'it''s'", "it's"),
            ("'a'\n  'b'", "ab"),
            ("'a' -- note\n 'b'''", "ab'"),
            ("'a\\n'", "a\\n"),
            ("E'a\\n\\'\\x41\\101\\u0042'", "a\n'AAB"),
            ("e'\\\\'", "\\"),
            ("U&'d\\0061t\\+000061'", "data"),
            ("U&'a\\\\b'", "a\\b"),
            ("N'x'", "x"),
            ("$$a'b$$", "a'b"),
            ("$tag$ $$ $tag$", " $$ "),
            ("$$", ""),
            ("'open", "open"),
            ("$$open", "open"),
            ("E'open\\", "open\\"),
            ("U&'\\zz'", "\\zz"),
            ("B'101'", "101"),
            ("'a''", "a'"),
            ("'", ""),
            ("\"A b\"", "A b"),
            ("\"a\"\"b\"", "a\"b"),
            ("Has_Table", "has_table"),
            ("\"open", "open"),
            ("\"", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(first(text), expected, "{text}");
        }
    }
}
