//! A script, cut into what psql would send to the server and what it would do itself.

use serde::Serialize;

use super::keyword::Keyword;
use super::lexer::Mode;
use super::lines::Lines;
use super::literal;
use super::meta;
use super::statement::{Aside, End, Statements};
use super::token::{Kind, Token};

/// How many of a statement's first tokens [`Piece::Statement`] carries: as many as the head of a `CREATE` needs.
pub const HEAD: usize = 24;

/// A part of a script, in the order of the text. Offsets are bytes, lines begin with 1.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Piece {
    /// A statement without its semicolon.
    Statement {
        /// Its first byte.
        from: u32,
        /// One past its last byte.
        to: u32,
        /// The line of its first byte.
        line: u32,
        /// Its first tokens: words in lower case, quoted names decoded and behind a `"`, strings as a `'`,
        /// anything else as written.
        words: Vec<String>,
        /// Lines of data follow (`COPY … FROM stdin`); they belong to no piece.
        data: bool,
    },
    /// A meta-command.
    Command {
        /// Its first byte.
        from: u32,
        /// The line of its first byte.
        line: u32,
        /// Its name without the backslash.
        command: String,
        /// Its arguments, unquoted.
        arguments: Vec<String>,
    },
}

/// The pieces of `source`.
pub fn pieces(source: &[u8]) -> Vec<Piece> {
    let mut statements = Statements::new(source, Mode::Psql);
    let mut commands = Commands(Vec::new());
    let (mut tokens, mut lines, mut found) = (Vec::new(), Lines::new(source, 1), Vec::new());
    let mut begun: Option<Begun> = None;
    while let Some(end) = statements.next_into(&mut tokens, &mut commands) {
        let statement = begun.take().or_else(|| Begun::new(&tokens, source));
        if matches!(end, End::Part | End::Forced) {
            begun = statement;
        } else if let (Some(statement), Some(last)) = (statement, tokens.last()) {
            found.push(statement.ended(last.end, &mut lines));
        }
    }
    found.extend(commands.0.iter().map(|token| command(token, source, &mut lines)));
    found.sort_by_key(Piece::from);
    found
}

impl Piece {
    fn from(&self) -> u32 {
        match self {
            Self::Statement { from, .. } | Self::Command { from, .. } => *from,
        }
    }
}

/// A statement of which the first part is read.
struct Begun {
    from: u32,
    words: Vec<String>,
    data: bool,
}

impl Begun {
    fn new(tokens: &[Token], source: &[u8]) -> Option<Self> {
        let first = tokens.first()?;
        let is = |token: &Token, word: &[u8]| token.text(source).eq_ignore_ascii_case(word);
        Some(Self {
            from: first.start,
            words: tokens.iter().take(HEAD).map(|token| word(token, source)).collect(),
            data: first.keyword == Keyword::Copy && tokens.iter().any(|token| is(token, b"stdin")),
        })
    }

    fn ended(self, to: u32, lines: &mut Lines) -> Piece {
        let Self { from, words, data } = self;
        let line = lines.at(from as usize);
        Piece::Statement {
            from,
            to,
            line,
            words,
            data,
        }
    }
}

fn word(token: &Token, source: &[u8]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match token.kind {
        Kind::Word => text(&token.text(source).to_ascii_lowercase()),
        Kind::QuotedWord | Kind::UnicodeWord => format!("\"{}", text(&literal::name(token, source))),
        kind if kind.is_string() => "'".to_owned(),
        _ => text(token.text(source)),
    }
}

fn command(token: &Token, source: &[u8], lines: &mut Lines) -> Piece {
    let text = token.text(source);
    let own = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Piece::Command {
        from: token.start,
        line: lines.at(token.start as usize),
        command: own(meta::name(text)),
        arguments: meta::arguments(text).iter().map(|argument| own(argument)).collect(),
    }
}

/// Collects meta-commands.
struct Commands(Vec<Token>);

impl Aside for Commands {
    fn comment(&mut self, _: &Token) {}
    fn open(&mut self, _: &Token) {}
    fn meta(&mut self, token: &Token) {
        self.0.push(*token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(piece: &Piece, source: &str) -> (String, u32, bool) {
        match piece {
            Piece::Statement {
                from, to, line, data, ..
            } => (source[*from as usize..*to as usize].to_owned(), *line, *data),
            other => panic!("{other:?} is no statement"),
        }
    }

    #[test]
    fn a_dump_is_cut_into_statements_commands_and_data() {
        let dump = "\\restrict abc\n\nSET x = 1;\n-- note\nCOPY a.t (id, \"it's\") FROM stdin;\n1\t;\\N'\n\\.\n\n\
                    CREATE TABLE a.\"T;\" (id int);\n\\ir 'more files.sql'\n";
        let found = pieces(dump.as_bytes());
        assert_eq!(found.len(), 5);
        assert_eq!(statement(&found[1], dump), ("SET x = 1".into(), 3, false));
        assert_eq!(
            statement(&found[2], dump),
            ("COPY a.t (id, \"it's\") FROM stdin".into(), 5, true)
        );
        assert_eq!(
            statement(&found[3], dump),
            ("CREATE TABLE a.\"T;\" (id int)".into(), 9, false)
        );
        let arguments = vec!["more files.sql".to_owned()];
        let (from, line) = (dump.find("\\ir").unwrap() as u32, 10);
        assert_eq!(
            found[4],
            Piece::Command {
                from,
                line,
                command: "ir".into(),
                arguments
            }
        );
    }

    #[test]
    fn the_head_is_folded_and_quoted_names_are_told_apart() {
        let found = pieces(b"CREATE Table IF NOT EXISTS \"If\".\"d\"\"t\" (x text DEFAULT 'A')");
        let Some(Piece::Statement { words, .. }) = found.first() else {
            panic!("{found:?}")
        };
        let shown: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(
            &shown[..8],
            ["create", "table", "if", "not", "exists", "\"If", ".", "\"d\"t"]
        );
        assert_eq!(&shown[8..], ["(", "x", "text", "default", "'", ")"]);
    }

    #[test]
    fn a_statement_of_a_million_tokens_is_one_piece() {
        let rows = "(1), ".repeat(crate::sql::statement::SOFT_CUT / 4 + 10);
        let text = format!("INSERT INTO t VALUES {rows} (0); SELECT 1;");
        let found = pieces(text.as_bytes());
        assert_eq!(found.len(), 2);
        assert!(statement(&found[0], &text).0.ends_with("(0)"));
    }
}
