//! The resolver against what PostgreSQL chose, and each measured fact about overloads.

use std::collections::BTreeMap;

use super::catalog::{FnId, Overload, OverloadOrigin, Role, Since, SqlType, lookup};
use super::resolve::ArgType::{self, *};
use super::resolve::{Refusal, Resolution, refusal, resolve, resolve_at, resolve_named, resolve_undescribed};

const MEASURED: &str = include_str!("../../__test__/fixtures/resolution.tsv");

fn id(name: &str) -> FnId {
    lookup(name.as_bytes()).expect(name)
}

fn shape_type(letter: char) -> ArgType {
    match letter {
        'u' => Unknown,
        'n' => Name,
        't' => Text,
        'v' => Varchar,
        'A' => TextArray,
        'a' => NameArray,
        'i' => Int4,
        'd' => Numeric,
        'b' => Bool,
        'c' => Bpchar,
        'I' => Int4Array,
        'r' => Record,
        'o' => Refcursor,
        'U' => Untyped,
        'X' => Other,
        'Y' => OtherArray,
        _ => panic!("no type has the letter {letter}"),
    }
}

fn types(shape: &str) -> Vec<ArgType> {
    shape.chars().map(shape_type).collect()
}

fn roles(overload: &Overload) -> String {
    overload.roles.iter().map(|r| r.as_str()).collect::<Vec<_>>().join("|")
}

/// The outcome in words: the roles of the choice, or what went wrong.
fn worded(f: FnId, resolution: Resolution) -> String {
    match resolution {
        Resolution::Chosen(i) => roles(&f.function().overloads[i]),
        other => format!("{other:?}"),
    }
}

fn reading(name: &str, shape: &str) -> String {
    worded(id(name), resolve(id(name), &types(shape)))
}

fn reading_at(name: &str, shape: &str, version: Since) -> String {
    worded(id(name), resolve_at(id(name), &types(shape), version))
}

fn undescribed(name: &str, shape: &str) -> String {
    worded(id(name), resolve_undescribed(id(name), &types(shape)))
}

fn named(name: &str, shape: &str, names: &[&str]) -> String {
    let names: Vec<Option<&[u8]>> = names.iter().map(|n| (!n.is_empty()).then_some(n.as_bytes())).collect();
    worded(id(name), resolve_named(id(name), &types(shape), &names))
}

/// The types as the fixture writes them.
fn signature(overload: &Overload) -> String {
    let last = overload.types.len();
    let one = |(i, t): (usize, &SqlType)| {
        if overload.variadic && i + 1 == last {
            format!("variadic {}", t.as_str())
        } else {
            t.as_str().into()
        }
    };
    overload
        .types
        .iter()
        .enumerate()
        .map(one)
        .collect::<Vec<String>>()
        .join(",")
}

/// What the fixture should say for a call: the types and the roles, or the error that PostgreSQL gives.
fn predicted(f: FnId, args: &[ArgType]) -> (String, String) {
    let error = |code: &str| (code.to_owned(), String::new());
    let chosen = match resolve(f, args) {
        Resolution::Chosen(chosen) => chosen,
        Resolution::None => return error("42883"),
        Resolution::Ambiguous => return error("42725"),
        Resolution::Uncertain => return error("uncertain"),
    };
    let overloads = f.function().overloads;
    match refusal(&overloads[chosen], args) {
        Some(Refusal::Undetermined) => error("42804"),
        Some(Refusal::ArrayOfArrays) => error("42704"),
        None => {
            let both = [Some(chosen), f.function().other_reading(chosen)];
            let readings: Vec<String> = both.into_iter().flatten().map(|i| roles(&overloads[i])).collect();
            (signature(&overloads[chosen]), readings.join(" || "))
        }
    }
}

/// An error is compared by its code, which leads the message.
fn measured(outcome: &str) -> &str {
    let code = outcome.split(' ').next().unwrap_or_default();
    if code.starts_with("42") { code } else { outcome }
}

