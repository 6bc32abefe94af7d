//! Changes of a call after which every version of pgTAP reads it as it was meant.

use std::borrow::Cow;

use crate::pgtap::arg_type::ArgType;
use crate::pgtap::catalog::{Overload, Polarity, Role};
use crate::pgtap::given::{Content, Given};
use crate::pgtap::shape;
use crate::pgtap::statement::Called;

use super::finding::Fix;
use super::here::{Here, undescribed};

/// A change of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Casts of arguments.
    Cast(Vec<(usize, ArgType)>),
    /// A description behind the last argument.
    Describe(String),
}

/// The first edit after which all versions read the call by an overload that is `accepted`.
pub fn find(here: &Here, call: &Called, edits: Vec<Edit>, accepted: &dyn Fn(&Overload) -> bool) -> Option<Edit> {
    edits.into_iter().find(|edit| {
        let given = edited(call, edit);
        here.versions.iter().all(|version| {
            let id = call.function;
            let chosen = id.and_then(|id| Some((id, here.statement.chosen(id, &given, *version)?)));
            let overload = chosen.and_then(|(id, at)| id.function().overloads.get(at));
            overload.is_some_and(accepted)
        })
    })
}

fn edited<'a>(call: &'a Called, edit: &Edit) -> Vec<Given<'a>> {
    let mut given: Vec<Given> = call.given.to_vec();
    match edit {
        Edit::Cast(casts) => {
            for (at, ty) in casts {
                if let Some(argument) = given.get_mut(*at) {
                    argument.ty = *ty;
                }
            }
        }
        Edit::Describe(text) => given.push(Given {
            ty: ArgType::Unknown,
            content: Content::Text(Cow::Owned(text.clone().into_bytes())),
            name: None,
        }),
    }
    given
}

/// Each text argument cast to `name`, the last first; then all but the first.
pub fn name_casts(call: &Called) -> Vec<Edit> {
    let castable = |at: &usize| {
        let given = call.given.get(*at);
        given.is_some_and(|g| {
            let text = matches!(g.ty, ArgType::Unknown | ArgType::Text | ArgType::Varchar);
            text && !matches!(g.content, Content::Null | Content::List(_))
        })
    };
    let each: Vec<usize> = (1..call.given.len()).filter(castable).collect();
    let one = |at: &usize| Edit::Cast(vec![(*at, ArgType::Name)]);
    let all = Edit::Cast(each.iter().map(|at| (*at, ArgType::Name)).collect());
    each.iter().rev().map(one).chain([all]).collect()
}

/// The strings that are written as arrays, cast to arrays of names or of texts.
pub fn array_casts(call: &Called) -> Vec<Edit> {
    let arrays: Vec<usize> = (0..call.given.len()).filter(|at| is_array_text(call, *at)).collect();
    if arrays.is_empty() {
        return Vec::new();
    }
    let all = |ty| Edit::Cast(arrays.iter().map(|at| (*at, ty)).collect());
    vec![all(ArgType::NameArray), all(ArgType::TextArray)]
}

/// Whether the argument is `'{a,b}'`.
pub fn is_array_text(call: &Called, at: usize) -> bool {
    let text = call
        .given
        .get(at)
        .filter(|g| g.is_bare())
        .and_then(|g| g.content.text());
    text.is_some_and(|t| t.starts_with(b"{") && crate::pgtap::given::array_literal(t).is_some())
}

/// A description of what the call was meant to test, when all of its names are constant.
pub fn description(call: &Called, meant: usize) -> Option<Edit> {
    let shape = shape::of(call.function?, meant)?;
    let names = shape.target.schema.iter().chain(shape.target.names.iter().flatten());
    let text = |at: &usize| match &call.given.get(*at)?.content {
        Content::Text(text) => std::str::from_utf8(text).ok(),
        _ => None,
    };
    let object = names.map(text).collect::<Option<Vec<_>>>()?.join(".");
    let function = call.entry()?;
    let claim = match function.polarity {
        Polarity::Absence => "should not exist".to_owned(),
        _ if function.name.starts_with("has_") => "should exist".to_owned(),
        _ => format!("passes {}", function.name),
    };
    Some(Edit::Describe(format!("{object} {claim}")))
}

/// Whether the overload reads the call as `meant` says, with or without a description.
pub fn reads_as(overload: &Overload, meant: &[Role]) -> bool {
    undescribed(overload) == meant
}

/// The edit as a change of the file.
pub fn fix(here: &Here, call: &Called, edit: &Edit, certain: bool) -> Option<Fix> {
    let changed = |from: usize, to: usize, text: String| Fix {
        from,
        to,
        text,
        certain,
    };
    match edit {
        Edit::Describe(text) => {
            let last = call.arguments.last()?;
            let end = here.bytes(last.from, last.to)?.end;
            Some(changed(end, end, format!(", '{}'", text.replace('\'', "''"))))
        }
        Edit::Cast(casts) => {
            let (first, last) = (casts.first()?.0, casts.last()?.0);
            let (first, last) = (call.arguments.get(first)?, call.arguments.get(last)?);
            // A single token needs no parentheses, and then nothing before its end changes.
            if let ([(_, ty)], 1) = (casts.as_slice(), first.to - first.from) {
                let end = here.bytes(first.from, first.to)?.end;
                return Some(changed(end, end, format!("::{}", spelled(*ty)?)));
            }
            let bytes = here.bytes(first.from, last.to)?;
            Some(changed(bytes.start, bytes.end, cast_all(here, call, casts)?))
        }
    }
}

/// The source from the first argument that is cast to the end of the last, with the casts.
fn cast_all(here: &Here, call: &Called, casts: &[(usize, ArgType)]) -> Option<String> {
    let view = here.statement.view;
    let mut out = String::new();
    let mut behind = None;
    for (at, ty) in casts {
        let argument = call.arguments.get(*at)?;
        let (start, end) = (
            view.token(argument.from).start as usize,
            view.token(argument.to - 1).end as usize,
        );
        let between = view.source.get(behind.unwrap_or(start)..start)?;
        out.push_str(std::str::from_utf8(between).ok()?);
        let text = std::str::from_utf8(view.source.get(start..end)?).ok()?;
        let alone = argument.to - argument.from == 1;
        out.push_str(&if alone { text.to_owned() } else { format!("({text})") });
        out.push_str("::");
        out.push_str(spelled(*ty)?);
        behind = Some(end);
    }
    Some(out)
}

fn spelled(ty: ArgType) -> Option<&'static str> {
    ty.sql().map(|ty| ty.as_str())
}

/// What the edit does, for people.
pub fn worded(here: &Here, call: &Called, edit: &Edit) -> String {
    match edit {
        Edit::Describe(_) => "Add a description as the last argument; a cast alone does not help here.".to_owned(),
        Edit::Cast(casts) => {
            let cast = |(at, ty): &(usize, ArgType)| {
                let source = call.arguments.get(*at).map_or(&[][..], |a| here.source(a));
                format!("{}::{}", super::here::shown(source), spelled(*ty).unwrap_or_default())
            };
            format!("Write {}.", casts.iter().map(cast).collect::<Vec<_>>().join(" and "))
        }
    }
}
