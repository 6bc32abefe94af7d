//! The catalogue: every name is found, nothing else is, and the table says what the catalogue files say.

use super::catalog::{
    Aspect, FnId, Function, Group, ObjectKind, Origin, Overload, OverloadOrigin, Polarity, Positions, Role, Since,
    SqlType, lookup,
};

const PGTAP: &str = include_str!("catalog.tsv");
const EXTRA: &str = include_str!("catalog_extra.tsv");

fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    let files = [PGTAP, EXTRA];
    files
        .into_iter()
        .flat_map(|file| file.lines().skip(1).map(|line| line.split('\t').collect()))
}

fn named(name: &str) -> &'static Function {
    lookup(name.as_bytes()).expect(name).function()
}

/// Every second letter in upper case.
fn mixed(name: &str) -> String {
    let turn = |(i, c): (usize, char)| {
        if i % 2 == 0 { c.to_ascii_uppercase() } else { c }
    };
    name.chars().enumerate().map(turn).collect()
}

#[test]
fn every_name_is_found_in_any_case() {
    let mut found = 0;
    for id in FnId::all() {
        let name = id.function().name;
        for spelling in [name.to_owned(), name.to_ascii_uppercase(), mixed(name)] {
            assert_eq!(lookup(spelling.as_bytes()), Some(id), "{spelling}");
        }
        found += 1;
    }
    assert_eq!(found, 235);
}

#[test]
fn other_names_are_not_found() {
    let others = [
        "",
        "o",
        "i",
        "is_",
        "isn",
        "count",
        "now",
        "has_tables",
        "has_tabl",
        "xhas_table",
        "_get",
        "has\u{7f}table",
        "has-table",
        "h\u{e4}s_table",
        "@ass",
        "[s",
        "OK ",
        "coalesce",
        "format",
        "rls_enabled",
        "hasnt_inherited_tablesx",
        "tests.ok",
        "a_name_that_is_longer_than_every_length_in_the_table_of_lengths",
    ];
    for other in others {
        assert_eq!(lookup(other.as_bytes()), None, "{other}");
    }
}

#[test]
fn one_changed_byte_is_not_found() {
    let names: Vec<&str> = FnId::all().map(|id| id.function().name).collect();
    for name in &names {
        for i in 0..name.len() {
            for byte in [b'x', b'_', b'0', 0, 0x7f, 0xff] {
                let mut changed = name.as_bytes().to_vec();
                changed[i] = byte;
                let known = names.iter().any(|n| n.as_bytes() == changed);
                assert_eq!(
                    lookup(&changed).is_some(),
                    known,
                    "{:?}",
                    changed.escape_ascii().to_string()
                );
            }
        }
    }
}

fn masked(overload: &Overload, positions: Positions) -> String {
    spelled(positions.iter().map(|i| overload.roles[i].as_str()))
}

fn spelled(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join("|")
}

/// One overload written as the catalogue files write it, without the columns that the table leaves out.
fn written(function: &Function, overload: &Overload) -> [String; 11] {
    let group = format!("{:?}", function.group).to_lowercase();
    let polarity = match function.polarity {
        Polarity::Positive => "positive",
        Polarity::Absence => "absence",
        Polarity::NegativeProperty => "negative_property",
        Polarity::None => "-",
    };
    let note = match (overload.origin, overload.runtime_dispatch) {
        (OverloadOrigin::PgTap, false) => "",
        (OverloadOrigin::PgTap, true) => "runtime-dispatch",
        (OverloadOrigin::NotPgTap, _) => "not-pgtap",
        (OverloadOrigin::LabelOnly, _) => "label-only",
    };
    [
        function.name.to_owned(),
        group,
        function.kind.as_str().to_owned(),
        spelled(overload.roles.iter().map(|r| r.as_str())),
        written_types(overload),
        polarity.to_owned(),
        function.aspect.as_str().to_owned(),
        masked(overload, overload.target_roles),
        masked(overload, overload.secondary_roles),
        masked(overload, overload.expected_roles),
        note.to_owned(),
    ]
}

fn written_types(overload: &Overload) -> String {
    let required = overload.types.len() - usize::from(overload.optional);
    let mark = |(i, t): (usize, &SqlType)| {
        let star = if overload.variadic && i + 1 == overload.types.len() {
            "*"
        } else {
            ""
        };
        format!("{star}{}{}", t.as_str(), if i < required { "" } else { "?" })
    };
    overload
        .types
        .iter()
        .enumerate()
        .map(mark)
        .collect::<Vec<_>>()
        .join("|")
}

