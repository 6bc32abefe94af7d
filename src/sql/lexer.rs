//! PostgreSQL's lexical rules (`scan.l`) on bytes, with psql's additions.
//!
//! One pass, no copying, no recursion. Every byte of the input belongs to exactly one token.

use super::keyword::{Keyword, keyword};
use super::meta::meta_end;
use super::near::near;
use super::token::{Kind, Token};
use crate::work::{self, memchr, memchr2, memmem};

/// Whose rules apply beside PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A script for psql: meta-commands, variables, COPY data.
    Psql,
    /// A function body or the text of a query: none of these.
    Body,
}

/// The longest input: offsets are 32 bits wide.
pub const MAX_INPUT: usize = u32::MAX as usize - 64;

/// How far a `COPY … FROM stdin` has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copying {
    Start,
    Other,
    Copy,
    From,
    Stdin,
    /// The statement has ended; data begins with the next line.
    Due,
}

/// Cuts bytes into tokens.
pub struct Lexer<'a> {
    source: &'a [u8],
    at: usize,
    mode: Mode,
    previous: Kind,
    copying: Copying,
}

const fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

const fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

const fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'+' | b'-'
            | b'*'
            | b'/'
            | b'<'
            | b'>'
            | b'='
            | b'~'
            | b'!'
            | b'@'
            | b'#'
            | b'%'
            | b'^'
            | b'&'
            | b'|'
            | b'?'
            | b'`'
    )
}

pub(super) const WORD: u8 = 1;
pub(super) const SPACE: u8 = 2;
const OPERATOR: u8 = 4;
pub(super) const LETTER: u8 = 8;

static CLASS: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        let letter = b.is_ascii_alphabetic() || b == b'_';
        table[i] = (is_word(b) as u8) * WORD
            + (is_space(b) as u8) * SPACE
            + (is_operator(b) as u8) * OPERATOR
            + (letter as u8) * LETTER;
        i += 1;
    }
    table
};

#[inline]
pub(super) fn in_class(byte: u8, class: u8) -> bool {
    CLASS[byte as usize] & class != 0
}

impl<'a> Lexer<'a> {
    /// Reads `source`, of which at most [`MAX_INPUT`] bytes count.
    pub fn new(source: &'a [u8], mode: Mode) -> Self {
        let source = source.get(..MAX_INPUT).unwrap_or(source);
        Self {
            source,
            at: 0,
            mode,
            previous: Kind::Semicolon,
            copying: match mode {
                Mode::Psql => Copying::Start,
                Mode::Body => Copying::Other,
            },
        }
    }

