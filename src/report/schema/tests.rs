use serde_json::{Value, json};

use super::coverage::Coverage;
use super::{FORMATS, Options, format};

fn object(kind: &str, name: &str, state: &str, line: Option<u64>) -> Value {
    let asserted = state == "asserted";
    let assertion = json!({ "file": "t/a.sql", "line": 3, "type": "has_table", "by": "name" });
    json!({
        "kind": kind, "schema": "app", "relation": null, "name": name, "signature": null, "columns": [], "role": null,
        "display": format!("app.{name}"), "state": state,
        "assertions": if asserted { json!([assertion]) } else { json!([]) },
        "assertionCount": u8::from(asserted),
        "exercisedIn": if state == "exercised" { json!(["t/b.sql"]) } else { json!([]) },
        "origin": line.map(|line| json!({ "file": "m/1.sql", "line": line })),
        "suggestion": if asserted { Value::Null } else { json!(format!("SELECT has_table('{name}');")) },
    })
}

fn counts(asserted: u64, exercised: u64, untested: u64) -> Value {
    let total = asserted + exercised + untested;
    let percent = if total == 0 {
        100.0
    } else {
        (1000.0 * asserted as f64 / total as f64).round() / 10.0
    };
    json!({ "total": total, "asserted": asserted, "exercised": exercised, "untested": untested, "percent": percent })
}

/// One table of each state, two of them made by one statement, and a function without a known one.
fn document() -> Value {
    let mut schema = counts(1, 1, 2);
    schema["name"] = json!("app");
    json!({
        "format": "pgtap-scanner-coverage", "version": 1, "tool": "0.1.0",
        "source": { "kind": "migrations", "server": "15.20" },
        "summary": counts(1, 1, 2),
        "kinds": { "tables": counts(1, 1, 1), "functions": counts(0, 0, 1) },
        "schemas": [schema],
        "objects": [
            object("tables", "users", "asserted", Some(2)), object("tables", "orders", "untested", Some(2)),
            object("tables", "lines", "exercised", Some(9)), object("functions", "=f", "untested", None),
        ],
        "stale": [{ "file": "t/a.sql", "line": 7, "type": "has_table", "target": "app.usrs", "kind": "tables",
            "reason": "no table app.usrs in the schema", "nearest": "app.users" }],
        "staleCount": 1,
        "files": [{ "path": "t/a.sql", "assertions": 2, "planned": 2, "lines": 9, "covers": 1 }],
        "skipped": [{ "file": "m/2.sql", "line": 4, "message": "syntax error" }],
    })
}

fn written_as(name: &str, document: &Value, options: &Options) -> String {
    let coverage: Coverage = serde_json::from_value(document.clone()).unwrap();
    let mut out = Vec::new();
    format(name).unwrap().write(&coverage, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn written(name: &str) -> String {
    written_as(name, &document(), &Options::default())
}

#[test]
fn text_is_aligned_and_plain() {
    let text = written("text");
    let expected = "\
Coverage of the schema: 25.0 %
1 of 4 objects asserted, 1 only exercised, 2 untested.
PostgreSQL 15.20 (migrations).

Kind       Objects  Asserted  Exercised  Untested  Percent
tables           3         1          1         1     33.3  \u{2588}\u{2588}\u{2588}\u{2588}\u{2588}\u{2588}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}
functions        1         0          0         1      0.0  \u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}

Schema  Objects  Asserted  Exercised  Untested  Percent
app           4         1          1         2     25.0  \u{2588}\u{2588}\u{2588}\u{2588}\u{2588}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}\u{2591}

Largest gaps (objects that no assertion is about)
2 of 3  tables of app    app.orders, app.lines
1 of 1  function of app  app.=f

Stale assertions (what they name is not in the schema)
t/a.sql:7  no table app.usrs in the schema  nearest: app.users

Migrations that failed and were left out
m/2.sql:4  syntax error
";
    assert_eq!(text, expected);
}

#[test]
fn colours_are_for_those_who_ask() {
    let coloured = written_as(
        "text",
        &document(),
        &Options {
            colour: true,
            ..Options::default()
        },
    );
    assert!(!written("text").contains('\u{1b}') && coloured.contains("\u{1b}[31m"));
    let mut plain = coloured;
    for style in ["0", "1", "2", "31", "32", "33"] {
        plain = plain.replace(&format!("\u{1b}[{style}m"), "");
    }
    assert_eq!(plain, written("text"), "styles take no room");
}

