//! The objects of a catalog, a row each, in the order of the report.

use rustc_hash::{FxHashMap, FxHashSet};

use super::catalog::{Catalog, Constraint, ConstraintKind, Privilege, PrivilegeKind, RelationKind, TypeKind};
use super::kind::Kind;

/// Where in the catalog's lists an object stands.
pub type At = u32;

/// An object that pgTAP can assert.
#[derive(Clone, Debug)]
pub struct Object<'c> {
    /// What it is.
    pub kind: Kind,
    /// Where the catalog tells of it: in the list of its kind; of relations for all that a relation is.
    pub at: At,
    /// Its schema; the schema's own name for none.
    pub schema: Option<&'c str>,
    /// The relation that it belongs to.
    pub relation: Option<&'c str>,
    /// Its name.
    pub name: &'c str,
    /// The argument types of a function.
    pub arguments: Option<&'c [String]>,
    /// The columns of a constraint.
    pub columns: &'c [String],
    /// The role of a privilege.
    pub role: Option<&'c str>,
    /// Its name for people, unique within its kind.
    pub display: String,
    /// A partition has it from its parent: tests may name it, but it has no row in the report.
    pub inherited: bool,
}

impl<'c> Object<'c> {
    fn new(kind: Kind, at: usize, schema: Option<&'c str>, relation: Option<&'c str>, name: &'c str) -> Self {
        let parts: Vec<&str> = [schema, relation, Some(name)].into_iter().flatten().collect();
        Self {
            kind,
            at: at as At,
            schema,
            relation,
            name,
            arguments: None,
            columns: &[],
            role: None,
            display: parts.join("."),
            inherited: false,
        }
    }

    /// The argument types as people write them.
    pub fn signature(&self) -> Option<String> {
        self.arguments.map(|types| types.join(", "))
    }
}

/// The kind of row that a relation has.
pub fn kind_of(relation: RelationKind) -> Kind {
    match relation {
        RelationKind::Table | RelationKind::PartitionedTable => Kind::Table,
        RelationKind::View => Kind::View,
        RelationKind::MaterializedView => Kind::MaterializedView,
        RelationKind::ForeignTable => Kind::ForeignTable,
        RelationKind::Sequence => Kind::Sequence,
        RelationKind::Composite => Kind::Type,
    }
}

/// All objects of `catalog`: by kind, then as the catalog lists them.
pub fn objects(catalog: &Catalog) -> Vec<Object<'_>> {
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let first = rows.len();
        of_kind(catalog, *kind, &mut rows);
        distinguish(&mut rows[first..]);
    }
    rows
}

/// Two objects of a kind that people would call the same are numbered.
fn distinguish(rows: &mut [Object]) {
    let mut seen: FxHashSet<String> = FxHashSet::default();
    for row in rows {
        let plain = row.display.clone();
        let mut number = 1;
        while !seen.insert(row.display.clone()) {
            number += 1;
            row.display = format!("{plain} ({number})");
        }
    }
}

fn of_kind<'c>(catalog: &'c Catalog, kind: Kind, rows: &mut Vec<Object<'c>>) {
    match kind {
        Kind::Schema => rows.extend(
            catalog
                .schemas
                .iter()
                .enumerate()
                .map(|(at, s)| alone(kind, at, &s.name)),
        ),
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::ForeignTable | Kind::Sequence => {
            rows.extend(relations(catalog, kind));
        }
        Kind::Column => columns(catalog, rows),
        Kind::Function => rows.extend(functions(catalog)),
        Kind::Trigger => rows.extend(parts(kind, &catalog.triggers, |t| {
            (&t.schema, &t.relation, &t.name, t.inherited)
        })),
        Kind::Policy => rows.extend(parts(kind, &catalog.policies, |p| {
            (&p.schema, &p.relation, &p.name, false)
        })),
        Kind::Rule => rows.extend(parts(kind, &catalog.rules, |r| {
            (&r.schema, &r.relation, &r.name, false)
        })),
        Kind::RowSecurity => rows.extend(secured(catalog)),
        Kind::Index => rows.extend(indexes(catalog)),
        Kind::PrimaryKey => rows.extend(constraints(catalog, kind, ConstraintKind::PrimaryKey)),
        Kind::ForeignKey => rows.extend(constraints(catalog, kind, ConstraintKind::ForeignKey)),
        Kind::Unique => rows.extend(constraints(catalog, kind, ConstraintKind::Unique)),
        Kind::Check => rows.extend(constraints(catalog, kind, ConstraintKind::Check)),
        Kind::Type => {
            rows.extend(types(catalog, kind, &[TypeKind::Range, TypeKind::Base]));
            rows.extend(relations(catalog, kind));
        }
        Kind::Domain => rows.extend(types(catalog, kind, &[TypeKind::Domain])),
        Kind::Enum => rows.extend(types(catalog, kind, &[TypeKind::Enum])),
        Kind::Extension => rows.extend(
            catalog
                .extensions
                .iter()
                .enumerate()
                .map(|(at, e)| alone(kind, at, &e.name)),
        ),
        Kind::Role => rows.extend(catalog.roles.iter().enumerate().map(|(at, r)| alone(kind, at, &r.name))),
        Kind::Privilege => rows.extend(catalog.privileges.iter().enumerate().map(|(at, p)| privilege(at, p))),
        Kind::Partition => rows.extend(partitions(catalog)),
    }
}

