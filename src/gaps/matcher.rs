//! Finds the objects that a call is about.

use std::sync::Arc;

use crate::schema::catalog::PrivilegeKind;
use crate::schema::kind::Kind;
use crate::schema::lookup::{Lookup, Row};
use crate::schema::objects::{At, Object};
use crate::schema::path::SearchPath;
use crate::schema::signature::same_type;

use super::about::{About, Relations};
use super::glob::Word;
use super::places::By;
use super::stale::Missing;
use super::target::{Names, Target};

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

    // Relations.

    /// The relations that the words mean, and how they are named.
    fn relations(&self, schema: Option<Word>, name: Word) -> Vec<(At, By)> {
        let exact = name.exact && schema.is_none_or(|s| s.exact);
        if exact {
            if schema.is_none() && (self.temporary)(name.text) {
                return Vec::new();
            }
            let by = if schema.is_some() { By::Name } else { By::SearchPath };
            let found = self.lookup.relation(schema.map(|s| s.text), name.text, &self.path);
            return found.map(|at| (at, by)).into_iter().collect();
        }
        let fits = |at: &At| {
            let relation = self.lookup.catalog.relations.get(*at as usize);
            relation.is_some_and(|r| name.fits(r.name.as_bytes()) && self.in_reach(schema, r.schema.as_bytes()))
        };
        let all = self.lookup.relations_from(name.fixed_start());
        all.filter(fits).map(|at| (at, By::Pattern)).collect()
    }

    /// Whether a computed name may be in the schema.
    fn in_reach(&self, word: Option<Word>, schema: &[u8]) -> bool {
        match word {
            Some(word) => word.fits(schema),
            None => self.path.schemas.iter().any(|s| s == schema),
        }
    }

    /// The one relation that the words mean; what is missing is noted.
    fn owner(&mut self, names: &Names) -> Vec<(At, By)> {
        let Some(name) = names.names.first() else {
            return Vec::new();
        };
        let found = self.relations(names.schema, *name);
        if found.is_empty() && self.is_static(names) {
            let missing = self.missing(Kind::Table, "relation", names.schema, name.text);
            self.miss(missing);
        }
        found
    }

    fn is_static(&self, names: &Names) -> bool {
        let schema = names.schema.is_none_or(|s| s.exact);
        let unhidden = names.schema.is_some() || !names.names.first().is_some_and(|n| (self.temporary)(n.text));
        schema && unhidden && names.names.iter().all(|n| n.exact)
    }

    fn of_relation(&mut self, target: &Target, relations: Relations) {
        if let Some(list) = &target.own.list {
            self.members(&target.own, list, relations);
            return;
        }
        let Some(name) = target.own.names.first() else { return };
        let found = self.relations(target.own.schema, *name);
        self.take(&found, relations, &target.own, name.text);
        if let Some((kind, role)) = target.privileges {
            for (at, _) in &found {
                if let Some(relation) = self.lookup.catalog.relations.get(*at as usize) {
                    self.privileges(kind, relation.schema.as_bytes(), relation.name.as_bytes(), role, None);
                }
            }
        }
    }

    /// Takes those of the kinds that the assertion takes.
    fn take(&mut self, found: &[(At, By)], relations: Relations, names: &Names, name: &[u8]) {
        let fits = |at: At| self.lookup.relation_kind(at).is_some_and(|kind| relations.takes(kind));
        let taken: Vec<_> = found.iter().filter(|(at, _)| fits(*at)).copied().collect();
        for (at, by) in &taken {
            self.touch(self.lookup.parts(*at).row, *by);
        }
        if taken.is_empty() && self.is_static(names) {
            let (noun, kind) = relations.people();
            let missing = self.missing(kind, noun, names.schema, name);
            self.miss(missing);
        }
    }

    /// A list of relations, and the schemas that it is a list of.
    fn members(&mut self, names: &Names, list: &[Word], relations: Relations) {
        for name in list.iter().filter(|w| w.is_known()) {
            let mut found = self.relations(names.schema, *name);
            found
                .iter_mut()
                .filter(|(_, by)| *by != By::Pattern)
                .for_each(|(_, by)| *by = By::Member);
            let member = Names {
                schema: names.schema,
                names: vec![*name],
                ..Names::default()
            };
            self.take(&found, relations, &member, name.text);
        }
        self.parents(names.schema);
    }

    /// The schema named, or all on the path: a list says that there is nothing else in them.
    fn parents(&mut self, schema: Option<Word>) {
        if let Some(schema) = schema {
            return self.schema(schema, By::Name);
        }
        for name in &self.path.clone().schemas {
            let row = self.lookup.in_schema(Kind::Schema, b"", name).first().copied();
            self.touch(row, By::SearchPath);
        }
    }

    fn relatives(&mut self, target: &Target) {
        for names in [Some(&target.own), target.second.as_ref()].into_iter().flatten() {
            for (at, by) in self.owner(names) {
                self.touch(self.lookup.parts(at).row, by);
            }
        }
    }

    fn partitions(&mut self, target: &Target) {
        let own = self.owner(&target.own);
        for (at, by) in own {
            match &target.own.list {
                Some(list) => {
                    self.touch(self.lookup.parts(at).row, by);
                    list.iter().for_each(|name| self.partition(*name, at));
                }
                None => {
                    let row = self.lookup.parts_of(at, Kind::Partition).next().map(|(row, _)| row);
                    self.touch(row, by);
                }
            }
        }
        if let Some(parent) = &target.second {
            for (at, by) in self.owner(parent) {
                self.touch(self.lookup.parts(at).row, by);
            }
        }
    }

    /// A member of `partitions_are`, which PostgreSQL spells as it spells a `regclass`.
    fn partition(&mut self, name: Word, parent: At) {
        let (schema, own) = qualified(name.text);
        let schema = schema.as_deref().map(|text| Word { text, exact: true });
        let word = Word {
            text: &own,
            exact: name.exact,
        };
        let parent = self.lookup.catalog.relations.get(parent as usize);
        let is_child = |at: At| {
            let child = self.lookup.catalog.relations.get(at as usize);
            let named = child.and_then(|c| c.partition_of.as_ref());
            named.is_some_and(|of| parent.is_some_and(|p| p.schema == of.schema && p.name == of.name))
        };
        let found: Vec<_> = self
            .relations(schema, word)
            .into_iter()
            .filter(|(at, _)| is_child(*at))
            .collect();
        for (at, by) in found {
            let row = self.lookup.parts_of(at, Kind::Partition).next().map(|(row, _)| row);
            self.touch(row, if by == By::Pattern { by } else { By::Member });
        }
    }

    fn secured(&mut self, names: &Names) {
        if let (true, Some(schema)) = (names.names.is_empty(), names.schema) {
            self.schema(schema, By::Name);
            let fits = |o: &&Object| o.schema.is_some_and(|s| schema.fits(s.as_bytes()));
            let rows = self.lookup.rows(Kind::RowSecurity);
            let all: Vec<Row> = rows
                .filter(|row| self.lookup.object(*row).as_ref().is_some_and(fits))
                .collect();
            return all.into_iter().for_each(|row| self.touch(Some(row), By::Member));
        }
        for (at, by) in self.owner(names) {
            let row = self.lookup.parts_of(at, Kind::RowSecurity).next().map(|(row, _)| row);
            self.touch(row, by);
            self.touch(self.lookup.parts(at).row, by);
        }
    }

    // What belongs to a relation.

    fn parts(&mut self, target: &Target, kind: Kind) {
        for (at, by) in self.owner(&target.own) {
            match (&target.own.list, target.own.names.get(1)) {
                (Some(list), _) => {
                    self.touch(self.lookup.parts(at).row, by);
                    for name in list {
                        self.part(at, kind, *name, if by == By::Pattern { by } else { By::Member });
                    }
                }
                (None, Some(name)) => self.part(at, kind, *name, by),
                (None, None) => {}
            }
        }
        if let (Some(function), None) = (&target.second, &target.own.list) {
            self.function_named(function);
        }
    }

    fn part(&mut self, at: At, kind: Kind, name: Word, by: By) {
        if !name.exact {
            let fits = |(row, object): (Row, &Object)| name.fits(object.name.as_bytes()).then_some(row);
            let all: Vec<Row> = self.lookup.parts_of(at, kind).filter_map(fits).collect();
            return all.into_iter().for_each(|row| self.touch(Some(row), By::Pattern));
        }
        match self.lookup.part(at, kind, name.text) {
            None if by != By::Pattern => self.miss_part(at, kind, name.text, None),
            found => self.touch(found, by),
        }
    }

    fn miss_part(&mut self, at: At, kind: Kind, name: &[u8], detail: Option<String>) {
        let Some(relation) = self.lookup.catalog.relations.get(at as usize) else {
            return;
        };
        // What PostgreSQL itself makes of sequences is in no catalog.
        if kind == Kind::Column && self.lookup.relation_kind(at) == Some(crate::schema::catalog::RelationKind::Sequence)
        {
            return;
        }
        self.missing.push(Missing {
            kind,
            noun: kind.people(),
            schema: Some(relation.schema.as_bytes().to_vec()),
            relation: Some(relation.name.as_bytes().to_vec()),
            name: name.to_vec(),
            detail,
            path: self.path.clone(),
        });
    }

    fn indexes(&mut self, target: &Target) {
        let names = &target.own;
        if let (1, None, Some(index)) = (names.names.len(), &names.list, names.names.first()) {
            let row = self.lookup.index(names.schema.map(|s| s.text), index.text, &self.path);
            if row.is_none() && self.is_static(names) {
                let missing = self.missing(Kind::Index, "index", names.schema, index.text);
                self.miss(missing);
            }
            let by = if names.schema.is_some() {
                By::Name
            } else {
                By::SearchPath
            };
            return self.touch(row, by);
        }
        for (at, by) in self.owner(names) {
            match (&names.list, names.names.get(1)) {
                (Some(list), _) => {
                    self.touch(self.lookup.parts(at).row, by);
                    for name in list {
                        self.index_of(at, *name, if by == By::Pattern { by } else { By::Member });
                    }
                }
                (None, Some(name)) => self.index_of(at, *name, by),
                (None, None) => {}
            }
        }
    }

    /// An index of a relation, or the key that it carries.
    fn index_of(&mut self, at: At, name: Word, by: By) {
        let carries = |o: &Object| matches!(o.kind, Kind::Index | Kind::PrimaryKey | Kind::Unique);
        let all = self.lookup.parts(at).all.iter();
        let found: Vec<Row> = all
            .filter(|row| {
                self.lookup
                    .object(**row)
                    .is_some_and(|o| carries(o) && name.fits(o.name.as_bytes()))
            })
            .copied()
            .collect();
        if found.is_empty() && name.exact && by != By::Pattern {
            self.miss_part(at, Kind::Index, name.text, None);
        }
        let by = if name.exact { by } else { By::Pattern };
        found.into_iter().for_each(|row| self.touch(Some(row), by));
    }

    fn indexed(&mut self, names: &Names) {
        let Some(columns) = columns_of(names) else { return };
        for (at, by) in self.owner(names) {
            let indexes = &self.lookup.catalog.indexes;
            let fits = |object: &Object| match object.kind {
                Kind::Index => indexes
                    .get(object.at as usize)
                    .is_some_and(|i| same_columns(&columns, &i.columns)),
                Kind::PrimaryKey | Kind::Unique => same_columns(&columns, object.columns),
                _ => false,
            };
            let all = self.lookup.parts(at).all.iter();
            let found: Vec<Row> = all
                .filter(|row| self.lookup.object(**row).is_some_and(fits))
                .copied()
                .collect();
            if found.is_empty() && by != By::Pattern && columns.iter().all(|c| c.exact) {
                self.miss_part(at, Kind::Index, b"", Some(joined(&columns)));
            }
            found.into_iter().for_each(|row| self.touch(Some(row), by));
        }
    }

    fn constraints(&mut self, target: &Target, kind: Kind) {
        let columns = columns_of(&target.own);
        for (at, by) in self.owner(&target.own) {
            let all: Vec<Row> = match &columns {
                Some(columns) => self.constraints_on(at, kind, columns, target.second.as_ref()),
                None => self.lookup.parts_of(at, kind).map(|(row, _)| row).collect(),
            };
            let exact = columns.iter().flatten().all(|c| c.exact);
            if all.is_empty() && by != By::Pattern && exact {
                self.miss_part(at, kind, b"", columns.as_deref().map(joined));
            }
            all.into_iter().for_each(|row| self.touch(Some(row), by));
            for column in columns.iter().flatten().filter(|c| c.exact) {
                self.touch(self.lookup.column(at, column.text), by);
            }
        }
        if let Some(second) = &target.second {
            self.columns(second);
        }
    }

    /// The constraints of a kind on these columns, and for a foreign key to this relation.
    fn constraints_on(&self, at: At, kind: Kind, columns: &[Word], to: Option<&Names>) -> Vec<Row> {
        let refers = |object: &Object| {
            let (Some(to), Some(constraint)) = (to, self.lookup.catalog.constraints.get(object.at as usize)) else {
                return true;
            };
            let (Some(name), Some(found)) = (to.names.first(), constraint.references.as_ref()) else {
                return true;
            };
            let schema = to.schema.is_none_or(|s| s.fits(found.schema.as_bytes()));
            schema && name.fits(found.relation.as_bytes())
        };
        let all = self.lookup.parts_of(at, kind);
        all.filter(|(_, o)| same_columns(columns, o.columns) && refers(o))
            .map(|(row, _)| row)
            .collect()
    }

    /// The columns that a constraint is, or is not, on.
    fn columns(&mut self, names: &Names) {
        let Some(columns) = columns_of(names) else { return };
        for (at, by) in self.owner(names) {
            for column in &columns {
                self.part(at, Kind::Column, *column, by);
            }
        }
    }

    // What has a name in a schema.

    fn schema(&mut self, name: Word, by: By) {
        if !name.exact {
            return self.fitting(Kind::Schema, name);
        }
        match self.lookup.in_schema(Kind::Schema, b"", name.text).first() {
            Some(row) => self.touch(Some(*row), by),
            None => {
                let missing = self.missing(Kind::Schema, "schema", None, name.text);
                self.missing.push(missing);
            }
        }
    }

    fn schemas(&mut self, names: &Names) {
        if let Some(list) = &names.list {
            return list
                .iter()
                .filter(|w| w.is_known())
                .for_each(|name| self.schema(*name, By::Member));
        }
        let named = names.schema.or(names.names.first().copied());
        if let Some(name) = named.filter(Word::is_known) {
            self.schema(name, By::Name);
        }
    }

    /// All of a kind that stand in no schema and may have this name.
    fn fitting(&mut self, kind: Kind, name: Word) {
        let fits = |row: &Row| self.lookup.object(*row).is_some_and(|o| name.fits(o.name.as_bytes()));
        let all: Vec<Row> = self.lookup.rows(kind).filter(fits).collect();
        all.into_iter().for_each(|row| self.touch(Some(row), By::Pattern));
    }

    /// What stands in no schema: roles, extensions.
    fn global(&mut self, names: &Names, kind: Kind) {
        let members = names.list.iter().flatten().map(|name| (*name, By::Member));
        let named = names.names.iter().map(|name| (*name, By::Name));
        for (name, by) in members.chain(named).filter(|(w, _)| w.is_known()) {
            if !name.exact {
                self.fitting(kind, name);
                continue;
            }
            match self.lookup.in_schema(kind, b"", name.text).first() {
                Some(row) => self.touch(Some(*row), by),
                None if kind == Kind::Extension => {
                    let missing = self.missing(kind, kind.people(), None, name.text);
                    self.missing.push(missing);
                }
                // Not all roles of the cluster are in the catalog.
                None => {}
            }
        }
    }

    fn extensions(&mut self, target: &Target) {
        self.global(&target.own, Kind::Extension);
        if let (true, Some(schema)) = (target.exhaustive, target.own.schema) {
            self.schema(schema, By::Name);
        }
    }

    fn typed(&mut self, target: &Target, kinds: &'static [Kind]) {
        let names = &target.own;
        let members = names.list.iter().flatten().map(|name| (*name, By::Member));
        let by = if names.schema.is_some() {
            By::Name
        } else {
            By::SearchPath
        };
        let named = names.names.iter().map(|name| (*name, by));
        for (name, by) in members.chain(named).filter(|(w, _)| w.is_known()) {
            self.one_type(names, name, kinds, by);
        }
        if target.exhaustive {
            self.parents(names.schema);
        }
    }

    fn one_type(&mut self, names: &Names, name: Word, kinds: &'static [Kind], by: By) {
        if !(name.exact && names.schema.is_none_or(|s| s.exact)) {
            let rows = kinds.iter().flat_map(|kind| self.lookup.rows(*kind));
            let fits = |o: &Object| {
                name.fits(o.name.as_bytes()) && self.in_reach(names.schema, o.schema.unwrap_or("").as_bytes())
            };
            let all: Vec<Row> = rows.filter(|row| self.lookup.object(*row).is_some_and(fits)).collect();
            return all.into_iter().for_each(|row| self.touch(Some(row), By::Pattern));
        }
        let schema = names.schema.map(|s| s.text);
        let found = self.lookup.typed(kinds, schema, name.text, &self.path);
        // The rows of relations are types, too.
        let is_row = kinds.contains(&Kind::Type) && self.lookup.relation(schema, name.text, &self.path).is_some();
        if let (None, false, Some(kind)) = (found, is_row, kinds.first()) {
            let missing = self.missing(*kind, kind.people(), names.schema, name.text);
            self.miss(missing);
        }
        self.touch(found, by);
    }

    fn functions(&mut self, target: &Target) {
        if let Some(list) = &target.own.list {
            for name in list.iter().filter(|w| w.is_known()) {
                let by = if name.exact { By::Member } else { By::Pattern };
                self.overloads(&target.own, *name, by);
            }
            if target.exhaustive {
                self.parents(target.own.schema);
            }
            return;
        }
        let from = self.touched.len();
        self.function_named(&target.own);
        let Some((kind, role)) = target.privileges else { return };
        let rows: Vec<Row> = self.touched[from..].iter().map(|(row, _)| *row).collect();
        for object in rows.into_iter().filter_map(|row| self.lookup.object(row)) {
            let (schema, name) = (object.schema.unwrap_or("").as_bytes(), object.name.as_bytes());
            self.privileges(kind, schema, name, role, object.arguments);
        }
    }

    fn function_named(&mut self, names: &Names) {
        let Some(name) = names.names.first().filter(|w| w.is_known()) else {
            return;
        };
        let by = if names.schema.is_some() {
            By::Name
        } else {
            By::SearchPath
        };
        self.overloads(names, *name, if name.exact { by } else { By::Pattern });
    }

    /// All functions of the name, or the one with the argument types that are named.
    fn overloads(&mut self, names: &Names, name: Word, by: By) {
        let exact = name.exact && names.schema.is_none_or(|s| s.exact);
        let rows: Vec<Row> = if exact {
            self.lookup
                .functions(names.schema.map(|s| s.text), name.text, &self.path)
        } else {
            let fits = |o: &Object| {
                name.fits(o.name.as_bytes()) && self.in_reach(names.schema, o.schema.unwrap_or("").as_bytes())
            };
            let all = self.lookup.rows(Kind::Function);
            all.filter(|row| self.lookup.object(*row).is_some_and(fits)).collect()
        };
        let meant = |row: &Row| match (&names.signature, self.lookup.object(*row).and_then(|o| o.arguments)) {
            (Some(named), Some(has)) => named.len() == has.len() && named.iter().zip(has).all(|(a, b)| same_type(a, b)),
            _ => true,
        };
        let chosen: Vec<Row> = rows.into_iter().filter(meant).collect();
        if chosen.is_empty() && exact {
            let mut missing = self.missing(Kind::Function, "function", names.schema, name.text);
            missing.detail = names.signature.as_ref().map(|types| types.join(", "));
            self.miss(missing);
        }
        let by = if exact { by } else { By::Pattern };
        chosen.into_iter().for_each(|row| self.touch(Some(row), by));
    }

    // Privileges.

    fn privileges(
        &mut self,
        kind: PrivilegeKind,
        schema: &[u8],
        name: &[u8],
        role: Word,
        arguments: Option<&[String]>,
    ) {
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

/// The columns of a constraint: a list, or the name behind the table.
fn columns_of<'a>(names: &Names<'a>) -> Option<Vec<Word<'a>>> {
    match (&names.list, names.names.get(1)) {
        (Some(list), _) => Some(list.clone()),
        (None, Some(column)) => Some(vec![*column]),
        (None, None) => None,
    }
}

/// Whether the words are these columns, in whatever order.
fn same_columns(words: &[Word], columns: &[String]) -> bool {
    let named = |column: &String| words.iter().any(|w| w.fits(column.as_bytes()));
    let has = |word: &Word| columns.iter().any(|c| word.fits(c.as_bytes()));
    words.len() == columns.len() && columns.iter().all(named) && words.iter().all(has)
}

fn joined(words: &[Word]) -> String {
    let texts: Vec<_> = words.iter().map(|w| String::from_utf8_lossy(w.text)).collect();
    texts.join(", ")
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
