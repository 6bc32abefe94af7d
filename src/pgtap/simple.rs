//! `SELECT f('a', 'b'::name, ARRAY['c']);`: one call with constant arguments, read straight from its tokens.
//!
//! Most statements of most suites are like this. What is found here is what the walk finds, and a test holds one
//! against the other; whatever else a statement holds is left to the walk.

use smallvec::SmallVec;

use crate::sql::keyword::Keyword;
use crate::sql::literal;
use crate::sql::token::{Kind, Token};

use super::arg_type::ArgType;
use super::catalog::{FnId, Group};
use super::control;
use super::emit::{self, Lesson};
use super::found::{Found, Sink};
use super::given::{Content, Given};
use super::reader::{Reader, Text};
use super::reading::Reading;
use super::site::{Known, Values, function_of};
use super::suite::FileLookup;
use super::walk::{Callee, Lookup, callable};

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
    let lookup = FileLookup {
        suite: reader.suite,
        pgtap_schemas: &reader.script.pgtap_schemas,
    };
    let Callee::Known {
        id, assertion: true, ..
    } = lookup.callee(None, name, text.source)
    else {
        return false;
    };
    let arguments = tokens.get(FIRST..tokens.len() - 1).unwrap_or(&[]);
    match function_of(id) {
        Some(function) if function.function().group == Group::Value => {
            about_values(reader, text, (function, name), arguments, sink)
        }
        Some(function) => about_object(reader, text, (function, name), arguments, sink),
        None => false,
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
    let Some(given) = constants(text.source, arguments) else {
        return false;
    };
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

/// The arguments, if they are plain strings, casts of such to `name` or `text`, or arrays of such.
fn constants<'a>(source: &'a [u8], mut tokens: &[Token]) -> Option<Values<'a>> {
    let mut given = SmallVec::new();
    loop {
        let (argument, rest) = constant(source, tokens)?;
        given.push(argument);
        match rest.split_first() {
            None => return Some(given),
            Some((comma, rest)) if comma.kind == Kind::Comma => tokens = rest,
            Some(_) => return None,
        }
    }
}

fn constant<'a, 't>(source: &'a [u8], tokens: &'t [Token]) -> Option<(Given<'a>, &'t [Token])> {
    let (first, rest) = tokens.split_first()?;
    if first.keyword == Keyword::Array {
        return array(source, rest);
    }
    let content = plain(source, first)?;
    let (ty, rest) = match rest {
        [cast, ty, rest @ ..] if cast.kind == Kind::Cast => (cast_to(ty.text(source))?, rest),
        rest => (ArgType::Unknown, rest),
    };
    Some((
        Given {
            ty,
            content,
            name: None,
        },
        rest,
    ))
}

fn plain<'a>(source: &'a [u8], token: &Token) -> Option<Content<'a>> {
    token.plain.then(|| Content::Text(literal::string(token, source)))
}

fn cast_to(name: &[u8]) -> Option<ArgType> {
    match name.len() {
        4 if name.eq_ignore_ascii_case(b"name") => Some(ArgType::Name),
        4 if name.eq_ignore_ascii_case(b"text") => Some(ArgType::Text),
        _ => None,
    }
}

/// `['a', 'b']` behind ARRAY.
fn array<'a, 't>(source: &'a [u8], tokens: &'t [Token]) -> Option<(Given<'a>, &'t [Token])> {
    let (open, mut rest) = tokens.split_first()?;
    let mut items = Vec::new();
    let mut before = open;
    let starts = |token: &Token| matches!(token.kind, Kind::LBracket | Kind::Comma);
    while starts(before) {
        let (item, behind) = rest.split_first()?;
        items.push(plain(source, item)?);
        (before, rest) = behind.split_first()?;
    }
    let given = Given {
        ty: ArgType::TextArray,
        content: Content::List(items),
        name: None,
    };
    (open.kind == Kind::LBracket && before.kind == Kind::RBracket).then_some((given, rest))
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
