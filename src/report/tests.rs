use super::*;
use crate::budget::{Budget, Reservation};
use crate::coverage::index::{Index, Purpose};
use crate::coverage::plain::{PlainAssertion, PlainFile};
use crate::coverage::store::Store;
use crate::pgtap::suite::Suite;

const HOSTILE: &str = "a\"b,c|d<e>&f'\n=1_x*`";

fn assertion(kind: &str, target: &str, line: f64) -> PlainAssertion {
    PlainAssertion {
        kind: kind.to_owned(),
        target: Some(target.to_owned()),
        line_number: Some(line),
        ..PlainAssertion::default()
    }
}

/// The report of one file with these assertions.
fn written(name: &str, assertions: Vec<PlainAssertion>, gaps: bool, details: bool, only: Option<&[Area]>) -> String {
    let mut store = Store::default();
    store.add_plain(
        0,
        &PlainFile {
            assertions,
            plan_count: None,
        },
    );
    let suite = Suite::default();
    let mut held = Reservation::empty(&Budget::new(u64::MAX));
    let index = Index::build(&store, &[0], Purpose::Coverage, usize::MAX, &|| true, &mut held).unwrap();
    let view = View {
        store: &store,
        suite: &suite,
        order: &[0],
        index: &index,
    };
    let report = Report {
        view: &view,
        file_name: &|_| Cow::Borrowed("f|,.sql"),
        built: "2024-01-02T03:04:05.000Z",
        gaps,
        details,
        only,
    };
    let mut out = Vec::new();
    format(name).unwrap().write(&report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn hostile() -> Vec<PlainAssertion> {
    vec![
        assertion("has_schema", HOSTILE, 7.0),
        assertion("has_index", "t.i", 8.0),
    ]
}

#[test]
fn csv_quotes_what_needs_it() {
    let text = written("csv", hostile(), true, true, None);
    let expected = "Object Type,Object Name,Assertion Count,Assertion Types,Test Files,Coverage %\n\
        schemas,\"a\"\"b,c|d<e>&f'\n=1_x*`\",1,has_schema,\"f|,.sql\",50\n\
        indexes,t.i,1,has_index,\"f|,.sql\",33.33";
    assert_eq!(text, expected);
}

#[test]
fn json_is_indented_by_two_and_reads_back() {
    let text = written("json", hostile(), true, true, None);
    assert!(text.starts_with("{\n  \"buildTimestamp\": \"2024-01-02T03:04:05.000Z\",\n"));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let found = &value["objects"]["schemas"][HOSTILE];
    assert_eq!(found["assertionCount"], 1);
    assert_eq!(found["coveragePercentage"], 50.0);
    let expected = serde_json::json!([{ "type": "has_schema", "testFile": "f|,.sql", "lineNumber": 7 }]);
    assert_eq!(found["assertions"], expected);
    assert!(value["gaps"]["partialCoverage"].is_array());
}

#[test]
fn markdown_keeps_each_object_in_its_row() {
    let text = written("markdown", hostile(), false, false, None);
    let expected = "# pgTAP coverage\n\n1 test files, 2 assertions. Built 2024-01-02T03:04:05.000Z.\n\
        \n## schemas\n\n| Name | Assertions | Types | Test files | Coverage % |\n|---|---:|---|---|---:|\n\
        | a\"b,c\\|d&lt;e&gt;&amp;f'<br>=1_x\\*\\` | 1 | has_schema | f\\|,.sql | 50 |\n\
        \n## indexes\n\n| Name | Assertions | Types | Test files | Coverage % |\n|---|---:|---|---|---:|\n\
        | t.i | 1 | has_index | f\\|,.sql | 33.33 |\n";
    assert_eq!(text, expected);
}

#[test]
fn html_escapes_names() {
    let text = written("html", hostile(), true, true, None);
    assert!(text.contains("<th scope=\"row\">a&quot;b,c|d&lt;e&gt;&amp;f&#39;\n=1_x*`</th>"));
    assert!(text.contains("<li>has_schema: f|,.sql, line 7</li>"));
    assert!(!text.contains("d<e>"));
    for tag in ["table", "tbody", "div", "details", "ul"] {
        let count = |t: &str| text.matches(t).count();
        assert_eq!(count(&format!("<{tag}")), count(&format!("</{tag}>")), "{tag}");
    }
}

#[test]
fn a_carriage_return_and_a_nul_survive_or_are_shown() {
    let names = || vec![assertion("has_schema", "a\rb\0c", 1.0)];
    assert!(written("html", names(), false, false, None).contains("a&#13;b\u{fffd}c"));
    assert!(written("csv", names(), false, false, None).contains("schemas,\"a\rb\0c\",1"));
    assert!(written("markdown", names(), false, false, None).contains("| a<br>b"));
}

#[test]
fn only_the_kinds_asked_for_are_listed() {
    for (name, _) in FORMATS {
        let mut text = written(name, hostile(), true, true, Some(&[Area::Indexes]));
        if name == "json" {
            // Its statistics are of the whole suite.
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            text = format!("{}{}", value["objects"], value["gaps"]);
        }
        assert!(
            text.contains("t.i") && !text.contains("d&lt;e") && !text.contains("b,c|d"),
            "{name}"
        );
    }
}

#[test]
fn a_report_of_nothing_is_whole() {
    for (name, _) in FORMATS {
        let text = written(name, Vec::new(), true, true, None);
        assert!(!text.contains("NaN") && !text.contains("inf"), "{name}");
        assert!(
            text.contains("Object Type") || text.contains("No objects.") || text.contains("\"objects\": {}"),
            "{name}"
        );
    }
}
