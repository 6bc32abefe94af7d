//! What a role may do with an object: more than it is granted itself.

use rustc_hash::FxHashSet;

use crate::schema::catalog::{Catalog, Privilege, PrivilegeKind};
use crate::schema::kind::Kind;
use crate::schema::lookup::Lookup;
use crate::schema::path::SearchPath;

/// What a role may do.
pub struct Held<'c> {
    /// It may do everything: it owns the object, or is a superuser.
    all: bool,
    privileges: FxHashSet<&'c str>,
}

impl Held<'_> {
    /// Whether the privilege is among them.
    pub fn has(&self, privilege: &str) -> bool {
        self.all || self.privileges.contains(privilege)
    }
}

/// What the role of `granted` may do with its object: by grants to it, to everybody, and to roles that it is a member
/// of.
pub fn held<'c>(lookup: &Lookup<'c>, granted: &'c Privilege) -> Held<'c> {
    let catalog = lookup.catalog;
    let roles = roles(catalog, &granted.role);
    let (schema, name) = match &granted.name {
        Some(name) => (granted.schema.as_str(), name.as_str()),
        None => ("", granted.schema.as_str()),
    };
    let rows = lookup
        .in_schema(Kind::Privilege, schema.as_bytes(), name.as_bytes())
        .iter();
    let grants = rows.filter_map(|row| catalog.privileges.get(lookup.object(*row)?.at as usize));
    let same = |p: &&Privilege| (p.kind, &p.arguments) == (granted.kind, &granted.arguments);
    let theirs = grants.filter(same).filter(|p| roles.contains(p.role.as_str()));
    let superuser = catalog.roles.iter().any(|r| r.name == granted.role && r.superuser);
    Held {
        all: superuser || owner(lookup, granted).is_some_and(|owner| roles.contains(owner)),
        privileges: theirs.flat_map(|p| p.privileges.iter().map(String::as_str)).collect(),
    }
}

/// The role, everybody, and the roles that it is a member of, whether at first or at second hand.
fn roles<'c>(catalog: &'c Catalog, role: &'c str) -> FxHashSet<&'c str> {
    let mut found = FxHashSet::from_iter([role, "public"]);
    let mut new = vec![role];
    while let Some(role) = new.pop() {
        let member = catalog.roles.iter().find(|r| r.name == role);
        for group in member.iter().flat_map(|r| &r.member_of) {
            if found.insert(group) {
                new.push(group);
            }
        }
    }
    found
}

fn owner<'c>(lookup: &Lookup<'c>, granted: &Privilege) -> Option<&'c str> {
    let catalog = lookup.catalog;
    let (schema, name) = (
        granted.schema.as_bytes(),
        granted.name.as_deref().unwrap_or("").as_bytes(),
    );
    let owner = match granted.kind {
        PrivilegeKind::Schema => catalog
            .schemas
            .iter()
            .find(|s| s.name == granted.schema)
            .map(|s| &s.owner),
        PrivilegeKind::Table | PrivilegeKind::Sequence => {
            let at = lookup.relation(Some(schema), name, &SearchPath::default())?;
            catalog.relations.get(at as usize).map(|r| &r.owner)
        }
        PrivilegeKind::Function => {
            let mut all = lookup
                .in_schema(Kind::Function, schema, name)
                .iter()
                .filter_map(|row| lookup.object(*row));
            let own = all.find(|o| o.arguments == granted.arguments.as_deref())?;
            catalog.functions.get(own.at as usize).map(|f| &f.owner)
        }
    };
    owner.map(String::as_str)
}
