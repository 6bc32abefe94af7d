//! What the lexer produces.

use super::keyword::Keyword;

/// What a token is, by PostgreSQL's scanner (`scan.l`) and psql's (`psqlscan.l`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// White space.
    Space,
    /// `-- …` without its newline.
    LineComment,
    /// `/* … */`, nested.
    BlockComment,
    /// A UTF-8 byte order mark at the start of the input.
    Bom,
    /// An unquoted identifier or key word.
    Word,
    /// `"…"`.
    QuotedWord,
    /// `U&"…"`.
    UnicodeWord,
    /// `'…'` or `N'…'`.
    Str,
    /// `E'…'`.
    EscapeStr,
    /// `U&'…'`.
    UnicodeStr,
    /// `B'…'` or `X'…'`.
    BitStr,
    /// `$tag$…$tag$`.
    DollarStr,
    /// `` `…` `` in argument position: read as text, as MySQL's users mean it.
    Backtick,
    /// An integer, decimal, exponent, hexadecimal, octal or binary number.
    Number,
    /// `$1`.
    Param,
    /// A run of operator characters.
    Operator,
    /// `(`
    LParen,
    /// `)`
    RParen,
    /// `[`
    LBracket,
    /// `]`
    RBracket,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `.`
    Dot,
    /// `::`
    Cast,
    /// `:=`
    Assign,
    /// `=>`
    Arrow,
    /// `:` that starts no variable.
    Colon,
    /// psql's `:name`.
    Var,
    /// psql's `:'name'`.
    VarStr,
    /// psql's `:"name"`.
    VarWord,
    /// A psql meta-command with its arguments, up to the newline or the next backslash command.
    Meta,
    /// The lines of `COPY … FROM stdin`, with the closing `\.`.
    CopyData,
    /// A byte that starts no token.
    Unknown,
}

impl Kind {
    /// White space and comments.
    #[inline]
    pub fn is_trivia(self) -> bool {
        (self as u8) <= Kind::Bom as u8
    }

    /// A string constant of any spelling (not a bit string).
    #[inline]
    pub fn is_string(self) -> bool {
        matches!(self, Kind::Str | Kind::EscapeStr | Kind::UnicodeStr | Kind::DollarStr)
    }

    /// An identifier of any spelling.
    #[inline]
    pub fn is_name(self) -> bool {
        matches!(self, Kind::Word | Kind::QuotedWord | Kind::UnicodeWord)
    }
}

/// A token: a kind and the bytes `start..end` of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: Kind,
    /// Which key word a [`Kind::Word`] is.
    pub keyword: Keyword,
    /// The input ended before the token did.
    pub open: bool,
    /// A string `'…'` with nothing to decode: its content is what stands between the quotes.
    pub plain: bool,
}

impl Token {
    /// The token's bytes in the input it was read from.
    #[inline]
    pub fn text<'a>(&self, source: &'a [u8]) -> &'a [u8] {
        source.get(self.start as usize..self.end as usize).unwrap_or(&[])
    }
}
