use super::*;
use proptest::prelude::*;

fn kinds(text: &str, mode: Mode) -> Vec<(Kind, &str)> {
    Lexer::new(text.as_bytes(), mode)
        .filter(|t| t.kind != Kind::Space)
        .map(|t| (t.kind, &text[t.start as usize..t.end as usize]))
        .collect()
}

fn psql(text: &str) -> Vec<(Kind, &str)> {
    kinds(text, Mode::Psql)
}

fn only(text: &str, kind: Kind) {
    assert_eq!(psql(text), [(kind, text)], "{text}");
}

#[test]
fn whole_tokens() {
    let cases = [
        ("'a''b'", Kind::Str), ("'a'\n'b'", Kind::Str), ("'a' -- c\n  'b'", Kind::Str), ("E'a\\'b'", Kind::EscapeStr),
        ("U&'a'", Kind::UnicodeStr), ("U&\"a\"", Kind::UnicodeWord), ("B'1'", Kind::BitStr), ("x'1F'", Kind::BitStr),
        ("\"a\"\"b\"", Kind::QuotedWord), ("$$a$b$$", Kind::DollarStr), ("$a$ $b$ $a$", Kind::DollarStr),
        ("$1", Kind::Param), ("a$b$c", Kind::Word), ("éa", Kind::Word), ("1.5e-3", Kind::Number), ("0xFf", Kind::Number),
        (".5", Kind::Number), ("1_000", Kind::Number), ("/* a /* b */ c */", Kind::BlockComment), ("-- a", Kind::LineComment),
        ("::", Kind::Cast), (":=", Kind::Assign), ("=>", Kind::Arrow), ("<=", Kind::Operator), ("@-", Kind::Operator),
        (":x", Kind::Var), (":'x'", Kind::VarStr), (":\"x\"", Kind::VarWord), (":{?x}", Kind::Var), ("\\set a 'b c'", Kind::Meta),
    ];
    for (text, kind) in cases {
        only(text, kind);
    }
}

#[test]
fn where_one_token_ends_and_the_next_begins() {
    let text = |t| psql(t).into_iter().map(|(_, s)| s).collect::<Vec<_>>();
    assert_eq!(text("1..10"), ["1", ".", ".", "10"]);
    assert_eq!(text("a=-1"), ["a", "=", "-", "1"]);
    assert_eq!(text("a||'b'"), ["a", "||", "'b'"]);
    assert_eq!(text("a--b\nc"), ["a", "--b", "c"]);
    assert_eq!(text("*/*x*/"), ["*", "/*x*/"]);
    assert_eq!(text("'a' 'b'"), ["'a'", "'b'"]);
    assert_eq!(text("x[1:2]"), ["x", "[", "1", ":", "2", "]"]);
    assert_eq!(text("'x'::name"), ["'x'", "::", "name"]);
    assert_eq!(text("select 1 \\gset p_\nselect"), ["select", "1", "\\gset p_", "select"]);
    assert_eq!(text("(`a b`, `c`) ` `"), ["(", "`a b`", ",", "`c`", ")", "`", "`"]);
    assert_eq!(text("a.b.1"), ["a", ".", "b", ".1"]);
}

#[test]
fn copy_data_is_one_token() {
    let text = "copy t (a) from stdin; -- x\nit's\n\\.x\n\\.\nselect 1;";
    assert_eq!(psql(text)[9], (Kind::CopyData, "it's\n\\.x\n\\."));
    assert_eq!(psql(text).last(), Some(&(Kind::Semicolon, ";")));
    assert_eq!(psql("\\copy t from stdin\n'\n\\.\n1")[1], (Kind::CopyData, "'\n\\."));
    assert_eq!(psql("COPY t TO stdout;\n'a'").last(), Some(&(Kind::Str, "'a'")));
    assert_eq!(psql("copy t from stdin;\n\\.\n1")[5], (Kind::CopyData, "\\."));
    let twice = psql("copy t from stdin;\na\n\\.\ncopy t from stdin;\nb'\n\\.\n");
    assert_eq!(twice.iter().filter(|(kind, _)| *kind == Kind::CopyData).count(), 2);
    let open = Lexer::new(b"copy t from stdin;\nabc", Mode::Psql).last().unwrap();
    assert!(open.open && open.kind == Kind::CopyData);
}

#[test]
fn a_body_has_no_psql() {
    assert_eq!(kinds("a :x", Mode::Body)[1], (Kind::Colon, ":"));
    assert_eq!(kinds("\\a", Mode::Body)[0], (Kind::Unknown, "\\"));
}

#[test]
fn unterminated_tokens_reach_the_end_and_say_so() {
    for text in ["'a", "E'a\\", "$$ab", "$t$ab$t", "/* /* */", "\"ab", "U&'a"] {
        let tokens: Vec<_> = Lexer::new(text.as_bytes(), Mode::Psql).collect();
        assert_eq!(tokens.len(), 1, "{text}");
        assert!(tokens[0].open, "{text}");
    }
}

#[test]
fn a_byte_order_mark_is_trivia() {
    let tokens: Vec<_> = Lexer::new(b"\xEF\xBB\xBFselect", Mode::Psql).collect();
    assert_eq!((tokens[0].kind, tokens[1].keyword), (Kind::Bom, Keyword::Select));
}

fn covers(bytes: &[u8], mode: Mode) {
    let mut at = 0;
    for token in Lexer::new(bytes, mode) {
        assert_eq!(token.start as usize, at);
        assert!(token.end > token.start);
        at = token.end as usize;
        let _ = crate::sql::literal::string(&token, bytes);
        let _ = crate::sql::literal::name(&token, bytes);
    }
    assert_eq!(at, bytes.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn tokens_cover_arbitrary_bytes_once(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        covers(&bytes, Mode::Psql);
        covers(&bytes, Mode::Body);
    }

    #[test]
    fn tokens_cover_sql_like_text_once(text in "([a-zEUNBX&$:'\"`\\\\;,.()\\[\\]*/<>=+\n -]|copy|from|stdin|;\n|\\\\\\.\n|--|\\$a\\$){0,80}") {
        covers(text.as_bytes(), Mode::Psql);
        covers(text.as_bytes(), Mode::Body);
    }
}