/// 42804 and 42704 come after the choice: PostgreSQL has picked an overload, then finds that all its polymorphic
/// arguments are literals, or that a spread array would hold arrays. `refusal` has exactly this rule, so these
/// rows are compared with it; the overload behind them is not in the fixture.
#[test]
fn agrees_with_every_shape_that_postgresql_was_asked() {
    let (mut rows, mut compared, mut wrong) = (0, 0, Vec::new());
    let mut refused = BTreeMap::new();
    for line in MEASURED.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [functions, shape, outcome, roles] = cells[..] else {
            panic!("{line}")
        };
        rows += 1;
        for (i, name) in functions.split(',').enumerate() {
            let (found, found_roles) = predicted(id(name), &types(shape));
            // The functions of a row share a signature; the roles are those of the first.
            if found != measured(outcome) || (i == 0 && found_roles != roles) {
                wrong.push(format!("{name} {shape}: {outcome}, found {found} {found_roles}"));
            }
            compared += 1;
            if outcome.starts_with("42") {
                *refused.entry(measured(outcome)).or_insert(0) += 1;
            }
        }
    }
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((rows, compared), (18_479, 38_848));
    assert_eq!(refused, BTreeMap::from([("42704", 9), ("42725", 81), ("42804", 50)]));
}

/// Name, shape, reading: the calls of which pgTAP users are most often mistaken.
const FACTS: &[(&str, &str, &str)] = &[
    ("has_table", "uu", "table|desc"),
    ("has_table", "un", "schema|table"),
    ("hasnt_table", "uu", "table|desc"),
    ("has_column", "uuu", "table|column|desc"),
    ("has_column", "uun", "table|column|desc"),
    ("has_column", "nnn", "table|column|desc"),
    ("hasnt_column", "uuu", "table|column|desc"),
    ("col_not_null", "uun", "schema|table|column|desc"),
    ("col_is_pk", "uun", "schema|table|column"),
    ("has_pk", "un", "schema|table"),
    ("has_composite", "un", "schema|type"),
    ("has_trigger", "uuu", "table|trigger|desc"),
    ("has_trigger", "uun", "schema|table|trigger"),
    ("has_function", "uu", "function|desc"),
    ("has_function", "un", "schema|function"),
    ("has_function", "uuu", "schema|function|desc"),
    ("has_function", "uuA", "schema|function|args[]"),
    ("col_type_is", "uuuu", "table|column|type|desc"),
    ("col_type_is", "uuuuu", "schema|table|column|type|desc"),
    ("col_type_is", "uunu", "schema|table|column|type"),
    ("policy_cmd_is", "uuuu", "table|policy|command|desc"),
    ("policy_cmd_is", "uunu", "schema|table|policy|command"),
    ("policies_are", "uuu", "Ambiguous"),
    ("policies_are", "uuA", "schema|table|policies[]"),
    ("tables_are", "uu", "Ambiguous"),
    ("tables_are", "uA", "schema|tables[]"),
    ("table_privs_are", "uuuu", "Ambiguous"),
    ("table_privs_are", "uuuA", "schema|table|role|privileges[]"),
    ("columns_are", "uuu", "Ambiguous"),
    ("columns_are", "uuA", "schema|table|columns[]"),
    ("can", "uu", "Ambiguous"),
    ("is_ancestor_of", "uuuu", "Ambiguous"),
    ("is_indexed", "uuu", "Ambiguous"),
    ("index_is_unique", "uuu", "schema|table|index"),
    (
        "is_partition_of",
        "uuuu",
        "child_schema|child_table|parent_schema|parent_table",
    ),
    ("trigger_is", "uuuuu", "schema|table|trigger|func_schema|function"),
    (
        "fk_ok",
        "uuuuuu",
        "fk_schema|fk_table|fk_column|pk_schema|pk_table|pk_column",
    ),
    ("table_owner_is", "uuu", "table|owner|desc"),
    ("table_owner_is", "uun", "schema|table|owner"),
    ("table_owner_is", "uuuu", "schema|table|owner|desc"),
    ("view_owner_is", "uuu", "view|owner|desc"),
    ("sequence_owner_is", "uuu", "sequence|owner|desc"),
    ("type_owner_is", "uuu", "type|owner|desc"),
    ("has_unique", "uu", "table|desc"),
    ("is", "iX", "None"),
    ("is", "Xi", "None"),
    ("is", "XX", "have|want"),
    ("ok", "t", "None"),
    ("runtests", "u", "match"),
    ("runtests", "n", "schema"),
    ("do_tap", "u", "pattern"),
    ("do_tap", "n", "schema"),
    ("collect_tap", "uu", "tap[]"),
    ("has_table", "c", "table"),
    ("has_table", "uc", "table|desc"),
    ("has_table", "X", "None"),
    ("has_table", "i", "None"),
];

