//! Reports of findings in test files: one format a file, all behind [`Format`].

use std::io::{self, Write};

pub mod finding;
mod json;
mod junit;
mod markdown;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use finding::{Finding, Severity};

/// A way to write findings.
pub trait Format: Sync {
    /// Writes all of `findings`; `colour` for a terminal that has colours.
    fn write(&self, findings: &[Finding], colour: bool, out: &mut dyn Write) -> io::Result<()>;
}

/// All formats by name; the first is the default.
pub const FORMATS: [(&str, &dyn Format); 5] = [
    ("text", &text::Text),
    ("json", &json::Json),
    ("markdown", &markdown::Markdown),
    ("junit", &junit::Junit),
    ("sarif", &sarif::Sarif),
];

/// The format called `name`.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|(n, _)| *n == name).map(|(_, format)| *format)
}

/// "2 errors, 1 warning", or "no findings".
fn totals(findings: &[Finding]) -> String {
    let severities = [Severity::Error, Severity::Warning, Severity::Info];
    let counted = severities.into_iter().filter_map(|severity| {
        let count = findings.iter().filter(|found| found.severity == severity).count();
        let plural = if count == 1 || severity == Severity::Info {
            ""
        } else {
            "s"
        };
        (count > 0).then(|| format!("{count} {}{plural}", severity.as_str()))
    });
    let text = counted.collect::<Vec<_>>().join(", ");
    if text.is_empty() {
        "no findings".to_owned()
    } else {
        text
    }
}
