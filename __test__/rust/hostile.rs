//! Reading grows linearly with the input, whatever the input is.
//!
//! Nothing is timed: the feature `count-work` counts bytes looked at, tokens asked for and bytes handed out.

use std::sync::Arc;

use pgtap_scanner::pgtap::found::{Found, Sink};
use pgtap_scanner::pgtap::reader::{Reader, Wanted};
use pgtap_scanner::pgtap::suite::Suite;
use pgtap_scanner::work;

const OK: &str = "SELECT ok(true, 'x');\n";
/// How much more work twice the input may be.
const MOST: f64 = 2.3;

type Maker = Box<dyn Fn(usize) -> Vec<u8>>;

/// `unit(i)` until the text has about `size` bytes.
fn fill(size: usize, unit: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for i in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(&unit(i));
    }
    text
}

fn repeat(size: usize, unit: &str) -> String {
    unit.repeat(size.div_ceil(unit.len()))
}

/// Opens and closes around `middle`, so deep that the text has about `size` bytes.
fn nest(size: usize, open: &str, middle: &str, close: &str) -> String {
    let depth = (size / (open.len() + close.len())).max(1);
    format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
}

/// Dollar quotes within each other, each with its own tag.
fn nested_bodies(size: usize) -> String {
    let depth = (size / 36).max(1);
    let opens: String = (0..depth).map(|i| format!("DO $f{i}$ BEGIN ")).collect();
    let closes: String = (0..depth).rev().map(|i| format!(" END $f{i}$;")).collect();
    format!("{opens}PERFORM ok(true);{closes}")
}

fn text(make: impl Fn(usize) -> String + 'static) -> Maker {
    Box::new(move |size| make(size).into_bytes())
}

/// What the benchmark generates, too.
fn known() -> Vec<(&'static str, Maker)> {
    vec![
        (
            "nested-parens",
            text(|n| format!("SELECT ok({});", nest(n, "(", "true", ")"))),
        ),
        ("open-parens", text(|n| format!("SELECT ok{}", repeat(n, "(")))),
        ("close-parens", text(|n| format!("SELECT ok(true){};", repeat(n, ")")))),
        (
            "nested-brackets",
            text(|n| format!("SELECT is({}, 1);", nest(n, "ARRAY[", "1", "]"))),
        ),
        ("open-dollar-tags", text(|n| fill(n, |i| format!("$t{i}$ ")))),
        (
            "open-dollar-assertions",
            text(|n| fill(n, |i| format!("SELECT ok($a{i}$ x);\n"))),
        ),
        ("open-strings", text(|n| repeat(n, "SELECT ok('x);\n"))),
        ("open-escape-strings", text(|n| repeat(n, "E'\\' "))),
        ("open-comments", text(|n| repeat(n, "/* x "))),
        ("nested-comments", text(|n| repeat(n, "/*/"))),
        ("closed-nested-comments", text(|n| nest(n, "/*", " ", "*/") + OK)),
        ("nested-ok", text(|n| repeat(n, "ok("))),
        (
            "closed-nested-ok",
            text(|n| format!("SELECT {};", nest(n, "ok(", "true", ")"))),
        ),
        (
            "huge-argument-list",
            text(|n| format!("SELECT collect_tap({}'z');", repeat(n, "'a', "))),
        ),
        (
            "huge-string",
            text(|n| format!("SELECT ok(true, '{}');", repeat(n, "ok(1) "))),
        ),
        ("single-quotes", text(|n| format!("SELECT {}", repeat(n, "'")))),
        ("double-quotes", text(|n| format!("SELECT {}", repeat(n, "\"")))),
        ("backslashes", text(|n| format!("SELECT {}", repeat(n, "\\")))),
        ("backslash-lines", text(|n| repeat(n, "\\\n"))),
        ("backticks", text(|n| format!("SELECT {}", repeat(n, "`")))),
        ("set-backticks", text(|n| repeat(n, "\\set x `\n"))),
        ("dollars", text(|n| format!("SELECT {}", repeat(n, "$")))),
        ("colons", text(|n| format!("SELECT {}", repeat(n, ":")))),
        (
            "double-colons",
            text(|n| format!("SELECT ok(true{});", repeat(n, "::::"))),
        ),
        ("variables", text(|n| format!("SELECT ok({}", repeat(n, ":'")))),
        ("casts", text(|n| format!("SELECT ok('x'{});", repeat(n, "::text")))),
        ("commas", text(|n| format!("SELECT ok({});", repeat(n, ",")))),
        ("dots", text(|n| format!("SELECT {}ok(true);", repeat(n, "a.")))),
        ("tiny-statements", text(|n| repeat(n, OK))),
        ("empty-statements", text(|n| repeat(n, ";"))),
        (
            "open-copy",
            text(|n| format!("COPY t FROM stdin;\n{}", repeat(n, "it's ok(1)\t\\N\n"))),
        ),
        ("many-copies", text(|n| repeat(n, "COPY t FROM stdin;\n"))),
        ("nested-dollar-bodies", text(nested_bodies)),
        (
            "open-function-bodies",
            text(|n| {
                fill(n, |i| {
                    format!("CREATE FUNCTION f{i}() RETURNS text LANGUAGE sql AS $b{i}$ SELECT ok(")
                })
            }),
        ),
        ("long-line", text(|n| repeat(n, "SELECT ok(true, 'x'); "))),
        ("long-name", text(|n| format!("SELECT {}(true);", repeat(n, "ok")))),
        ("many-ifs", text(|n| repeat(n, "\\if :x\n"))),
        (
            "many-includes",
            text(|n| fill(n, |i| format!("\\ir missing_{i}.sql\n"))),
        ),
        (
            "many-sets",
            text(|n| fill(n, |i| format!("\\set v{i} :v{0} :v{0}\n", i.saturating_sub(1)))),
        ),
        ("nul-bytes", text(|n| format!("SELECT ok(true{});", repeat(n, "\0")))),
        (
            "broken-utf8",
            text(|n| format!("SELECT ok('{}');", repeat(n, "\u{FFFD}"))),
        ),
        (
            "unions",
            text(|n| format!("SELECT ok(true){};", repeat(n, " UNION ALL SELECT ok(true)"))),
        ),
        (
            "case-arms",
            text(|n| format!("SELECT CASE{} END;", repeat(n, " WHEN a THEN ok(true)"))),
        ),
    ]
}