#[test]
fn reads_the_calls_that_mislead() {
    for &(name, shape, expected) in FACTS {
        assert_eq!(reading(name, shape), expected, "{name} {shape}");
    }
}

#[test]
fn older_versions_read_some_calls_differently() {
    assert_eq!(reading_at("col_is_pk", "uun", Since::V1_2), "table|column|desc");
    assert_eq!(reading_at("col_is_pk", "uun", Since::V1_3_0), "schema|table|column");
    assert_eq!(reading_at("has_pk", "un", Since::V1_3_0), "table|desc");
    assert_eq!(reading_at("has_pk", "un", Since::V1_3_1), "schema|table");
    assert_eq!(reading_at("has_composite", "un", Since::V1_3_1), "type|desc");
    assert_eq!(reading_at("has_composite", "un", Since::V1_3_4), "schema|type");
    assert_eq!(reading_at("index_is_partial", "uu", Since::V1_3_1), "None");
    assert_eq!(reading_at("policy_exists", "uu", Since::V1_2), "table|policy");
}

#[test]
fn refuses_after_the_choice() {
    let refused = |name, shape| match resolve(id(name), &types(shape)) {
        Resolution::Chosen(i) => refusal(&id(name).function().overloads[i], &types(shape)),
        other => panic!("{name} {shape}: {other:?}"),
    };
    assert_eq!(refused("is", "uu"), Some(Refusal::Undetermined));
    assert_eq!(refused("is", "uun"), Some(Refusal::Undetermined));
    assert_eq!(refused("is", "ut"), None);
    assert_eq!(refused("cmp_ok", "uuu"), Some(Refusal::Undetermined));
    assert_eq!(refused("diag", "uA"), Some(Refusal::ArrayOfArrays));
    assert_eq!(refused("diag", "A"), None);
    assert_eq!(refused("has_table", "uu"), None);
}

#[test]
fn collect_tap_takes_an_array_as_such() {
    let chosen = |shape| match resolve(id("collect_tap"), &types(shape)) {
        Resolution::Chosen(i) => id("collect_tap").function().overloads[i],
        other => panic!("{other:?}"),
    };
    assert!(chosen("uu").variadic);
    assert_eq!(chosen("A").types, [SqlType::VarcharArray]);
}

/// The first of the two readings of a signature, then the second.
#[test]
fn readings_chosen_at_run_time() {
    let both = |name, shape| match resolve(id(name), &types(shape)) {
        Resolution::Chosen(i) => {
            let other = id(name).function().other_reading(i).expect("a pair");
            (reading(name, shape), roles(&id(name).function().overloads[other]))
        }
        other => panic!("{name} {shape}: {other:?}"),
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        both("has_index", "unn"),
        pair("table|index|column/expression", "schema|table|index")
    );
    assert_eq!(
        both("has_index", "uuu"),
        pair("table|index|desc", "table|index|expression")
    );
    assert_eq!(
        both("has_index", "uuuu"),
        pair("table|index|column|desc", "schema|table|index|desc")
    );
    assert_eq!(
        both("is_indexed", "unn"),
        pair("schema|table|column", "table|column|desc")
    );
    assert_eq!(both("throws_ok", "uuu"), pair("sql|errcode|errmsg", "sql|errmsg|desc"));
    assert_eq!(both("throws_ok", "uu"), pair("sql|errcode", "sql|errmsg"));
    // The forms beside them that leave nothing to run time.
    assert_eq!(reading("has_index", "uuuA"), "schema|table|index|columns[]");
    assert_eq!(reading("has_index", "uuun"), "schema|table|index|column");
    assert_eq!(reading("throws_ok", "uuuu"), "sql|errcode|errmsg|desc");
}