/// What stands in no schema.
fn alone(kind: Kind, at: usize, name: &str) -> Object<'_> {
    Object::new(kind, at, None, None, name)
}

fn relations(catalog: &Catalog, kind: Kind) -> impl Iterator<Item = Object<'_>> {
    let all = catalog.relations.iter().enumerate();
    all.filter(move |(_, r)| kind_of(r.kind) == kind)
        .map(move |(at, r)| Object::new(kind, at, Some(&r.schema), None, &r.name))
}

/// The columns of all relations but sequences, whose columns PostgreSQL makes.
fn columns<'c>(catalog: &'c Catalog, rows: &mut Vec<Object<'c>>) {
    for (at, r) in catalog.relations.iter().enumerate() {
        if r.kind != RelationKind::Sequence {
            let column = |name: &'c str| Object {
                inherited: r.partition_of.is_some(),
                ..Object::new(Kind::Column, at, Some(&r.schema), Some(&r.name), name)
            };
            rows.extend(r.columns.iter().map(|c| column(&c.name)));
        }
    }
}

fn functions(catalog: &Catalog) -> impl Iterator<Item = Object<'_>> {
    catalog.functions.iter().enumerate().map(|(at, f)| {
        let mut row = Object::new(Kind::Function, at, Some(&f.schema), None, &f.name);
        row.arguments = Some(&f.arguments);
        row.display = format!("{}({})", row.display, f.arguments.join(", "));
        row
    })
}

/// Schema, relation and name, and whether a partition has it from its parent.
type Place<'c> = (&'c String, &'c String, &'c String, bool);

/// What belongs to a relation and has a name there.
fn parts<'c, T>(kind: Kind, all: &'c [T], place: fn(&'c T) -> Place<'c>) -> impl Iterator<Item = Object<'c>> {
    all.iter().enumerate().map(move |(at, part)| {
        let (schema, relation, name, inherited) = place(part);
        Object {
            inherited,
            ..Object::new(kind, at, Some(schema), Some(relation), name)
        }
    })
}

fn secured(catalog: &Catalog) -> impl Iterator<Item = Object<'_>> {
    let all = catalog.relations.iter().enumerate();
    all.filter(|(_, r)| r.row_security)
        .map(|(at, r)| Object::new(Kind::RowSecurity, at, Some(&r.schema), None, &r.name))
}

/// Indexes that belong to no primary key or unique constraint: those have its name.
fn indexes(catalog: &Catalog) -> impl Iterator<Item = Object<'_>> {
    let keys: FxHashSet<(&str, &str, &str)> = keys(catalog).into_keys().collect();
    let all = parts(Kind::Index, &catalog.indexes, |i| {
        (&i.schema, &i.relation, &i.name, i.inherited)
    });
    all.filter(move |row| !keys.contains(&(row.schema.unwrap_or(""), row.relation.unwrap_or(""), row.name)))
}

/// Schema, relation and name of the constraints that an index of their own name carries, and which they are.
pub fn keys(catalog: &Catalog) -> FxHashMap<(&str, &str, &str), ConstraintKind> {
    let carried = |c: &&Constraint| matches!(c.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
    let all = catalog.constraints.iter().filter(carried);
    all.map(|c| ((c.schema.as_str(), c.relation.as_str(), c.name.as_str()), c.kind))
        .collect()
}

fn constraints(catalog: &Catalog, kind: Kind, which: ConstraintKind) -> impl Iterator<Item = Object<'_>> {
    let all = catalog.constraints.iter().enumerate();
    all.filter(move |(_, c)| c.kind == which).map(move |(at, c)| {
        let mut row = Object::new(kind, at, Some(&c.schema), Some(&c.relation), &c.name);
        row.columns = &c.columns;
        row.inherited = c.inherited;
        row
    })
}

fn types<'c>(catalog: &'c Catalog, kind: Kind, which: &'static [TypeKind]) -> impl Iterator<Item = Object<'c>> {
    let all = catalog.types.iter().enumerate();
    all.filter(|(_, t)| which.contains(&t.kind))
        .map(move |(at, t)| Object::new(kind, at, Some(&t.schema), None, &t.name))
}

fn privilege(at: usize, granted: &Privilege) -> Object<'_> {
    let schema = Some(granted.schema.as_str());
    let mut row = match granted.name.as_deref() {
        Some(name) => Object::new(Kind::Privilege, at, schema, None, name),
        None => Object::new(Kind::Privilege, at, None, None, &granted.schema),
    };
    row.arguments = granted.arguments.as_deref();
    row.role = Some(&granted.role);
    let signature = match granted.kind {
        PrivilegeKind::Function => format!("({})", row.signature().unwrap_or_default()),
        _ => String::new(),
    };
    row.display = format!(
        "{} {}{signature} to {}",
        granted.kind.people(),
        row.display,
        granted.role
    );
    row
}

fn partitions(catalog: &Catalog) -> impl Iterator<Item = Object<'_>> {
    let all = catalog.relations.iter().enumerate();
    all.filter(|(_, r)| r.partition_of.is_some())
        .map(|(at, r)| Object::new(Kind::Partition, at, Some(&r.schema), None, &r.name))
}
