//! `has_function('s', 'f', '{integer}')`: the array is a string, and PostgreSQL takes it for a description.

use crate::pgtap::catalog::Overload;

use super::calls::Judged;
use super::finding::Draft;
use super::here::{Here, shown, signature};
use super::mend;
use super::rules::ARRAY_AS_DESCRIPTION;

/// A description that reads as an array, where another overload takes one.
pub fn check(here: &Here, judged: &Judged) -> Option<Draft> {
    let (call, entry) = (judged.call, judged.call.entry()?);
    let overload = entry.overloads.get(judged.chosen?)?;
    let last = call.given.len().checked_sub(1)?;
    if !overload.is_described() || overload.roles.len() != call.given.len() || !mend::is_array_text(call, last) {
        return None;
    }
    let before = overload.roles.get(..last)?;
    let takes_list =
        |o: &Overload| o.roles.get(last).is_some_and(|r| r.is_array()) && o.roles.get(..last) == Some(before);
    let meant = entry.overloads.iter().find(|o| takes_list(o))?;
    let edit = mend::find(here, call, mend::array_casts(call), &takes_list);
    let fix = edit.as_ref().and_then(|edit| mend::fix(here, call, edit, true));
    let text = call.given.get(last).and_then(|g| g.content.text()).unwrap_or(&[]);
    let message = format!(
        "PostgreSQL reads {}: '{}' is only the description and nothing checks it; {} was meant",
        signature(entry.name, overload.roles),
        shown(text),
        signature(entry.name, meant.roles.get(..=last)?)
    );
    let help = match &edit {
        Some(edit) => mend::worded(here, call, edit),
        None => "Write the list as ARRAY[…].".to_owned(),
    };
    Some(Draft::new(&ARRAY_AS_DESCRIPTION, here.call(call), message, help).fixed(fix))
}