/// What reading the code suggested.
fn suggested() -> Vec<(&'static str, Maker)> {
    let helper = "CREATE FUNCTION h(a name, b name) RETURNS SETOF text LANGUAGE sql AS $$ ";
    let spread = |n: usize, head: &str| {
        let calls = repeat(n / 2, "has_table(x),");
        format!("SELECT {calls}ok(true) FROM {head};")
    };
    vec![
        (
            "calls-in-calls",
            text(|n| format!("SELECT {};", nest(n, "ok(1+", "1", ")"))),
        ),
        (
            "open-calls-in-calls",
            text(|n| format!("SELECT {}", repeat(n, "ok(1+"))),
        ),
        (
            "object-calls-in-calls",
            text(|n| format!("SELECT {};", nest(n, "has_table('a'||", "x", ")"))),
        ),
        (
            "calls-in-calls-with-rows",
            text(|n| format!("SELECT {} FROM t;", nest(n, "has_table(a||", "x", ")"))),
        ),
        (
            "calls-in-parens-in-calls",
            text(|n| format!("SELECT {};", nest(n, "is(((", "1", ")))"))),
        ),
        (
            "calls-in-arrays",
            text(|n| format!("SELECT {};", nest(n, "is(ARRAY[1,", "1", "])"))),
        ),
        (
            "calls-in-cases",
            text(|n| format!("SELECT {};", nest(n, "ok(CASE WHEN a THEN ", "b", " END)"))),
        ),
        (
            "calls-in-selects",
            text(|n| format!("SELECT {};", nest(n, "ok((SELECT 1+", "1", " FROM t))"))),
        ),
        (
            "calls-in-casts",
            text(|n| format!("SELECT {};", nest(n, "ok(CAST(", "1", " AS text))"))),
        ),
        (
            "arrays-in-arrays-of-names",
            text(|n| format!("SELECT has_table({});", nest(n, "ARRAY['a',", "'b'", "]"))),
        ),
        (
            "rows-in-rows",
            text(|n| format!("SELECT is({});", nest(n, "(1,", "2", ")"))),
        ),
        ("open-brackets", text(|n| format!("SELECT ok({}", repeat(n, "[1,")))),
        (
            "open-brackets-with-calls",
            text(|n| format!("SELECT {}", repeat(n, "ok(1,["))),
        ),
        ("crossed-brackets", text(|n| format!("SELECT {}", repeat(n, "ok([)")))),
        ("cases", text(|n| format!("SELECT ok({}", repeat(n, "CASE WHEN ")))),
        (
            "nested-cases",
            text(|n| format!("SELECT ok({});", nest(n, "CASE WHEN a THEN ", "b", " END"))),
        ),
        (
            "ctes",
            text(|n| {
                format!(
                    "WITH a AS (SELECT 1){} SELECT ok(true);",
                    fill(n, |i| format!(", c{i} (x) AS (SELECT * FROM c)"))
                )
            }),
        ),
        (
            "rows-times-calls",
            text(move |n| spread(n, &format!("(VALUES ('a'){}) v(x)", repeat(n / 2, ",('b')")))),
        ),
        (
            "long-rows-times-calls",
            text(move |n| spread(n, &format!("(VALUES ('{0}'),('{0}')) v(x)", repeat(n / 4, "a")))),
        ),
        (
            "unnested-times-calls",
            text(move |n| spread(n, &format!("unnest(ARRAY['a'{}]) x", repeat(n / 2, ",'b'")))),
        ),
        (
            "array-literal-times-calls",
            text(move |n| spread(n, &format!("unnest('{{a{}}}'::name[]) x", repeat(n / 2, ",b")))),
        ),
        (
            "columns-times-calls",
            text(|n| {
                let (names, values) = (fill(n / 3, |i| format!("c{i},")), repeat(n / 3, "'a',"));
                let calls = fill(n / 3, |i| format!("has_table(c{i}),"));
                format!("SELECT {calls}ok(true) FROM (VALUES ({values}'z'),({values}'z')) v({names}z);")
            }),
        ),
        (
            "rows-times-long-lists",
            text(|n| {
                format!(
                    "SELECT columns_are(x, ARRAY['a'{}]) FROM (VALUES ('a'){}) v(x);",
                    repeat(n / 2, ",'b'"),
                    repeat(n / 2, ",('b')")
                )
            }),
        ),
        (
            "filters",
            text(|n| {
                format!(
                    "SELECT has_table(c1) FROM t WHERE {};",
                    fill(n, |i| format!("c{i} = 'x' AND "))
                )
            }),
        ),
        (
            "long-filter-times-calls",
            text(|n| {
                format!(
                    "SELECT {}1 FROM t WHERE x = '{}';",
                    repeat(n / 2, "has_table(x),"),
                    repeat(n / 2, "a")
                )
            }),
        ),
        (
            "long-variable-times-calls",
            text(|n| {
                format!(
                    "\\set v {}\n{}",
                    repeat(n / 2, "a"),
                    repeat(n / 2, "SELECT has_table(:'v');\n")
                )
            }),
        ),
        (
            "prepares",
            text(|n| fill(n, |i| format!("PREPARE p{i} AS SELECT * FROM t{i};\nEXECUTE p{i};\n"))),
        ),
        (
            "executes-of-one",
            text(|n| {
                format!(
                    "PREPARE p AS SELECT {} 1;\n{}",
                    repeat(n / 2, "f(),"),
                    repeat(n / 2, "SELECT lives_ok('p');\n")
                )
            }),
        ),
        (
            "nested-sql-texts",
            text(|n| repeat(n, "SELECT lives_ok($$ SELECT lives_ok('SELECT ''x'' FROM t') $$);\n")),
        ),
        (
            "statements-in-bodies",
            text(|n| {
                format!(
                    "DO $$ BEGIN {} END $$;",
                    repeat(
                        n,
                        "IF a THEN CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ok(true)'; END IF;"
                    )
                )
            }),
        ),
        ("begins-in-body", text(|n| format!("DO $$ {} $$;", repeat(n, "BEGIN ")))),
        (
            "comments-in-statement",
            text(|n| format!("SELECT ok({}true);", repeat(n, "/* SELECT ok(1); */ "))),
        ),
        ("line-comments", text(|n| repeat(n, "-- SELECT ok(true);\n"))),
        (
            "line-comments-apart",
            text(|n| repeat(n, "-- SELECT ok(true);\nSELECT 1;\n")),
        ),
        ("comment-of-comments", text(|n| repeat(n, "-- /* -- x\n"))),
        ("strings-with-comments-behind", text(|n| repeat(n, "'a' -- b\n-- c\n"))),
        (
            "strings-continued",
            text(|n| format!("SELECT ok({})", repeat(n, "'a'\n"))),
        ),
        (
            "metas-in-statement",
            text(|n| format!("SELECT ok(1)\n{}, ok(2)", repeat(n, "\\set x 1\n, ok(1)\n"))),
        ),
        (
            "gsets",
            text(|n| format!("\\set v 1\n{}", repeat(n, "SELECT 1 AS v \\gset\n"))),
        ),
        ("open-metas-quotes", text(|n| repeat(n, "\\x'\""))),
        ("spaces-behind-metas", text(|n| format!("\\x{}\n", repeat(n, " \t")))),
        ("endifs", text(|n| repeat(n, "\\endif\n"))),
        ("unclosed-statements", text(|n| repeat(n, "SELECT ok((;\n"))),
        ("tags-apart", text(|n| repeat(n, "$a$ $b$ $a$ "))),
        (
            "copy-lookalikes",
            text(|n| format!("COPY t FROM stdin;\n{}", repeat(n, "\\.x\n"))),
        ),
        (
            "froms",
            text(|n| format!("SELECT 1 {}", repeat(n, "FROM ONLY LATERAL ,"))),
        ),
        ("onlys", text(|n| format!("SELECT 1 FROM {}", repeat(n, "ONLY ")))),
        (
            "sub-selects",
            text(|n| format!("SELECT {}", repeat(n, "(SELECT ok(x) FROM "))),
        ),
        (
            "sub-selects-of-rows",
            text(|n| format!("SELECT {}", repeat(n, "has_table(x) FROM (VALUES ((SELECT "))),
        ),
        (
            "concatenations",
            text(|n| format!("SELECT has_table('a'{});", repeat(n, "||x"))),
        ),
        (
            "standard-bodies",
            text(|n| {
                fill(n, |i| {
                    format!("CREATE FUNCTION f{i}() RETURNS text LANGUAGE sql RETURN ok(true);\n")
                })
            }),
        ),
        (
            "helpers-and-calls",
            text(move |n| {
                format!(
                    "{helper}SELECT 1{}; $$;\nSELECT 1{};",
                    repeat(n / 2, ",has_table(a)"),
                    repeat(n / 2, ",h('x','y')")
                )
            }),
        ),
        (
            "long-helpers-and-calls",
            text(move |n| {
                format!(
                    "{helper}SELECT has_table('{}', a); $$;\nSELECT 1{};",
                    repeat(n / 2, "x"),
                    repeat(n / 2, ",h('x','y')")
                )
            }),
        ),
        (
            "long-calls-of-helpers",
            text(move |n| {
                format!(
                    "{helper}SELECT 1{}; $$;\nSELECT h('{}', 'y');",
                    repeat(n / 2, ",has_table(a)"),
                    repeat(n / 2, "x")
                )
            }),
        ),
        (
            "helpers-of-one-name",
            text(|n| {
                let define =
                    |i| format!("CREATE FUNCTION s{i}.h(a name) RETURNS text LANGUAGE sql AS 'SELECT ok(true)';\n");
                format!("{}{}", fill(n / 2, define), repeat(n / 2, "SELECT z.h('x');\n"))
            }),
        ),
        (
            "parameters",
            text(|n| {
                let (names, calls) = (
                    fill(n / 2, |i| format!("p{i} name,")),
                    fill(n / 2, |i| format!("has_table(p{i}),")),
                );
                format!("CREATE FUNCTION h({names} z name) RETURNS text LANGUAGE sql AS $$ SELECT {calls} 1 $$;")
            }),
        ),
    ]
}

