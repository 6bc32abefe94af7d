use serde_json::{Value, json};

use super::finding::Finding;
use super::{FORMATS, format};

fn finding(code: &str, severity: &str) -> Value {
    json!({
        "code": code, "severity": severity, "file": "t/a b.sql", "line": 3, "column": 8, "endLine": 3, "endColumn": 20,
        "message": "PostgreSQL reads 'app' as the table.", "help": "Cast the name: 'users'::name.",
        "fix": { "from": 10, "to": 17, "text": "'users'::name", "certain": true },
    })
}

fn written(name: &str, findings: &[Value], colour: bool) -> String {
    let findings: Vec<Finding> = findings
        .iter()
        .map(|f| serde_json::from_value(f.clone()).unwrap())
        .collect();
    let mut out = Vec::new();
    format(name).unwrap().write(&findings, colour, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn three() -> Vec<Value> {
    vec![
        finding("misread-overload", "error"),
        finding("misread-overload", "error"),
        finding("no-rollback", "info"),
    ]
}

#[test]
fn text_begins_with_the_place() {
    let text = written("text", &three(), false);
    let first = "t/a b.sql:3:8 error misread-overload\n  PostgreSQL reads 'app' as the table.\n  \
        help: Cast the name: 'users'::name.\n\n";
    assert!(
        text.starts_with(first) && text.ends_with("\n2 errors, 1 info\n"),
        "{text}"
    );
    assert!(written("text", &three(), true).contains("\u{1b}[31merror\u{1b}[0m"));
}

#[test]
fn sarif_has_a_fix_and_each_rule_once() {
    let log: Value = serde_json::from_str(&written("sarif", &three(), false)).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 2);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    assert_eq!(results[2]["level"], "note");
    let change = &results[0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "t/a%20b.sql");
    assert_eq!(
        change["replacements"][0]["deletedRegion"],
        json!({ "byteOffset": 10, "byteLength": 7 })
    );
}

#[test]
fn junit_fails_errors_only() {
    let text = written("junit", &three(), false);
    assert!(text.contains("tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"1\""));
    assert!(written("junit", &[], false).contains("name=\"no findings\""));
}

#[test]
fn json_is_the_findings_themselves() {
    let back: Vec<Value> = serde_json::from_str(&written("json", &three(), false)).unwrap();
    assert_eq!(back, three());
}

#[test]
fn markdown_fits_a_comment() {
    let text = written("markdown", &vec![finding("misread-overload", "warning"); 5_000], false);
    let units = text.encode_utf16().count();
    assert!(units < 65_536 && units > 60_000, "{units}");
    assert!(text.starts_with("## pgTAP lint: 5000 warnings\n") && text.ends_with("more, left out for want of room\n"));
}

#[test]
fn no_findings_are_said_to_be_none() {
    for (name, _) in FORMATS {
        let text = written(name, &[], false);
        assert!(
            text.contains("no findings") || matches!(name, "json" | "sarif"),
            "{name}"
        );
    }
}
