//! Calls that pgTAP 1.2 and 1.3 read differently.

use crate::pgtap::given::Content;
use crate::pgtap::shape;

use super::calls::Judged;
use super::finding::{Draft, Unless};
use super::here::{Here, signature, undescribed};
use super::mend;
use super::rules::VERSION_DEPENDENT;

/// A call of which both versions run another overload.
pub fn check(here: &Here, judged: &Judged) -> Option<Draft> {
    let [old, new] = here.versions else { return None };
    let (call, id) = (judged.call, judged.call.function?);
    let overloads = id.function().overloads;
    let old = overloads.get(here.statement.chosen(id, &call.given, *old)?)?;
    let new_at = here.statement.chosen(id, &call.given, *new)?;
    let new = overloads.get(new_at)?;
    if old.roles == new.roles {
        return None;
    }
    let meant = undescribed(new);
    let mut edits = mend::name_casts(call);
    edits.extend(mend::description(call, new_at));
    let edit = mend::find(here, call, edits, &|o| mend::reads_as(o, meant));
    let schema = match &call.given.first()?.content {
        Content::Text(text) if here.statement.is_schema(text) => Some(text.to_vec()),
        _ => None,
    };
    let certain = schema.is_some() && shape::of(id, new_at).is_some_and(|s| s.target.schema == Some(0));
    let fix = edit.as_ref().and_then(|edit| mend::fix(here, call, edit, certain));
    let name = id.function().name;
    let message = format!(
        "pgTAP 1.2 reads {}, 1.3 {}",
        signature(name, old.roles),
        signature(name, new.roles)
    );
    let help = match &edit {
        Some(edit) => mend::worded(here, call, edit),
        None => "Give all arguments with a description, which both read alike.".to_owned(),
    };
    Some(Draft {
        unless: schema.map(Unless::Relation),
        ..Draft::new(&VERSION_DEPENDENT, here.call(call), message, help).fixed(fix)
    })
}
