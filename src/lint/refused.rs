//! Calls that PostgreSQL refuses.

use crate::pgtap::arg_type::ArgType;
use crate::pgtap::catalog::Overload;
use crate::pgtap::found::Context;
use crate::pgtap::given::Content;
use crate::pgtap::resolve::{Refusal, Resolution, refusal};
use crate::pgtap::shape;
use crate::pgtap::statement::inner;

use super::calls::Judged;
use super::finding::{Draft, Fix, Unless};
use super::here::{Here, shown};
use super::mend::{self, Edit};
use super::rules::{AMBIGUOUS_CALL, CANNOT_RUN};

/// A call that no version runs.
pub fn check(here: &Here, judged: &Judged) -> Option<Draft> {
    let all = |wanted: Resolution| judged.resolutions.iter().all(|r| *r == wanted);
    if let Some(column) = column(here, judged) {
        return Some(column);
    }
    if all(Resolution::None) {
        return Some(none(here, judged));
    }
    let open = judged.types.contains(&ArgType::Untyped);
    if all(Resolution::Ambiguous) && !open {
        return Some(ambiguous(here, judged));
    }
    let Some(Resolution::Chosen(at)) = judged.resolutions.last() else {
        return None;
    };
    let overload = judged.call.entry()?.overloads.get(*at)?;
    undetermined(here, judged, overload).or_else(|| malformed(here, judged, overload))
}

/// `has_table("users")`: a name in double quotes is a column, and there is none.
fn column(here: &Here, judged: &Judged) -> Option<Draft> {
    let quoted = |argument| here.statement.quoted_name(argument).map(|at| (argument, at));
    let (argument, at) = judged.call.arguments.iter().find_map(quoted)?;
    if here.statement.has_from() || here.statement.context != Context::Script {
        return None;
    }
    let name = here.statement.view.name(at);
    let text = std::str::from_utf8(&name)
        .ok()
        .map(|n| format!("'{}'", n.replace('\'', "''")));
    let fix = here
        .bytes(argument.from, argument.to)
        .zip(text)
        .map(|(bytes, text)| Fix {
            from: bytes.start,
            to: bytes.end,
            text,
            certain: true,
        });
    let message = format!(
        "PostgreSQL takes \"{0}\" for a column and refuses the call (42703); the text '{0}' was meant",
        shown(&name)
    );
    Some(
        Draft::new(
            &CANNOT_RUN,
            here.call(judged.call),
            message,
            "Write texts in single quotes.",
        )
        .fixed(fix),
    )
}

fn none(here: &Here, judged: &Judged) -> Draft {
    let call = judged.call;
    let name = call.entry().map_or("", |f| f.name);
    let types: Vec<&str> = judged.types.iter().map(|ty| worded(*ty)).collect();
    let nested = call
        .arguments
        .iter()
        .any(|argument| inner(argument, here.calls).is_some_and(|c| c.assertion));
    let message = format!(
        "PostgreSQL refuses the call (42883): there is no {name}({}){}",
        types.join(", "),
        if nested {
            "; an assertion returns its result as text"
        } else {
            ""
        }
    );
    let help = match (nested, call.entry()) {
        (true, _) => "An assertion is a test by itself: call it without the one around it.".to_owned(),
        (false, Some(entry)) => {
            let taken: Vec<usize> = entry.overloads.iter().map(|o| o.types.len()).collect();
            let (least, most) = (taken.iter().min(), taken.iter().max());
            let (least, most) = (least.copied().unwrap_or(0), most.copied().unwrap_or(0));
            format!("{name} takes {least} to {most} arguments; see that their number and types fit.")
        }
        (false, None) => String::new(),
    };
    Draft {
        unless: Some(Unless::Created(name.as_bytes().to_vec())),
        ..Draft::new(&CANNOT_RUN, here.call(call), message, help)
    }
}

/// A type as PostgreSQL's message names it.
fn worded(ty: ArgType) -> &'static str {
    match (ty, ty.sql()) {
        (ArgType::Unknown, _) => "unknown",
        (ArgType::Untyped, _) => "any",
        (_, Some(sql)) => sql.as_str(),
        _ => "another type",
    }
}

