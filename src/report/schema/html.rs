//! For people: one page that loads nothing, with its data, its styles and its program inside (`page/`).

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::coverage::Coverage;
use super::{Format, Options, SourceText, kinds};

/// The page in parts. The names of objects are data, never part of the program or its markup.
pub struct Html;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const PROGRAM: &str = concat!(
    "'use strict';\n(() => {\n",
    include_str!("page/elements.js"),
    include_str!("page/data.js"),
    include_str!("page/treemap.js"),
    include_str!("page/table.js"),
    include_str!("page/overview.js"),
    include_str!("page/objects.js"),
    include_str!("page/files.js"),
    include_str!("page/page.js"),
    "})();\n"
);

/// Bytes of test files that a page holds; files that come behind are listed without their text.
const MOST_SOURCE: usize = 8 << 20;

impl Format for Html {
    fn write(&self, coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mut rest = PAGE;
        while let Some((before, behind)) = rest.split_once("<!--{") {
            let (name, after) = behind.split_once("}-->").unwrap_or(("", behind));
            out.write_all(before.as_bytes())?;
            part(name, coverage, options, out)?;
            rest = after;
        }
        out.write_all(rest.as_bytes())
    }
}

fn part(name: &str, coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    match name {
        "policy" => policy(out),
        "style" => out.write_all(STYLE.as_bytes()),
        "program" => out.write_all(PROGRAM.as_bytes()),
        "summary" => summary(coverage, out),
        _ => data(coverage, options, out),
    }
}

/// Only this program and these styles, by their hashes; whatever a name might inject neither runs nor loads.
fn policy(out: &mut dyn Write) -> io::Result<()> {
    let (style, program) = (hash(STYLE), hash(PROGRAM));
    write!(
        out,
        "default-src 'none'; script-src 'sha256-{program}'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    )
}

fn hash(text: &str) -> String {
    base64(&Sha256::digest(text.as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let at = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let six = (bits >> (18 - 6 * digit)) & 63;
            // Six bits are always below 64.
            out.push(if digit > chunk.len() {
                '='
            } else {
                char::from(DIGITS[six as usize])
            });
        }
    }
    out
}

/// For readers without JavaScript; numbers only.
fn summary(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let all = &coverage.summary;
    write!(
        out,
        "{:.1} % of the schema: {} of {} objects are asserted, {} are only exercised, {} are untested.",
        all.percent, all.asserted, all.total, all.exercised, all.untested
    )
}

fn data(coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let words: serde_json::Map<_, _> = kinds::all()
        .map(|(key, words)| (key.to_owned(), json!(words)))
        .collect();
    let (sources, left_out) = bounded(&options.sources);
    let page = Page {
        coverage,
        words,
        generated: options.generated.as_deref(),
        sources: sources.iter().map(|source| (&*source.path, &*source.text)).collect(),
        left_out,
    };
    let text = serde_json::to_string(&page)?;
    // "</script" and "<!--" would end or change the element; "<" occurs only inside of JSON's strings.
    let mut parts = text.split('<');
    out.write_all(parts.next().unwrap_or_default().as_bytes())?;
    parts.try_for_each(|part| {
        out.write_all(b"\\u003c")?;
        out.write_all(part.as_bytes())
    })
}

/// The first sources that fit, and how many do not.
fn bounded(sources: &[SourceText]) -> (Vec<&SourceText>, usize) {
    let mut room = MOST_SOURCE;
    let mut fits = |source: &&SourceText| match room.checked_sub(source.text.len()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    let kept: Vec<_> = sources.iter().filter(|source| fits(source)).collect();
    let left_out = sources.len() - kept.len();
    (kept, left_out)
}

/// What `page/data.js` reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'p> {
    coverage: &'p Coverage,
    words: serde_json::Map<String, serde_json::Value>,
    generated: Option<&'p str>,
    sources: Vec<(&'p str, &'p str)>,
    left_out: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|t| base64(t.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }

    #[test]
    fn sources_are_bounded() {
        let source = |size: usize| SourceText {
            path: String::new(),
            text: " ".repeat(size),
        };
        let given = [source(MOST_SOURCE - 1), source(2), source(1)];
        let (kept, left_out) = bounded(&given);
        assert_eq!((kept.len(), left_out), (2, 1));
    }

    #[test]
    fn every_part_of_the_page_is_known() {
        let names: Vec<_> = PAGE
            .split("<!--{")
            .skip(1)
            .filter_map(|rest| rest.split("}-->").next())
            .collect();
        assert_eq!(names, ["policy", "style", "summary", "data", "program"]);
    }
}
