//! The rules about single calls, in the order in which the first that fits is told.

use crate::pgtap::arg_type::ArgType;
use crate::pgtap::catalog::{Group, Origin, Since, SqlType};
use crate::pgtap::resolve::Resolution;
use crate::pgtap::statement::{Called, Types};

use super::finding::Draft;
use super::here::Here;
use super::{arrays, overloads, plan_type, queries, refused, versions};

/// A call and what each version makes of it.
pub struct Judged<'a> {
    /// The call.
    pub call: &'a Called<'a>,
    /// Its arguments' types; those that no text tells for certain are open.
    pub types: Types,
    /// For each version of [`Here::versions`].
    pub resolutions: Vec<Resolution>,
    /// The overload that the newest of these versions runs.
    pub chosen: Option<usize>,
}

/// What is wrong with a call, if anything.
pub fn check(here: &Here, call: &Called) -> Option<Draft> {
    let entry = call.entry().filter(|f| f.own == Origin::PgTap && !call.open)?;
    let types = settled(here, call);
    let resolve = |version: &Since| here.statement.resolve(call, &types, *version);
    let newest = here.versions.last()?;
    let judged = Judged {
        call,
        resolutions: here.versions.iter().map(resolve).collect(),
        chosen: here.statement.chosen(call.function?, &call.given, *newest),
        types,
    };
    let refused = plan_type::check(here, &judged).or_else(|| refused::check(here, &judged));
    if refused.is_some() || call.is_named() {
        return refused;
    }
    if entry.group != Group::Object {
        return queries::check(here, &judged).or_else(|| overloads::pattern(here, &judged));
    }
    arrays::check(here, &judged)
        .or_else(|| overloads::misread(here, &judged))
        .or_else(|| versions::check(here, &judged))
        .or_else(|| overloads::described_by_name(here, &judged))
}

/// The types as far as the text tells them for certain: what a type of the database's own casts to, or what an operator
/// yields, it does not tell.
fn settled(here: &Here, call: &Called) -> Types {
    let mut types = here.statement.types(call, here.calls);
    for (at, (ty, argument)) in types.iter_mut().zip(&call.arguments).enumerate() {
        let foreign = matches!(
            ty,
            ArgType::Other | ArgType::OtherArray | ArgType::Bool | ArgType::Record
        );
        if foreign && !plan_type::is_plain(here, argument) {
            *ty = ArgType::Untyped;
        }
        if *ty == ArgType::Untyped && plan_type::is_bigint(here, argument) {
            *ty = ArgType::Other;
        }
        if *ty == ArgType::Other && takes_numbers(call, at) {
            *ty = ArgType::Untyped;
        }
    }
    types
}

/// Whether a parameter is of a type that PostgreSQL casts other integers to without being asked.
fn takes_numbers(call: &Called, at: usize) -> bool {
    use SqlType::{Int4, Numeric, Oid, Regtype};
    let overloads = call.entry().map_or(&[][..], |f| f.overloads);
    let mut taken = overloads.iter().filter_map(|o| o.types.get(at));
    taken.any(|ty| matches!(ty, Int4 | Numeric | Oid | Regtype))
}
