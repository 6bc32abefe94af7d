use serde_json::{Value, json};

use super::*;

fn empty() -> Value {
    let mut catalog = json!({
        "format": FORMAT, "version": VERSION, "server": { "text": "15" }, "searchPath": [], "pgtap": null,
    });
    for list in [
        "schemas",
        "relations",
        "functions",
        "triggers",
        "policies",
        "indexes",
        "constraints",
        "types",
        "rules",
        "extensions",
        "roles",
        "privileges",
    ] {
        catalog[list] = json!([]);
    }
    catalog
}

fn error(change: impl FnOnce(&mut Value)) -> String {
    let mut catalog = empty();
    change(&mut catalog);
    Catalog::parse(&catalog.to_string()).unwrap_err().to_string()
}

#[test]
fn an_empty_catalog_is_one() {
    let catalog = Catalog::parse(&empty().to_string()).unwrap();
    assert!(catalog.schemas.is_empty() && catalog.origins.is_empty() && catalog.pgtap.is_none());
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let schema = json!({ "name": "a", "owner": "o" });
    let cases: Vec<(String, &str)> = vec![
        (
            Catalog::parse("nonsense").unwrap_err().to_string(),
            "expected ident at line 1",
        ),
        (Catalog::parse("[]").unwrap_err().to_string(), "the format ''"),
        (Catalog::parse("{}").unwrap_err().to_string(), "the format ''"),
        (
            error(|c| c["format"] = json!("pgtap-scanner-coverage")),
            "the format 'pgtap-scanner-coverage'",
        ),
        (
            error(|c| c["version"] = json!(2)),
            "has version 2 of its format; this package reads version 1",
        ),
        (
            error(|c| drop(c.as_object_mut().unwrap().remove("roles"))),
            "missing field `roles`",
        ),
        (
            error(|c| c["schemas"] = json!([schema, { "name": "b" }])),
            "schemas[1]: missing field `owner`",
        ),
        (
            error(|c| c["schemas"] = json!([schema, schema, { "name": 1, "owner": "o" }])),
            "schemas[2]: invalid type: integer",
        ),
        (error(|c| c["rules"] = json!({})), "an array for 'rules'"),
        (
            error(|c| c["types"] = json!([{ "schema": "s", "name": "t", "kind": "odd", "owner": "o", "labels": [] }])),
            "types[0]: unknown variant `odd`, expected one of `domain`, `enum`, `range`, `base`",
        ),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "{message}");
    }
}
