//! `-- pgtap-scanner-disable-next-line CODE[, CODE]`: a line that holds nothing else silences rules in the line behind it.

use super::finding::{Draft, Spot};
use super::rules::{UNKNOWN_RULE, find};

/// The words of such a comment.
const WORDS: &[u8] = b"pgtap-scanner-disable-next-line";

/// The lines in which rules are silent.
#[derive(Clone, Debug, Default)]
pub struct Silence {
    /// Line and code; no code stands for all.
    lines: Vec<(u32, Option<&'static str>)>,
}

impl Silence {
    /// Reads the comments of a file, and says which of their codes there is no rule for.
    pub fn of(source: &[u8]) -> (Self, Vec<Draft>) {
        let (mut silence, mut unknown) = (Self::default(), Vec::new());
        if memchr::memmem::find(source, WORDS).is_none() {
            return (silence, unknown);
        }
        let mut waiting: Vec<Option<&'static str>> = Vec::new();
        let (mut start, mut number) = (0, 0u32);
        for line in source.split_inclusive(|b| *b == b'\n') {
            number += 1;
            match codes(line) {
                Some(codes) => read_codes(codes, start + offset(line, codes), &mut waiting, &mut unknown),
                None => silence.lines.extend(waiting.drain(..).map(|code| (number, code))),
            }
            start += line.len();
        }
        (silence, unknown)
    }

    /// Whether the rule is silent in this line.
    pub fn covers(&self, line: u32, code: &str) -> bool {
        let from = self.lines.partition_point(|(at, _)| *at < line);
        let here = self
            .lines
            .get(from..)
            .unwrap_or(&[])
            .iter()
            .take_while(|(at, _)| *at == line);
        here.map(|(_, silent)| silent)
            .any(|silent| silent.is_none_or(|s| s == code))
    }
}

/// What stands behind the words, when the line is such a comment.
fn codes(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let rest = line
        .trim_ascii()
        .strip_prefix(b"--")?
        .trim_ascii_start()
        .strip_prefix(WORDS)?;
    (rest.is_empty() || rest.starts_with(b" ") || rest.starts_with(b"\t")).then_some(rest)
}

/// Where `part`, which is cut from `line`, begins in it.
fn offset(line: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(line.as_ptr().addr())
}

fn read_codes(codes: &[u8], at: usize, waiting: &mut Vec<Option<&'static str>>, unknown: &mut Vec<Draft>) {
    if codes.trim_ascii().is_empty() {
        return waiting.push(None);
    }
    for word in codes.split(|b| *b == b',') {
        let code = String::from_utf8_lossy(word.trim_ascii());
        match find(&code) {
            Some(rule) => waiting.push(Some(rule.code)),
            None => {
                let from = at + offset(codes, word.trim_ascii());
                let spot = Spot::Bytes(from..from + word.trim_ascii().len());
                let message = format!("there is no rule {}", super::here::shown(word.trim_ascii()));
                unknown.push(Draft::new(
                    &UNKNOWN_RULE,
                    spot,
                    message,
                    "pgtap-scanner lint --rules lists them.",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_silence_the_next_line() {
        let source = b"-- pgtap-scanner-disable-next-line no-plan, cannot-run\r\nSELECT 1;\n\
            -- pgtap-scanner-disable-next-line\n  --pgtap-scanner-disable-next-line nope,plan-bigint\nx\n\
            SELECT 1; -- pgtap-scanner-disable-next-line no-plan\ny\n-- pgtap-scanner-disable-next-lines\nz";
        let (silence, unknown) = Silence::of(source);
        assert!(silence.covers(2, "no-plan") && silence.covers(2, "cannot-run") && !silence.covers(2, "plan-bigint"));
        assert!(silence.covers(5, "no-plan") && !silence.covers(3, "no-plan") && !silence.covers(7, "no-plan"));
        assert!(!silence.covers(9, "no-plan") && !silence.covers(1, "no-plan"));
        let [nope] = unknown.as_slice() else {
            panic!("{unknown:?}")
        };
        let Spot::Bytes(bytes) = &nope.spot else {
            panic!("no bytes")
        };
        assert_eq!(&source[bytes.clone()], b"nope");
    }
}
