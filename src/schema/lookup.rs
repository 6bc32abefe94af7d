//! Finds objects by name, as pgTAP does: names are compared as they are, the search path decides where to look.

use rustc_hash::FxHashMap;

use super::catalog::{Catalog, RelationKind};
use super::kind::Kind;
use super::objects::{At, Object, keys, objects};
use super::path::SearchPath;

/// The number of an object: its place in [`Lookup::objects`].
pub type Row = u32;

/// A relation and what belongs to it.
#[derive(Debug, Default)]
pub struct Parts {
    /// Its own row.
    pub row: Option<Row>,
    /// The rows of what belongs to it: columns, triggers, policies, rules, indexes, constraints, row security and
    /// its being a partition.
    pub all: Vec<Row>,
}

/// Kind, schema and name.
type Named<'c> = (Kind, &'c [u8], &'c [u8]);

/// Tables over a catalog.
pub struct Lookup<'c> {
    /// The catalog.
    pub catalog: &'c Catalog,
    /// Its objects.
    pub objects: Vec<Object<'c>>,
    relations: FxHashMap<(&'c [u8], &'c [u8]), At>,
    /// The same by name alone, sorted.
    names: Vec<(&'c [u8], At)>,
    parts: Vec<Parts>,
    /// Columns by relation and name: the only part that a relation may have many of.
    columns: FxHashMap<(At, &'c [u8]), Row>,
    /// What has a name in a schema, and schemas, extensions and roles, which stand in none.
    named: FxHashMap<Named<'c>, Vec<Row>>,
    /// The rows of primary keys and unique constraints by schema and name of the index that carries them.
    carried: FxHashMap<(&'c [u8], &'c [u8]), Row>,
    /// Objects of a kind.
    kinds: FxHashMap<Kind, (Row, Row)>,
}

impl<'c> Lookup<'c> {
    /// Tables over `catalog`.
    pub fn new(catalog: &'c Catalog) -> Self {
        let mut lookup = Self {
            catalog,
            objects: Vec::new(),
            relations: FxHashMap::default(),
            names: Vec::new(),
            parts: catalog.relations.iter().map(|_| Parts::default()).collect(),
            columns: FxHashMap::default(),
            named: FxHashMap::default(),
            carried: FxHashMap::default(),
            kinds: FxHashMap::default(),
        };
        for (at, relation) in catalog.relations.iter().enumerate() {
            let name = (relation.schema.as_bytes(), relation.name.as_bytes());
            lookup.relations.insert(name, at as At);
            lookup.names.push((name.1, at as At));
        }
        lookup.names.sort_unstable();
        let keys = keys(catalog);
        let objects = objects(catalog);
        for (row, object) in objects.iter().enumerate() {
            lookup.enter(row as Row, object);
            let place = (object.schema.unwrap_or(""), object.relation.unwrap_or(""), object.name);
            if matches!(object.kind, Kind::PrimaryKey | Kind::Unique) && keys.contains_key(&place) {
                let name = (place.0.as_bytes(), place.2.as_bytes());
                lookup.carried.insert(name, row as Row);
            }
        }
        lookup.objects = objects;
        lookup
    }

    fn enter(&mut self, row: Row, object: &Object<'c>) {
        let range = self.kinds.entry(object.kind).or_insert((row, row));
        range.1 = row + 1;
        let (schema, name) = (object.schema.unwrap_or("").as_bytes(), object.name.as_bytes());
        let whole = matches!(object.kind, Kind::RowSecurity | Kind::Partition);
        let owner = object.relation.map(str::as_bytes).or(whole.then_some(name));
        if let Some(at) = owner.and_then(|owner| self.relations.get(&(schema, owner))) {
            if let Some(parts) = self.parts.get_mut(*at as usize) {
                parts.all.push(row);
            }
            if object.kind == Kind::Column {
                self.columns.insert((*at, name), row);
            }
        } else if is_relation(object)
            && let Some(at) = self.relations.get(&(schema, name))
            && let Some(parts) = self.parts.get_mut(*at as usize)
        {
            parts.row = Some(row);
        }
        if object.kind != Kind::Column {
            self.named.entry((object.kind, schema, name)).or_default().push(row);
        }
    }

    /// The object with this number.
    pub fn object(&self, row: Row) -> Option<&Object<'c>> {
        self.objects.get(row as usize)
    }

    /// The rows of a kind.
    pub fn rows(&self, kind: Kind) -> std::ops::Range<Row> {
        self.kinds.get(&kind).map_or(0..0, |(from, to)| *from..*to)
    }

    /// The schemas to look in: the one named, or those of the path.
    fn schemas<'s>(schema: Option<&'s [u8]>, path: &'s SearchPath) -> impl Iterator<Item = &'s [u8]> {
        let named = schema.into_iter();
        let searched = if schema.is_none() { path.schemas.as_slice() } else { &[] };
        named.chain(searched.iter().map(Vec::as_slice))
    }

    /// The relation that a name means.
    pub fn relation(&self, schema: Option<&[u8]>, name: &[u8], path: &SearchPath) -> Option<At> {
        Self::schemas(schema, path).find_map(|schema| self.relations.get(&(schema, name)).copied())
    }

    /// The relations whose names begin so, by name.
    pub fn relations_from<'s>(&'s self, prefix: &'s [u8]) -> impl Iterator<Item = At> + 's {
        let first = self.names.partition_point(|(name, _)| *name < prefix);
        let rest = self.names.get(first..).unwrap_or(&[]);
        rest.iter()
            .take_while(move |(name, _)| name.starts_with(prefix))
            .map(|(_, at)| *at)
    }

    /// What the relation is.
    pub fn relation_kind(&self, at: At) -> Option<RelationKind> {
        self.catalog.relations.get(at as usize).map(|r| r.kind)
    }

    /// What belongs to the relation.
    pub fn parts(&self, at: At) -> &Parts {
        static NONE: Parts = Parts {
            row: None,
            all: Vec::new(),
        };
        self.parts.get(at as usize).unwrap_or(&NONE)
    }

    /// The parts of a kind.
    pub fn parts_of(&self, at: At, kind: Kind) -> impl Iterator<Item = (Row, &Object<'c>)> {
        let all = self.parts(at).all.iter();
        all.filter_map(move |row| Some((*row, self.object(*row)?)))
            .filter(move |(_, object)| object.kind == kind)
    }

    /// A column.
    pub fn column(&self, at: At, name: &[u8]) -> Option<Row> {
        self.columns.get(&(at, name)).copied()
    }

    /// A part by its name.
    pub fn part(&self, at: At, kind: Kind, name: &[u8]) -> Option<Row> {
        if kind == Kind::Column {
            return self.column(at, name);
        }
        self.parts_of(at, kind)
            .find(|(_, object)| object.name.as_bytes() == name)
            .map(|(row, _)| row)
    }

    /// The row of an index, or of the key that it carries.
    pub fn index(&self, schema: Option<&[u8]>, name: &[u8], path: &SearchPath) -> Option<Row> {
        Self::schemas(schema, path).find_map(|schema| {
            let own = self.in_schema(Kind::Index, schema, name).first();
            own.or_else(|| self.carried.get(&(schema, name))).copied()
        })
    }

    /// The objects of a kind with this name in this schema; `b""` for what stands in none.
    pub fn in_schema<'s>(&'s self, kind: Kind, schema: &'s [u8], name: &'s [u8]) -> &'s [Row] {
        self.named.get(&(kind, schema, name)).map_or(&[], Vec::as_slice)
    }

    /// A type, domain, enum or composite type: the first of these kinds that a schema has.
    pub fn typed(&self, kinds: &[Kind], schema: Option<&[u8]>, name: &[u8], path: &SearchPath) -> Option<Row> {
        Self::schemas(schema, path).find_map(|schema| {
            let of = |kind: &Kind| self.in_schema(*kind, schema, name).first();
            kinds.iter().find_map(of).copied()
        })
    }

    /// The functions that a name means: on the path those that none of the same arguments hides.
    pub fn functions(&self, schema: Option<&[u8]>, name: &[u8], path: &SearchPath) -> Vec<Row> {
        let mut found: Vec<Row> = Vec::new();
        for schema in Self::schemas(schema, path) {
            let own = self.in_schema(Kind::Function, schema, name).iter();
            let arguments = |row: &Row| self.object(*row).and_then(|o| o.arguments);
            let new: Vec<Row> = own
                .filter(|row| !found.iter().any(|known| arguments(known) == arguments(row)))
                .copied()
                .collect();
            found.extend(new);
        }
        found
    }

    /// Whether the catalog has the schema.
    pub fn has_schema(&self, name: &[u8]) -> bool {
        !self.in_schema(Kind::Schema, b"", name).is_empty()
    }
}

fn is_relation(object: &Object) -> bool {
    matches!(
        object.kind,
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::ForeignTable | Kind::Sequence | Kind::Type
    ) && object.relation.is_none()
}

#[cfg(test)]
#[path = "lookup_tests.rs"]
mod tests;
