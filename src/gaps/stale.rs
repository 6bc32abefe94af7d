//! Assertions about what the schema has not.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::schema::kind::Kind;
use crate::schema::lookup::Lookup;
use crate::schema::path::SearchPath;

use super::created::Created;
use super::nearest::nearest;

/// What an assertion names and the schema has not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Missing {
    /// The kind of object.
    pub kind: Kind,
    /// What people call one.
    pub noun: &'static str,
    /// Its schema, where the assertion names one; that of its relation, where it belongs to one.
    pub schema: Option<Vec<u8>>,
    /// The relation that it would belong to, which exists.
    pub relation: Option<Vec<u8>>,
    /// Its name; empty for a constraint or index that is asked for by columns.
    pub name: Vec<u8>,
    /// The columns, or the argument types of a function.
    pub detail: Option<String>,
    /// Where it was looked for when no schema was named.
    pub path: Arc<SearchPath>,
}

/// Where an assertion stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StalePlace {
    /// Position of the file among those analyzed.
    pub file: u32,
    /// Its line.
    pub line: u32,
    /// The assertion's function.
    pub id: u32,
}

/// Candidates for staleness; what the tests make themselves is taken out at the end.
#[derive(Debug, Default)]
pub struct Candidates(FxHashMap<Missing, Vec<StalePlace>>);

/// A stale assertion.
#[derive(Clone, Debug)]
pub struct Stale {
    /// Where it stands.
    pub place: StalePlace,
    /// What it names.
    pub target: String,
    /// The kind of object.
    pub kind: Kind,
    /// Why it is stale.
    pub reason: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

/// Of more stale assertions than this only their number is told.
pub const MOST_STALE: usize = 1000;

impl Candidates {
    /// Notes one.
    pub fn add(&mut self, missing: Missing, place: StalePlace) {
        self.0.entry(missing).or_default().push(place);
    }

    /// Adds those of other files.
    pub fn merge(&mut self, others: Candidates) {
        for (missing, places) in others.0 {
            self.0.entry(missing).or_default().extend(places);
        }
    }

    /// The first that are stale, in the order of files and lines, and how many there are.
    pub fn judge(self, lookup: &Lookup, created: &Created) -> (Vec<Stale>, usize) {
        let judge = Judge { lookup, created };
        let mut all: Vec<(StalePlace, Arc<Missing>)> = Vec::new();
        for (missing, places) in self.0.into_iter().filter(|(missing, _)| judge.is_stale(missing)) {
            let missing = Arc::new(missing);
            all.extend(places.into_iter().map(|place| (place, missing.clone())));
        }
        all.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        let count = all.len();
        all.truncate(MOST_STALE);
        (
            all.iter().map(|(place, missing)| judge.told(*place, missing)).collect(),
            count,
        )
    }
}

struct Judge<'j, 'c> {
    lookup: &'j Lookup<'c>,
    created: &'j Created,
}

/// Relations that extensions bring, beside those that begin with `pg_`.
const OF_EXTENSIONS: [&[u8]; 6] = [
    b"tap_funky",
    b"spatial_ref_sys",
    b"geometry_columns",
    b"geography_columns",
    b"raster_columns",
    b"raster_overviews",
];

impl Judge<'_, '_> {
    /// Whether the catalog can tell that it is not there, and no test makes it.
    fn is_stale(&self, missing: &Missing) -> bool {
        let made = |name: &Vec<u8>| self.created.contains(name);
        let elsewhere = |schema: &Vec<u8>| made(schema) && !self.lookup.has_schema(schema);
        let relation = missing.relation.as_ref();
        if made(&missing.name) || relation.is_some_and(made) || missing.schema.as_ref().is_some_and(elsewhere) {
            return false;
        }
        // Every database has the one, and every database that runs the tests the other.
        if missing.kind == Kind::Extension && matches!(missing.name.as_slice(), b"plpgsql" | b"pgtap") {
            return false;
        }
        if missing.name.starts_with(b"pg_") || OF_EXTENSIONS.contains(&missing.name.as_slice()) {
            return false;
        }
        let schema = match missing.kind {
            Kind::Schema => Some(&missing.name),
            _ => missing.schema.as_ref(),
        };
        if schema.is_some_and(|schema| self.is_foreign(schema)) {
            return false;
        }
        missing.relation.is_some() || !self.may_be_extensions(missing) || self.nearest(missing).is_some()
    }

