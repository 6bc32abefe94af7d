//! Relations, lists of them, and what makes two of them relatives.

use crate::gaps::about::Relations;
use crate::gaps::glob::Word;
use crate::gaps::places::By;
use crate::gaps::target::{Names, Target};
use crate::schema::kind::Kind;
use crate::schema::lookup::Row;
use crate::schema::objects::{At, Object};

use super::{Matcher, qualified};

impl Matcher<'_, '_> {
    /// The relations that the words mean, and how they are named.
    pub(super) fn relations(&self, schema: Option<Word>, name: Word) -> Vec<(At, By)> {
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
    pub(super) fn in_reach(&self, word: Option<Word>, schema: &[u8]) -> bool {
        match word {
            Some(word) => word.fits(schema),
            None => self.path.schemas.iter().any(|s| s == schema),
        }
    }

    /// The one relation that the words mean; what is missing is noted.
    pub(super) fn owner(&mut self, names: &Names) -> Vec<(At, By)> {
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

    pub(super) fn is_static(&self, names: &Names) -> bool {
        let schema = names.schema.is_none_or(|s| s.exact);
        let unhidden = names.schema.is_some() || !names.names.first().is_some_and(|n| (self.temporary)(n.text));
        schema && unhidden && names.names.iter().all(|n| n.exact)
    }

    pub(super) fn of_relation(&mut self, target: &Target, relations: Relations) {
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
    pub(super) fn take(&mut self, found: &[(At, By)], relations: Relations, names: &Names, name: &[u8]) {
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
    pub(super) fn members(&mut self, names: &Names, list: &[Word], relations: Relations) {
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
    pub(super) fn parents(&mut self, schema: Option<Word>) {
        if let Some(schema) = schema {
            return self.schema(schema, By::Name);
        }
        for name in &self.path.clone().schemas {
            let row = self.lookup.in_schema(Kind::Schema, b"", name).first().copied();
            self.touch(row, By::SearchPath);
        }
    }

    pub(super) fn relatives(&mut self, target: &Target) {
        for names in [Some(&target.own), target.second.as_ref()].into_iter().flatten() {
            for (at, by) in self.owner(names) {
                self.touch(self.lookup.parts(at).row, by);
            }
        }
    }

    pub(super) fn partitions(&mut self, target: &Target) {
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
    pub(super) fn partition(&mut self, name: Word, parent: At) {
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

    pub(super) fn secured(&mut self, names: &Names) {
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
}