fn ambiguous(here: &Here, judged: &Judged) -> Draft {
    let call = judged.call;
    let name = call.entry().map_or("", |f| f.name);
    let edit = unambiguous(here, judged);
    let fix = edit.as_ref().and_then(|edit| mend::fix(here, call, edit, true));
    let help = match &edit {
        Some(edit) => mend::worded(here, call, edit),
        None => "Cast an argument to the type that is meant: 'x'::name, or ARRAY['x'] for a list.".to_owned(),
    };
    let message =
        format!("several overloads of {name} fit, none better than the others: PostgreSQL refuses the call (42725)");
    Draft {
        unless: Some(Unless::Created(name.as_bytes().to_vec())),
        ..Draft::new(&AMBIGUOUS_CALL, here.call(call), message, help).fixed(fix)
    }
}

/// Casts that leave one overload: of strings written as arrays, or of names behind a known schema.
fn unambiguous(here: &Here, judged: &Judged) -> Option<Edit> {
    let call = judged.call;
    if call.is_named() {
        return None;
    }
    let takes_lists = |o: &Overload| (0..call.given.len()).all(|at| is_list(o, at) == mend::is_array_text(call, at));
    let schema = matches!(&call.given.first()?.content, Content::Text(text) if here.statement.is_schema(text));
    let by_schema = |o: &Overload| {
        let at = call
            .entry()
            .and_then(|f| f.overloads.iter().position(|other| other == o));
        let shape = at.and_then(|at| shape::of(call.function?, at));
        shape.is_some_and(|s| s.target.schema == Some(0) && (s.desc.is_none() || s.desc >= Some(call.given.len())))
    };
    let arrays = mend::array_casts(call);
    if arrays.is_empty() {
        return schema.then(|| mend::find(here, call, mend::name_casts(call), &by_schema))?;
    }
    // With a schema in front the list is the schema's or the relation's in it; without one any list will do.
    mend::find(here, call, arrays, &|o| takes_lists(o) && (!schema || by_schema(o)))
}

fn is_list(overload: &Overload, at: usize) -> bool {
    overload.roles.get(at).is_some_and(|role| role.is_array())
}

/// `is('a', 'b')`: no argument has a type.
fn undetermined(here: &Here, judged: &Judged, overload: &Overload) -> Option<Draft> {
    let call = judged.call;
    if call.is_named() {
        return None;
    }
    let (message, help) = match refusal(overload, &judged.types)? {
        Refusal::Undetermined => (
            "no argument has a type by itself: PostgreSQL refuses the call (42804)",
            "Cast the first one: 'x'::text.",
        ),
        Refusal::ArrayOfArrays => (
            "the values behind the first are taken together as an array, and there is none of arrays: PostgreSQL refuses the call (42704)",
            "Compare with is() instead.",
        ),
    };
    Some(Draft::new(&CANNOT_RUN, here.call(call), message, help))
}

/// `has_function('public', 'f', 'integer', 'has f')`: a string where the overload takes an array.
fn malformed(here: &Here, judged: &Judged, overload: &Overload) -> Option<Draft> {
    let call = judged.call;
    let wrong = |at: &usize| {
        let array = overload.types.get(*at).is_some_and(|ty| ty.as_str().ends_with("[]"));
        let text = call
            .given
            .get(*at)
            .filter(|g| g.is_bare() && array && !overload.variadic);
        matches!(text.map(|g| &g.content), Some(Content::Text(text)) if !text.trim_ascii_start().starts_with(b"{"))
    };
    let at = (0..call.given.len()).find(wrong)?;
    let text = call.given.get(at).and_then(|g| g.content.text()).unwrap_or(&[]);
    let message = format!(
        "an array is taken here, and '{}' is none: PostgreSQL refuses the call (22P02)",
        shown(text)
    );
    let help = format!("Write ARRAY['{}'].", shown(text));
    let argument = call.arguments.get(at)?;
    let fix = here
        .bytes(argument.from, argument.to)
        .filter(|_| argument.to - argument.from == 1)
        .map(|bytes| Fix {
            from: bytes.start,
            to: bytes.end,
            text: format!("ARRAY[{}]", String::from_utf8_lossy(here.source(argument))),
            certain: false,
        });
    Some(Draft::new(&CANNOT_RUN, here.call(call), message, help).fixed(fix))
}
