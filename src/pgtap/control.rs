//! Calls that plan, skip, wrap or run tests, and the count of results.

use crate::sql::keyword::Keyword;
use crate::sql::token::Kind;

use super::found::Context;
use super::plan::{Inexact, constant};
use super::reader::{Reader, Text};
use super::site::{Bound, Site, function_of};

/// Takes a call that is no assertion of its own.
pub(super) fn call(reader: &mut Reader, text: &mut Text, site: &Site) {
    let Some(function) = function_of(site.call.id) else {
        return;
    };
    let script = text.context == Context::Script;
    match function.function().name {
        "plan" if script => plan(reader, text, site),
        "no_plan" if script => reader.facts.plan.none = true,
        "skip" if script => skip(reader, text, site),
        "runtests" | "do_tap" => reader.facts.plan.doubt(Inexact::Runtests),
        "check_test" => {
            let own = u64::from(!holds_call(site));
            add(reader, own + u64::from(given(site, 3)) + u64::from(given(site, 4)));
        }
        "collect_tap" => {}
        _ if site.call.wraps => reader.facts.plan.doubt(Inexact::Nested),
        _ => {}
    }
}

fn add(reader: &mut Reader, results: u64) {
    let plan = &mut reader.facts.plan;
    plan.results = plan.results.saturating_add(results);
}

/// `check_test` makes one more result for each of its description and diagnostics that is not NULL.
fn given(site: &Site, at: usize) -> bool {
    site.spans()
        .get(at)
        .is_some_and(|(from, _)| site.view.keyword(*from as usize) != Keyword::Null)
}

/// Whether the first argument holds a call that is counted by itself.
fn holds_call(site: &Site) -> bool {
    let Some(&(from, to)) = site.spans().first() else {
        return false;
    };
    let calls = &site.walked.calls;
    let next = calls.partition_point(|c| c.name < from as usize);
    calls.get(next).is_some_and(|c| c.name < to as usize)
}

/// The constant number that the argument at `at` is.
fn number(reader: &Reader, text: &Text, site: &Site, at: usize) -> Option<i64> {
    let (from, to) = *site.spans().get(at)?;
    constant(site.view, from as usize, to as usize, &Bound::new(reader, text.routine))
}

fn plan(reader: &mut Reader, text: &Text, site: &Site) {
    match number(reader, text, site, 0) {
        Some(n) if !site.conditional => reader.facts.plan.announced.push(n),
        _ => reader.facts.plan.computed = true,
    }
}

/// The number in `how_many => n`.
fn named_number(reader: &Reader, text: &Text, site: &Site) -> Option<i64> {
    let view = site.view;
    let (from, to) = *site
        .spans()
        .iter()
        .find(|(from, _)| view.is_word(*from as usize, "how_many"))?;
    let named = matches!(view.kind(from as usize + 1), Kind::Arrow | Kind::Assign);
    let bound = Bound::new(reader, text.routine);
    named.then(|| constant(view, from as usize + 2, to as usize, &bound))?
}

/// `skip(why, n)` and `skip(n)` make n results, `skip(why)` one.
fn skip(reader: &mut Reader, text: &Text, site: &Site) {
    let n = number(reader, text, site, 0)
        .or_else(|| number(reader, text, site, 1))
        .or_else(|| named_number(reader, text, site))
        .or((site.call.arity == 1).then_some(1));
    let certain = !site.conditional && !site.has_rows();
    match n.and_then(|n| u64::try_from(n).ok()).filter(|_| certain) {
        Some(n) => add(reader, n),
        None => reader.facts.plan.doubt(Inexact::Skip),
    }
}

/// Adds the result of an assertion that runs once, if its branch runs.
pub(super) fn result(reader: &mut Reader, conditional: bool) {
    if conditional {
        reader.facts.plan.doubt(Inexact::Conditional);
    }
    add(reader, 1);
}

/// Adds the results that a listed assertion makes: one a row.
pub(super) fn tally(reader: &mut Reader, text: &mut Text, site: &Site, rows: Option<usize>) {
    if text.commented {
        return;
    }
    let scope = site.scope();
    let many = site.walked.many_rows;
    // Without literal rows, a FROM clause yields one row for certain only under an aggregate.
    let from = site.has_rows() && rows.is_none() && (!scope.aggregated || scope.grouped);
    if text.context != Context::Script {
        text.inexact |= site.conditional || many || from || rows.is_some() || site.call.wrapper.is_some();
        if text.context == Context::Do {
            reader.facts.plan.doubt(Inexact::Body);
        }
        return;
    }
    if site.conditional {
        reader.facts.plan.doubt(Inexact::Conditional);
    } else if from || many {
        reader.facts.plan.doubt(Inexact::Rows);
    }
    add(reader, rows.unwrap_or(1) as u64);
}

#[cfg(test)]
#[path = "control_tests.rs"]
mod tests;
