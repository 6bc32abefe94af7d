//! What has a name in a schema, or in none: schemas, types, functions, roles, extensions.

use crate::gaps::glob::Word;
use crate::gaps::places::By;
use crate::gaps::target::{Names, Target};
use crate::schema::kind::Kind;
use crate::schema::lookup::Row;
use crate::schema::objects::Object;
use crate::schema::signature::same_type;

use super::Matcher;

impl Matcher<'_, '_> {
    pub(super) fn schema(&mut self, name: Word, by: By) {
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

    pub(super) fn schemas(&mut self, names: &Names) {
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
    pub(super) fn fitting(&mut self, kind: Kind, name: Word) {
        let fits = |row: &Row| self.lookup.object(*row).is_some_and(|o| name.fits(o.name.as_bytes()));
        let all: Vec<Row> = self.lookup.rows(kind).filter(fits).collect();
        all.into_iter().for_each(|row| self.touch(Some(row), By::Pattern));
    }

    /// What stands in no schema: roles, extensions.
    pub(super) fn global(&mut self, names: &Names, kind: Kind) {
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

    pub(super) fn extensions(&mut self, target: &Target) {
        self.global(&target.own, Kind::Extension);
        if let (true, Some(schema)) = (target.exhaustive, target.own.schema) {
            self.schema(schema, By::Name);
        }
    }

    pub(super) fn typed(&mut self, target: &Target, kinds: &'static [Kind]) {
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

    pub(super) fn one_type(&mut self, names: &Names, name: Word, kinds: &'static [Kind], by: By) {
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

    pub(super) fn functions(&mut self, target: &Target) {
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
        let rows: Vec<Row> = self.touched.iter().skip(from).map(|(row, _)| *row).collect();
        for object in rows.into_iter().filter_map(|row| self.lookup.object(row)) {
            let (schema, name) = (object.schema.unwrap_or("").as_bytes(), object.name.as_bytes());
            self.privileges(kind, schema, name, role, object.arguments);
        }
    }

    pub(super) fn function_named(&mut self, names: &Names) {
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
    pub(super) fn overloads(&mut self, names: &Names, name: Word, by: By) {
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
}
