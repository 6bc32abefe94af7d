//! Inputs that make a careless reader slow, deep or greedy. None of them is a sensible test file.

/// A name and what makes about so many bytes of it.
pub type Kind = (&'static str, fn(usize) -> Vec<u8>);

const OK: &str = "SELECT ok(true, 'x');\n";

/// `unit(i)` until the text has about `size` bytes.
fn each(size: usize, unit: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for i in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(&unit(i));
    }
    text
}

fn fill(size: usize, unit: &str) -> String {
    unit.repeat(size.div_ceil(unit.len()))
}

/// `open`s and `close`s around `middle`, so deep that the text has about `size` bytes.
fn nest(size: usize, open: &str, middle: &str, close: &str) -> String {
    let depth = (size / (open.len() + close.len())).max(1);
    open.repeat(depth) + middle + &close.repeat(depth)
}

/// Dollar quotes within each other, each with its own tag.
fn nested_bodies(size: usize) -> String {
    let depth = (size / 36).max(1);
    let opens = each_n(depth, |i| format!("DO $f{i}$ BEGIN "));
    let closes = each_n(depth, |i| format!(" END $f{}$;", depth - 1 - i));
    format!("{opens}PERFORM ok(true);{closes}")
}

fn each_n(count: usize, unit: impl Fn(usize) -> String) -> String {
    (0..count).map(unit).collect()
}

/// The kinds that the benchmark generates, too.
pub const BENCHMARK: &[Kind] = &[
    ("nested-parens", |n| {
        format!("SELECT ok({});", nest(n, "(", "true", ")")).into()
    }),
    ("open-parens", |n| format!("SELECT ok{}", fill(n, "(")).into()),
    ("close-parens", |n| format!("SELECT ok(true){};", fill(n, ")")).into()),
    ("nested-brackets", |n| {
        format!("SELECT is({}, 1);", nest(n, "ARRAY[", "1", "]")).into()
    }),
    ("open-dollar-tags", |n| each(n, |i| format!("$t{i}$ ")).into()),
    ("open-dollar-assertions", |n| {
        each(n, |i| format!("SELECT ok($a{i}$ x);\n")).into()
    }),
    ("open-strings", |n| fill(n, "SELECT ok('x);\n").into()),
    ("open-escape-strings", |n| fill(n, "E'\\' ").into()),
    ("open-comments", |n| fill(n, "/* x ").into()),
    ("nested-comments", |n| fill(n, "/*/").into()),
    ("closed-nested-comments", |n| (nest(n, "/*", " ", "*/") + OK).into()),
    ("nested-ok", |n| fill(n, "ok(").into()),
    ("closed-nested-ok", |n| {
        format!("SELECT {};", nest(n, "ok(", "true", ")")).into()
    }),
    ("huge-argument-list", |n| {
        format!("SELECT collect_tap({}'z');", fill(n, "'a', ")).into()
    }),
    ("huge-string", |n| {
        format!("SELECT ok(true, '{}');", fill(n, "ok(1) ")).into()
    }),
    ("single-quotes", |n| format!("SELECT {}", fill(n, "'")).into()),
    ("double-quotes", |n| format!("SELECT {}", fill(n, "\"")).into()),
    ("backslashes", |n| format!("SELECT {}", fill(n, "\\")).into()),
    ("backslash-lines", |n| fill(n, "\\\n").into()),
    ("backticks", |n| format!("SELECT {}", fill(n, "`")).into()),
    ("set-backticks", |n| fill(n, "\\set x `\n").into()),
    ("dollars", |n| format!("SELECT {}", fill(n, "$")).into()),
    ("colons", |n| format!("SELECT {}", fill(n, ":")).into()),
    ("double-colons", |n| {
        format!("SELECT ok(true{});", fill(n, "::::")).into()
    }),
    ("variables", |n| format!("SELECT ok({}", fill(n, ":'")).into()),
    ("casts", |n| format!("SELECT ok('x'{});", fill(n, "::text")).into()),
    ("commas", |n| format!("SELECT ok({});", fill(n, ",")).into()),
    ("dots", |n| format!("SELECT {}ok(true);", fill(n, "a.")).into()),
    ("tiny-statements", |n| fill(n, OK).into()),
    ("empty-statements", |n| fill(n, ";").into()),
    ("open-copy", |n| {
        format!("COPY t FROM stdin;\n{}", fill(n, "it's ok(1)\t\\N\n")).into()
    }),
    ("many-copies", |n| fill(n, "COPY t FROM stdin;\n").into()),
    ("nested-dollar-bodies", |n| nested_bodies(n).into()),
    ("open-function-bodies", |n| {
        each(n, |i| {
            format!("CREATE FUNCTION f{i}() RETURNS text LANGUAGE sql AS $b{i}$ SELECT ok(")
        })
        .into()
    }),
    ("long-line", |n| fill(n, &OK.replace('\n', " ")).into()),
    ("long-name", |n| format!("SELECT {}(true);", fill(n, "ok")).into()),
    ("many-ifs", |n| fill(n, "\\if :x\n").into()),
    ("many-includes", |n| {
        each(n, |i| format!("\\ir missing_{i}.sql\n")).into()
    }),
    ("many-sets", |n| {
        each(n, |i| format!("\\set v{i} :v{0} :v{0}\n", i.saturating_sub(1))).into()
    }),
    ("nul-bytes", |n| format!("SELECT ok(true{});", fill(n, "\0")).into()),
    ("broken-utf8", |n| {
        [b"SELECT ok('", vec![0xff; n].as_slice(), b"');"].concat()
    }),
    ("unions", |n| {
        format!("SELECT ok(true){};", fill(n, " UNION ALL SELECT ok(true)")).into()
    }),
    ("case-arms", |n| {
        format!("SELECT CASE{} END;", fill(n, " WHEN a THEN ok(true)")).into()
    }),
];

