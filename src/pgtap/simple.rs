//! `SELECT f('a', 'b'::name, ARRAY['c']);`: one call with constant arguments, read straight from its tokens.
//!
//! Most statements of most suites are like this. What is found here is what the walk finds, and a test holds one
//! against the other; whatever else a statement holds is left to the walk.

use std::borrow::Cow;

use crate::sql::keyword::Keyword;
use crate::sql::literal;
use crate::sql::token::{Kind, Token};

use super::arg_type::ArgType;
use super::catalog::{self, FnId, Group};
use super::control;
use super::emit::{self, Lesson};
use super::found::{Found, Sink};
use super::given::{Content, Given};
use super::reader::{Reader, Text};
use super::reading::Reading;
use super::site::{Known, Values};
use super::walk::callable;

/// The index of the first argument: `SELECT`, the name and the parenthesis stand before it.
const FIRST: usize = 3;

/// Reads the statement when it is simple; false when it is not, and nothing has happened then.
pub(super) fn statement(reader: &mut Reader, text: &mut Text, tokens: &[Token], sink: &mut dyn Sink) -> bool {
    let (Some([select, name, open]), Some(close)) = (tokens.first_chunk(), tokens.last()) else {
        return false;
    };
    let call = select.keyword == Keyword::Select && name.kind == Kind::Word && open.kind == Kind::LParen;
    if !call || close.kind != Kind::RParen || tokens.len() <= FIRST + 1 || !callable(name) {
        return false;
    }
    // Only the catalogue's own names are simple: what a name with a schema or a configured one means, the walk tells.
    let Some(function) = catalog::lookup(name.text(text.source)) else {
        return false;
    };
    let arguments = tokens.get(FIRST..tokens.len() - 1).unwrap_or(&[]);
    match function.function().group {
        Group::Control => false,
        Group::Value => about_values(reader, text, (function, name), arguments, sink),
        _ => about_object(reader, text, (function, name), arguments, sink),
    }
}

/// An assertion about an object.
fn about_object(
    reader: &mut Reader,
    text: &mut Text,
    (function, name): (FnId, &Token),
    arguments: &[Token],
    sink: &mut dyn Sink,
) -> bool {
    let mut given = Values::new();
    if constants(text.source, arguments, &mut given).is_none() {
        return false;
    }
    let known = Known::of(reader);
    let id = function.index() as u32;
    let reading = known.read(id, &given);
    let lesson = Lesson::of(id, &reading, &given, &known);
    hand_out(reader, text, (function, name), Some(&reading), &given, sink);
    lesson.learn(reader);
    true
}

/// An assertion about values: only its place counts, and the SQL that it runs.
fn about_values(
    reader: &mut Reader,
    text: &mut Text,
    (function, name): (FnId, &Token),
    arguments: &[Token],
    sink: &mut dyn Sink,
) -> bool {
    let Some(second) = second_argument(arguments) else {
        return false;
    };
    hand_out(reader, text, (function, name), None, &[], sink);
    let firsts = [arguments.first(), second];
    for (at, token) in firsts.into_iter().enumerate() {
        if let Some(token) = token {
            emit::mine(reader, (function, at), text.source, token, sink);
        }
    }
    true
}

fn hand_out(
    reader: &mut Reader,
    text: &mut Text,
    (function, name): (FnId, &Token),
    reading: Option<&Reading>,
    given: &[Given],
    sink: &mut dyn Sink,
) {
    let conditional = !reader.script.branches.is_empty();
    sink.assertion(&Found {
        id: function.index() as u32,
        line: text.lines.at(name.start as usize),
        reading,
        given,
        texts: &[],
        raw: &[],
        wrapper: None,
        context: text.context,
        conditional,
        row_driven: false,
        commented: false,
        helper: None,
        rows: &[],
    });
    control::result(reader, conditional);
}

/// Adds the arguments to `given`, if they are plain strings, casts of such to `name` or `text`, or arrays of such.
fn constants<'a>(source: &'a [u8], mut tokens: &[Token], given: &mut Values<'a>) -> Option<()> {
    loop {
        let (ty, content, rest) = constant(source, tokens)?;
        given.push(Given {
            ty,
            content,
            name: None,
        });
        match rest.split_first() {
            None => return Some(()),
            Some((comma, rest)) if comma.kind == Kind::Comma => tokens = rest,
            Some(_) => return None,
        }
    }
}

/// Type and content of the first argument, and the tokens behind it.
type Constant<'a, 't> = (ArgType, Content<'a>, &'t [Token]);

#[inline]
fn constant<'a, 't>(source: &'a [u8], tokens: &'t [Token]) -> Option<Constant<'a, 't>> {
    let (first, rest) = tokens.split_first()?;
    if first.keyword == Keyword::Array {
        return array(source, rest);
    }
    let content = plain(source, first)?;
    match rest {
        [cast, ty, rest @ ..] if cast.kind == Kind::Cast => Some((cast_to(ty.text(source))?, content, rest)),
        rest => Some((ArgType::Unknown, content, rest)),
    }
}

#[inline]
fn plain<'a>(source: &'a [u8], token: &Token) -> Option<Content<'a>> {
    let text = literal::between_quotes(token, source)?;
    Some(Content::Text(Cow::Borrowed(text)))
}

fn cast_to(name: &[u8]) -> Option<ArgType> {
    match name.len() {
        4 if name.eq_ignore_ascii_case(b"name") => Some(ArgType::Name),
        4 if name.eq_ignore_ascii_case(b"text") => Some(ArgType::Text),
        _ => None,
    }
}

/// `['a', 'b']` behind ARRAY.
fn array<'a, 't>(source: &'a [u8], tokens: &'t [Token]) -> Option<Constant<'a, 't>> {
    let (open, mut rest) = tokens.split_first()?;
    let mut items = Vec::new();
    let mut before = open;
    let starts = |token: &Token| matches!(token.kind, Kind::LBracket | Kind::Comma);
    while starts(before) {
        let (item, behind) = rest.split_first()?;
        items.push(plain(source, item)?);
        (before, rest) = behind.split_first()?;
    }
    let closed = open.kind == Kind::LBracket && before.kind == Kind::RBracket;
    closed.then_some((ArgType::TextArray, Content::List(items), rest))
}

/// The first token of the second argument, if there is one; `None` where a token may name or call something.
fn second_argument(arguments: &[Token]) -> Option<Option<&Token>> {
    let mut second = None;
    let mut depth = 0usize;
    for (at, token) in arguments.iter().enumerate() {
        match token.kind {
            Kind::Str | Kind::EscapeStr | Kind::DollarStr | Kind::Number | Kind::Cast => {}
            Kind::Word if is_constant(token.keyword) => {}
            Kind::LBracket => depth += 1,
            Kind::RBracket => depth = depth.checked_sub(1)?,
            Kind::Comma if depth == 0 && second.is_none() => second = arguments.get(at + 1),
            Kind::Comma => {}
            _ => return None,
        }
    }
    (depth == 0).then_some(second)
}

fn is_constant(word: Keyword) -> bool {
    matches!(
        word,
        Keyword::None | Keyword::Null | Keyword::True | Keyword::False | Keyword::Array
    )
}

#[cfg(test)]
#[path = "simple_tests.rs"]
mod tests;
