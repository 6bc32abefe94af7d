//! One statement's tokens with what the reader asks of them.

use std::borrow::Cow;

use crate::sql::keyword::Keyword;
use crate::sql::literal;
use crate::sql::token::{Kind, Token};

/// No closing bracket was found.
pub const UNMATCHED: u32 = u32::MAX;

/// The tokens of one statement. Asking beyond either end answers an end marker, never a panic.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The text the tokens were cut from.
    pub source: &'a [u8],
    /// Without white space and comments.
    pub tokens: &'a [Token],
    /// For each opening bracket the index of its closing one, or [`UNMATCHED`].
    pub closing: &'a [u32],
}

/// What stands beyond the last token and before the first.
pub const NOTHING: Token = Token {
    start: 0,
    end: 0,
    kind: Kind::Semicolon,
    keyword: Keyword::None,
    open: false,
    plain: false,
};

impl<'a> View<'a> {
    /// The token at `at`.
    #[inline]
    pub fn token(&self, at: usize) -> Token {
        crate::work::add(1);
        self.tokens.get(at).copied().unwrap_or(NOTHING)
    }

    /// The token before `at`.
    #[inline]
    pub fn before(&self, at: usize) -> Token {
        at.checked_sub(1).map_or(NOTHING, |i| self.token(i))
    }

    /// Its kind.
    #[inline]
    pub fn kind(&self, at: usize) -> Kind {
        self.token(at).kind
    }

    /// Its key word.
    #[inline]
    pub fn keyword(&self, at: usize) -> Keyword {
        self.token(at).keyword
    }

    /// Its bytes.
    #[inline]
    pub fn text(&self, at: usize) -> &'a [u8] {
        self.token(at).text(self.source)
    }

    /// Whether it is the word `word` (lower case), in any case.
    pub fn is_word(&self, at: usize, word: &str) -> bool {
        self.kind(at) == Kind::Word && self.text(at).eq_ignore_ascii_case(word.as_bytes())
    }

    /// The name it spells.
    pub fn name(&self, at: usize) -> Cow<'a, [u8]> {
        crate::work::add(self.text(at).len());
        literal::name(&self.token(at), self.source)
    }

    /// The content of the string constant it is.
    pub fn string(&self, at: usize) -> Cow<'a, [u8]> {
        crate::work::add(self.text(at).len());
        literal::string(&self.token(at), self.source)
    }

    /// The source text of the tokens `from..to`.
    pub fn source_of(&self, from: usize, to: usize) -> &'a [u8] {
        if from >= to {
            return &[];
        }
        let (start, end) = (self.token(from).start as usize, self.token(to - 1).end as usize);
        self.source.get(start..end).unwrap_or(&[])
    }

    /// The index behind the item at `at`: behind its closing bracket when it opens one.
    #[inline]
    pub fn skip(&self, at: usize) -> usize {
        match self.kind(at) {
            Kind::LParen | Kind::LBracket => match self.closing.get(at) {
                Some(&close) if close != UNMATCHED && close as usize > at => close as usize + 1,
                _ => self.tokens.len().max(at + 1),
            },
            _ => at + 1,
        }
    }

    /// The index of the bracket that closes the one at `at`, or the end.
    pub fn close_of(&self, at: usize) -> usize {
        self.skip(at).saturating_sub(1).max(at)
    }

    /// Splits `from..to` at its commas outside brackets.
    pub fn items(&self, from: usize, to: usize) -> Items<'a> {
        Items {
            view: *self,
            at: from,
            to,
            done: from >= to,
        }
    }
}

/// The comma-separated items of a token range.
pub struct Items<'a> {
    view: View<'a>,
    at: usize,
    to: usize,
    done: bool,
}

impl Iterator for Items<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        if self.done {
            return None;
        }
        let from = self.at;
        let mut at = from;
        while at < self.to && self.view.kind(at) != Kind::Comma {
            at = self.view.skip(at);
        }
        let end = at.min(self.to);
        self.done = end >= self.to;
        self.at = end + 1;
        Some((from, end))
    }
}
