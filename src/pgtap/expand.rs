//! Expands the call of a helper into the assertions its body makes.

use std::borrow::Cow;

use super::arg_type::ArgType;
use super::facts::Problem;
use super::found::{Context, Found, Sink};
use super::given::{Content, Given};
use super::plan::Inexact;
use super::reader::{Reader, Text};
use super::routine::MAX_PARAMETERS;
use super::site::{Bound, Known, Site};
use super::suite::{BodyCall, Helper};

/// Assertions that the calls of helpers in one file expand to; long texts count for several.
pub const MAX_EXPANDED: usize = 250_000;

/// Bytes of text that count for one assertion.
const TEXT_OF_ONE: usize = 256;

/// What expanding the call costs, before anything is expanded.
fn weight(site: &Site, helper: &Helper) -> usize {
    let own = 1 + site.raw().len() / TEXT_OF_ONE;
    let texts = |inner: &BodyCall| inner.texts.iter().map(Vec::len).sum::<usize>() / TEXT_OF_ONE;
    let all: usize = helper.body.iter().map(texts).sum();
    helper.body.len().saturating_mul(own).saturating_add(all)
}

/// Whether the file may expand this call, too; tells where it first may not.
fn allowed(reader: &mut Reader, text: &mut Text, site: &Site, helper: &Helper) -> bool {
    if reader.script.expanded > MAX_EXPANDED {
        return false;
    }
    reader.script.expanded = reader.script.expanded.saturating_add(weight(site, helper));
    if reader.script.expanded > MAX_EXPANDED {
        let line = site.line(text);
        reader.facts.report(Problem::too_many_expanded(line));
        return false;
    }
    true
}

/// Hands out what a call of a helper asserts, when it has arguments, and counts its results.
pub(super) fn helper_call(reader: &mut Reader, text: &mut Text, site: &Site, sink: &mut dyn Sink) {
    let suite = reader.suite;
    let Some(helper) = suite.helper(site.call.id) else {
        return;
    };
    count(reader, text, site, helper);
    if !(1..=MAX_PARAMETERS).contains(&site.call.arity) || !allowed(reader, text, site, helper) {
        return;
    }
    let bound = Bound::new(reader, text.routine);
    let arguments = site.arguments(&bound);
    let values = site.values(&arguments, &bound);
    if !values.iter().any(|v| v.is_constant() && v.content != Content::Null) {
        return;
    }
    let place = |at: usize, name: Option<usize>| match name {
        Some(name) => helper
            .parameters
            .iter()
            .position(|p| p.name == site.view.name(name).as_ref()),
        None => Some(at),
    };
    let places: Vec<Option<usize>> = arguments.iter().enumerate().map(|(at, a)| place(at, a.name)).collect();
    let texts: Vec<Cow<[u8]>> = arguments.iter().map(|a| site.parameter_text(a)).collect();
    let at = |parameter: usize| places.iter().position(|p| *p == Some(parameter));
    let actual = |parameter: usize| at(parameter).and_then(|at| values.get(at));
    let text_of = |parameter: usize| at(parameter).and_then(|at| texts.get(at)).map(|t| t.as_ref());
    let known = Known::of(reader);
    let name = String::from_utf8_lossy(&helper.name);
    let line = site.line(text);
    for inner in &helper.body {
        let given: Vec<Given> = inner.given.iter().map(|g| bind(g, helper, &actual)).collect();
        sink.assertion(&Found {
            id: inner.id,
            line,
            reading: Some(&known.read(inner.id, &given)),
            given: &given,
            texts: &bound_texts(inner, &text_of),
            raw: site.raw(),
            wrapper: None,
            context: text.context,
            conditional: site.conditional || inner.conditional,
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
            ty: if declared == ArgType::Untyped {
                value.ty
            } else {
                declared
            },
            content: value.content.clone(),
            name: given.name.clone(),
        },
        None => Given {
            ty: declared,
            content: Content::anything(),
            name: given.name.clone(),
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
fn count(reader: &mut Reader, text: &mut Text, site: &Site, helper: &Helper) {
    if text.commented {
        return;
    }
    if text.context != Context::Script {
        text.inexact = true;
        return;
    }
    if !helper.exact || site.conditional || site.has_rows() {
        return reader.facts.plan.doubt(Inexact::Helper);
    }
    reader.facts.plan.results = reader.facts.plan.results.saturating_add(helper.body.len() as u64);
}
