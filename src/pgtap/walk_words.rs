//! Words that the walk knows.

use crate::sql::keyword::Keyword;

/// Functions that return many rows.
pub const SETS: &[&str] = &[
    "unnest",
    "generate_series",
    "regexp_split_to_table",
    "jsonb_array_elements_text",
    "json_array_elements_text",
];

/// Functions that make one row of many.
pub const AGGREGATES: &[&str] = &[
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "array_agg",
    "string_agg",
    "bool_and",
    "bool_or",
    "every",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
];

/// Functions with a FROM among their arguments that names no relation.
pub const SPECIAL_FROM: &[&str] = &["extract", "substring", "trim", "overlay", "position"];

/// Whether the word may be a function's name: key words are not, save pgTAP's own `is`.
pub fn is_callable(name: Keyword) -> bool {
    matches!(
        name,
        Keyword::None | Keyword::Is | Keyword::Left | Keyword::Right | Keyword::Replace
    )
}

/// Key words behind which an expression begins.
pub fn leads_expression(word: Keyword) -> bool {
    matches!(
        word,
        Keyword::Select
            | Keyword::Then
            | Keyword::Else
            | Keyword::When
            | Keyword::And
            | Keyword::Or
            | Keyword::Not
            | Keyword::Return
            | Keyword::Next
            | Keyword::Query
            | Keyword::Perform
            | Keyword::From
            | Keyword::All
            | Keyword::Distinct
            | Keyword::Where
            | Keyword::By
            | Keyword::Having
            | Keyword::Case
            | Keyword::In
            | Keyword::Like
            | Keyword::Ilike
            | Keyword::Between
            | Keyword::Lateral
            | Keyword::Join
            | Keyword::Limit
            | Keyword::Offset
            | Keyword::If
            | Keyword::Elsif
            | Keyword::While
            | Keyword::Using
            | Keyword::Returning
            | Keyword::Assert
            | Keyword::Call
            | Keyword::Similar
            | Keyword::On
    )
}
