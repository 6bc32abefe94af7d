//! How calls with constant arguments are read that are like earlier ones: by their arguments' types alone.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::sql::constant_call::{Constant, ConstantCall};

use super::area::Area;
use super::catalog::FnId;
use super::given::{Content, Given};
use super::prose::is_prose;
use super::reading::{Named, Reading};
use super::shape;
use super::simple::type_of;

/// An argument, or what stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// The one with this number.
    At(u8),
    /// The schema `public`, which the family's labels assume.
    Public,
    /// None.
    None,
}

/// Where the parts of a label stand, for calls whose label is made of nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShortReading {
    /// What kind of object the label names.
    pub area: Area,
    /// Its parts, outermost first.
    pub parts: [Argument; 3],
    /// The description.
    pub description: Argument,
    /// What is a schema, as the call says.
    pub schema: Argument,
}

/// The readings of calls so far, by function and arguments' types.
#[derive(Default)]
pub(super) struct ShortReadings(FxHashMap<u128, ShortReading>);

/// Calls of more arguments are read anew each time.
const MOST: usize = 12;

impl ShortReadings {
    /// The reading of calls like this one, if there was such a call.
    #[inline]
    pub fn find(&self, function: FnId, call: &ConstantCall) -> Option<ShortReading> {
        self.0.get(&key(function, call)?).copied()
    }

    /// Keeps how `call` was read, if calls like it are read alike.
    pub fn keep(&mut self, function: FnId, call: &ConstantCall, reading: &Reading, given: &[Given]) {
        if let (Some(key), Some(short)) = (key(function, call), short(function, reading, given)) {
            self.0.insert(key, short);
        }
    }
}

/// All that decides how a call is read where its texts do not: a byte an argument, as in [`super::reading`].
#[inline]
fn key(function: FnId, call: &ConstantCall) -> Option<u128> {
    let (last, _) = call.arguments.last()?;
    if call.arguments.len() > MOST {
        return None;
    }
    let prose = matches!(last, Constant::Text(text) if is_prose(text));
    let mut key = (function.index() as u128) << 2 | 2 | u128::from(prose);
    for (constant, cast) in &call.arguments {
        let kind = match constant {
            Constant::Text(text) => u128::from(text.first() == Some(&b'{')),
            _ => 3,
        };
        key = key << 8 | (type_of(constant, *cast)? as u128) << 3 | kind;
    }
    Some(key)
}

/// The reading by places, unless the texts decide something.
fn short(function: FnId, reading: &Reading, given: &[Given]) -> Option<ShortReading> {
    let alone = reading.credits.is_empty() && !(reading.list || reading.dynamic || reading.misread);
    if shape::traits_of(function).by_text || !alone {
        return None;
    }
    let shape = shape::of(function, reading.labelled?)?;
    // Where PostgreSQL reads another overload it has to find the object at the same places, whatever the texts are.
    if shape::of(function, reading.chosen?)?.target != shape.target {
        return None;
    }
    let label = reading.label.as_ref()?;
    let [first, second, third] = [0, 1, 2].map(|at| place(label, at, given));
    Some(ShortReading {
        area: label.area,
        parts: [first?, second?, third?],
        description: argument(shape.desc, given)?,
        schema: argument(shape.target.schema, given)?,
    })
}

/// Where a part of the label comes from.
fn place(label: &Named, at: usize, given: &[Given]) -> Option<Argument> {
    let part = match label.parts.get(at)? {
        None => return Some(Argument::None),
        Some(Cow::Borrowed(part)) => *part,
        // Made of the texts.
        Some(Cow::Owned(_)) => return None,
    };
    // The very bytes, not such as read alike: another call may have others there.
    let same = |g: &Given| matches!(&g.content, Content::Text(text) if std::ptr::eq(text.as_ref(), part));
    match given.iter().position(same) {
        Some(at) => Some(Argument::At(u8::try_from(at).ok()?)),
        None => (part == b"public").then_some(Argument::Public),
    }
}

/// What stands at `at`; the caller may have left it out.
fn argument(at: Option<usize>, given: &[Given]) -> Option<Argument> {
    let Some((at, argument)) = at.and_then(|at| Some((at, given.get(at)?))) else {
        return Some(Argument::None);
    };
    let text = matches!(argument.content, Content::Text(_));
    text.then(|| u8::try_from(at).ok().map(Argument::At))?
}
