//! Calls whose last name PostgreSQL takes for a description.

use crate::pgtap::arg_type::ArgType;
use crate::pgtap::catalog::{Function, Overload, OverloadOrigin, Polarity, Role, Since};
use crate::pgtap::given::Content;
use crate::pgtap::prose::is_prose;
use crate::pgtap::resolve::{Resolution, resolve_undescribed};
use crate::pgtap::shape;

use super::calls::Judged;
use super::finding::{Draft, Unless};
use super::here::{Here, shown, signature, undescribed};
use super::mend::{self, Edit};
use super::rules::{DESCRIPTION_IS_IDENTIFIER, MISREAD_OVERLOAD, VACUOUS_ABSENCE};

/// Functions that deny a property and pass, too, when there is no such object.
const PASS_WITHOUT_OBJECT: [&str; 8] = [
    "col_isnt_fk",
    "col_isnt_pk",
    "hasnt_fk",
    "hasnt_inherited_tables",
    "hasnt_pk",
    "isnt_ancestor_of",
    "isnt_descendent_of",
    "isnt_partitioned",
];

/// Whether it passes when there is no object of the name it is given.
fn passes_without_object(function: &Function) -> bool {
    function.polarity == Polarity::Absence || PASS_WITHOUT_OBJECT.contains(&function.name)
}

/// A call with a schema in front that PostgreSQL reads without one.
pub fn misread(here: &Here, judged: &Judged) -> Option<Draft> {
    let (call, entry) = (judged.call, judged.call.entry()?);
    let chosen = entry.overloads.get(judged.chosen?)?;
    if !chosen.is_described() || chosen.roles.len() != call.given.len() || has_schema_first(judged, judged.chosen?) {
        return None;
    }
    let Content::Text(schema) = &call.given.first()?.content else {
        return None;
    };
    if !here.statement.is_schema(schema) {
        return None;
    }
    let meant_at = meant(here, judged)?;
    let meant = undescribed(entry.overloads.get(meant_at)?);
    if !has_schema_first(judged, meant_at) || meant.len() != call.given.len() {
        return None;
    }
    let edit = mend_to(here, judged, meant_at, meant);
    let fix = edit.as_ref().and_then(|edit| mend::fix(here, call, edit, true));
    let help = edit.as_ref().map_or_else(
        || "Give all arguments with a description.".to_owned(),
        |edit| mend::worded(here, call, edit),
    );
    let vacuous = passes_without_object(entry);
    let rule = if vacuous { &VACUOUS_ABSENCE } else { &MISREAD_OVERLOAD };
    let message = format!(
        "PostgreSQL reads {}: '{}' is the {}{}; {} was meant",
        signature(entry.name, chosen.roles),
        shown(schema),
        chosen.roles.first().map_or("", |r| r.as_str()),
        if vacuous {
            ", there is none, and the assertion always passes"
        } else {
            ""
        },
        signature(entry.name, meant)
    );
    Some(Draft {
        unless: Some(Unless::Relation(schema.to_vec())),
        ..Draft::new(rule, here.call(call), message, help).fixed(fix)
    })
}

/// `runtests('app')`: the schema is taken for a pattern of functions' names.
pub fn pattern(here: &Here, judged: &Judged) -> Option<Draft> {
    let (call, entry) = (judged.call, judged.call.entry()?);
    let runs = matches!(entry.name, "runtests" | "do_tap");
    let ([given], true) = (call.given.as_slice(), runs) else {
        return None;
    };
    let Content::Text(schema) = &given.content else {
        return None;
    };
    if !given.is_bare() || !here.statement.is_schema(schema) {
        return None;
    }
    let edit = Edit::Cast(vec![(0, ArgType::Name)]);
    let message = format!(
        "PostgreSQL takes '{}' for a pattern and runs the functions of all schemas whose names match; {}(schema) was meant",
        shown(schema),
        entry.name
    );
    let fix = mend::fix(here, call, &edit, true);
    let help = mend::worded(here, call, &edit);
    Some(Draft::new(&MISREAD_OVERLOAD, here.call(call), message, help).fixed(fix))
}

fn has_schema_first(judged: &Judged, overload: usize) -> bool {
    let shape = judged.call.function.and_then(|id| shape::of(id, overload));
    shape.is_some_and(|s| s.target.schema == Some(0))
}

/// The overload that the caller had in mind: what the newest pgTAP reads, where the suite runs on an older one; the one
/// that labels follow; or, for a last argument that is a name or computed text, the one without a description.
fn meant(here: &Here, judged: &Judged) -> Option<usize> {
    let (call, id) = (judged.call, judged.call.function?);
    let newest = here.statement.chosen(id, &call.given, Since::LATEST)?;
    let roles = |at: usize| id.function().overloads.get(at).map(|o| o.roles);
    if judged.chosen.and_then(roles) != roles(newest) {
        return Some(newest);
    }
    let reading = here.statement.read(call);
    if reading.misread {
        return reading.labelled;
    }
    let last = call.given.last()?;
    let prose = last.content.text().is_none_or(is_prose);
    let text = matches!(last.ty, ArgType::Name | ArgType::Text | ArgType::Varchar);
    match resolve_undescribed(id, &judged.types) {
        Resolution::Chosen(at) if text && !prose => Some(at),
        _ => None,
    }
}

fn mend_to(here: &Here, judged: &Judged, at: usize, meant: &[Role]) -> Option<Edit> {
    let call = judged.call;
    let mut edits = mend::name_casts(call);
    edits.extend(mend::description(call, at));
    mend::find(here, call, edits, &|o| mend::reads_as(o, meant))
}

fn is_identifier(text: &[u8]) -> bool {
    let starts = text.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    starts && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// A description of one word, where another overload takes a name.
pub fn described_by_name(here: &Here, judged: &Judged) -> Option<Draft> {
    let (call, entry) = (judged.call, judged.call.entry()?);
    let overload = entry.overloads.get(judged.chosen?)?;
    let last = call.given.len().checked_sub(1)?;
    let given = call.given.get(last)?;
    let Content::Text(text) = &given.content else {
        return None;
    };
    let described = overload.is_described() && overload.roles.len() == call.given.len();
    if !described || !given.is_bare() || !is_identifier(text) {
        return None;
    }
    // A call that names the schema is complete, unless one more name can stand behind the others.
    let complete = has_schema_first(judged, judged.chosen?);
    let likely = |o: &&Overload| {
        o.origin != OverloadOrigin::LabelOnly && (!complete || o.roles.get(..last) == overload.roles.get(..last))
    };
    let names_more = |o: &&Overload| o.roles.get(last).is_some_and(|role| *role != Role::Desc);
    let other = entry.overloads.iter().filter(likely).find(names_more)?;
    let message = format!(
        "PostgreSQL reads {}: '{}' is only the description and nothing checks it",
        signature(entry.name, overload.roles),
        shown(text)
    );
    let help = format!(
        "Write a sentence if it is a description. If a name was meant, call {}.",
        signature(entry.name, other.roles)
    );
    Some(Draft::new(&DESCRIPTION_IS_IDENTIFIER, here.call(call), message, help))
}