    /// Whether the schema is one whose objects no catalog lists: the system's, or an extension's own.
    fn is_foreign(&self, schema: &[u8]) -> bool {
        if schema.starts_with(b"pg_") || schema == b"information_schema" {
            return true;
        }
        let text = String::from_utf8_lossy(schema);
        let bare = text.trim_matches('_');
        let of = |name: &str| bare.len() >= 3 && (name.contains(bare) || bare.contains(name));
        let catalog = self.lookup.catalog;
        let brought = |e: &crate::schema::catalog::Extension| e.schema == text || of(&e.name);
        !self.lookup.has_schema(schema)
            && (catalog.extensions.iter().any(brought) || catalog.pgtap.as_ref().is_some_and(|p| p.schema == text))
    }

    /// Functions and types in a schema that holds an extension may be the extension's.
    fn may_be_extensions(&self, missing: &Missing) -> bool {
        if !matches!(missing.kind, Kind::Function | Kind::Type | Kind::Domain | Kind::Enum) {
            return false;
        }
        let holds = |schema: &[u8]| {
            let catalog = self.lookup.catalog;
            let extension = catalog.extensions.iter().any(|e| e.schema.as_bytes() == schema);
            extension || catalog.pgtap.as_ref().is_some_and(|p| p.schema.as_bytes() == schema)
        };
        match &missing.schema {
            Some(schema) => holds(schema),
            // The system's own functions and types are found without a schema.
            None => true,
        }
    }

    fn told(&self, place: StalePlace, missing: &Missing) -> Stale {
        Stale {
            place,
            target: target(missing),
            kind: missing.kind,
            reason: self.reason(missing),
            nearest: self.nearest(missing),
        }
    }

    fn reason(&self, missing: &Missing) -> String {
        let target = target(missing);
        if let Some(relation) = &missing.relation {
            let owner = dotted(&[missing.schema.as_deref(), Some(relation)]);
            return match (missing.name.is_empty(), &missing.detail) {
                (true, None) => format!("{owner} has no {}", missing.noun),
                (true, Some(columns)) => format!("{owner} has no {} on ({columns})", missing.noun),
                (false, _) => format!("{owner} has no {} {}", missing.noun, lossy(&missing.name)),
            };
        }
        let found = self
            .lookup
            .relation(missing.schema.as_deref(), &missing.name, &missing.path);
        let other = found.and_then(|at| self.lookup.relation_kind(at));
        match (other, missing.kind, &missing.schema) {
            (Some(other), _, _) => format!("{target} is a {}, not a {}", other.people(), missing.noun),
            (None, Kind::Schema | Kind::Extension, _) => format!("no {} {target}", missing.noun),
            (None, _, Some(_)) => format!("no {} {target} in the schema", missing.noun),
            (None, ..) => format!(
                "no {} {target} on the search path ({})",
                missing.noun,
                missing.path.display()
            ),
        }
    }

    /// The object that was probably meant: one of the same name elsewhere, else one of a close name.
    fn nearest(&self, missing: &Missing) -> Option<String> {
        let name = String::from_utf8_lossy(&missing.name);
        if name.is_empty() {
            return None;
        }
        if let (Some(schema), Some(relation)) = (&missing.schema, &missing.relation) {
            let at = self.lookup.relation(Some(schema), relation, &missing.path)?;
            let parts = || self.lookup.parts_of(at, missing.kind);
            let close = nearest(&name, parts().map(|(_, o)| o.name))?;
            return parts().find(|(_, o)| o.name == close).map(|(_, o)| o.display.clone());
        }
        let kinds: &[Kind] = match missing.noun {
            "relation" => &[
                Kind::Table,
                Kind::View,
                Kind::MaterializedView,
                Kind::ForeignTable,
                Kind::Sequence,
            ],
            _ => std::slice::from_ref(&missing.kind),
        };
        let all = || {
            kinds
                .iter()
                .flat_map(|kind| self.lookup.rows(*kind))
                .filter_map(|row| self.lookup.object(row))
        };
        let inside = |schema: Option<&str>| match &missing.schema {
            Some(named) => schema.is_some_and(|s| s.as_bytes() == named.as_slice()),
            None => true,
        };
        let same = all().find(|o| o.name.as_bytes() == missing.name.as_slice());
        if let Some(same) = same {
            return Some(same.display.clone());
        }
        let close = nearest(&name, all().filter(|o| inside(o.schema)).map(|o| o.name))?;
        all()
            .find(|o| o.name == close && inside(o.schema))
            .map(|o| o.display.clone())
    }
}

fn lossy(name: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(name)
}

fn dotted(parts: &[Option<&[u8]>]) -> String {
    let texts: Vec<_> = parts
        .iter()
        .flatten()
        .filter(|p| !p.is_empty())
        .map(|p| lossy(p))
        .collect();
    texts.join(".")
}

fn target(missing: &Missing) -> String {
    let name = dotted(&[
        missing.schema.as_deref(),
        missing.relation.as_deref(),
        Some(&missing.name),
    ]);
    match &missing.detail {
        Some(detail) => format!("{name}({detail})"),
        None => name,
    }
}
