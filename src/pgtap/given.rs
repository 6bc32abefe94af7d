//! An argument's value as overload choice and labels see it, free of tokens.

use std::borrow::Cow;

use crate::sql::token::Kind;

use super::arg_type::ArgType;
use super::argument::{Argument, Value};
use super::view::View;

/// What an argument says.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Content<'a> {
    /// A constant text (or number).
    Text(Cow<'a, [u8]>),
    /// `NULL`.
    Null,
    /// The elements of an array constant.
    List(Vec<Content<'a>>),
    /// A computed value: its fixed part, with `*` for what is computed.
    Pattern(Cow<'a, [u8]>),
    /// The parameter of the function whose body this is, by position.
    Parameter(usize),
}

/// A typed argument.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Given<'a> {
    /// Its static type.
    pub ty: ArgType,
    /// Its value.
    pub content: Content<'a>,
    /// The parameter that the call names for it, as PostgreSQL folds it.
    pub name: Option<Box<[u8]>>,
}

/// Longer constants do not stand for names elsewhere: in rows, filters and variables of psql.
pub const MAX_VALUE: usize = 4096;

/// What may stand anywhere.
pub const ANYTHING: &[u8] = b"*";

impl<'a> Given<'a> {
    /// A literal or NULL without a type of its own.
    pub fn is_bare(&self) -> bool {
        self.ty == ArgType::Unknown && matches!(self.content, Content::Text(_) | Content::Null)
    }

    /// The same without borrowing.
    pub fn into_owned(self) -> Given<'static> {
        Given {
            ty: self.ty,
            content: self.content.into_owned(),
            name: self.name,
        }
    }

    /// Not computed.
    pub fn is_constant(&self) -> bool {
        self.content.is_constant()
    }
}

impl<'a> Content<'a> {
    /// Something computed of which nothing is known.
    pub fn anything() -> Self {
        Content::Pattern(Cow::Borrowed(ANYTHING))
    }

    /// The text, or the pattern of what is computed; `None` for NULL and lists.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Content::Text(text) | Content::Pattern(text) => Some(text),
            Content::Parameter(_) => Some(ANYTHING),
            Content::Null | Content::List(_) => None,
        }
    }

    /// Not computed, nor any part of it.
    pub fn is_constant(&self) -> bool {
        match self {
            Content::Text(_) | Content::Null => true,
            Content::List(items) => items.iter().all(Content::is_constant),
            Content::Pattern(_) | Content::Parameter(_) => false,
        }
    }

    /// The same without borrowing.
    pub fn into_owned(self) -> Content<'static> {
        match self {
            Content::Text(text) => Content::Text(Cow::Owned(text.into_owned())),
            Content::Pattern(text) => Content::Pattern(Cow::Owned(text.into_owned())),
            Content::List(items) => Content::List(items.into_iter().map(Content::into_owned).collect()),
            Content::Null => Content::Null,
            Content::Parameter(at) => Content::Parameter(at),
        }
    }
}

/// What names stand for where a call is read: psql variables, parameters of a body, rows of a FROM.
pub trait Bindings {
    /// The value of psql's variable `name`.
    fn variable(&self, name: &[u8]) -> Option<&[u8]>;
    /// What the column or parameter `name` stands for.
    fn column(&self, name: &[u8]) -> Option<Content<'static>>;
}

/// Reads what `argument` says.
#[inline]
pub fn given<'a>(view: &View<'a>, argument: &Argument, bindings: &dyn Bindings) -> Given<'a> {
    let content = match argument.value {
        Value::Literal(at) if view.token(at).plain => Content::Text(view.string(at)),
        value => content(view, value, argument.from, argument.to, bindings),
    };
    Given {
        ty: argument.ty,
        content,
        name: argument.name.map(|at| Box::from(view.name(at).as_ref())),
    }
}

fn content<'a>(view: &View<'a>, value: Value, from: usize, to: usize, bindings: &dyn Bindings) -> Content<'a> {
    match value {
        Value::Literal(at) => literal(view, at, bindings),
        Value::Null => Content::Null,
        Value::Number(at) => Content::Text(Cow::Borrowed(view.text(at))),
        Value::Array(open, close) => Content::List(elements(view, open + 1, close, bindings)),
        Value::ArrayLiteral(at) => match literal(view, at, bindings) {
            Content::Text(text) => array_literal(&text).map_or_else(Content::anything, Content::List),
            other => other,
        },
        Value::Column(at) => bindings.column(&view.name(at)).unwrap_or_else(Content::anything),
        Value::Expression => Content::Pattern(Cow::Owned(pattern(view, from, to, bindings))),
    }
}

/// The name between the marks of `:x`, `:'x'` or `:"x"`.
pub fn variable_name(text: &[u8]) -> &[u8] {
    let inner = text.strip_prefix(b":").unwrap_or(text);
    match inner.first() {
        Some(b'\'' | b'"') => inner.get(1..inner.len() - 1).unwrap_or(&[]),
        _ => inner,
    }
}

/// Whether something in `text` is still to be substituted: what it stands for is not known here.
pub fn names_variable(text: &[u8]) -> bool {
    text.windows(2)
        .any(|pair| pair[0] == b':' && (pair[1].is_ascii_alphabetic() || pair[1] == b'_'))
}

