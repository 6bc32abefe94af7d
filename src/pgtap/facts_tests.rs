//! Bad input: the exact code and line, and what is read in spite of it.

use super::super::reader::Wanted;
use super::super::testing::{read, read_as};

/// An input, its problems as `code:line`, and its assertions as `type:line`.
type Row<'a> = (&'a [u8], &'a [&'a str], &'a [&'a str]);

fn check(table: &[Row], count: usize) {
    for (source, problems, places) in table {
        let all = read_as(
            source,
            Wanted {
                listing: true,
                ..Wanted::default()
            },
        );
        let shown = String::from_utf8_lossy(source);
        assert_eq!(all.problems(), *problems, "{shown}");
        assert_eq!(all.places(), *places, "{shown}");
    }
    assert_eq!(table.len(), count);
}

#[test]
fn what_is_never_closed_is_told_with_its_line() {
    check(
        &[
            (
                b"SELECT ok(true);\nSELECT 'open",
                &["ERR_PGTAP_UNTERMINATED:2"],
                &["ok:1"],
            ),
            (
                b"SELECT ok(true);\n\nSELECT E'open\\'\n",
                &["ERR_PGTAP_UNTERMINATED:3"],
                &["ok:1"],
            ),
            (
                b"SELECT ok(true);\n/* open /* */\n",
                &["ERR_PGTAP_UNTERMINATED:2"],
                &["ok:1"],
            ),
            (
                b"SELECT ok(true);\nSELECT $a$ x $b$\n",
                &["ERR_PGTAP_UNTERMINATED:2"],
                &["ok:1"],
            ),
            (
                b"SELECT ok(true);\nSELECT \"open\n",
                &["ERR_PGTAP_UNTERMINATED:2"],
                &["ok:1"],
            ),
            (
                b"SELECT ok(true);\nSELECT U&\"open\n",
                &["ERR_PGTAP_UNTERMINATED:2"],
                &["ok:1"],
            ),
            (
                b"SELECT ok(true);\nCOPY t FROM stdin;\n1\n",
                &["ERR_PGTAP_UNTERMINATED:3"],
                &["ok:1"],
            ),
            (
                b"SELECT ok(true);\nSELECT (1;\nSELECT pass();",
                &["ERR_PGTAP_UNCLOSED:2"],
                &["ok:1", "pass:3"],
            ),
            (
                b"SELECT ok(true);\nSELECT pass(",
                &["ERR_PGTAP_UNCLOSED:2"],
                &["ok:1", "pass:2"],
            ),
            (
                b"SELECT is(ARRAY[1, 1);\nSELECT pass();",
                &["ERR_PGTAP_UNCLOSED:1"],
                &["is:1", "pass:2"],
            ),
            (
                b"SELECT ok('open",
                &["ERR_PGTAP_UNTERMINATED:1", "ERR_PGTAP_UNCLOSED:1"],
                &["ok:1"],
            ),
            (
                b"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\nSELECT ok(true), 'open\n$$;",
                &["ERR_PGTAP_UNTERMINATED:2"],
                &["ok:2"],
            ),
            (b"\n\\if :x\nSELECT ok(true);\n", &["ERR_PGTAP_BRANCHES:2"], &["ok:3"]),
            (b"SELECT ok(true);\n\\endif\n", &["ERR_PGTAP_BRANCHES:2"], &["ok:1"]),
            (
                b"\\if :x\n\\if :y\n\\endif\nSELECT ok(true);\n",
                &["ERR_PGTAP_BRANCHES:1"],
                &["ok:4"],
            ),
        ],
        15,
    );
}

#[test]
fn bytes_that_are_no_text_are_told_and_read_past() {
    check(
        &[
            (
                b"SELECT ok(true);\nSELECT pass('\xFF');\n\xFE",
                &["ERR_PGTAP_INVALID_UTF8:2"],
                &["ok:1", "pass:2"],
            ),
            (
                b"\xFF\xFES\0",
                &["ERR_PGTAP_INVALID_UTF8:1", "ERR_PGTAP_NUL_BYTE:1"],
                &[],
            ),
            (
                b"SELECT ok(true);\n\0\0SELECT 1; SELECT pass();",
                &["ERR_PGTAP_NUL_BYTE:2"],
                &["ok:1", "pass:2"],
            ),
            (
                b"-- caf\xE9\r\nSELECT ok(true);\r\n",
                &["ERR_PGTAP_INVALID_UTF8:1"],
                &["ok:2"],
            ),
            (b"SELECT ok(true); -- \xC3", &["ERR_PGTAP_INVALID_UTF8:1"], &["ok:1"]),
        ],
        5,
    );
}

#[test]
fn odd_files_are_no_problem() {
    check(
        &[
            (b"", &[], &[]),
            (b"\n\n\n", &[], &[]),
            (b"\xEF\xBB\xBF", &[], &[]),
            (b"\xEF\xBB\xBFSELECT ok(true);", &[], &["ok:1"]),
            (b"\xEF\xBB\xBF\r\nSELECT\r\nok(true);\r\n", &[], &["ok:3"]),
            (b"SELECT 'a\r\nb';\r\n\r\nSELECT ok(true);\r\n", &[], &["ok:4"]),
            (b"SELECT 1)));\nSELECT ok(true);", &[], &["ok:2"]),
            (b";;;;", &[], &[]),
            (b"\\", &[], &[]),
            (b"\\\\", &[], &[]),
            (b"SELECT ok(true)", &[], &["ok:1"]),
        ],
        11,
    );
}

#[test]
fn a_million_nested_parentheses_are_read_to_the_limit() {
    let deep = 1_000_000;
    let sql = format!(
        "SELECT ok(true);\nSELECT {}ok(true){};\nSELECT pass();",
        "(".repeat(deep),
        ")".repeat(deep)
    );
    let all = read(&sql);
    assert_eq!(all.problems(), ["ERR_PGTAP_TOO_DEEP:2"]);
    assert_eq!(all.places(), ["ok:1", "pass:3"]);
    let open = format!("SELECT {}\nok(true)", "(".repeat(deep));
    assert_eq!(read(&open).problems(), ["ERR_PGTAP_UNCLOSED:1", "ERR_PGTAP_TOO_DEEP:1"]);
}
