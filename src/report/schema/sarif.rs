//! For code scanning: gaps at the statements that make the objects, stale assertions in the tests.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::coverage::{Coverage, Object, Stale, State};
use super::{Format, Options, kinds};
use crate::report::sarif::{message, rule, uri, write_log};

/// SARIF 2.1.0. A gap has a place only where migrations are known; without one it is left out.
pub struct Sarif;

const UNTESTED: &str = "untested-object";
const EXERCISED: &str = "exercised-object";
const STALE: &str = "stale-assertion";
const RULES: [(&str, &str); 3] = [
    (UNTESTED, "No test is about this object."),
    (EXERCISED, "Tests use this object, and no assertion is about it."),
    (STALE, "The object that this assertion names is not in the schema."),
];

impl Format for Sarif {
    fn write(&self, coverage: &Coverage, _: &Options, out: &mut dyn Write) -> io::Result<()> {
        let rules = RULES.map(|(id, text)| rule(id, "reports.md", text)).into();
        let mut results: Vec<Value> = coverage.objects.iter().filter_map(gap).collect();
        results.extend(coverage.stale.iter().map(stale));
        write_log(rules, results, out)
    }
}

fn gap(object: &Object) -> Option<Value> {
    let (rule, level, what) = match object.state {
        State::Asserted => return None,
        State::Untested => (UNTESTED, "warning", "no test is about it"),
        State::Exercised => (EXERCISED, "note", "tests use it, no assertion is about it"),
    };
    let origin = object.origin.as_ref()?;
    let mut text = format!("{} {}: {what}.", kinds::one(&object.kind), object.display);
    if let Some(suggestion) = &object.suggestion {
        text.push_str(&format!(" A test: {suggestion}"));
    }
    let identity = format!("{}:{}", object.kind, object.display);
    Some(result(rule, level, &text, &origin.file, origin.line, &identity))
}

fn stale(found: &Stale) -> Value {
    let mut text = format!("{} tests nothing: {}.", found.function, found.reason);
    if let Some(nearest) = &found.nearest {
        text.push_str(&format!(" The nearest name is {nearest}."));
    }
    let identity = format!("{}:{}:{}", found.function, found.kind, found.target);
    result(STALE, "warning", &text, &found.file, found.line, &identity)
}

/// `identity` stays the same when lines move, so that a finding is followed from run to run.
fn result(rule: &str, level: &str, text: &str, file: &str, line: u64, identity: &str) -> Value {
    json!({
        "ruleId": rule,
        "level": level,
        "message": { "text": message(text) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line.max(1) },
        } }],
        "partialFingerprints": { "pgtapScanner/v1": identity },
    })
}
