//! `SELECT f('a', 'b'::name, ARRAY['c']);`: one call with constant arguments, read without tokens and without a walk.
//!
//! Most statements of most suites are like this. What is found here is what the walk finds, and a test holds one
//! against the other; whatever else a statement holds is left to the walk.

use std::borrow::Cow;

use crate::sql::constant_call::{Cast, Constant, ConstantCall};
use crate::sql::keyword::keyword;

use super::arg_type::ArgType;
use super::catalog::{self, FnId, Group};
use super::control;
use super::emit::Lesson;
use super::found::{Found, Labelled, Sink};
use super::given::{Content, Given};
use super::reader::{Reader, Text};
use super::reading::Reading;
use super::shape;
use super::short_reading::{Argument, ShortReading};
use super::site::{Known, Values};
use super::uses;
use super::walk_words::is_callable;

/// Reads the statement that is `call`; false when the walk has to, and nothing has happened then.
#[inline]
pub(super) fn statement(reader: &mut Reader, text: &mut Text, call: &ConstantCall, sink: &mut dyn Sink) -> bool {
    // Only the catalogue's own names are simple: what a name with a schema or a configured one means, the walk tells.
    let Some(function) = catalog::lookup(call.name).filter(|_| is_callable(keyword(call.name))) else {
        return false;
    };
    match function.function().group {
        Group::Control => false,
        Group::Value => about_values(reader, text, function, call, sink),
        _ => about_object(reader, text, function, call, sink),
    }
}

/// An assertion about an object.
fn about_object(
    reader: &mut Reader,
    text: &mut Text,
    function: FnId,
    call: &ConstantCall,
    sink: &mut dyn Sink,
) -> bool {
    if sink.takes_labels()
        && let Some(reading) = reader.short_readings.find(function, call)
    {
        labelled(reader, text, (function, &reading), call, sink);
        return true;
    }
    let Some(given) = constants(call) else {
        return false;
    };
    let known = Known::of(reader);
    let id = function.index() as u32;
    let reading = known.read(id, &given);
    let lesson = Lesson::of(id, &reading, &given, &known);
    reader.short_readings.keep(function, call, &reading, &given);
    hand_out(reader, text, (function, call), Some(&reading), &given, sink);
    lesson.learn(reader);
    true
}

/// The same where nothing but its label is wanted, and the label needs no more than the arguments' texts.
#[inline]
fn labelled(
    reader: &mut Reader,
    text: &mut Text,
    (function, reading): (FnId, &ShortReading),
    call: &ConstantCall,
    sink: &mut dyn Sink,
) {
    let part = |at: usize| match reading.parts.get(at) {
        Some(Argument::At(at)) => content(call, usize::from(*at)),
        Some(Argument::Public) => b"public",
        _ => &[],
    };
    sink.labelled(&Labelled {
        id: function.index() as u32,
        line: text.lines.at(call.name_at),
        area: reading.area,
        parts: [part(0), part(1), part(2)],
        described: matches!(reading.description, Argument::At(at) if !content(call, usize::from(at)).is_empty()),
    });
    if let Argument::At(at) = reading.schema {
        reader.learn_schema(content(call, usize::from(at)));
    }
    control::result(reader, !reader.script.branches.is_empty());
}

#[inline]
fn content<'a>(call: &ConstantCall<'a>, at: usize) -> &'a [u8] {
    match call.arguments.get(at) {
        Some((Constant::Text(text), _)) => text,
        _ => &[],
    }
}

/// An assertion about values: only its place counts, and the SQL that it runs.
fn about_values(
    reader: &mut Reader,
    text: &mut Text,
    function: FnId,
    call: &ConstantCall,
    sink: &mut dyn Sink,
) -> bool {
    hand_out(reader, text, (function, call), None, &[], sink);
    let sql = shape::traits_of(function).sql;
    for (at, (constant, _)) in call.arguments.iter().enumerate().take(2) {
        if let (Constant::Text(text) | Constant::Dollar(text), true) = (constant, sql & 1 << at != 0) {
            crate::work::add(text.len());
            uses::sql_text(reader, text, sink);
        }
    }
    true
}

fn hand_out(
    reader: &mut Reader,
    text: &mut Text,
    (function, call): (FnId, &ConstantCall),
    reading: Option<&Reading>,
    given: &[Given],
    sink: &mut dyn Sink,
) {
    let conditional = !reader.script.branches.is_empty();
    sink.assertion(&Found {
        id: function.index() as u32,
        line: text.lines.at(call.name_at),
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
fn constants<'a>(call: &ConstantCall<'a>) -> Option<Values<'a>> {
    let borrowed = |text: &&'a [u8]| Content::Text(Cow::Borrowed(*text));
    let given = |(constant, cast): &(Constant<'a>, Cast)| {
        let content = match constant {
            Constant::Text(text) => borrowed(text),
            Constant::Texts(from, to) => {
                let items = call.items.get(usize::from(*from)..usize::from(*to))?;
                Content::List(items.iter().map(borrowed).collect())
            }
            _ => return None,
        };
        Some(Given {
            ty: type_of(constant, *cast)?,
            content,
            name: None,
        })
    };
    call.arguments.iter().map(given).collect()
}

/// The type of a string or an array of strings.
#[inline]
pub(super) fn type_of(constant: &Constant, cast: Cast) -> Option<ArgType> {
    match (constant, cast) {
        (Constant::Text(_), Cast::None) => Some(ArgType::Unknown),
        (Constant::Text(_), Cast::Name) => Some(ArgType::Name),
        (Constant::Text(_), Cast::Text) => Some(ArgType::Text),
        (Constant::Texts(..), Cast::None) => Some(ArgType::TextArray),
        _ => None,
    }
}

#[cfg(test)]
#[path = "simple_tests.rs"]
mod tests;