#[test]
fn the_table_says_what_the_files_say() {
    let mut table: Vec<[String; 11]> = Vec::new();
    for id in FnId::all() {
        table.extend(id.function().overloads.iter().map(|o| written(id.function(), o)));
    }
    let pick = |row: Vec<&str>| [0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13].map(|i| row[i].to_owned());
    let mut files: Vec<[String; 11]> = rows().map(pick).collect();
    assert_eq!(files.len(), 890 + 62);
    table.sort();
    files.sort();
    assert_eq!(table, files);
}

#[test]
fn versions_are_those_of_the_files() {
    let newer = |version| {
        let overloads = FnId::all().flat_map(|id| id.function().overloads);
        overloads.filter(|o| o.since == version).count()
    };
    assert_eq!(
        [newer(Since::V1_3_0), newer(Since::V1_3_1), newer(Since::V1_3_4)],
        [2, 2, 6]
    );
    assert!(
        named("index_is_partial")
            .overloads
            .iter()
            .all(|o| o.since == Since::LATEST)
    );
}

#[test]
fn functions_are_described() {
    let f = named("has_column");
    assert_eq!(
        (f.group, f.kind, f.polarity, f.aspect),
        (Group::Object, ObjectKind::Column, Polarity::Positive, Aspect::Existence)
    );
    assert_eq!(named("hasnt_table").polarity, Polarity::Absence);
    assert_eq!(named("hasnt_unique").polarity, Polarity::NegativeProperty);
    assert_eq!(named("ok").polarity, Polarity::None);
    let extra: Vec<&str> = FnId::all()
        .map(FnId::function)
        .filter(|f| f.own == Origin::Extra)
        .map(|f| f.name)
        .collect();
    let expected = [
        "policy_exists",
        "is_rls_enabled",
        "index_is_on",
        "is_trigger_on",
        "trigger_fires_on",
        "trigger_is_for",
        "hasnt_unique",
    ];
    assert_eq!(extra, expected);
}

#[test]
fn roles_are_spelled_as_in_the_catalogue() {
    assert_eq!((Role::Columns.as_str(), Role::Columns.is_array()), ("columns[]", true));
    assert_eq!((Role::Column.as_str(), Role::Column.is_array()), ("column", false));
    assert_eq!((Role::Msg.as_str(), Role::MsgList.as_str()), ("msg", "msg[]"));
    assert_eq!(Role::ColumnOrExpression.as_str(), "column/expression");
    assert_eq!(Role::ALL.len(), 130);
}

#[test]
fn positions_are_those_of_the_arguments() {
    let fk = named("fk_ok").overloads[0];
    assert_eq!(fk.target_roles.iter().collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(fk.secondary_roles.iter().collect::<Vec<_>>(), [3, 4, 5]);
    assert!(fk.expected_roles.is_empty() && !fk.target_roles.contains(3) && !fk.target_roles.contains(64));
    assert_eq!(fk.position(Role::PkTable), Some(4));
    assert!(fk.is_described());
}

#[test]
fn run_time_readings_come_in_pairs() {
    let mut pairs = 0;
    for f in FnId::all().map(FnId::function) {
        for (i, o) in f.overloads.iter().enumerate() {
            let other = f.other_reading(i);
            assert_eq!(other.is_some(), o.runtime_dispatch, "{} {i}", f.name);
            assert_eq!(
                other.and_then(|j| f.other_reading(j)),
                other.map(|_| i),
                "{} {i}",
                f.name
            );
            pairs += usize::from(other.is_some());
        }
    }
    assert_eq!(pairs, 2 * 6);
}

#[test]
fn few_signatures_have_names() {
    let functions = FnId::all().map(FnId::function);
    let named = |f: &Function| (f.name, f.overloads.iter().filter(|o| o.named).count());
    let found: Vec<_> = functions.map(named).filter(|(_, count)| *count > 0).collect();
    let expected = [
        ("finish", 1),
        ("diag", 2),
        ("todo", 4),
        ("skip", 1),
        ("col_not_null", 2),
        ("col_is_null", 2),
    ];
    assert_eq!(found, expected);
}

/// The resolver relies on it: two polymorphic parameters that must agree are both `anyelement`.
#[test]
fn anyarray_stands_alone() {
    let overloads = FnId::all().flat_map(|id| id.function().overloads);
    let with = overloads.filter(|o| o.types.contains(&SqlType::AnyArray));
    let mut seen = 0;
    for overload in with {
        let polymorphic = |t: &&SqlType| matches!(t, SqlType::AnyArray | SqlType::AnyElement);
        assert_eq!(overload.types.iter().filter(polymorphic).count(), 1);
        seen += 1;
    }
    assert_eq!(seen, 17);
}