fn literal<'a>(view: &View<'a>, at: usize, bindings: &dyn Bindings) -> Content<'a> {
    match view.kind(at) {
        Kind::Var | Kind::VarStr | Kind::VarWord => match bindings.variable(variable_name(view.text(at))) {
            // The value of a bare `:x` is read again: what it holds may be substituted in turn.
            Some(value) if view.kind(at) == Kind::Var && names_variable(value) => Content::anything(),
            Some(value) => Content::Text(Cow::Owned(value.to_vec())),
            None => Content::anything(),
        },
        Kind::QuotedWord | Kind::UnicodeWord => Content::Text(view.name(at)),
        _ => Content::Text(view.string(at)),
    }
}

/// The elements of `ARRAY[…]`; casts behind them are dropped.
fn elements<'a>(view: &View<'a>, from: usize, to: usize, bindings: &dyn Bindings) -> Vec<Content<'a>> {
    view.items(from, to)
        .filter(|(from, to)| from < to)
        .map(|(from, to)| match view.kind(from) {
            kind if kind.is_string() || kind == Kind::VarStr => match view.kind(from + 1) {
                Kind::Cast => literal(view, from, bindings),
                _ if to == from + 1 => literal(view, from, bindings),
                _ => Content::Pattern(Cow::Owned(pattern(view, from, to, bindings))),
            },
            Kind::Number if to == from + 1 => Content::Text(Cow::Borrowed(view.text(from))),
            _ => Content::Pattern(Cow::Owned(pattern(view, from, to, bindings))),
        })
        .collect()
}

/// The fixed parts of `'a' || x || 'b'` and `format('a_%s', x)`.
fn pattern(view: &View, from: usize, to: usize, bindings: &dyn Bindings) -> Vec<u8> {
    if view.is_word(from, "format") && view.kind(from + 1) == Kind::LParen && view.kind(from + 2).is_string() {
        return format_pattern(&view.string(from + 2));
    }
    let mut out = Vec::new();
    let mut at = from;
    while at < to {
        let end = operand_end(view, at, to);
        let fixed = if view.kind(at).is_string() && (end == at + 1 || view.kind(at + 1) == Kind::Cast) {
            literal(view, at, bindings)
        } else {
            Content::anything()
        };
        match fixed.text() {
            Some(text) if text == ANYTHING && out.last() == Some(&b'*') => {}
            Some(text) => out.extend_from_slice(text),
            None => {}
        }
        if end < to && view.text(end) != b"||" {
            return ANYTHING.to_vec();
        }
        at = end + 1;
    }
    out
}

/// Up to the next operator outside brackets.
fn operand_end(view: &View, mut at: usize, to: usize) -> usize {
    while at < to && view.kind(at) != Kind::Operator {
        at = view.skip(at);
    }
    at.min(to)
}

fn format_pattern(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
        } else if bytes.next_if_eq(&b'%').is_some() {
            out.push(b'%');
        } else {
            // `%1$-10s`: position, flags and width up to the conversion letter.
            while bytes.next_if(|b| !b.is_ascii_alphabetic()).is_some() {}
            bytes.next();
            if out.last() != Some(&b'*') {
                out.push(b'*');
            }
        }
    }
    out
}

/// The elements of `{a,"b c",NULL}`; `None` when it is no flat array constant.
pub fn array_literal(text: &[u8]) -> Option<Vec<Content<'static>>> {
    let inner = text.trim_ascii().strip_prefix(b"{")?.strip_suffix(b"}")?;
    let mut items = Vec::new();
    if inner.trim_ascii().is_empty() {
        return Some(items);
    }
    let (mut item, mut quoted, mut was_quoted) = (Vec::new(), false, false);
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => item.extend(bytes.next()),
            b'"' => (quoted, was_quoted) = (!quoted, true),
            b',' if !quoted => items.push(element(std::mem::take(&mut item), std::mem::take(&mut was_quoted))),
            b'{' | b'}' if !quoted => return None,
            // White space around an element, and around its quotes, is none of it.
            byte if !quoted && byte.is_ascii_whitespace() && (item.is_empty() || was_quoted) => {}
            byte => item.push(byte),
        }
    }
    items.push(element(item, was_quoted));
    Some(items)
}

fn element(text: Vec<u8>, quoted: bool) -> Content<'static> {
    if quoted {
        return Content::Text(Cow::Owned(text));
    }
    let text = text.trim_ascii();
    if text.eq_ignore_ascii_case(b"null") {
        return Content::Null;
    }
    Content::Text(Cow::Owned(text.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn array_constants() {
        let texts = |t: &str| {
            array_literal(t.as_bytes()).map(|items| {
                items
                    .iter()
                    .map(|c| String::from_utf8_lossy(c.text().unwrap_or(b"NULL")).into_owned())
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(texts("{a, \"b,c\" ,d\\,e,null}").unwrap(), ["a", "b,c", "d,e", "NULL"]);
        assert_eq!(texts("{}").unwrap(), Vec::<String>::new());
        assert_eq!(texts("{{a}}"), None);
        assert_eq!(texts("a,b"), None);
    }

    #[test]
    fn format_strings_become_patterns() {
        assert_eq!(format_pattern(b"a_%s_%1$I%%x"), b"a_*_*%x");
    }
}
