//! What a script says about schemas, and what it includes.

use super::super::testing::read;

#[test]
fn schemas_are_learnt_from_the_script() {
    let table: &[(&str, &[&str], &[&str])] = &[
        ("CREATE SCHEMA a;", &["a"], &[]),
        ("CREATE SCHEMA IF NOT EXISTS \"A b\";", &["A b"], &[]),
        ("CREATE SCHEMA A AUTHORIZATION x;", &["a"], &[]),
        ("CREATE EXTENSION pgtap;", &[], &[]),
        ("CREATE EXTENSION pgtap SCHEMA a;", &[], &["a"]),
        (
            "CREATE EXTENSION IF NOT EXISTS pgtap WITH SCHEMA a CASCADE;",
            &[],
            &["a"],
        ),
        ("CREATE EXTENSION \"pgtap\" WITH SCHEMA \"A\";", &[], &["A"]),
        ("CREATE EXTENSION hstore SCHEMA a;", &[], &[]),
        ("SET search_path TO a, b;", &["a", "b"], &[]),
        ("SET LOCAL search_path = 'a', \"B\";", &["B", "a"], &[]),
        ("SET SESSION search_path TO a;", &["a"], &[]),
        ("SET role TO a;", &[], &[]),
        ("SELECT set_config('search_path', 'a, b', true);", &["a", "b"], &[]),
        ("SELECT pg_catalog.set_config('search_path', 'a', false);", &["a"], &[]),
        ("SELECT has_table('a', 't', 'It is there');", &["a"], &[]),
        ("SELECT has_schema('a');", &["a"], &[]),
        ("SELECT * FROM a.t;", &["a"], &[]),
    ];
    let sorted = |names: &rustc_hash::FxHashSet<Vec<u8>>| {
        let mut names: Vec<_> = names.iter().map(|n| String::from_utf8_lossy(n).into_owned()).collect();
        names.sort();
        names
    };
    let mut wrong = Vec::new();
    for (sql, schemas, pgtap) in table {
        let facts = read(sql).facts;
        let found = (sorted(&facts.schemas), sorted(&facts.pgtap_schemas));
        if found.0 != *schemas || found.1 != *pgtap {
            wrong.push(format!("{sql} => {found:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), 17);
}

#[test]
fn variables_replace_each_other_as_in_psql() {
    let table: &[(&str, &str)] = &[
        ("\\set v a\n", "public.a"),
        ("\\set v a b\n", "public.ab"),
        ("\\set v 'a b'\n", "public.a b"),
        ("\\set v a\n\\set v b\n", "public.b"),
        ("\\set w a\n\\set v :w\n", "public.a"),
        ("\\set w a\n\\set v x_:w\n", "public.x_a"),
        ("\\set v\n", "public."),
        ("\\set V a\n", "public.*"),
        ("\\set v ':a'\n", "public.:a"),
        ("\\set a x\n\\set v ':a'\n", "public.:a"),
        ("\\set v :a\n", "public.*"),
        ("\\set v 'x':a\n", "public.*"),
    ];
    for (set, target) in table {
        let all = read(&format!("{set}SELECT has_table(:'v');"));
        assert_eq!(all.assertions[0].target, *target, "{set}");
    }
    assert_eq!(table.len(), 12);
}

/// psql reads the value of `:v` again as SQL, that of `:'v'` not.
#[test]
fn a_value_that_names_a_variable_is_known_only_where_it_is_quoted() {
    let all = read("\\set v ':a'\nSELECT has_table(:v); SELECT has_table(:'v');");
    let targets: Vec<_> = all.assertions.iter().map(|a| a.target.as_str()).collect();
    assert_eq!(targets, ["public.*", "public.:a"]);
}
