//! Assertions that the user's configuration names.

use std::borrow::Cow;

use super::area::Area;
use super::given::Given;
use super::reading::{Named, Parts, Reading};
use super::suite::Configured;

/// Roles that name no part of the object.
const ASIDE: [&str; 3] = ["desc", "description", "-"];

/// Reads a call by the roles its configuration gives: every role but `desc` is a part of the name.
/// A call that gives the schema alone is about the schema.
pub fn read<'a>(configured: &Configured, given: &'a [Given<'a>]) -> Reading<'a> {
    let mut parts = Parts::default();
    let mut dynamic = false;
    let named = configured
        .roles
        .iter()
        .zip(given)
        .filter(|(role, _)| !ASIDE.contains(&role.as_str()));
    let mut count = 0;
    for (_, argument) in named {
        dynamic |= !argument.is_constant();
        if let (Some(slot), Some(text)) = (parts.get_mut(count), argument.content.text()) {
            *slot = Some(Cow::Borrowed(text));
            count += 1;
        }
    }
    let schema_first = configured.roles.first().is_some_and(|r| r == "schema");
    let only_schema = schema_first && count == 1 && given.len() == 1 && configured.roles.len() > 1;
    if count > 0 && !schema_first && configured.area.assumes_public() {
        parts.rotate_right(1);
        parts[0] = Some(Cow::Borrowed(b"public"));
    }
    let area = if only_schema { Area::Schemas } else { configured.area };
    Reading {
        label: (count > 0).then_some(Named { area, parts }),
        dynamic,
        ..Reading::default()
    }
}
