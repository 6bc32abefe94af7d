//! Type names as PostgreSQL compares them.

/// Other names of types, and the name that `format_type` gives them.
const ALIASES: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("bpchar", "character"),
    ("char", "character"),
    ("dec", "numeric"),
    ("decimal", "numeric"),
    ("float", "double precision"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("national character", "character"),
    ("national character varying", "character varying"),
    ("nchar", "character"),
    ("time", "time without time zone"),
    ("timestamp", "timestamp without time zone"),
    ("timestamptz", "timestamp with time zone"),
    ("timetz", "time with time zone"),
    ("varbit", "bit varying"),
    ("varchar", "character varying"),
];

/// The name that `format_type` gives the type that is written so; quoted names stay as they are.
pub fn normalised(written: &str) -> String {
    let (base, dimensions) = split_dimensions(written.trim());
    if base.contains('"') {
        return format!("{base}{dimensions}");
    }
    let plain = without_modifier(&base.to_lowercase());
    let plain = plain.strip_prefix("pg_catalog.").unwrap_or(&plain);
    let found = ALIASES.binary_search_by(|(name, _)| (*name).cmp(plain));
    let known = found
        .ok()
        .and_then(|at| ALIASES.get(at))
        .map_or(plain, |(_, name)| name);
    format!("{known}{dimensions}")
}

/// `int [3][]` is `int` and `[]`: dimensions count no more than that there are some.
fn split_dimensions(written: &str) -> (&str, &'static str) {
    let lower = written.to_ascii_lowercase();
    if let Some(at) = written.find('[') {
        return (written[..at].trim_end(), "[]");
    }
    match lower.strip_suffix(" array") {
        Some(base) => (written[..base.len()].trim_end(), "[]"),
        None => (written, ""),
    }
}

/// Without `(10,2)`, and with one space between words.
fn without_modifier(written: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in written.chars() {
        match c {
            '(' => inside = true,
            ')' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two type names are of one type, as far as names tell: where only one has a schema, the rest decides.
pub fn same_type(a: &str, b: &str) -> bool {
    let (a, b) = (normalised(a), normalised(b));
    a == b || (is_qualified(&a) != is_qualified(&b) && unqualified(&a) == unqualified(&b))
}

fn is_qualified(name: &str) -> bool {
    unqualified(name).len() != name.len()
}

/// Behind the last dot outside quotes.
fn unqualified(name: &str) -> &str {
    let mut quoted = false;
    let mut from = 0;
    for (at, c) in name.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => from = at + 1,
            _ => {}
        }
    }
    // Behind a dot, which is one byte long.
    &name[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_sorted_for_the_search() {
        assert!(ALIASES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn types_are_compared_as_postgresql_does() {
        let same = [
            ("int", "integer"),
            ("INT4", "integer"),
            ("varchar(40)", "character varying"),
            ("int[]", "integer[]"),
            ("int[3]", "integer[]"),
            ("integer array", "integer[]"),
            ("timestamptz", "timestamp with time zone"),
            ("timestamp  with time zone", "timestamp with time zone"),
            ("timestamp(3)", "timestamp without time zone"),
            ("decimal(10,2)", "numeric"),
            ("pg_catalog.int4", "integer"),
            ("mood", "app.mood"),
            ("\"Mood\"", "app.\"Mood\""),
            ("app.mood[]", "mood[]"),
        ];
        for (a, b) in same {
            assert!(same_type(a, b) && same_type(b, a), "{a} {b}");
        }
        let other = [
            ("int", "bigint"),
            ("int", "integer[]"),
            ("a.mood", "b.mood"),
            ("\"Mood\"", "mood"),
            ("\"a.b\"", "b"),
            ("text", "character varying"),
        ];
        for (a, b) in other {
            assert!(!same_type(a, b) && !same_type(b, a), "{a} {b}");
        }
    }
}
