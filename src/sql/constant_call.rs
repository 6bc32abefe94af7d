//! `SELECT f('a', 'b'::name, ARRAY['c']);` read straight from its bytes, without cutting it into tokens.
//!
//! Most statements of a test script are one call with constant arguments. What is read here is what the lexer reads; any
//! byte that does not fit such a statement ends the attempt, and nothing has happened then.

use smallvec::SmallVec;

use super::keyword::{Keyword, keyword};
use super::lexer::{LETTER, SPACE, WORD, in_class};
use super::near::near;
use crate::work;

/// What a constant argument says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant<'a> {
    /// The content of `'…'` that holds no quote.
    Text(&'a [u8]),
    /// The content of `$tag$…$tag$`.
    Dollar(&'a [u8]),
    /// `ARRAY['a', 'b']`: its items in [`ConstantCall::items`].
    Texts(u8, u8),
    /// A number, NULL, a column, or an array of such.
    Other,
}

/// The type that an argument is cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// None.
    None,
    /// `::name`
    Name,
    /// `::text`
    Text,
    /// Any other.
    Other,
}

/// One call, its arguments, and where the statement ends.
#[derive(Debug, Default)]
pub struct ConstantCall<'a> {
    /// The function's name as it is written.
    pub name: &'a [u8],
    /// Where it begins.
    pub name_at: usize,
    /// Its arguments; there is at least one.
    pub arguments: SmallVec<[(Constant<'a>, Cast); 8]>,
    /// Items of arrays.
    pub items: SmallVec<[&'a [u8]; 8]>,
    /// Behind the semicolon.
    pub end: usize,
}

/// More arguments or items than this are left to the lexer.
const MOST: usize = 200;

impl<'a> ConstantCall<'a> {
    /// Reads the statement that begins at `at`; `None` when it is no such call.
    #[inline]
    pub fn read(&mut self, source: &'a [u8], at: usize) -> Option<()> {
        self.arguments.clear();
        self.items.clear();
        let mut cursor = Cursor { source, at };
        let select = cursor.word()?;
        if select.len() != 6 || keyword(select) != Keyword::Select {
            return None;
        }
        cursor.space();
        self.name_at = cursor.at;
        self.name = cursor.word()?;
        cursor.space();
        cursor.take(b'(')?;
        cursor.arguments(self)?;
        cursor.space();
        cursor.take(b';')?;
        self.end = cursor.at;
        Some(())
    }
}

struct Cursor<'a> {
    source: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    fn byte(&self) -> u8 {
        work::add(1);
        self.source.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        let found = self.byte() == byte;
        self.at += usize::from(found);
        found.then_some(())
    }

    #[inline]
    fn space(&mut self) {
        self.run(SPACE);
    }

    #[inline]
    fn run(&mut self, class: u8) {
        while self.source.get(self.at).is_some_and(|byte| in_class(*byte, class)) {
            work::add(1);
            self.at += 1;
        }
    }

    /// A word of ASCII's letters that no quote follows: `e'…'` is no word.
    #[inline]
    fn word(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        if !in_class(self.byte(), LETTER) {
            return None;
        }
        self.run(WORD);
        let quote = matches!(self.byte(), b'\'' | b'&');
        (!quote).then(|| self.source.get(start..self.at))?
    }

    #[inline]
    fn arguments(&mut self, call: &mut ConstantCall<'a>) -> Option<()> {
        loop {
            self.space();
            let constant = self.constant(&mut call.items)?;
            self.space();
            let cast = if self.byte() == b':' { self.cast()? } else { Cast::None };
            call.arguments.push((constant, cast));
            match self.byte() {
                b',' if call.arguments.len() < MOST => self.at += 1,
                b')' => break,
                _ => return None,
            }
        }
        self.at += 1;
        Some(())
    }

    #[inline]
    fn constant(&mut self, items: &mut SmallVec<[&'a [u8]; 8]>) -> Option<Constant<'a>> {
        match self.byte() {
            b'\'' => self.text().map(Constant::Text),
            b'$' => self.dollar().map(Constant::Dollar),
            b'0'..=b'9' => self.number(),
            _ => self.named(items),
        }
    }

    /// `'…'` without a quote inside. What may go on with another part is told by what the caller finds behind it.
    #[inline]
    fn text(&mut self) -> Option<&'a [u8]> {
        let start = self.at + 1;
        let length = near(b'\'', self.source.get(start..)?)?;
        self.at = start + length + 1;
        let doubled = self.byte() == b'\'';
        (!doubled).then(|| self.source.get(start..start + length))?
    }

    /// `$tag$…$tag$`.
    fn dollar(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        self.at += 1;
        if self.byte().is_ascii_digit() {
            return None;
        }
        while self.byte() != b'$' {
            // A tag holds no dollar, and what is no part of a word ends it.
            if !in_class(self.byte(), WORD) {
                return None;
            }
            self.at += 1;
        }
        self.at += 1;
        let tag = self.source.get(start..self.at)?;
        let inside = self.source.get(self.at..)?;
        let length = work::memmem::find(inside, tag)?;
        self.at += length + tag.len();
        inside.get(..length)
    }

    /// Digits, and nothing that makes more of them.
    fn number(&mut self) -> Option<Constant<'a>> {
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        Some(Constant::Other)
    }

    /// `ARRAY[…]`, NULL, true, false or a name.
    fn named(&mut self, items: &mut SmallVec<[&'a [u8]; 8]>) -> Option<Constant<'a>> {
        match keyword(self.word()?) {
            Keyword::Array => self.array(items),
            Keyword::None | Keyword::Null | Keyword::True | Keyword::False => Some(Constant::Other),
            _ => None,
        }
    }

    fn array(&mut self, items: &mut SmallVec<[&'a [u8]; 8]>) -> Option<Constant<'a>> {
        self.space();
        self.take(b'[')?;
        let from = items.len();
        let mut count = 0;
        loop {
            self.space();
            let item = self.item()?;
            items.extend(item);
            count += 1;
            self.space();
            match self.byte() {
                b',' if items.len() < MOST => self.at += 1,
                b']' => break,
                _ => return None,
            }
        }
        self.at += 1;
        let all = items.len() - from == count;
        Some(if all {
            Constant::Texts(from as u8, items.len() as u8)
        } else {
            Constant::Other
        })
    }

    /// An item's text, if it is one.
    fn item(&mut self) -> Option<Option<&'a [u8]>> {
        match self.byte() {
            b'\'' => self.text().map(Some),
            b'0'..=b'9' => self.number().map(|_| None),
            _ => None,
        }
    }

    /// `::word`, `::word[]`, and the white space behind it.
    fn cast(&mut self) -> Option<Cast> {
        self.take(b':')?;
        self.take(b':')?;
        self.space();
        let word = self.word()?;
        let cast = match word.len() {
            4 if word.eq_ignore_ascii_case(b"name") => Cast::Name,
            4 if word.eq_ignore_ascii_case(b"text") => Cast::Text,
            _ if keyword(word) == Keyword::None => Cast::Other,
            _ => return None,
        };
        self.space();
        if self.byte() != b'[' {
            return Some(cast);
        }
        self.at += 1;
        self.take(b']')?;
        self.space();
        Some(Cast::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Constant::{Dollar, Other, Text, Texts};

    fn arguments(sql: &str) -> Option<Vec<(Constant<'_>, Cast)>> {
        let mut call = ConstantCall::default();
        call.read(sql.as_bytes(), 0)?;
        assert_eq!(call.end, sql.len(), "{sql}");
        assert_eq!(call.name, b"f", "{sql}");
        Some(call.arguments.to_vec())
    }

    #[test]
    fn constants_and_casts() {
        let none = Cast::None;
        let table: &[(&str, &[(Constant, Cast)])] = &[
            ("SELECT f('a');", &[(Text(b"a"), none)]),
            ("select\n f ( 'a' , '' ) ;", &[(Text(b"a"), none), (Text(b""), none)]),
            (
                "SELECT f('a'::name, 'b' :: TEXT,'c'::jsonb);",
                &[
                    (Text(b"a"), Cast::Name),
                    (Text(b"b"), Cast::Text),
                    (Text(b"c"), Cast::Other),
                ],
            ),
            ("SELECT f('{a}'::text[]);", &[(Text(b"{a}"), Cast::Other)]),
            (
                "SELECT f(ARRAY['a','b'], array[ 'c' ]);",
                &[(Texts(0, 2), none), (Texts(2, 3), none)],
            ),
            ("SELECT f(ARRAY[1, 2], NULL, true, a, 12);", &[(Other, none); 5]),
            (
                "SELECT f($$a'b;$$, $q$c$$d$q$);",
                &[(Dollar(b"a'b;"), none), (Dollar(b"c$$d"), none)],
            ),
        ];
        for (sql, expected) in table {
            assert_eq!(arguments(sql).as_deref(), Some(*expected), "{sql}");
        }
        assert_eq!(table.len(), 7);
    }

    #[test]
    fn whatever_else_stands_there_is_left_to_the_lexer() {
        let table = [
            "SELECT f();",
            "SELECT f('a')",
            "SELECT f('a') x;",
            "SELECT f('a'), g('b');",
            "SELECT f('a',);",
            "SELECT f('a''b');",
            "SELECT f('a'\n'b');",
            "SELECT f(E'a');",
            "SELECT f(U&'a');",
            "SELECT f(x'1');",
            "SELECT f('a' || 'b');",
            "SELECT f(-1);",
            "SELECT f(1.5);",
            "SELECT f(1e3);",
            "SELECT f($1);",
            "SELECT f(:'a');",
            "SELECT f(:a);",
            "SELECT f(a.b);",
            "SELECT f(g('a'));",
            "SELECT f((1));",
            "SELECT f(ARRAY[]);",
            "SELECT f(ARRAY['a' 'b']);",
            "SELECT f(ARRAY[ARRAY[1]]);",
            "SELECT f(ARRAY[1]::int[][]);",
            "SELECT f('a'::varchar(3));",
            "SELECT f('a'::double precision);",
            "SELECT f('a'::s.t);",
            "SELECT f(select);",
            "SELECT s.f('a');",
            "SELECT \"f\"('a');",
            "SELECT f 'a';",
            "SELECT f('a' -- b\n);",
            "SELECT f('a');;",
            "SELECTf('a');",
            "SELECT é('a');",
            "SELECT f($a-b$a$a-b$);",
            "WITH f('a');",
            "SELECT f('a'",
            "SELECT f('a",
            "SELECT f($$a",
            "",
        ];
        for sql in table {
            let mut call = ConstantCall::default();
            let found = call.read(sql.as_bytes(), 0);
            assert!(found.is_none() || call.end < sql.len(), "{sql}");
        }
        assert_eq!(table.len(), 41);
    }
}
