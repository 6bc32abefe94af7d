//! For code scanning.

use std::io::{self, Write};

use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::Format;
use super::finding::{Finding, Fix, Severity};
use crate::report::sarif::{message, rule, uri, write_log};

/// SARIF 2.1.0. A fix is an offer, for only a person applies it from there, so uncertain ones are among them.
pub struct Sarif;

impl Format for Sarif {
    fn write(&self, findings: &[Finding], _: bool, out: &mut dyn Write) -> io::Result<()> {
        let mut seen = FxHashSet::default();
        let firsts = findings.iter().filter(|found| seen.insert(&found.code));
        // GitHub wants a description of each rule; the page that the rule links to has a better one.
        let rules = firsts.map(|found| rule(&found.code, "lint.md", &message(&found.code.replace('-', " "))));
        let rules = rules.collect();
        write_log(rules, findings.iter().map(result).collect(), out)
    }
}

fn result(found: &Finding) -> Value {
    let level = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let artifact = json!({ "uri": uri(&found.file) });
    let mut result = json!({
        "ruleId": found.code,
        "level": level,
        "message": { "text": message(&format!("{} {}", found.message, found.help)) },
        "locations": [{ "physicalLocation": { "artifactLocation": artifact, "region": {
            "startLine": found.line.max(1),
            "startColumn": found.column.max(1),
            "endLine": found.end_line.max(1),
            "endColumn": found.end_column.max(1),
        } } }],
    });
    if let (Some(fix), Some(fields)) = (&found.fix, result.as_object_mut()) {
        fields.insert("fixes".to_owned(), json!([change(fix, &artifact)]));
    }
    result
}

fn change(fix: &Fix, artifact: &Value) -> Value {
    let deleted = json!({ "byteOffset": fix.from, "byteLength": fix.to.saturating_sub(fix.from) });
    let replacement = json!({ "deletedRegion": deleted, "insertedContent": { "text": fix.text } });
    json!({ "artifactChanges": [{ "artifactLocation": artifact, "replacements": [replacement] }] })
}
