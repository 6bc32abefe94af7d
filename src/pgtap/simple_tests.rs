//! The short way and the walk find the same.

use crate::coverage::batch::described;
use crate::pgtap::area::Area;
use crate::pgtap::catalog::{FnId, Group};
use crate::pgtap::found::{Found, Labelled, Sink};
use crate::pgtap::reader::{Reader, Text, Wanted};
use crate::pgtap::suite::Suite;
use crate::sql::lexer::Mode;
use crate::sql::statement::Statements;

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

/// Numbers below the one asked for, the same in every run.
fn random() -> impl FnMut(usize) -> usize {
    let mut state = 1u64;
    move |n| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % n
    }
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
    let mut random = random();
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
    let sql = format!("{sql};");
    let mut text = Text::new(sql.as_bytes(), Mode::Psql, 1);
    let mut statements = Statements::new(sql.as_bytes(), Mode::Psql);
    reader.simple(&mut text, &mut statements, &mut Seen::default()) == 1
}

/// What a sink sees that takes labels, in one form however they come.
#[derive(Default)]
struct Labels {
    seen: Vec<String>,
    short: usize,
}

impl Labels {
    fn add(&mut self, id: u32, area: Area, parts: [&[u8]; 3], described: bool) {
        self.seen.push(format!("{id} {area:?} {parts:?} {described}"));
    }
}

impl Sink for Labels {
    fn takes_labels(&self) -> bool {
        true
    }

    fn labelled(&mut self, found: &Labelled) {
        self.short += 1;
        self.add(found.id, found.area, found.parts, found.described);
    }

    fn assertion(&mut self, found: &Found) {
        let reading = found.reading.expect("assertions about objects are read");
        match &reading.label {
            Some(label) if reading.credits.is_empty() && !(reading.list || reading.misread || reading.dynamic) => {
                let parts = [0, 1, 2].map(|at| label.parts[at].as_deref().unwrap_or(&[]));
                self.add(found.id, label.area, parts, described(found));
            }
            _ => self.seen.push(format!("{} {reading:?}", found.id)),
        }
    }

    fn exercised(&mut self, _: bool, _: Option<&[u8]>, _: &[u8]) {}
}

#[test]
fn calls_like_earlier_ones_are_read_as_they_are_alone() {
    let functions: Vec<FnId> = FnId::all().filter(|id| id.function().group == Group::Object).collect();
    let mut random = random();
    let suite = Suite::new(Vec::new());
    let (mut together, mut alone) = (Labels::default(), Labels::default());
    let mut reader = Reader::new(&suite, Wanted::default());
    for round in 0..10_000 {
        let name = functions[round % functions.len()].function().name;
        let arguments: Vec<&str> = (0..1 + random(6)).map(|_| ARGUMENTS[random(16)]).collect();
        let sql = format!("SELECT {name}({});", arguments.join(", "));
        let facts = reader.read(sql.as_bytes(), &mut together);
        let expected = Reader::new(&suite, Wanted::default()).read(sql.as_bytes(), &mut alone);
        assert_eq!(together.seen.last(), alone.seen.last(), "{sql}");
        assert_eq!(format!("{facts:?}"), format!("{expected:?}"), "{sql}");
    }
    assert_eq!((together.seen.len(), alone.short), (alone.seen.len(), 0));
    assert!(together.short > 500, "{}", together.short);
}
