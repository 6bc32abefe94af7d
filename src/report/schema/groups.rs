//! Gaps by where they are: the columns of one table, the functions of one schema.

use rustc_hash::FxHashMap;

use super::coverage::{Coverage, Object, State};

/// Objects of one kind in one place that no assertion is about.
pub struct Group<'c> {
    /// The kind.
    pub kind: &'c str,
    /// The relation with its schema, or the schema; `None` for what has neither.
    pub place: Option<String>,
    /// The objects, in their order.
    pub missing: Vec<&'c Object>,
    /// How many there are, with those that are asserted.
    pub total: usize,
}

/// The place by which objects are grouped.
type Key<'c> = (&'c str, Option<&'c str>, Option<&'c str>);

impl<'c> Group<'c> {
    fn new((kind, schema, relation): Key<'c>) -> Self {
        let place = match (schema, relation) {
            (Some(schema), Some(relation)) => Some(format!("{schema}.{relation}")),
            (schema, relation) => schema.or(relation).map(str::to_owned),
        };
        Self {
            kind,
            place,
            missing: Vec::new(),
            total: 0,
        }
    }

    /// The name of an object of this group: short, where the place tells the rest.
    pub fn name_of(object: &Object) -> &str {
        match object.relation {
            Some(_) if object.columns.is_empty() => &object.name,
            _ => &object.display,
        }
    }
}

/// All groups with gaps, the largest first; equal ones in the order of the document.
pub fn largest_gaps(coverage: &Coverage) -> Vec<Group<'_>> {
    let mut numbers = FxHashMap::default();
    let mut groups: Vec<Group> = Vec::new();
    for object in &coverage.objects {
        let key: Key = (&object.kind, object.schema.as_deref(), object.relation.as_deref());
        let number = *numbers.entry(key).or_insert(groups.len());
        if number == groups.len() {
            groups.push(Group::new(key));
        }
        let Some(group) = groups.get_mut(number) else { continue };
        group.total += 1;
        if object.state != State::Asserted {
            group.missing.push(object);
        }
    }
    groups.retain(|group| !group.missing.is_empty());
    groups.sort_by_key(|group| std::cmp::Reverse(group.missing.len()));
    groups
}
