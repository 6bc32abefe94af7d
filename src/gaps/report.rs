//! The result as JSON, in the fields and the order that its readers know.

use rustc_hash::FxHashMap;
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::pgtap::assertion::type_name;
use crate::pgtap::suite::Suite;
use crate::schema::kind::Kind;
use crate::schema::lookup::Lookup;
use crate::schema::objects::Object;

use super::gather::FileTotals;
use super::places::{MOST_PLACES, Place, Places, Tested};
use super::stale::Stale;
use super::suggest::suggestion;

/// The format's name and version.
const FORMAT: (&str, u32) = ("pgtap-scanner-coverage", 1);

/// A file that was analyzed.
#[derive(Debug, Serialize)]
pub struct AnalyzedFile {
    /// Its path below the folder that was scanned.
    pub path: String,
    /// Its assertions.
    pub assertions: u32,
    /// The number in its plan.
    pub planned: Option<i64>,
    /// Its lines.
    pub lines: u32,
    /// The objects that it asserts.
    pub covers: u32,
}

impl AnalyzedFile {
    /// The same with what was found in it.
    pub fn with(mut self, totals: FileTotals) -> Self {
        self.assertions = totals.assertions;
        self.covers = totals.covers;
        self
    }
}

/// What objects have in sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Summary {
    total: u32,
    asserted: u32,
    exercised: u32,
    untested: u32,
}

impl Summary {
    fn add(&mut self, state: &str) {
        self.total += 1;
        match state {
            "asserted" => self.asserted += 1,
            "exercised" => self.exercised += 1,
            _ => self.untested += 1,
        }
    }

    /// One decimal; of nothing everything is asserted.
    fn percent(&self) -> f64 {
        match self.total {
            0 => 100.0,
            total => (f64::from(self.asserted) * 1000.0 / f64::from(total)).round() / 10.0,
        }
    }

    fn fields<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        to.serialize_field("total", &self.total)?;
        to.serialize_field("asserted", &self.asserted)?;
        to.serialize_field("exercised", &self.exercised)?;
        to.serialize_field("untested", &self.untested)?;
        to.serialize_field("percent", &self.percent())
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut to = to.serialize_struct("Summary", 5)?;
        self.fields(&mut to)?;
        to.end()
    }
}

/// The summary of a schema, with its name.
struct OfSchema<'r>(&'r str, Summary);

impl Serialize for OfSchema<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut to = to.serialize_struct("Schema", 6)?;
        to.serialize_field("name", self.0)?;
        self.1.fields(&mut to)?;
        to.end()
    }
}

/// All that an analysis found.
pub struct Report<'r, 'c> {
    /// The schema.
    pub lookup: &'r Lookup<'c>,
    /// What the tests say about its objects.
    pub places: &'r Places,
    /// Stale assertions, and how many there are in all.
    pub stale: &'r (Vec<Stale>, usize),
    /// The files.
    pub files: &'r [AnalyzedFile],
    /// Names the assertions.
    pub suite: &'r Suite,
    /// Where the catalog comes from: `live`, `migrations` or `snapshot`.
    pub source: &'r str,
}

fn state(tested: Option<&Tested>) -> &'static str {
    match tested {
        Some(tested) if tested.count > 0 => "asserted",
        Some(tested) if !tested.exercised.is_empty() => "exercised",
        _ => "untested",
    }
}

/// The schema that an object counts for.
fn schema_of<'c>(object: &Object<'c>) -> Option<&'c str> {
    match object.kind {
        Kind::Schema => Some(object.name),
        Kind::Privilege => object.schema.or(Some(object.name)),
        _ => object.schema,
    }
}

impl Report<'_, '_> {
    /// JSON text.
    pub fn text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// What has a row.
    fn rows(&self) -> impl Iterator<Item = (u32, &Object<'_>)> {
        let all = self.lookup.objects.iter().enumerate();
        all.filter(|(_, object)| !object.inherited)
            .map(|(row, object)| (row as u32, object))
    }

    fn states(&self) -> impl Iterator<Item = (&Object<'_>, &'static str)> {
        self.rows().map(|(row, object)| (object, state(self.places.of(row))))
    }

    fn summary(&self) -> Summary {
        let mut all = Summary::default();
        self.states().for_each(|(_, state)| all.add(state));
        all
    }

    fn kinds(&self) -> serde_json::Result<serde_json::Map<String, serde_json::Value>> {
        let mut all: FxHashMap<Kind, Summary> = FxHashMap::default();
        self.states()
            .for_each(|(object, state)| all.entry(object.kind).or_default().add(state));
        let with_rows = Kind::ALL.iter().filter_map(|kind| Some((kind, all.get(kind)?)));
        with_rows
            .map(|(kind, summary)| Ok((kind.as_str().to_owned(), serde_json::to_value(summary)?)))
            .collect()
    }

    fn schemas(&self) -> Vec<OfSchema<'_>> {
        let mut all: FxHashMap<&str, Summary> = FxHashMap::default();
        for (object, state) in self.states() {
            if let Some(schema) = schema_of(object) {
                all.entry(schema).or_default().add(state);
            }
        }
        let mut sorted: Vec<_> = all.into_iter().map(|(name, summary)| OfSchema(name, summary)).collect();
        sorted.sort_unstable_by_key(|schema| schema.0);
        sorted
    }

    fn path(&self, file: u32) -> &str {
        self.files.get(file as usize).map_or("", |file| &file.path)
    }
}

