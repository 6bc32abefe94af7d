use std::io::Write as _;

use super::*;

const WATCH: Watch = Watch {
    goes_on: &|| true,
    progress: &|_| {},
};

fn with<T>(text: &[u8], work: impl FnOnce(&mut Reader) -> T) -> T {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    work(&mut Reader::open(file.path(), &WATCH).unwrap())
}

#[test]
fn texts_are_unescaped_and_cut_between_characters() {
    let cases = [
        (r#""plain""#, 20, "plain"),
        (r#""a\"b\\c\/\n\tA""#, 20, "a\"b\\c/\n\tA"),
        (r#""\u00e9\u4E2D""#, 20, "é中"),
        (r#""\ud83d\ude00!""#, 20, "😀!"),
        (r#""\ud83d!""#, 20, "\u{fffd}!"),
        (r#""\ude00""#, 20, "\u{fffd}"),
        (r#""abcdef""#, 3, "abc…"),
        (r#""aé""#, 2, "a…"),
        (r#""éé""#, 3, "é…"),
        (r#""abc""#, 3, "abc"),
        (r#""""#, 0, ""),
    ];
    for (text, most, expected) in cases {
        assert_eq!(
            with(text.as_bytes(), |reader| reader.text(most)).unwrap(),
            expected,
            "{text}"
        );
        let end = with(text.as_bytes(), |reader| reader.skip_text().map(|()| reader.offset()));
        assert_eq!(end.unwrap(), text.len() as u64, "{text}");
    }
    for text in ["\"abc", "\"a\\", "\"\\x\"", "\"\\u12g4\"", "abc"] {
        assert!(with(text.as_bytes(), |reader| reader.text(9)).is_err(), "{text}");
    }
}

#[test]
fn bytes_that_are_no_utf8_are_replaced() {
    assert_eq!(with(b"\"a\xffb\"", |reader| reader.text(9)).unwrap(), "a\u{fffd}b");
}

#[test]
fn numbers_reach_64_bits_and_no_further() {
    let number = |text: &str| with(text.as_bytes(), |reader| reader.number());
    assert_eq!(number(" 18446744073709551615,").unwrap(), u64::MAX);
    for text in ["18446744073709551616", "", "-1", "x", "\"1\""] {
        assert!(number(text).is_err(), "{text}");
    }
}

#[test]
fn rows_may_be_written_in_any_way() {
    for text in [
        "1,22,333]",
        "1, 22 ,333 ]",
        "\n1\n,\n22,333]",
        "00000000000000000000001,22,333]",
    ] {
        let mut row = [0; 3];
        with(text.as_bytes(), |reader| reader.row(&mut row)).unwrap();
        assert_eq!(row, [1, 22, 333], "{text}");
    }
    for text in ["1,22", "1,,3]", "1,2]", "1.5,2,3]", "1 2,3,4"] {
        let mut row = [0; 3];
        let read = with(text.as_bytes(), |reader| {
            reader.row(&mut row).and_then(|()| reader.more(b']'))
        });
        assert!(read.is_err(), "{text}");
    }
}

#[test]
fn tokens_across_the_end_of_the_buffer_are_whole() {
    let number = "12345,678,9";
    for shift in 0..number.len() {
        let text = format!("{}{number}]\"text\\\"\"", " ".repeat(BUFFER - shift));
        let mut row = [0; 3];
        let (goes_on, shown) = with(text.as_bytes(), |reader| {
            reader.row(&mut row).unwrap();
            (reader.more(b']').unwrap(), reader.text(20).unwrap())
        });
        assert_eq!(
            (row, goes_on, shown.as_str()),
            ([12345, 678, 9], false, "text\""),
            "{shift}"
        );
    }
}

#[test]
fn values_of_any_kind_are_skipped() {
    for value in [
        "1",
        "-1.5e+3",
        "null",
        "\"a]b\"",
        "[]",
        "{}",
        "[1,[2,{\"a\":[\"}\"]}],3]",
        "{\"a\":{\"b\":[]}}",
    ] {
        let text = format!("{value} ,");
        let next = with(text.as_bytes(), |reader| {
            reader.skip_value().and_then(|()| reader.peek_token())
        });
        assert_eq!(next.unwrap(), Some(b','), "{value}");
    }
    for value in ["", "[", "{\"a\":", "]", ",", "[\u{1}]"] {
        assert!(with(value.as_bytes(), |reader| reader.skip_value()).is_err(), "{value}");
    }
}

#[test]
fn what_was_read_can_be_read_again() {
    let text = format!("1{}2", " ".repeat(2 * BUFFER));
    with(text.as_bytes(), |reader| {
        assert_eq!(reader.number().unwrap(), 1);
        assert_eq!(reader.number().unwrap(), 2);
        for (offset, number) in [(0, 1), (BUFFER as u64, 2), (0, 1), (1, 2)] {
            reader.seek(offset).unwrap();
            assert_eq!(reader.number().unwrap(), number, "{offset}");
        }
    });
}
