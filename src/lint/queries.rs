//! `isnt_empty('SELECT count(*) FROM t')`: a query that only aggregates always returns a row.

use crate::pgtap::given::Content;
use crate::sql::keyword::Keyword;
use crate::sql::lexer::{Lexer, Mode};
use crate::sql::token::{Kind, Token};

use super::calls::Judged;
use super::finding::Draft;
use super::here::Here;
use super::rules::VACUOUS_ABSENCE;

/// Aggregates that suites count rows with.
const AGGREGATES: [&str; 5] = ["count", "sum", "min", "max", "avg"];

/// `isnt_empty` of such a query.
pub fn check(here: &Here, judged: &Judged) -> Option<Draft> {
    let call = judged.call;
    call.entry().filter(|f| f.name == "isnt_empty")?;
    let Content::Text(sql) = &call.given.first()?.content else {
        return None;
    };
    if !always_returns_a_row(sql) {
        return None;
    }
    let message =
        "the query only aggregates, so it returns a row whatever the table holds, and the assertion always passes";
    let help = "Select the rows themselves, or compare the number with is().";
    Some(Draft::new(&VACUOUS_ABSENCE, here.call(call), message, help))
}

/// Whether the query is `SELECT aggregate(…) …` without anything that could make it return another number of rows.
fn always_returns_a_row(sql: &[u8]) -> bool {
    let mut lexer = Lexer::new(sql, Mode::Body);
    let tokens: Vec<Token> = std::iter::from_fn(|| lexer.next_token())
        .filter(|t| !t.kind.is_trivia())
        .collect();
    let [select, name, open, rest @ ..] = tokens.as_slice() else {
        return false;
    };
    let called = name.text(sql).to_ascii_lowercase();
    let aggregate = AGGREGATES.iter().any(|a| a.as_bytes() == called);
    let Some(close) = closing(rest) else { return false };
    let behind = rest.get(close + 1..).unwrap_or(&[]);
    let leads = select.keyword == Keyword::Select && name.kind == Kind::Word && open.kind == Kind::LParen;
    let ends = behind
        .first()
        .is_none_or(|t| matches!(t.keyword, Keyword::From | Keyword::As) || t.kind == Kind::Semicolon);
    leads && aggregate && ends && !behind.iter().any(changes_rows)
}

/// The parenthesis that closes the one before `tokens`.
fn closing(tokens: &[Token]) -> Option<usize> {
    let mut depth = 1usize;
    tokens.iter().position(|token| {
        match token.kind {
            Kind::LParen => depth += 1,
            Kind::RParen => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

fn changes_rows(token: &Token) -> bool {
    use Keyword::{Except, Group, Having, Intersect, Limit, Union};
    matches!(token.keyword, Group | Having | Limit | Union | Intersect | Except)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aggregates_always_return_a_row() {
        for sql in [
            "select count(*) from t",
            "SELECT max(a + (b)) AS m FROM t WHERE a = 1;",
            "select count(*)",
        ] {
            assert!(always_returns_a_row(sql.as_bytes()), "{sql}");
        }
        for sql in [
            "select a from t",
            "select count(*) from t group by a",
            "select count(*) from t having count(*) > 0",
            "select count(*) over () from t",
            "select count(*), a from t",
            "select min(a",
            "q",
        ] {
            assert!(!always_returns_a_row(sql.as_bytes()), "{sql}");
        }
    }
}