#[test]
fn named_notation() {
    assert_eq!(named("todo", "ui", &["why", "how_many"]), "Ambiguous");
    assert_eq!(named("todo", "ui", &["", "how_many"]), "why|how_many");
    assert_eq!(named("todo", "u", &["why"]), "why");
    assert_eq!(named("skip", "iu", &["how_many", "why"]), "why|how_many");
    assert_eq!(named("skip", "ui", &["", "how_many"]), "why|how_many");
    assert_eq!(named("finish", "b", &["exception_on_failure"]), "exception_on_failure");
    assert_eq!(named("finish", "b", &["EXCEPTION_ON_FAILURE"]), "None");
    assert_eq!(named("diag", "u", &["msg"]), "msg");
    assert_eq!(named("diag", "i", &["msg"]), "msg");
    assert_eq!(
        named("col_not_null", "uuu", &["schema_name", "table_name", "column_name"]),
        "schema|table|column|desc"
    );
    assert_eq!(
        named("col_not_null", "uu", &["column_name", "table_name"]),
        "table|column|desc"
    );
    assert_eq!(
        named("col_is_null", "uuu", &["", "", "description"]),
        "table|column|desc"
    );
    assert_eq!(named("col_is_null", "uu", &["", "table_name"]), "None");
}

#[test]
fn named_notation_that_fits_nothing() {
    assert_eq!(named("col_not_null", "uu", &["table_name", "colum_name"]), "None");
    assert_eq!(
        named("col_not_null", "uuu", &["table_name", "column_name", "column_name"]),
        "None"
    );
    assert_eq!(named("col_not_null", "uuu", &["", "", "table_name"]), "None");
    assert_eq!(named("col_not_null", "uu", &["column_name", ""]), "None");
    assert_eq!(named("col_not_null", "uu", &["table_name", ""]), "None");
    assert_eq!(named("diag", "uu", &["msg", ""]), "None");
    assert_eq!(named("skip", "u", &["why"]), "None");
    assert_eq!(named("skip", "iu", &["", "why"]), "None");
    assert_eq!(named("has_table", "u", &["table"]), "None");
}

#[test]
fn named_arguments_have_positions() {
    let f = id("col_not_null").function();
    let full = &f.overloads[0];
    let at = |name: &str| f.parameter(full, name.as_bytes());
    assert_eq!(
        ["schema_name", "column_name", "description", "nothing"].map(at),
        [Some(0), Some(2), Some(3), None]
    );
}

#[test]
fn untyped_arguments() {
    assert_eq!(reading("has_table", "U"), "table");
    assert_eq!(reading("has_table", "uU"), "Uncertain");
    assert_eq!(reading("has_table", "UUu"), "schema|table|desc");
    assert_eq!(reading("col_not_null", "uU"), "table|column|desc");
    assert_eq!(reading("has_function", "UUUU"), "schema|function|args[]|desc");
    // Two arguments of different types are one of the combinations.
    assert_eq!(reading("results_eq", "UU"), "Uncertain");
    assert_eq!(reading("tables_are", "uU"), "Uncertain");
}

/// Neither a name nor a text fits here, but there is only one reading.
#[test]
fn untyped_arguments_of_other_types() {
    assert_eq!(reading("ok", "U"), "boolean");
    assert_eq!(reading("ok", "Uu"), "boolean|desc");
    assert_eq!(reading("is", "Ui"), "have|want");
    assert_eq!(reading("is", "UX"), "have|want");
    assert_eq!(reading("plan", "U"), "tests");
    assert_eq!(reading("ok", "UUU"), "None");
}

