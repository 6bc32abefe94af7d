//! Heads of functions: parameters by name and type, seen through the helper that the function becomes.

use super::super::testing::read;
use super::*;

fn parameters(list: &str) -> Vec<(String, ArgType)> {
    let sql = format!("CREATE FUNCTION s.f({list}) RETURNS text LANGUAGE sql AS $$ SELECT ok(true) $$;");
    let helpers = read(&sql).facts.helpers;
    assert_eq!(helpers.len(), 1, "{list}");
    assert_eq!(
        (helpers[0].schema.as_deref(), helpers[0].name.as_slice()),
        (Some(&b"s"[..]), &b"f"[..])
    );
    let said = |p: &Parameter| (String::from_utf8(p.name.clone()).unwrap(), p.ty);
    helpers[0].parameters.iter().map(said).collect()
}

#[test]
fn parameters_have_names_and_types() {
    use ArgType::*;
    let table: &[(&str, &[(&str, ArgType)])] = &[
        ("", &[]),
        ("a name", &[("a", Name)]),
        ("a name, b text", &[("a", Name), ("b", Text)]),
        ("IN a name", &[("a", Name)]),
        ("INOUT a name", &[("a", Name)]),
        ("OUT a name, b text", &[("b", Text)]),
        ("VARIADIC a text[]", &[("a", TextArray)]),
        ("a name[]", &[("a", NameArray)]),
        ("a name DEFAULT 'x'", &[("a", Name)]),
        ("a name = 'x', b text := 'y'", &[("a", Name), ("b", Text)]),
        ("a text DEFAULT f(1, 2), b name", &[("a", Text), ("b", Name)]),
        ("name, text", &[("", Name), ("", Text)]),
        ("character varying", &[("", Varchar)]),
        ("a character varying(10)", &[("a", Varchar)]),
        ("a numeric(10, 2)", &[("a", Numeric)]),
        ("double precision", &[("", Other)]),
        ("a timestamp with time zone", &[("a", Other)]),
        ("timestamp with time zone", &[("", Other)]),
        ("time without time zone", &[("", Other)]),
        ("\"A b\" name", &[("A b", Name)]),
        ("A name", &[("a", Name)]),
        ("a pg_catalog.name", &[("a", Name)]),
        ("pg_catalog.name", &[("", Name)]),
        ("a s.mytype", &[("a", Other)]),
        ("a boolean", &[("a", Bool)]),
    ];
    let mut wrong = Vec::new();
    for (list, expected) in table {
        let found = parameters(list);
        let same = found.iter().map(|(n, t)| (n.as_str(), *t)).eq(expected.iter().copied());
        if !same {
            wrong.push(format!("{list} => {found:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(table.len(), 25);
}

#[test]
fn bodies_are_read_by_language() {
    let table: &[(&str, bool)] = &[
        ("RETURNS text LANGUAGE sql AS $$ SELECT ok(true) $$", true),
        ("RETURNS text AS $$ SELECT ok(true) $$ LANGUAGE sql", true),
        ("RETURNS text AS 'SELECT ok(true)' LANGUAGE SQL", true),
        ("RETURNS text AS E'SELECT ok(true)' LANGUAGE plpgsql", true),
        ("RETURNS text LANGUAGE \"plpgsql\" AS $$ SELECT ok(true) $$", true),
        ("RETURNS text LANGUAGE 'plpgsql' AS $$ SELECT ok(true) $$", true),
        (
            "RETURNS text SET search_path = 'x' LANGUAGE sql AS $$ SELECT ok(true) $$",
            true,
        ),
        (
            "RETURNS TABLE (a text, b text) LANGUAGE sql AS $$ SELECT ok(true) $$",
            true,
        ),
        (
            "RETURNS text COST 100 STABLE LANGUAGE sql AS $$ SELECT ok(true) $$",
            true,
        ),
        ("RETURNS text LANGUAGE plpython3u AS $$ SELECT ok(true) $$", false),
        ("RETURNS text AS $$ SELECT ok(true) $$ LANGUAGE plperl", false),
        ("RETURNS text LANGUAGE c AS 'SELECT ok(true)', 'ok'", false),
        ("RETURNS text LANGUAGE internal AS 'ok'", false),
    ];
    for (rest, found) in table {
        let all = read(&format!("CREATE FUNCTION f() {rest};"));
        assert_eq!(all.assertions.len(), usize::from(*found), "{rest}");
    }
    assert_eq!(table.len(), 13);
}
