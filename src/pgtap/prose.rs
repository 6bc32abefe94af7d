//! Whether a literal reads as a description or as a name.

/// The longest identifier (`NAMEDATALEN` - 1).
const LONGEST_NAME: usize = 63;

/// How type names begin that hold white space outside parentheses.
const SPACED_TYPES: &[&str] = &[
    "bit varying",
    "character varying",
    "double precision",
    "interval day",
    "interval hour",
    "interval minute",
    "interval month",
    "interval second",
    "interval year",
    "national char",
    "national character",
    "table(",
    "table (",
    "time with time zone",
    "time without time zone",
    "timestamp with time zone",
    "timestamp without time zone",
];

/// Empty, longer than a name can be, or with white space that no type name explains.
pub fn is_prose(text: &[u8]) -> bool {
    text.is_empty() || text.len() > LONGEST_NAME || (text.iter().any(u8::is_ascii_whitespace) && !is_type_name(text))
}

/// A type name that holds white space: `double precision`, `numeric(10, 2)`, `SETOF integer`.
fn is_type_name(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let text = text.trim().to_ascii_lowercase();
    if let Some((word, rest)) = text.split_once('(') {
        // Type modifiers: the name before them is one word, only digits, commas and type words inside.
        let word = word.trim_end();
        if !word.contains(char::is_whitespace) && !word.is_empty() && modifiers(rest) {
            return true;
        }
    }
    if let Some(element) = text.strip_prefix("setof ") {
        return element.split_whitespace().count() <= 2;
    }
    SPACED_TYPES.iter().any(|t| text.starts_with(t))
        && (text.starts_with("table") || text.split_whitespace().count() <= 4)
}

fn modifiers(rest: &str) -> bool {
    let Some((inside, behind)) = rest.split_once(')') else {
        return false;
    };
    let behind = behind.trim();
    inside
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ' | '-'))
        && (behind.is_empty() || behind.starts_with('[') || behind.starts_with("with"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_are_not_prose() {
        for text in [
            "email",
            "users_email_idx",
            "integer[]",
            "character varying(255)",
            "timestamp with time zone",
            "double precision",
            "numeric(10, 2)",
            "SETOF integer",
            "setof public.users",
            "TABLE(id int, name text)",
            "time without time zone",
            "interval year to month",
            "{integer,text}",
            "timestamp(3) with time zone",
            "bit varying(5)",
        ] {
            assert!(!is_prose(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn sentences_are_prose() {
        let long = "x".repeat(64);
        for text in [
            "",
            "Table exists",
            "users table",
            "has an id",
            "interval column exists",
            "Table users has a primary key",
            "count (of users) is right",
            "timestamp is set by default to now",
            long.as_str(),
            "time with which it runs",
        ] {
            assert!(is_prose(text.as_bytes()), "{text}");
        }
    }
}
