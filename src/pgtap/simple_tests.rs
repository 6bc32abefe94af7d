//! The short way and the walk find the same.

use crate::pgtap::catalog::FnId;
use crate::pgtap::found::{Found, Sink};
use crate::pgtap::reader::{Reader, Text, Wanted};
use crate::pgtap::suite::Suite;
use crate::sql::lexer::{Lexer, Mode};

/// Everything a scan sees of an assertion, as text.
#[derive(Default)]
struct Seen(Vec<String>);

impl Sink for Seen {
    fn assertion(&mut self, found: &Found) {
        self.0.push(format!(
            "{} {} {:?} {:?} {:?} {:?} {} {}",
            found.id,
            found.line,
            found.reading,
            found.given,
            found.wrapper,
            found.context,
            found.conditional,
            found.row_driven
        ));
    }

    fn exercised(&mut self, function: bool, schema: Option<&[u8]>, name: &[u8]) {
        self.0.push(format!("{function} {schema:?} {name:?}"));
    }
}

fn seen(sql: &str) -> (Vec<String>, String) {
    let suite = Suite::new(Vec::new());
    let mut seen = Seen::default();
    let mut reader = Reader::new(&suite, Wanted::default());
    let facts = reader.read(sql.as_bytes(), &mut seen);
    (seen.0, format!("{facts:?}"))
}

/// `AS x` behind the call: the walk reads it, and nothing else changes.
fn differs(call: &str, prefix: &str) -> Option<String> {
    let short = seen(&format!("{prefix}SELECT {call};"));
    let long = seen(&format!("{prefix}SELECT {call} AS x;"));
    (short != long).then(|| format!("{call}\n  {short:?}\n  {long:?}"))
}

const ARGUMENTS: &[&str] = &[
    "'a'",
    "'public'",
    "'users table'",
    "'Table users exists, as it should'",
    "''",
    "'it''s there'",
    "'{a,b}'",
    "'insert'",
    "'lower(a)'",
    "'a.b'",
    "'23505'",
    "'a'::name",
    "'a b'::TEXT",
    "'a'::regclass",
    "'{a,b}'::text[]",
    "ARRAY['a', 'b']",
    "ARRAY['a']::name[]",
    "ARRAY[1, 2]",
    "ARRAY[]",
    "NULL",
    "1",
    "true",
    "E'a\\'b'",
    "$$SELECT f(x) FROM s.t$$",
    "'SELECT 1 FROM t'",
    "U&'a'",
    "a",
    "lower('a')",
    "(SELECT 1 FROM u)",
    "'a' || 'b'",
    "how => 'a'",
];

const PREFIXES: &[&str] = &[
    "",
    "\\if :x\n",
    "CREATE SCHEMA a;\n",
    "SET search_path TO tap;\n",
    "SELECT 'v' AS a \\gset\n",
];

#[test]
fn the_short_way_finds_what_the_walk_finds() {
    let functions: Vec<&str> = FnId::all().map(|id| id.function().name).collect();
    let mut state = 1u64;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % n
    };
    let mut wrong = Vec::new();
    for round in 0..40_000 {
        let name = functions[round % functions.len()];
        // Half of the calls have arguments that the short way takes.
        let choices = if random(2) == 0 { 12 } else { ARGUMENTS.len() };
        let arguments: Vec<&str> = (0..random(7)).map(|_| ARGUMENTS[random(choices)]).collect();
        wrong.extend(differs(
            &format!("{name}({})", arguments.join(", ")),
            PREFIXES[random(PREFIXES.len())],
        ));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn only_constant_arguments_are_simple() {
    let table = [
        ("SELECT has_table('a')", true),
        ("select HAS_TABLE('a', 'b'::name, 'c d')", true),
        ("SELECT has_function('a', ARRAY['b', 'c'])", true),
        ("SELECT is(1, '2', $$three$$)", true),
        ("SELECT results_eq('SELECT 1', ARRAY[1, 2])", true),
        ("SELECT has_table('a''b')", false),
        ("SELECT has_table(:'a')", false),
        ("SELECT has_table('a') AS b", false),
        ("SELECT has_table('a'), has_table('b')", false),
        ("SELECT has_table(lower('a'))", false),
        ("SELECT has_table('a' 'b')", false),
        ("SELECT has_table(ARRAY['a' 'b'])", false),
        ("SELECT has_table(ARRAY('a'))", false),
        ("SELECT has_table('a'::text[])", false),
        ("SELECT has_table('a',)", false),
        ("SELECT has_table()", false),
        ("SELECT is(ARRAY[1, 2)", false),
        ("SELECT is(1], 2)", false),
        ("SELECT is((1), 2)", false),
        ("SELECT plan(3)", false),
        ("SELECT other('a')", false),
        ("SELECT tap.has_table('a')", false),
        ("VALUES (has_table('a'))", false),
    ];
    for (sql, expected) in table {
        assert_eq!(simple(sql), expected, "{sql}");
    }
    assert_eq!(table.len(), 23);
}

fn simple(sql: &str) -> bool {
    let suite = Suite::new(Vec::new());
    let mut reader = Reader::new(&suite, Wanted::default());
    let mut text = Text::new(sql.as_bytes(), Mode::Psql, 1);
    let tokens: Vec<_> = Lexer::new(sql.as_bytes(), Mode::Psql)
        .filter(|t| !t.kind.is_trivia())
        .collect();
    super::statement(&mut reader, &mut text, &tokens, &mut Seen::default())
}
