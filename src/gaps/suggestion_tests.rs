//! Suggestions mean what they say, whatever the names.

use super::*;

/// Hears which overload each call of a text has, by both versions of pgTAP.
#[derive(Default)]
struct Overloads(Vec<String>);

impl Sink for Overloads {
    fn assertion(&mut self, found: &Found) {
        let function = FnId::from_index(found.id as usize).unwrap();
        if function.function().group != Group::Object {
            return;
        }
        let types: Vec<ArgType> = found.given.iter().map(|g| g.ty).collect();
        let old = resolve_at(function, &types, Since::V1_2);
        let new = resolve_at(function, &types, Since::LATEST);
        let chosen = found.reading.and_then(|r| r.chosen);
        let misread = found.reading.is_some_and(|r| r.misread);
        if old != new || !matches!(new, Resolution::Chosen(_)) || chosen.is_none() || misread {
            self.0.push(format!(
                "{} {old:?} {new:?} {chosen:?} {misread}",
                function.function().name
            ));
        }
    }

    fn exercised(&mut self, _: bool, _: Option<&[u8]>, _: &[u8]) {}
}

/// Every suggestion is one statement, means the same to pgTAP 1.2 and 1.3, and covers what it is for.
fn check_suggestions(text: &str) -> usize {
    let catalog = Catalog::parse(text).unwrap();
    let lookup = Lookup::new(&catalog);
    let mut suite = suite();
    suite
        .schemas
        .extend(catalog.schemas.iter().map(|s| s.name.as_bytes().to_vec()));
    let default = Arc::new(SearchPath::default());
    let mut checked = 0;
    for (row, object) in lookup.objects.iter().enumerate() {
        let Some(statement) = suggestion(&lookup, object) else {
            continue;
        };
        let mut overloads = Overloads::default();
        let facts = Reader::new(&suite, Wanted::default()).read(statement.as_bytes(), &mut overloads);
        assert!(
            overloads.0.is_empty() && facts.problems.is_empty(),
            "{statement} {:?}",
            overloads.0
        );
        let mut gather = Gather::new(&suite, &lookup, &default);
        gather.begin(Some(0), default.clone(), Vec::new());
        Reader::new(&suite, Wanted::default()).read(statement.as_bytes(), &mut gather);
        assert_eq!(gather.end().assertions, 1, "{statement}");
        assert!(
            gather.places.of(row as u32).unwrap().count == 1,
            "{} {statement}",
            object.display
        );
        checked += 1;
    }
    checked
}

#[test]
fn suggestions_mean_the_same_to_every_version_and_cover_their_object() {
    assert_eq!(check_suggestions(&small().to_string()), 54);
    let odd = include_str!("../../__test__/fixtures/gaps/catalog.json");
    assert!(check_suggestions(odd) > 130);
}

/// The small schema with other names for a schema, a table, a column and a role.
fn renamed(names: &[String; 4]) -> String {
    fn rename(value: &mut Value, names: &[String; 4]) {
        match value {
            Value::String(text) => {
                let old = ["app", "users", "email", "web"].iter().position(|old| old == text);
                if let Some(new) = old.and_then(|at| names.get(at)) {
                    *text = new.clone();
                }
            }
            Value::Array(all) => all.iter_mut().for_each(|v| rename(v, names)),
            Value::Object(all) => all.values_mut().for_each(|v| rename(v, names)),
            _ => {}
        }
    }
    let mut catalog = small();
    rename(&mut catalog, names);
    catalog.to_string()
}

/// A name as PostgreSQL takes it: no NUL, 63 bytes at most.
fn any_name() -> impl Strategy<Value = String> {
    let cut = |name: String| name.chars().take(15).collect::<String>();
    prop_oneof![
        "[^\\x00]{1,15}".prop_map(cut),
        "['\"\\\\;:$\n\r/*{}#%, .-]{1,15}".prop_map(cut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn suggestions_of_any_name_are_one_test_of_their_object(a in any_name(), b in any_name(), c in any_name(), d in any_name()) {
        // Names that the schema has already would hide one another.
        prop_assume!(a != "public" && !["orders", "totals", "far", "pair", "active"].contains(&b.as_str()) && c != "name" && c != "id");
        prop_assume!(d != "other" && a != b);
        check_suggestions(&renamed(&[a, b, c, d]));
    }

    #[test]
    fn no_text_breaks_the_analysis(words in prop::collection::vec(prop_oneof![
        any_name(),
        prop::sample::select(vec![
            "SELECT", "has_table(", "columns_are(", "fk_ok(", "'app'", "'users'", "::name", ",", ")", ";", "ARRAY[", "]",
            "SET search_path TO", "app", "CREATE TEMP TABLE", "relrowsecurity", "||", "$$", "partitions_are(", "'{a,b}'",
            "function_privs_are(", "NULL", "\\i x", "rls_enabled(",
        ]).prop_map(str::to_owned),
    ], 0..40)) {
        let sql = words.join(" ");
        let said = said(&sql);
        prop_assert!(said.asserted.len() <= 54);
    }
}