/// Kinds that this reader's own structure suggests.
pub const OWN: &[Kind] = &[
    // Look-aheads of the lexer that fail.
    ("continued-strings", |n| fill(n, "'a' \n").into()),
    ("almost-continued-strings", |n| fill(n, "'a' -- x\n;").into()),
    ("string-before-comments", |n| {
        format!("SELECT 'a'\n{}", fill(n, "-- x\n")).into()
    }),
    ("escape-continued-strings", |n| fill(n, "E'a'\n'b' ").into()),
    ("signs", |n| format!("SELECT 1 {} 1;", fill(n, "+-")).into()),
    ("operators", |n| format!("SELECT 1 {} 1;", fill(n, "@-")).into()),
    ("unclosed-quoted-variables", |n| fill(n, ":'aaaaaaaaaaaaaaaa ").into()),
    ("unclosed-braced-variables", |n| fill(n, ":{?aaaaaaaaaaaaaaaa ").into()),
    ("one-long-variable", |n| format!("SELECT :'{} ", fill(n, "a")).into()),
    ("long-dollar-tag", |n| format!("SELECT ${} ", fill(n, "a")).into()),
    ("same-dollar-tags", |n| fill(n, "$a$a").into()),
    ("backticks-in-arguments", |n| {
        format!("SELECT ok({}", fill(n, ",`")).into()
    }),
    ("copy-near-ends", |n| {
        format!("COPY t FROM stdin;\n{}", fill(n, "\\.x\n")).into()
    }),
    ("copy-due", |n| {
        format!("COPY t FROM stdin; {}", fill(n, " 'a' ")).into()
    }),
    ("spaces", |n| fill(n, " ").into()),
    ("numbers", |n| format!("SELECT {}", fill(n, "1_0.e+")).into()),
    ("metas-in-line", |n| fill(n, "\\a \\b ").into()),
    ("meta-quotes", |n| fill(n, "\\set x 'a\\").into()),
    ("meta-blanks", |n| fill(n, "\\a                ").into()),
    ("one-long-meta", |n| format!("\\set x {}\n", fill(n, "'a'b ")).into()),
    ("bytes-of-all-kinds", |n| (0..n).map(|i| (i * 7 % 256) as u8).collect()),
    // Statements.
    ("semicolons-in-parens", |n| fill(n, "select (;").into()),
    ("rule-semicolons", |n| {
        format!("CREATE RULE r AS ON INSERT TO t DO ({}", fill(n, "select 1;")).into()
    }),
    ("atomic", |n| {
        format!("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC {}", fill(n, "select 1;")).into()
    }),
    ("long-ddl", |n| format!("CREATE TABLE t ({})", fill(n, "a int,")).into()),
    ("metas-inside-a-statement", |n| {
        format!("SELECT {} ok(1);", fill(n, "ok(1), \\set x 1\n")).into()
    }),
    ("gsets", |n| fill(n, "SELECT ok(1) \\gset\n").into()),
    ("body-statements", |n| {
        format!("DO $$ BEGIN {} END $$;", fill(n, "IF a THEN PERFORM ok(1); END IF; ")).into()
    }),
    ("long-body-statement", |n| {
        format!("DO $$ BEGIN PERFORM {} END $$;", fill(n, "a + ")).into()
    }),
    ("body-blocks", |n| {
        format!("DO $$ {} $$;", nest(n, "BEGIN ", "PERFORM ok(1);", "END; ")).into()
    }),
    ("bodies-in-branches", |n| {
        format!(
            "DO $a$ BEGIN {} END $a$;",
            fill(n, "IF x THEN DO $b$ BEGIN PERFORM ok(1); END $b$; END IF; ")
        )
        .into()
    }),
    ("many-functions", |n| {
        each(n, |i| {
            format!("CREATE FUNCTION f{i}(a text) RETURNS text LANGUAGE sql AS $$ SELECT ok(a) $$;\n")
        })
        .into()
    }),
    // The walk.
    ("brackets-behind-parens", |n| {
        format!("SELECT ({})", fill(n, "[")).into()
    }),
    ("mixed-brackets", |n| format!("SELECT {}", fill(n, "([(]")).into()),
    ("from-only", |n| {
        format!("SELECT ok(1) FROM {} t;", fill(n, "ONLY ")).into()
    }),
    ("many-froms", |n| {
        format!("SELECT ok(1) FROM {} t;", fill(n, "t, ONLY ")).into()
    }),
    ("many-joins", |n| {
        format!("SELECT ok(1) FROM t {};", fill(n, " JOIN LATERAL ONLY")).into()
    }),
    ("nested-selects", |n| {
        format!("SELECT {};", nest(n, "(SELECT ok(1) FROM ", "t", ")")).into()
    }),
    ("nested-case", |n| {
        format!("SELECT {};", nest(n, "CASE WHEN a THEN ", "ok(1)", " END")).into()
    }),
    ("many-ctes", |n| {
        format!(
            "WITH {} z AS (SELECT 1) SELECT ok(1);",
            each(n, |i| format!("c{i} (a) AS (SELECT f(1)), "))
        )
        .into()
    }),
    ("named-arguments", |n| {
        format!("SELECT ok({});", each(n, |i| format!("a{i} => 1, "))).into()
    }),
    // Arguments in arguments.
    ("added-calls", |n| {
        format!("SELECT {};", nest(n, "ok(1+", "1", ")")).into()
    }),
    ("added-calls-with-from", |n| {
        format!("SELECT {} FROM t;", nest(n, "is(1+", "1", ",1)")).into()
    }),
    ("arrays-of-calls", |n| {
        format!("SELECT {} FROM t;", nest(n, "is(ARRAY[", "1", "],1)")).into()
    }),
    ("calls-in-parens", |n| {
        format!("SELECT {};", nest(n, "ok((", "1", "))")).into()
    }),
    ("long-first-argument", |n| {
        format!("SELECT {};", nest(n, "ok('a' || 'b' || ", "1", ")")).into()
    }),
    ("calls-in-cases", |n| {
        format!("SELECT {};", nest(n, "is(CASE WHEN a THEN ", "1", " END, 1)")).into()
    }),
    ("casts-in-casts", |n| {
        format!("SELECT ok({});", nest(n, "CAST(", "1", " AS text)")).into()
    }),
    ("coalesces", |n| {
        format!("SELECT ok({});", nest(n, "coalesce(", "'a'", ", 'b')")).into()
    }),
    ("plans-in-plans", |n| {
        format!("SELECT {};", nest(n, "plan(1+", "1", ")")).into()
    }),
    ("long-plan", |n| format!("SELECT plan({} 1);", fill(n, "1 + ")).into()),
    ("nested-plan", |n| {
        format!("SELECT plan({});", nest(n, "(", "1", ")")).into()
    }),
    ("many-plans", |n| fill(n, "SELECT plan(1);").into()),
    ("nested-check-tests", |n| {
        format!("SELECT {};", nest(n, "check_test(", "ok(1)", ", true, 'a', 'b', 'c')")).into()
    }),
    ("concatenation", |n| {
        format!("SELECT has_table({} 'a');", fill(n, "'a' || x || ")).into()
    }),
    ("format-string", |n| {
        format!("SELECT has_table(format('{}', x));", fill(n, "%s%1$-10s")).into()
    }),
    ("array-literal", |n| {
        format!("SELECT tables_are('s', '{{{}}}'::name[]);", fill(n, "\"a\",")).into()
    }),
    ("array", |n| {
        format!("SELECT tables_are('s', ARRAY[{}]);", fill(n, "'a',")).into()
    }),
    ("nested-array", |n| {
        format!("SELECT tables_are('s', {});", nest(n, "ARRAY['a',", "'b'", "]")).into()
    }),
    ("nested-calls-in-a-body", |n| {
        let calls = nest(n, "is(1+", "1", ",1)");
        format!("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT {calls} $$;").into()
    }),
    // Names that stand for something.
    ("many-columns", |n| {
        let columns = each(n / 2, |i| format!("c{i}, "));
        format!(
            "SELECT {} ok(1) FROM (VALUES (1)) v({columns} z);",
            fill(n / 2, "has_table(z), ")
        )
        .into()
    }),
    ("many-parameters", |n| {
        let parameters = each(n / 2, |i| format!("c{i} text, "));
        let calls = fill(n / 2, "has_table(z), ");
        format!("CREATE FUNCTION f({parameters} z text) RETURNS text LANGUAGE sql AS $$ SELECT {calls} ok(1) $$;")
            .into()
    }),
    ("rows-and-calls", |n| {
        format!(
            "SELECT {} ok(1) FROM (VALUES {} ('z')) v(a);",
            fill(n / 2, "has_table(a), "),
            fill(n / 2, "('x'),")
        )
        .into()
    }),
    ("few-rows-many-calls", |n| {
        format!(
            "SELECT {} ok(1) FROM (VALUES {} ('z')) v(a);",
            fill(n, "has_table(a), "),
            fill(6000, "('x'),")
        )
        .into()
    }),
    ("rows-and-a-long-call", |n| {
        let list = fill(n / 2, "'x',");
        format!(
            "SELECT columns_are(a, ARRAY[{list} 'z']) FROM (VALUES {} ('z')) v(a);",
            fill(n / 2, "('x'),")
        )
        .into()
    }),
    ("many-statements-of-rows", |n| {
        fill(
            n,
            "SELECT has_table(a), has_view(a) FROM unnest('{a,b,c,d,e,f,g,h,i,j}'::name[]) a;\n",
        )
        .into()
    }),
    ("nested-values", |n| {
        format!("SELECT ok(a) FROM {} v(a);", nest(n, "(VALUES (", "1", "))")).into()
    }),
    ("long-cell", |n| {
        format!(
            "SELECT {} ok(1) FROM (VALUES ('{}')) v(a);",
            fill(n / 2, "has_table(a), "),
            fill(n / 2, "x")
        )
        .into()
    }),
    ("long-variable", |n| {
        format!(
            "\\set v {}\nSELECT {} ok(1);",
            fill(n / 2, "x"),
            fill(n / 2, "has_table(:'v'), ")
        )
        .into()
    }),
    ("long-filter", |n| {
        format!(
            "SELECT {} ok(1) FROM t WHERE a = '{}';",
            fill(n / 2, "has_table(a), "),
            fill(n / 2, "x")
        )
        .into()
    }),
    ("many-filters", |n| {
        format!(
            "SELECT ok(a) FROM t WHERE {} true;",
            each(n, |i| format!("c{i} = 'x' AND "))
        )
        .into()
    }),
    ("filters-again-and-again", |n| {
        let many = each(n / 2, |i| format!("c{i} = 'x' AND "));
        let few = fill(n / 2, "SELECT ok(a) FROM t WHERE a = 'x';\n");
        format!("SELECT ok(a) FROM t WHERE {many} true;\n{few}").into()
    }),
    ("many-variables", |n| {
        each(n, |i| format!("\\set v{i} x\nSELECT ok(:'v{i}');\n")).into()
    }),
    ("one-variable-often", |n| fill(n, "\\set v x\n\\unset v\n").into()),
    ("many-prepares", |n| {
        each(n, |i| {
            format!("PREPARE p{i} AS SELECT * FROM t{i};\nSELECT results_eq('p{i}', 'p{i}');\n")
        })
        .into()
    }),
    ("many-executes", |n| {
        format!("PREPARE p AS SELECT 1;{}", fill(n, "EXECUTE p;")).into()
    }),
    ("long-prepare", |n| {
        format!(
            "PREPARE p AS SELECT {} 1;{}",
            fill(n / 2, "f(1), "),
            fill(n / 2, "SELECT results_eq('p', 'p');")
        )
        .into()
    }),
    ("many-schemas", |n| {
        each(n, |i| format!("SELECT has_table('s{i}', 't'::name);\n")).into()
    }),
    ("many-undecided", |n| {
        each(n, |i| format!("SELECT has_index('s{i}', 't', 'i', 'd');\n")).into()
    }),
    ("many-suspects", |n| each(n, |i| format!("SELECT s.f{i}();\n")).into()),
    ("sql-in-arguments", |n| {
        each(n, |i| {
            format!("SELECT throws_ok($$SELECT * FROM t{i} WHERE f{i}(1)$$, 'x');\n")
        })
        .into()
    }),
    ("long-sql-argument", |n| {
        format!("SELECT throws_ok($$SELECT {} 1$$, 'x');", fill(n, "f(1), ")).into()
    }),
    ("statements-in-sql", |n| {
        format!(
            "SELECT lives_ok($$ {} $$);",
            fill(n, "WITH a AS (SELECT 1) SELECT f(1);")
        )
        .into()
    }),
    ("search-paths", |n| {
        each(n, |i| format!("SET search_path = tap{i}, s{i};")).into()
    }),
    ("argument-shapes", |n| {
        let forms = ["'a'", "'a'::name", "'a'::text", "1", "x", "ARRAY['a']", "true", "now()"];
        let form = |i: usize| forms[i % forms.len()];
        each(n, |i| {
            format!(
                "SELECT has_index({},{},{},{},{});\n",
                form(i),
                form(i / 8),
                form(i / 64),
                form(i / 512),
                form(i / 4096)
            )
        })
        .into()
    }),
    // Comments and lines.
    ("line-comments", |n| fill(n, "-- SELECT ok(1);\n").into()),
    ("parted-line-comments", |n| fill(n, "-- SELECT ok(1);\n;").into()),
    ("block-comments", |n| fill(n, "/* SELECT ok(1); */").into()),
    ("tiny-comments", |n| fill(n, "/**/").into()),
    ("comments-in-comments", |n| {
        fill(n, "/* SELECT ok(1); -- SELECT ok(1);\n */").into()
    }),
    ("comments-with-bodies", |n| {
        fill(n, "-- DO $$ BEGIN PERFORM ok(1); END $$;\n;").into()
    }),
    ("comments-in-a-statement", |n| {
        format!("SELECT {} ok(1);", fill(n, "ok(1), /* ok(2) */ -- ok(3)\n")).into()
    }),
    ("lines-back-and-forth", |n| {
        fill(n, "SELECT (ok(1)\n\n\n, ok(2) [ \\set x 1\n;\n").into()
    }),
    ("newlines", |n| fill(n, "\n").into()),
    ("crlf", |n| fill(n, "SELECT ok(1);\r\n").into()),
    ("quoted-names", |n| fill(n, "SELECT \"A\"\"b\".\"ok\"(1);").into()),
    ("long-quoted-name", |n| {
        format!("SELECT \"{}\".ok(1);", fill(n, "\"\"")).into()
    }),
];