impl Serialize for Report<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let server = &self.lookup.catalog.server.text;
        let mut to = to.serialize_struct("Coverage", 12)?;
        to.serialize_field("format", FORMAT.0)?;
        to.serialize_field("version", &FORMAT.1)?;
        to.serialize_field("tool", env!("CARGO_PKG_VERSION"))?;
        to.serialize_field("source", &serde_json::json!({ "kind": self.source, "server": server }))?;
        to.serialize_field("summary", &self.summary())?;
        to.serialize_field("kinds", &self.kinds().map_err(S::Error::custom)?)?;
        to.serialize_field("schemas", &self.schemas())?;
        to.serialize_field("objects", &Objects(self))?;
        to.serialize_field("stale", &StaleRows(self))?;
        to.serialize_field("staleCount", &self.stale.1)?;
        to.serialize_field("files", self.files)?;
        to.serialize_field("skipped", &[(); 0])?;
        to.end()
    }
}

/// The rows of the objects, made one at a time.
struct Objects<'r, 'p, 'c>(&'r Report<'p, 'c>);

impl Serialize for Objects<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let origins = origins(report.lookup);
        let mut to = to.serialize_seq(None)?;
        for (row, object) in report.rows() {
            to.serialize_element(&row_of(report, row, object, &origins))?;
        }
        to.end()
    }
}

/// Kind, schema, relation and name, and the argument types of a function.
type Name<'c> = (&'c str, Option<&'c str>, Option<&'c str>, &'c str, Option<&'c [String]>);

/// Where migrations make what; the last one wins.
fn origins<'c>(lookup: &Lookup<'c>) -> FxHashMap<Name<'c>, Origin<'c>> {
    let all = lookup.catalog.origins.iter();
    all.map(|o| {
        let arguments = o.arguments.as_deref();
        let name = (
            o.kind.as_str(),
            o.schema.as_deref(),
            o.relation.as_deref(),
            o.name.as_str(),
            arguments,
        );
        let (file, line) = (o.file.as_str(), o.line);
        (name, Origin { file, line })
    })
    .collect()
}

#[derive(Clone, Copy, Serialize)]
struct Origin<'c> {
    file: &'c str,
    line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectRow<'r> {
    kind: &'static str,
    schema: Option<&'r str>,
    relation: Option<&'r str>,
    name: &'r str,
    signature: Option<String>,
    columns: &'r [String],
    role: Option<&'r str>,
    display: &'r str,
    state: &'static str,
    assertions: Vec<AssertionRow<'r>>,
    assertion_count: u32,
    exercised_in: Vec<&'r str>,
    origin: Option<Origin<'r>>,
    suggestion: Option<String>,
}

#[derive(Serialize)]
struct AssertionRow<'r> {
    file: &'r str,
    line: u32,
    #[serde(rename = "type")]
    kind: String,
    by: super::places::By,
}

fn row_of<'r>(
    report: &'r Report,
    row: u32,
    object: &'r Object<'r>,
    origins: &FxHashMap<Name<'_>, Origin<'r>>,
) -> ObjectRow<'r> {
    let tested = report.places.of(row);
    let state = state(tested);
    let place = |place: &Place| AssertionRow {
        file: report.path(place.file),
        line: place.line,
        kind: type_name(report.suite, place.id),
        by: place.by,
    };
    let name = (
        object.kind.as_str(),
        object.schema,
        object.relation,
        object.name,
        object.arguments,
    );
    ObjectRow {
        kind: object.kind.as_str(),
        schema: object.schema,
        relation: object.relation,
        name: object.name,
        signature: object.signature(),
        columns: object.columns,
        role: object.role,
        display: &object.display,
        state,
        assertions: tested
            .iter()
            .flat_map(|t| &t.places)
            .take(MOST_PLACES)
            .map(place)
            .collect(),
        assertion_count: tested.map_or(0, |t| t.count),
        exercised_in: tested
            .iter()
            .flat_map(|t| &t.exercised)
            .map(|file| report.path(*file))
            .collect(),
        origin: origins.get(&name).copied(),
        suggestion: (state != "asserted")
            .then(|| suggestion(report.lookup, object))
            .flatten(),
    }
}

struct StaleRows<'r, 'p, 'c>(&'r Report<'p, 'c>);

#[derive(Serialize)]
struct StaleRow<'r> {
    file: &'r str,
    line: u32,
    #[serde(rename = "type")]
    assertion: String,
    target: &'r str,
    kind: &'static str,
    reason: &'r str,
    nearest: Option<&'r str>,
}

impl Serialize for StaleRows<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        to.collect_seq(report.stale.0.iter().map(|stale| StaleRow {
            file: report.path(stale.place.file),
            line: stale.place.line,
            assertion: type_name(report.suite, stale.place.id),
            target: &stale.target,
            kind: stale.kind.as_str(),
            reason: &stale.reason,
            nearest: stale.nearest.as_deref(),
        }))
    }
}