    /// The input.
    pub fn source(&self) -> &'a [u8] {
        self.source
    }

    /// The offset of the next token.
    pub fn position(&self) -> usize {
        self.at
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        work::add(1);
        self.source.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn rest(&self, at: usize) -> &'a [u8] {
        self.source.get(at..).unwrap_or(&[])
    }

    #[inline]
    fn run(&self, mut at: usize, class: u8) -> usize {
        while self.source.get(at).is_some_and(|byte| in_class(*byte, class)) {
            work::add(1);
            at += 1;
        }
        at
    }

    /// Passes over white space that nobody needs as a token.
    #[inline]
    pub fn skip_space(&mut self) {
        if self.copying != Copying::Due {
            self.at = self.run(self.at, SPACE);
        }
    }

    /// Whether a statement of a script begins here, by all that was read.
    #[inline]
    pub fn starts_statement(&self) -> bool {
        self.copying == Copying::Start
    }

    /// Whether a comment begins here.
    #[inline]
    pub fn at_comment(&self) -> bool {
        matches!(
            (self.byte(self.at), self.byte(self.at + 1)),
            (b'-', b'-') | (b'/', b'*')
        )
    }

    /// Goes on behind a statement whose semicolon ends at `end`.
    #[inline]
    pub fn pass_statement(&mut self, end: usize) {
        (self.at, self.previous) = (end, Kind::Semicolon);
    }

    /// The next token where it is a word, a parenthesis, a comma or a plain string outside COPY, as nearly all are;
    /// else `None`, and [`Lexer::next_token`] tells.
    #[inline(always)]
    pub fn usual_token(&mut self) -> Option<Token> {
        if !matches!(self.copying, Copying::Other | Copying::Start) {
            return None;
        }
        let start = self.at;
        let first = *self.source.get(start)?;
        let (mut end, mut keyword) = (start + 1, Keyword::None);
        let kind = match first {
            b'(' => Kind::LParen,
            b')' => Kind::RParen,
            b',' => Kind::Comma,
            b'\'' => {
                end = self.plain_string(start)?;
                Kind::Str
            }
            _ if in_class(first, LETTER) => {
                end = self.run(end, WORD);
                // `e'…'` and its like are strings.
                if end == start + 1 && matches!(self.byte(end), b'\'' | b'&') {
                    return None;
                }
                keyword = super::keyword::keyword(self.source.get(start..end)?);
                Kind::Word
            }
            _ => return None,
        };
        (self.at, self.previous) = (end, kind);
        if self.copying == Copying::Start {
            self.copying = match keyword {
                Keyword::Copy => Copying::Copy,
                _ => Copying::Other,
            };
        }
        Some(Token {
            start: start as u32,
            end: end as u32,
            kind,
            keyword,
            open: false,
            plain: kind == Kind::Str,
        })
    }

    /// The next token, trivia included.
    #[inline(always)]
    pub fn next_token(&mut self) -> Option<Token> {
        let start = self.at;
        let first = *self.source.get(start)?;
        if first == b'\''
            && self.copying != Copying::Due
            && let Some(end) = self.plain_string(start)
        {
            return Some(self.emit(Kind::Str, start, end, Keyword::None, false, true));
        }
        work::add(1);
        let (kind, end, open) = if self.copying == Copying::Due && start > 0 && self.byte(start - 1) == b'\n' {
            self.copying = Copying::Start;
            self.copy_data(start)
        } else {
            self.cut(start)
        };
        let end = end.max(start + 1).min(self.source.len());
        let word = match kind {
            Kind::Word => keyword(&self.source[start..end]),
            _ => Keyword::None,
        };
        Some(self.emit(kind, start, end, word, open, false))
    }

    #[inline(always)]
    fn emit(&mut self, kind: Kind, start: usize, end: usize, keyword: Keyword, open: bool, plain: bool) -> Token {
        self.at = end;
        if !kind.is_trivia() {
            self.previous = kind;
            let quiet = self.copying == Copying::Other && !matches!(kind, Kind::Semicolon | Kind::Meta);
            if self.mode == Mode::Psql && !quiet && kind != Kind::CopyData {
                self.follow_copy(kind, keyword, start, end);
            }
        }
        Token {
            start: start as u32,
            end: end as u32,
            kind,
            keyword,
            open,
            plain,
        }
    }

    /// The end of `'…'` when it is closed, holds no doubled quote and is not continued: nearly every string.
    #[inline]
    fn plain_string(&self, start: usize) -> Option<usize> {
        let end = start + 2 + near(b'\'', self.rest(start + 1))?;
        let next = self.byte(end);
        let ends = next != b'\'' && (!(in_class(next, SPACE) || next == b'-') || self.continuation(end).is_none());
        ends.then_some(end)
    }

    /// Cuts one token at `start`: its kind, its end, and whether the input ended inside it.
    #[inline(always)]
    fn cut(&self, start: usize) -> (Kind, usize, bool) {
        let byte = self.source[start];
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.space(start),
            b'e' | b'E' if self.byte(start + 1) == b'\'' => self.string(Kind::EscapeStr, start + 2),
            b'b' | b'B' | b'x' | b'X' if self.byte(start + 1) == b'\'' => self.string(Kind::BitStr, start + 2),
            b'n' | b'N' if self.byte(start + 1) == b'\'' => self.string(Kind::Str, start + 2),
            b'u' | b'U' if self.byte(start + 1) == b'&' && self.byte(start + 2) == b'\'' => {
                self.string(Kind::UnicodeStr, start + 3)
            }
            b'u' | b'U' if self.byte(start + 1) == b'&' && self.byte(start + 2) == b'"' => {
                self.quoted_word(Kind::UnicodeWord, start + 3)
            }
            0xEF if start == 0 && self.source.starts_with(b"\xEF\xBB\xBF") => (Kind::Bom, 3, false),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..=0xFF => (Kind::Word, self.run(start + 1, WORD), false),
            b'\'' => self.string(Kind::Str, start + 1),
            b'(' => (Kind::LParen, start + 1, false),
            b')' => (Kind::RParen, start + 1, false),
            b',' => (Kind::Comma, start + 1, false),
            b';' => (Kind::Semicolon, start + 1, false),
            b'[' => (Kind::LBracket, start + 1, false),
            b']' => (Kind::RBracket, start + 1, false),
            b'0'..=b'9' => (Kind::Number, self.number(start), false),
            b'.' if self.byte(start + 1).is_ascii_digit() && self.previous != Kind::Dot => {
                (Kind::Number, self.number(start), false)
            }
            b'.' => (Kind::Dot, start + 1, false),
            b':' => self.colon(start),
            b'"' => self.quoted_word(Kind::QuotedWord, start + 1),
            b'$' => self.dollar(start),
            b'\\' if self.mode == Mode::Psql => self.backslash(start),
            b'-' if self.byte(start + 1) == b'-' => (Kind::LineComment, self.line_end(start), false),
            b'/' if self.byte(start + 1) == b'*' => self.block_comment(start),
            b'`' if matches!(self.previous, Kind::LParen | Kind::Comma) => self.backtick(start),
            _ if in_class(byte, OPERATOR) => self.operator(start),
            _ => (Kind::Unknown, start + 1, false),
        }
    }

    fn space(&self, start: usize) -> (Kind, usize, bool) {
        let mut end = start + 1;
        if self.copying == Copying::Due {
            // The data begins right behind the newline, so the white space ends there.
            while end < self.source.len() && self.source[end - 1] != b'\n' && in_class(self.source[end], SPACE) {
                end += 1;
            }
        } else {
            end = self.run(end, SPACE);
        }
        (Kind::Space, end, false)
    }

    fn line_end(&self, at: usize) -> usize {
        memchr(b'\n', self.rest(at)).map_or(self.source.len(), |i| at + i)
    }

    fn block_comment(&self, start: usize) -> (Kind, usize, bool) {
        let mut at = start + 2;
        let mut depth = 1usize;
        while let Some(i) = memchr2(b'*', b'/', self.rest(at)) {
            at += i;
            match (self.byte(at), self.byte(at + 1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return (Kind::BlockComment, at, false);
                    }
                }
                (b'/', b'*') => {
                    depth += 1;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        (Kind::BlockComment, self.source.len(), true)
    }

    /// A quoted string whose content begins at `at`, with its continuations over newlines.
    fn string(&self, kind: Kind, mut at: usize) -> (Kind, usize, bool) {
        loop {
            let Some(close) = self.closing_quote(kind, at) else {
                return (kind, self.source.len(), true);
            };
            match self.continuation(close + 1) {
                Some(next) => at = next,
                None => return (kind, close + 1, false),
            }
        }
    }

    fn closing_quote(&self, kind: Kind, mut at: usize) -> Option<usize> {
        loop {
            at += if kind == Kind::EscapeStr {
                memchr2(b'\'', b'\\', self.rest(at))?
            } else {
                memchr(b'\'', self.rest(at))?
            };
            if self.byte(at) == b'\\' || self.byte(at + 1) == b'\'' {
                at += 2;
            } else {
                return Some(at);
            }
        }
    }

    /// `'a'⏎'b'` is one string: where its next part begins, if only white space with a newline
    /// (and line comments behind it) lies between.
    fn continuation(&self, mut at: usize) -> Option<usize> {
        if !in_class(self.byte(at), SPACE) && self.byte(at) != b'-' {
            return None;
        }
        let mut newline = false;
        loop {
            match self.byte(at) {
                b'\n' | b'\r' => newline = true,
                byte if in_class(byte, SPACE) => {}
                b'-' if self.byte(at + 1) == b'-' => {
                    at = self.line_end(at);
                    continue;
                }
                b'\'' if newline => return Some(at + 1),
                _ => return None,
            }
            at += 1;
        }
    }

    fn quoted_word(&self, kind: Kind, mut at: usize) -> (Kind, usize, bool) {
        while let Some(i) = memchr(b'"', self.rest(at)) {
            at += i + 1;
            if self.byte(at) != b'"' {
                return (kind, at, false);
            }
            at += 1;
        }
        (kind, self.source.len(), true)
    }

    fn number(&self, start: usize) -> usize {
        if self.source[start] == b'0' && matches!(self.byte(start + 1) | 0x20, b'x' | b'o' | b'b') {
            return self.run(start + 2, WORD);
        }
        let mut at = start;
        let digits = |mut at: usize| {
            while self.byte(at).is_ascii_digit() || (self.byte(at) == b'_' && at > start) {
                at += 1;
            }
            at
        };
        at = digits(at);
        // `1..10` is a PL/pgSQL range, not a decimal point.
        if self.byte(at) == b'.' && self.byte(at + 1) != b'.' {
            at = digits(at + 1);
        }
        if self.byte(at) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
            if self.byte(at + 1 + sign).is_ascii_digit() {
                at = digits(at + 1 + sign);
            }
        }
        at.max(start + 1)
    }

    fn dollar(&self, start: usize) -> (Kind, usize, bool) {
        if self.byte(start + 1).is_ascii_digit() {
            let mut at = start + 1;
            while self.byte(at).is_ascii_digit() {
                at += 1;
            }
            return (Kind::Param, at, false);
        }
        let mut at = start + 1;
        if is_word_start(self.byte(at)) {
            while is_word(self.byte(at)) && self.byte(at) != b'$' {
                at += 1;
            }
        }
        if self.byte(at) != b'$' {
            return (Kind::Unknown, start + 1, false);
        }
        let tag = &self.source[start..=at];
        match memmem::find(self.rest(at + 1), tag) {
            Some(i) => (Kind::DollarStr, at + 1 + i + tag.len(), false),
            None => (Kind::DollarStr, self.source.len(), true),
        }
    }

    fn colon(&self, start: usize) -> (Kind, usize, bool) {
        match self.byte(start + 1) {
            b':' => (Kind::Cast, start + 2, false),
            b'=' => (Kind::Assign, start + 2, false),
            _ if self.mode == Mode::Psql => self.variable(start),
            _ => (Kind::Colon, start + 1, false),
        }
    }

    /// `:x`, `:'x'`, `:"x"`, `:{?x}`; psql's names are letters, digits and underscores.
    fn variable(&self, start: usize) -> (Kind, usize, bool) {
        let name = |byte: u8| in_class(byte, WORD) && byte != b'$';
        let run = |mut at: usize| {
            while name(self.byte(at)) {
                at += 1;
            }
            at
        };
        match self.byte(start + 1) {
            quote @ (b'\'' | b'"') => {
                let end = run(start + 2);
                if end > start + 2 && self.byte(end) == quote {
                    let kind = if quote == b'"' { Kind::VarWord } else { Kind::VarStr };
                    return (kind, end + 1, false);
                }
            }
            b'{' if self.byte(start + 2) == b'?' => {
                let end = run(start + 3);
                if self.byte(end) == b'}' {
                    return (Kind::Var, end + 1, false);
                }
            }
            byte if is_word_start(byte) => return (Kind::Var, run(start + 1), false),
            _ => {}
        }
        (Kind::Colon, start + 1, false)
    }

    fn backslash(&self, start: usize) -> (Kind, usize, bool) {
        match self.byte(start + 1) {
            b';' => (Kind::Semicolon, start + 2, false),
            b':' => (Kind::Unknown, start + 2, false),
            _ => (Kind::Meta, meta_end(self.source, start), false),
        }
    }

    fn backtick(&self, start: usize) -> (Kind, usize, bool) {
        match memchr2(b'`', b'\n', self.rest(start + 1)) {
            Some(i) if self.byte(start + 1 + i) == b'`' => (Kind::Backtick, start + 2 + i, false),
            _ => self.operator(start),
        }
    }

    /// An operator ends before a comment, and `+` or `-` may end it only behind one of `~!@#^&|?%`.
    /// PostgreSQL knows none of 64 bytes or more, so that is as far as this looks ahead.
    fn operator(&self, start: usize) -> (Kind, usize, bool) {
        let mut end = start + 1;
        let most = self.source.len().min(start + 63);
        while end < most && in_class(self.byte(end), OPERATOR) {
            let pair = (self.byte(end), self.byte(end + 1));
            if pair == (b'-', b'-') || pair == (b'/', b'*') {
                break;
            }
            end += 1;
        }
        let text = &self.source[start..end];
        if text == b"=>" {
            return (Kind::Arrow, end, false);
        }
        let free = text.iter().any(|b| b"~!@#^&|`?%".contains(b));
        while !free && end - start > 1 && matches!(self.source[end - 1], b'+' | b'-') {
            end -= 1;
        }
        (Kind::Operator, end, false)
    }

    /// Data lines up to the line `\.`, which belongs to them; the end of the input ends them, too.
    fn copy_data(&self, start: usize) -> (Kind, usize, bool) {
        let mut at = start;
        loop {
            if self.rest(at).starts_with(b"\\.") && matches!(self.byte(at + 2), b'\n' | b'\r' | 0) {
                return (Kind::CopyData, self.line_end(at), false);
            }
            match memmem::find(self.rest(at), b"\n\\.") {
                Some(i) => at += i + 1,
                None => return (Kind::CopyData, self.source.len(), true),
            }
            if !matches!(self.byte(at + 2), b'\n' | b'\r' | 0) {
                at += 2;
            }
        }
    }

    #[cold]
    fn follow_copy(&mut self, kind: Kind, word: Keyword, start: usize, end: usize) {
        self.copying = match (self.copying, kind, word) {
            (Copying::Due, ..) => Copying::Due,
            (Copying::Stdin, Kind::Semicolon, _) => Copying::Due,
            (_, Kind::Semicolon, _) => Copying::Start,
            (_, Kind::Meta, _) => {
                let text = &self.source[start..end];
                if super::meta::copies_from_stdin(text) {
                    Copying::Due
                } else if super::meta::ends_statement(text) {
                    Copying::Start
                } else {
                    self.copying
                }
            }
            (Copying::Start, _, Keyword::Copy) => Copying::Copy,
            (Copying::Start, ..) => Copying::Other,
            (Copying::Copy, _, Keyword::From) => Copying::From,
            (Copying::From, _, Keyword::Stdin) => Copying::Stdin,
            (Copying::From, ..) => Copying::Copy,
            (state, ..) => state,
        };
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.next_token()
    }
}

#[cfg(test)]
#[path = "lexer_tests.rs"]
mod tests;
