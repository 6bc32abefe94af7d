//! Expands the call of a helper into the assertions its body makes.

use std::borrow::Cow;

use super::emit::{Bound, KnownSchemas, givens, parameter_text, raw, read_arguments, reading};
use super::found::{Context, Found, Sink};
use super::given::{Content, Given};
use super::plan::Inexact;
use super::reader::{Reader, Text};
use super::arg_type::ArgType;
use super::suite::{BodyCall, Helper};
use super::view::View;
use super::walk::{Call, Walked};

/// Hands out what a call of a helper asserts, when it has arguments, and counts its results.
pub(super) fn helper_call(
    reader: &mut Reader,
    text: &mut Text,
    view: &View,
    walked: &Walked,
    call: &Call,
    conditional: bool,
    sink: &mut dyn Sink,
) {
    let suite = reader.suite;
    let Some(helper) = suite.helper(call.id) else { return };
    count(reader, text, walked, call, conditional, helper);
    let bound = Bound {
        variables: &reader.script.variables,
        filters: &reader.script.filters,
        routine: text.routine,
        row: None,
    };
    let arguments = read_arguments(view, walked, call, &bound);
    let values = givens(view, &arguments, &bound);
    if !values.iter().any(|v| v.is_constant() && v.content != Content::Null) {
        return;
    }
    let positions: Vec<Option<usize>> = arguments
        .iter()
        .enumerate()
        .map(|(at, a)| match a.name {
            Some(name) => helper.parameters.iter().position(|p| p.name == view.name(name).as_ref()),
            None => Some(at),
        })
        .collect();
    let actual = |parameter: usize| positions.iter().position(|p| *p == Some(parameter)).and_then(|at| values.get(at));
    let texts: Vec<Cow<[u8]>> = arguments.iter().map(|a| parameter_text(view, a)).collect();
    let text_of = |parameter: usize| {
        positions.iter().position(|p| *p == Some(parameter)).and_then(|at| texts.get(at)).map(|t| t.as_ref())
    };
    let known = KnownSchemas {
        suite,
        file: &reader.facts.schemas,
    };
    let name = String::from_utf8_lossy(&helper.name);
    let line = text.lines.at(view.token(call.name).start as usize);
    for inner in &helper.body {
        let given: Vec<Given> = inner.given.iter().map(|g| bind(g, helper, &actual)).collect();
        let reading = reading(suite, inner.id, &given, &known);
        let texts = bound_texts(inner, &text_of);
        sink.assertion(&Found {
            id: inner.id,
            line,
            reading: Some(&reading),
            given: &given,
            texts: &texts,
            raw: raw(view, call),
            wrapper: None,
            context: text.context,
            conditional: conditional || inner.conditional,
            row_driven: false,
            commented: text.commented,
            helper: Some(&name),
            rows: &[],
        });
    }
}

/// The argument of the body's call with the helper's parameters filled in; a parameter has its declared type.
fn bind<'a>(given: &'a Given<'static>, helper: &Helper, actual: &dyn Fn(usize) -> Option<&'a Given<'a>>) -> Given<'a> {
    let Content::Parameter(at) = given.content else {
        return given.clone();
    };
    let declared = helper.parameters.get(at).map_or(ArgType::Untyped, |p| p.ty);
    match actual(at) {
        Some(value) => Given {
            ty: if declared == ArgType::Untyped { value.ty } else { declared },
            content: value.content.clone(),
        },
        None => Given {
            ty: declared,
            content: Content::anything(),
        },
    }
}

fn bound_texts<'a>(inner: &'a BodyCall, text_of: &dyn Fn(usize) -> Option<&'a [u8]>) -> Vec<Cow<'a, [u8]>> {
    inner
        .texts
        .iter()
        .zip(&inner.given)
        .map(|(own, given)| match given.content {
            Content::Parameter(at) => Cow::Borrowed(text_of(at).unwrap_or(own)),
            _ => Cow::Borrowed(own.as_slice()),
        })
        .collect()
}

/// A call makes as many results as the body has assertions, when nothing in the body or around the call decides.
fn count(reader: &mut Reader, text: &mut Text, walked: &Walked, call: &Call, conditional: bool, helper: &Helper) {
    if text.commented {
        return;
    }
    if text.context != Context::Script {
        text.inexact = true;
        return;
    }
    let scope = walked.scopes.get(call.scope).copied().unwrap_or_default();
    let many = call.in_list && scope.from.is_some();
    if !helper.exact || conditional || many {
        return reader.facts.plan.doubt(Inexact::Helper);
    }
    reader.facts.plan.results = reader.facts.plan.results.saturating_add(helper.body.len() as u64);
}
