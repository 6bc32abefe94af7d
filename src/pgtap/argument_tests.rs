//! The static types of argument forms: every row of the table that was checked against PostgreSQL.

use super::super::testing;
use super::*;
use crate::sql::lexer::Mode;
use crate::sql::statement::{Aside, Statements};
use crate::sql::token::Token;

struct Silent;

impl Aside for Silent {
    fn comment(&mut self, _: &Token) {}
    fn meta(&mut self, _: &Token) {}
    fn open(&mut self, _: &Token) {}
}

/// The type of the text as an argument, and whether its value is constant.
fn typed(text: &str) -> ArgType {
    let mut tokens = Vec::new();
    let mut statements = Statements::new(text.as_bytes(), Mode::Psql);
    statements.next_into(&mut tokens, &mut Silent);
    let mut closing = vec![super::super::view::UNMATCHED; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::LParen | Kind::LBracket => open.push(at),
            Kind::RParen | Kind::RBracket => closing[open.pop().unwrap()] = at as u32,
            _ => {}
        }
    }
    let view = View {
        source: text.as_bytes(),
        tokens: &tokens,
        closing: &closing,
    };
    read(&view, 0, tokens.len(), &()).ty
}

#[test]
fn forms_have_the_types_that_postgresql_gives_them() {
    use ArgType::*;
    let table: &[(&str, ArgType)] = &[
        // Bare literals.
        ("'x'", Unknown),
        ("E'x'", Unknown),
        ("e'x\\'y'", Unknown),
        ("N'x'", Unknown),
        ("$$x$$", Unknown),
        ("$a$x$a$", Unknown),
        ("U&'x'", Unknown),
        ("U&'!0041' UESCAPE '!'", Unknown),
        ("NULL", Unknown),
        ("null", Unknown),
        ("'{a,b}'", Unknown),
        (":'v'", Unknown),
        ("('x')", Unknown),
        ("(('x'))", Unknown),
        ("'a'\n'b'", Unknown),
        // name
        ("'x'::name", Name),
        ("'x' :: pg_catalog.name", Name),
        ("name 'x'", Name),
        ("CAST('x' AS name)", Name),
        ("cast('x' as pg_catalog.name)", Name),
        ("current_user", Name),
        ("session_user", Name),
        ("user", Name),
        ("current_schema", Name),
        ("current_schema()", Name),
        ("current_database()", Name),
        ("relname", Name),
        ("c.relname", Name),
        ("pg_class.relname", Name),
        ("table_name::information_schema.sql_identifier", Name),
        ("x::sql_identifier", Name),
        ("('x')::name", Name),
        ("('x'::name)", Name),
        ("'x'::text::name", Name),
        ("x::name", Name),
        ("quote_ident('x')::name", Name),
        // text
        ("'x'::text", Text),
        ("text 'x'", Text),
        ("CAST('x' AS text)", Text),
        ("'a' || 'b'", Text),
        ("'a'||x", Text),
        ("x || 'a'", Text),
        ("format('a_%s', x)", Text),
        ("pg_catalog.format('a')", Text),
        ("concat('a', 'b')", Text),
        ("concat_ws('.', 'a', 'b')", Text),
        ("lower('A')", Text),
        ("upper('A')", Text),
        ("quote_ident('x')", Text),
        ("CASE WHEN b THEN 'a' ELSE 'b' END", Text),
        ("CASE WHEN b THEN x ELSE 'b' END", Text),
        ("COALESCE('a', 'b')", Text),
        ("coalesce('a', x)", Text),
        ("(SELECT 'x')", Text),
        ("'x' COLLATE \"C\"", Text),
        ("x COLLATE \"C\"", Text),
        ("('a' || 'b')", Text),
        ("'x'::name || 'y'", Text),
        ("j ->> 'k'", Text),
        // varchar and char behave as text, but are types of their own.
        ("'x'::varchar", Varchar),
        ("'x'::varchar(10)", Varchar),
        ("'x'::character varying", Varchar),
        ("'x'::character varying(10)", Varchar),
        ("'x'::char(5)", Bpchar),
        ("'x'::character(5)", Bpchar),
        // Arrays.
        ("ARRAY['x']", TextArray),
        ("ARRAY['x', 'y']", TextArray),
        ("array[E'x']", TextArray),
        ("string_to_array('a,b', ',')", TextArray),
        ("'{a}'::text[]", TextArray),
        ("'{a}'::text[3]", TextArray),
        ("'{a}'::text ARRAY", TextArray),
        ("CAST('{a}' AS text[])", TextArray),
        ("ARRAY['x']::name[]", NameArray),
        ("ARRAY['x'::name]", NameArray),
        ("ARRAY[]::name[]", NameArray),
        ("ARRAY(SELECT relname FROM pg_class)", NameArray),
        ("'{a}'::name[]", NameArray),
        ("current_schemas(false)", NameArray),
        ("ARRAY['x']::varchar[]", VarcharArray),
        ("ARRAY[1, 2]", Int4Array),
        ("'{1}'::int[]", Int4Array),
        ("'{1}'::integer[]", Int4Array),
        ("ARRAY['a'] || 'b'::text", TextArray),
        // No implicit cast to name or text.
        ("'t'::regclass", Other),
        ("'t'::public.mytype", Other),
        ("1::bigint", Other),
        ("3000000000", Other),
        ("now()", Other),
        ("'{}'::jsonb", Other),
        ("date '2026-01-01'", Other),
        ("'f()'::regprocedure", Other),
        ("42", Int4),
        ("-1", Int4),
        ("+1", Int4),
        ("1 + 2", Int4),
        ("1.5", Numeric),
        ("-1.5", Numeric),
        ("true", Bool),
        ("FALSE", Bool),
        ("NOT x", Bool),
        ("a = b", Bool),
        ("'a' = 'b'", Bool),
        ("a IS NULL", Bool),
        ("a IS DISTINCT FROM b", Bool),
        ("EXISTS (SELECT 1)", Bool),
        ("a IN (1, 2)", Bool),
        ("a > 1 AND b < 2", Bool),
        ("'x'::regtype", Regtype),
        ("pg_typeof(x)", Regtype),
        ("1::oid", Oid),
        ("'c'::refcursor", Refcursor),
        ("ROW(1, 2)", Record),
        ("(1, 2)", Record),
        // Not to be told from the text.
        ("x", Untyped),
        ("t.x", Untyped),
        ("my_function('x')", Untyped),
        ("(SELECT x FROM t)", Untyped),
        ("x[1]", Untyped),
        ("(f()).x", Untyped),
        (":v", Untyped),
        ("", Untyped),
    ];
    let wrong: Vec<_> = table.iter().filter(|(text, ty)| typed(text) != *ty).collect();
    let said: Vec<_> = wrong
        .iter()
        .map(|(text, ty)| format!("{text}: {:?}, not {ty:?}", typed(text)))
        .collect();
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(table.len(), 122);
}

#[test]
fn columns_of_literal_rows_are_text() {
    for from in [
        "(VALUES ('a'), ('b')) v(x)",
        "unnest(ARRAY['a', 'b']) x",
        "unnest(ARRAY['a', 'b']) AS u(x)",
    ] {
        let all = testing::read(&format!("SELECT has_table('s', x) FROM {from};"));
        assert_eq!(all.chosen, ["table,desc"], "{from}");
        assert!(all.assertions[0].row_driven);
    }
}
