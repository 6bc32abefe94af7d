//! Statements as psql would send them.
//!
//! A statement ends at `;` outside parentheses (and outside `BEGIN ATOMIC … END`), or at a
//! meta-command such as `\gset`. Tokens of one statement at a time are held in memory.

use super::constant_call::ConstantCall;
use super::keyword::Keyword;
use super::lexer::{Lexer, Mode};
use super::meta;
use super::token::{Kind, Token};

/// A statement of more tokens than this is handed out in parts, cut at a comma outside parentheses.
pub const SOFT_CUT: usize = 1 << 20;
/// A statement of more tokens than this is cut where it stands.
pub const HARD_CUT: usize = 1 << 23;

/// Why a statement ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `;` or a meta-command that sends.
    Sent,
    /// The input ended first.
    Input,
    /// `;` inside an open parenthesis: PostgreSQL refuses the statement.
    Unclosed,
    /// Cut at a comma because of its length; the next statement goes on with it.
    Part,
    /// Cut in the middle because of its length.
    Forced,
}

/// What is read beside a statement's own tokens.
pub trait Aside {
    /// A comment.
    fn comment(&mut self, token: &Token);
    /// A meta-command.
    fn meta(&mut self, token: &Token);
    /// A token that the input left open.
    fn open(&mut self, token: &Token);
}

/// Reads statements one after the other.
pub struct Statements<'a> {
    lexer: Lexer<'a>,
    mode: Mode,
    atomic: Atomic,
}

/// Follows `CREATE FUNCTION … BEGIN ATOMIC … END` the way psql does: its semicolons end nothing.
#[derive(Clone, Copy, Default)]
struct Atomic {
    seen: [Option<Keyword>; 4],
    words: usize,
    depth: u32,
}