#[test]
fn arrays_of_other_types() {
    assert_eq!(reading("set_eq", "uY"), "sql|array");
    assert_eq!(reading("set_eq", "uX"), "None");
    assert_eq!(reading("is", "YY"), "have|want");
}

#[test]
fn extras_are_asked_last() {
    let f = id("function_privs_are");
    let origin = |shape| match resolve(f, &types(shape)) {
        Resolution::Chosen(i) => Some((f.function().overloads[i].origin, reading("function_privs_are", shape))),
        _ => None,
    };
    let extra = |roles: &str| Some((OverloadOrigin::NotPgTap, roles.to_owned()));
    assert_eq!(origin("uuA"), extra("function|role|privileges[]"));
    assert_eq!(origin("unnA"), extra("schema|function|role|privileges[]"));
    assert_eq!(
        origin("uuuA"),
        Some((OverloadOrigin::PgTap, "function|args[]|role|privileges[]".to_owned()))
    );
    assert_eq!(reading("policy_exists", "uuu"), "table|policy|desc");
    assert_eq!(reading("trigger_fires_on", "uuuu"), "table|trigger|event|desc");
    assert_eq!(reading("hasnt_unique", "uu"), "table|desc");
}

#[test]
fn label_readings_never_reach_the_choice() {
    for f in FnId::all() {
        let overloads = f.function().overloads;
        for label in overloads.iter().filter(|o| o.origin == OverloadOrigin::LabelOnly) {
            for arg in [Unknown, Name, Text, Untyped] {
                let chosen = resolve(f, &vec![arg; label.types.len()]);
                let is_label =
                    matches!(chosen, Resolution::Chosen(i) if overloads[i].origin == OverloadOrigin::LabelOnly);
                assert!(!is_label, "{} {arg:?}", f.function().name);
            }
        }
    }
}

#[test]
fn readings_without_a_description() {
    assert_eq!(undescribed("has_table", "uu"), "schema|table");
    assert_eq!(undescribed("has_column", "uuu"), "schema|table|column");
    assert_eq!(undescribed("has_unique", "uu"), "table|index");
    assert_eq!(undescribed("hasnt_unique", "uuu"), "schema|table|index");
    assert_eq!(undescribed("trigger_is", "uuuu"), "schema|table|trigger|function");
    assert_eq!(undescribed("has_function", "uu"), "schema|function");
    assert_eq!(undescribed("col_is_fk", "uuu"), "schema|table|column");
    assert_eq!(undescribed("col_is_fk", "uuA"), "schema|table|columns[]");
    assert_eq!(undescribed("col_default_is", "uuuu"), "schema|table|column|default");
    assert_eq!(undescribed("policy_cmd_is", "uuuu"), "schema|table|policy|command");
}

/// Wherever PostgreSQL takes the last of several literals for a description, a label can name an object instead,
/// unless the shorter reading leaves nothing for that literal to be.
#[test]
fn every_misread_schema_has_a_label_reading() {
    for f in FnId::all() {
        for full in f
            .function()
            .overloads
            .iter()
            .filter(|o| o.is_described() && o.roles.first() == Some(&Role::Schema))
        {
            let literals = vec![Unknown; full.types.len() - 1];
            let Resolution::Chosen(i) = resolve(f, &literals) else {
                continue;
            };
            if f.function().overloads[i].is_described() {
                assert_ne!(
                    resolve_undescribed(f, &literals),
                    Resolution::None,
                    "{}",
                    f.function().name
                );
            }
        }
    }
}

#[test]
fn long_argument_lists_stay_linear() {
    let many = |arg| worded(id("diag"), resolve(id("diag"), &vec![arg; 200_000]));
    assert_eq!(many(Unknown), "msg[]");
    assert_eq!(many(Int4), "msg");
    assert_eq!(many(Untyped), "Uncertain");
    assert_eq!(worded(id("is"), resolve(id("is"), &vec![Unknown; 200_000])), "None");
    assert_eq!(resolve(id("collect_tap"), &[]), Resolution::None);
    assert_eq!(reading("pg_version", ""), "");
}
