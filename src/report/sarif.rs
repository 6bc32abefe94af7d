//! What findings have in common as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::io::{self, Write};

use serde_json::{Value, json};

use super::visible::visible;

/// Where the documents of the project are.
const DOCS: &str = "https://github.com/pgtap-scanner/pgtap-scanner/blob/main/docs";

/// A document with one run. `rules` have been used by the results, in the order of their numbers.
pub fn write_log(rules: Vec<Value>, results: Vec<Value>, out: &mut dyn Write) -> io::Result<()> {
    let driver = json!({
        "name": "pgtap-scanner",
        "version": env!("CARGO_PKG_VERSION"),
        "informationUri": "https://github.com/pgtap-scanner/pgtap-scanner",
        "rules": rules,
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

/// A rule that a section of a document explains.
pub fn rule(id: &str, document: &str, text: &str) -> Value {
    let anchor: String = id
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    json!({ "id": id, "shortDescription": { "text": text }, "helpUri": format!("{DOCS}/{document}#{anchor}") })
}

/// The text of a message: visible, with brackets escaped, for `[text](target)` would be a link (3.11.6 of the standard).
pub fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(c, '[' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A path as a relative reference: `/` between its parts, all else percent-encoded that RFC 3986 does not allow there.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'\\' => out.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{message, uri};

    #[test]
    fn no_link_in_a_message() {
        assert_eq!(message("[a](b)\u{1b}"), "\\[a\\](b)\\u{1b}");
    }

    #[test]
    fn paths_are_encoded() {
        assert_eq!(uri("a b\\c/d#?:%\u{e9}"), "a%20b/c/d%23%3F%3A%25%C3%A9");
    }
}