struct Count;

impl Sink for Count {
    fn assertion(&mut self, found: &Found) {
        let texts: usize = found.texts.iter().map(|t| t.len()).sum();
        let given: usize = found
            .given
            .iter()
            .filter_map(|g| g.content.text())
            .map(<[u8]>::len)
            .sum();
        let label = found.reading.iter().filter_map(|r| r.label.as_ref());
        let names = label.chain(found.rows).flat_map(|n| n.parts.iter().flatten());
        work::note(1 + found.raw.len() + texts + given + names.map(|p| p.len()).sum::<usize>());
    }

    fn exercised(&mut self, _: bool, schema: Option<&[u8]>, name: &[u8]) {
        work::note(1 + name.len() + schema.map_or(0, <[u8]>::len));
    }
}

/// The steps of reading `source`, the second time with the helpers of the first.
fn steps(source: &[u8], wanted: Wanted) -> u64 {
    let mut suite = Suite::new(Vec::new());
    work::taken();
    let facts = Reader::new(&suite, wanted).read(source, &mut Count);
    let helpers = !facts.helpers.is_empty();
    for helper in facts.helpers {
        suite.add_helper(Arc::unwrap_or_clone(helper));
    }
    if helpers {
        Reader::new(&suite, wanted).read(source, &mut Count);
    }
    work::taken()
}

fn check(kinds: Vec<(&'static str, Maker)>, count: usize) {
    assert_eq!(kinds.len(), count);
    let modes = [(false, false), (false, true), (true, true)];
    let mut wrong = Vec::new();
    for (kind, make) in &kinds {
        for (commented, listing) in modes {
            let work = |kb: usize| steps(&make(kb * 1024), Wanted { commented, listing }) as f64;
            let (a, b, c) = (work(64), work(128), work(256));
            // A problem that only the longer text has costs two passes more, to tell its line.
            let most = |less: f64, kb: usize| MOST * less + (2 * kb * 1024) as f64;
            if b > most(a, 128) || c > most(b, 256) {
                wrong.push(format!("{kind} commented={commented} listing={listing}: {a} {b} {c}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn twice_the_input_is_twice_the_work() {
    check(known(), 43);
}

#[test]
fn twice_of_what_the_code_suggests_is_twice_the_work() {
    check(suggested(), 56);
}
