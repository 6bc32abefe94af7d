//! What belongs to a relation: columns, triggers, policies, rules, indexes, constraints.

use crate::gaps::glob::Word;
use crate::gaps::places::By;
use crate::gaps::stale::Missing;
use crate::gaps::target::{Names, Target};
use crate::schema::catalog::RelationKind;
use crate::schema::kind::Kind;
use crate::schema::lookup::Row;
use crate::schema::objects::{At, Object};

use super::Matcher;

impl Matcher<'_, '_> {
    pub(super) fn parts(&mut self, target: &Target, kind: Kind) {
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

    pub(super) fn part(&mut self, at: At, kind: Kind, name: Word, by: By) {
        if !name.is_known() {
            return;
        }
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

    pub(super) fn miss_part(&mut self, at: At, kind: Kind, name: &[u8], detail: Option<String>) {
        let Some(relation) = self.lookup.catalog.relations.get(at as usize) else {
            return;
        };
        // What PostgreSQL itself makes of sequences is in no catalog.
        if kind == Kind::Column && self.lookup.relation_kind(at) == Some(RelationKind::Sequence) {
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

    pub(super) fn indexes(&mut self, target: &Target) {
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
    pub(super) fn index_of(&mut self, at: At, name: Word, by: By) {
        if !name.is_known() {
            return;
        }
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

    pub(super) fn indexed(&mut self, names: &Names) {
        let Some(columns) = columns_of(names).filter(|all| all.iter().all(Word::is_known)) else {
            return;
        };
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

    pub(super) fn constraints(&mut self, target: &Target, kind: Kind) {
        let columns = columns_of(&target.own);
        if !columns.iter().flatten().all(Word::is_known) {
            return;
        }
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
    pub(super) fn constraints_on(&self, at: At, kind: Kind, columns: &[Word], to: Option<&Names>) -> Vec<Row> {
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
    pub(super) fn columns(&mut self, names: &Names) {
        let Some(columns) = columns_of(names) else { return };
        for (at, by) in self.owner(names) {
            for column in &columns {
                self.part(at, Kind::Column, *column, by);
            }
        }
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
