//! Finds the objects that a call is about.

mod named;
mod parts;
mod relations;

use std::sync::Arc;

use crate::schema::catalog::PrivilegeKind;
use crate::schema::kind::Kind;
use crate::schema::lookup::{Lookup, Row};
use crate::schema::path::SearchPath;

use super::about::About;
use super::glob::Word;
use super::places::By;
use super::stale::Missing;
use super::target::Target;

/// What the matching of one call found.
pub struct Matcher<'l, 'c> {
    lookup: &'l Lookup<'c>,
    path: Arc<SearchPath>,
    /// Relations that exist while the test runs, and hide others of their names.
    pub temporary: &'l dyn Fn(&[u8]) -> bool,
    /// The objects, and how each was named.
    pub touched: Vec<(Row, By)>,
    /// What the call names and the schema has not.
    pub missing: Vec<Missing>,
}

impl<'l, 'c> Matcher<'l, 'c> {
    /// Looks in `lookup`, and for names without a schema along `path`.
    pub fn new(lookup: &'l Lookup<'c>, path: &Arc<SearchPath>, temporary: &'l dyn Fn(&[u8]) -> bool) -> Self {
        Self {
            lookup,
            path: path.clone(),
            temporary,
            touched: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// Finds what `target` is about.
    pub fn find(&mut self, target: &Target) {
        if !target.own.names.iter().all(Word::is_known) {
            return;
        }
        match target.about {
            About::Schema => self.schemas(&target.own),
            About::Relation(relations) => self.of_relation(target, relations),
            About::Column => self.parts(target, Kind::Column),
            About::Part(kind) => self.parts(target, kind),
            About::Index => self.indexes(target),
            About::Indexed => self.indexed(&target.own),
            About::Constraint(kind) => self.constraints(target, kind),
            About::Unconstrained => self.columns(&target.own),
            About::Function => self.functions(target),
            About::Typed(kinds) => self.typed(target, kinds),
            About::Role => self.global(&target.own, Kind::Role),
            About::Extension => self.extensions(target),
            About::Partition => self.partitions(target),
            About::Relatives => self.relatives(target),
            About::RowSecurity => self.secured(&target.own),
        }
        if let (Some((PrivilegeKind::Schema, role)), Some(schema)) = (target.privileges, target.own.schema) {
            self.privileges(PrivilegeKind::Schema, b"", schema.text, role, None);
        }
    }

    fn touch(&mut self, row: Option<Row>, by: By) {
        self.touched.extend(row.map(|row| (row, by)));
    }

    fn miss(&mut self, missing: Missing) {
        if !self.path.open || missing.schema.is_some() {
            self.missing.push(missing);
        }
    }

    fn missing(&self, kind: Kind, noun: &'static str, schema: Option<Word>, name: &[u8]) -> Missing {
        Missing {
            kind,
            noun,
            schema: schema.map(|s| s.text.to_vec()),
            relation: None,
            name: name.to_vec(),
            detail: None,
            path: self.path.clone(),
        }
    }

    fn privileges(
        &mut self,
        kind: PrivilegeKind,
        schema: &[u8],
        name: &[u8],
        role: Word,
        arguments: Option<&[String]>,
    ) {
        if !role.is_known() {
            return;
        }
        let granted = |row: &Row| {
            let object = self.lookup.object(*row)?;
            let privilege = self.lookup.catalog.privileges.get(object.at as usize)?;
            let same = match kind {
                PrivilegeKind::Table | PrivilegeKind::Sequence => {
                    matches!(privilege.kind, PrivilegeKind::Table | PrivilegeKind::Sequence)
                }
                kind => privilege.kind == kind,
            };
            let same = same && (arguments.is_none() || object.arguments == arguments);
            (same && role.fits(privilege.role.as_bytes())).then_some(*row)
        };
        let all: Vec<Row> = self
            .lookup
            .in_schema(Kind::Privilege, schema, name)
            .iter()
            .filter_map(granted)
            .collect();
        let by = if role.exact { By::Name } else { By::Pattern };
        all.into_iter().for_each(|row| self.touch(Some(row), by));
    }
}

/// Schema and name of `a.b` and `"A"."b c"`.
pub fn qualified(text: &[u8]) -> (Option<Vec<u8>>, Vec<u8>) {
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    let mut quoted = false;
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.next_if_eq(&b'"').is_some() => push(&mut parts, byte),
            b'"' => quoted = !quoted,
            b'.' if !quoted => parts.push(Vec::new()),
            byte => push(&mut parts, byte),
        }
    }
    let name = parts.pop().unwrap_or_default();
    (parts.pop(), name)
}

fn push(parts: &mut [Vec<u8>], byte: u8) {
    if let Some(last) = parts.last_mut() {
        last.push(byte);
    }
}