impl Atomic {
    #[inline]
    fn follow(&mut self, word: Keyword) {
        if self.words >= self.seen.len() && !matches!(word, Keyword::Begin | Keyword::Case | Keyword::End) {
            return;
        }
        if let Some(slot) = self.seen.get_mut(self.words) {
            *slot = Some(word);
        }
        self.words += 1;
        match word {
            Keyword::Begin if self.in_routine() => self.depth += 1,
            Keyword::Case if self.depth > 0 => self.depth += 1,
            Keyword::End => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn in_routine(&self) -> bool {
        let routine = |w: Option<Keyword>| matches!(w, Some(Keyword::Function | Keyword::Procedure));
        self.seen[0] == Some(Keyword::Create)
            && (routine(self.seen[1])
                || (self.seen[1] == Some(Keyword::Or)
                    && self.seen[2] == Some(Keyword::Replace)
                    && routine(self.seen[3])))
    }
}

impl<'a> Statements<'a> {
    /// Reads `source` by the rules of `mode`.
    pub fn new(source: &'a [u8], mode: Mode) -> Self {
        Self {
            lexer: Lexer::new(source, mode),
            mode,
            atomic: Atomic::default(),
        }
    }

    /// Whether the next statement of a script is one call with constant arguments, which is then in `call`;
    /// [`Statements::pass`] passes over it. To be asked between statements only.
    #[inline]
    pub fn constant_call(&mut self, call: &mut ConstantCall<'a>, aside: &mut impl Aside) -> bool {
        if !self.lexer.starts_statement() {
            return false;
        }
        self.lexer.skip_space();
        while self.lexer.at_comment() {
            let Some(token) = self.lexer.next_token() else {
                return false;
            };
            if token.open {
                aside.open(&token);
            }
            aside.comment(&token);
            self.lexer.skip_space();
        }
        call.read(self.lexer.source(), self.lexer.position()).is_some()
    }

    /// Passes over `call`, which [`Statements::constant_call`] has just found.
    pub fn pass(&mut self, call: &ConstantCall) {
        self.lexer.pass_statement(call.end);
    }

    /// Fills `tokens` with the next statement (its semicolon left out); `None` at the end of the input.
    pub fn next_into(&mut self, tokens: &mut Vec<Token>, aside: &mut impl Aside) -> Option<End> {
        tokens.clear();
        let mut depth = 0;
        loop {
            self.lexer.skip_space();
            let end = match self.lexer.usual_token() {
                Some(token) => self.take(token, tokens, &mut depth),
                None => {
                    let Some(token) = self.lexer.next_token() else { break };
                    self.take_other(token, tokens, &mut depth, aside)
                }
            };
            if end.is_some() {
                return end;
            }
        }
        (!tokens.is_empty()).then(|| self.ended(End::Input))
    }

    /// Takes a token of the statement.
    #[inline(always)]
    fn take(&mut self, token: Token, tokens: &mut Vec<Token>, depth: &mut i64) -> Option<End> {
        match token.kind {
            Kind::LParen => *depth += 1,
            Kind::RParen => *depth -= 1,
            Kind::Word if self.mode == Mode::Psql => self.atomic.follow(token.keyword),
            _ => {}
        }
        tokens.push(token);
        if tokens.len() < SOFT_CUT {
            return None;
        }
        cut(tokens.len(), *depth, token.kind)
    }

    /// Takes a token that may stand beside the statement, or end it.
    fn take_other(
        &mut self,
        token: Token,
        tokens: &mut Vec<Token>,
        depth: &mut i64,
        aside: &mut impl Aside,
    ) -> Option<End> {
        if token.open {
            aside.open(&token);
        }
        match token.kind {
            Kind::Space | Kind::CopyData => None,
            kind if kind.is_trivia() => {
                aside.comment(&token);
                None
            }
            Kind::Meta => {
                aside.meta(&token);
                let ends = meta::ends_statement(token.text(self.lexer.source()));
                ends.then(|| self.ended(End::Sent))
            }
            Kind::Semicolon if self.semicolon_ends(tokens, *depth) => {
                Some(self.ended(if *depth > 0 { End::Unclosed } else { End::Sent }))
            }
            _ => self.take(token, tokens, depth),
        }
    }

    fn semicolon_ends(&self, tokens: &[Token], depth: i64) -> bool {
        let rule = || tokens.first().is_some_and(|t| t.keyword == Keyword::Create) && self.is_rule(tokens);
        (self.atomic.depth == 0 || self.mode == Mode::Body) && (depth <= 0 || !rule())
    }

    fn ended(&mut self, end: End) -> End {
        self.atomic = Atomic::default();
        end
    }

    /// `CREATE RULE … DO (a; b)` is the one statement with semicolons in parentheses.
    fn is_rule(&self, tokens: &[Token]) -> bool {
        tokens
            .iter()
            .take(4)
            .any(|t| t.text(self.lexer.source()).eq_ignore_ascii_case(b"rule"))
    }
}

/// Whether a statement of at least [`SOFT_CUT`] tokens is cut behind its last one.
fn cut(tokens: usize, depth: i64, last: Kind) -> Option<End> {
    if depth <= 0 && last == Kind::Comma {
        return Some(End::Part);
    }
    (tokens >= HARD_CUT).then_some(End::Forced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Count(usize, usize, usize);
    impl Aside for Count {
        fn comment(&mut self, _: &Token) {
            self.0 += 1;
        }
        fn meta(&mut self, _: &Token) {
            self.1 += 1;
        }
        fn open(&mut self, _: &Token) {
            self.2 += 1;
        }
    }

    fn split(text: &str) -> (Vec<(usize, End)>, Count) {
        let mut statements = Statements::new(text.as_bytes(), Mode::Psql);
        let (mut tokens, mut count, mut found) = (Vec::new(), Count::default(), Vec::new());
        while let Some(end) = statements.next_into(&mut tokens, &mut count) {
            found.push((tokens.len(), end));
        }
        (found, count)
    }

    #[test]
    fn splits_as_psql_does() {
        assert_eq!(split("select 1; select ';';").0, [(2, End::Sent), (2, End::Sent)]);
        assert_eq!(split("select (1; select 2").0, [(3, End::Unclosed), (2, End::Input)]);
        assert_eq!(split("select 1 \\gset\nselect 2").0, [(2, End::Sent), (2, End::Input)]);
        assert_eq!(
            split("create rule r as on insert to t do (select 1; select 2);")
                .0
                .len(),
            1
        );
        let atomic =
            "create or replace function f() returns int begin atomic select case when true then 1 end; end; select 2;";
        assert_eq!(split(atomic).0.len(), 2);
        assert_eq!(split("begin; select 1; end; select 2;").0.len(), 4);
        assert_eq!(
            split("copy t from stdin;\n;;';\n\\.\nselect 1;").0,
            [(4, End::Sent), (2, End::Sent)]
        );
        assert_eq!(split("").0, []);
    }

    #[test]
    fn hands_out_comments_metas_and_open_tokens() {
        let (_, count) = split("-- a\n/* b */ \\set x 1\nselect 'open");
        assert_eq!((count.0, count.1, count.2), (2, 1, 1));
    }

    #[test]
    fn a_long_list_comes_in_parts() {
        let text = format!("values {} (0);", "(1), ".repeat(SOFT_CUT / 4 + 10));
        let ends: Vec<_> = split(&text).0.into_iter().map(|(_, end)| end).collect();
        assert_eq!(ends, [End::Part, End::Sent]);
    }
}