#[test]
fn json_is_the_coverage_itself() {
    let back: Value = serde_json::from_str(&written("json")).unwrap();
    // An integral percentage is a float in one and may be an integer in the other.
    assert_eq!(back, document());
    assert_eq!(
        back.to_string().find("\"kinds\""),
        document().to_string().find("\"kinds\"")
    );
}

#[test]
fn csv_guards_against_formulas() {
    let mut document = document();
    document["objects"][3]["display"] = json!("@a,\"b\"");
    let text = written_as("csv", &document, &Options::default());
    let row = text.lines().last().unwrap();
    assert!(
        row.starts_with("functions,app,,'=f,,,,\"'@a,\"\"b\"\"\",untested,0,,,,,"),
        "{row}"
    );
}

#[test]
fn lcov_counts_statements_and_what_they_make() {
    let expected =
        "TN:\nSF:m/1.sql\nBRDA:2,0,0,1\nBRDA:2,0,1,0\nBRF:2\nBRH:1\nDA:2,1\nDA:9,1\nLF:2\nLH:2\nend_of_record\n";
    assert_eq!(written("lcov"), expected);
}

#[test]
fn cobertura_counts_the_same() {
    let text = written("cobertura");
    for part in [
        " line-rate=\"1.0000\" branch-rate=\"0.5000\" lines-covered=\"2\" lines-valid=\"2\" branches-covered=\"1\" branches-valid=\"2\"",
        "<package name=\"m\"",
        "<class name=\"1.sql\" filename=\"m/1.sql\"",
        "<line number=\"2\" hits=\"1\" branch=\"true\" condition-coverage=\"50% (1/2)\"/>",
        "<line number=\"9\" hits=\"1\" branch=\"false\"/>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn junit_fails_what_is_untested() {
    let text = written("junit");
    assert!(
        text.contains("<testsuites name=\"schema coverage\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\"")
    );
    assert_eq!(
        (text.matches("<failure ").count(), text.matches("<skipped ").count()),
        (2, 1)
    );
}

#[test]
fn sarif_has_what_has_a_place() {
    let log: Value = serde_json::from_str(&written("sarif")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let found: Vec<_> = results
        .iter()
        .map(|r| {
            (
                r["ruleId"].as_str().unwrap(),
                r["locations"][0]["physicalLocation"]["region"]["startLine"]
                    .as_u64()
                    .unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [("untested-object", 2), ("exercised-object", 9), ("stale-assertion", 7)]
    );
}

#[test]
fn a_badge_tells_the_percentage_and_its_label() {
    let label = Some("a<b>".to_owned());
    let text = written_as(
        "badge",
        &document(),
        &Options {
            label,
            ..Options::default()
        },
    );
    assert!(text.contains("aria-label=\"a&lt;b&gt;: 25.0%\"") && text.contains(">25.0%</text>"));
}

#[test]
fn markdown_of_many_gaps_fits_a_comment() {
    let mut document = document();
    let names = (0..20_000).map(|n| {
        let mut found = object("columns", &format!("{n}{}", "\u{1f600}".repeat(60)), "untested", None);
        found["relation"] = json!(format!("t{n}"));
        found
    });
    document["objects"] = names.collect();
    document["stale"] = vec![document["stale"][0].clone(); 9_000].into();
    let text = written_as("markdown", &document, &Options::default());
    let units = text.encode_utf16().count();
    assert!(units < 65_536 && units > 30_000, "{units}");
    assert!(text.contains("- and 19") && text.contains("- and 8") && text.contains("more suggestions are left out"));
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
}

#[test]
fn a_report_of_nothing_is_whole() {
    let mut document = document();
    for list in ["schemas", "objects", "stale", "files", "skipped"] {
        document[list] = json!([]);
    }
    document["kinds"] = json!({});
    document["summary"] = counts(0, 0, 0);
    document["source"]["server"] = Value::Null;
    for (name, _) in FORMATS {
        let text = written_as(name, &document, &Options::default());
        assert!(!text.contains("NaN"), "{name}");
        assert!(
            text.contains("100.0") || !matches!(name, "text" | "markdown" | "badge" | "html"),
            "{name}"
        );
    }
}

#[test]
fn the_page_holds_no_tag_of_a_name() {
    let mut document = document();
    document["objects"][0]["name"] = json!("</script><b>\u{2028}");
    let text = written_as("html", &document, &Options::default());
    assert!(!text.contains("<b>") && text.contains("\\u003c/script>\\u003cb>"));
}
