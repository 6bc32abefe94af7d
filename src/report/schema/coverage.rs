//! What the reports are made of: the coverage of a schema, as the analysis of gaps answers it (docs/coverage.schema.json).

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The coverage of one schema by one suite.
#[derive(Debug, Serialize, Deserialize)]
pub struct Coverage {
    /// `pgtap-scanner-coverage`.
    pub format: String,
    /// The version of the format: 1.
    pub version: u32,
    /// The version of the program that found it.
    pub tool: String,
    /// Where the schema came from.
    pub source: Source,
    /// All objects.
    pub summary: Counts,
    /// By kind, in the order of reports.
    pub kinds: Kinds,
    /// By schema.
    pub schemas: Vec<Schema>,
    /// Every object that an assertion could be about.
    pub objects: Vec<Object>,
    /// Assertions about objects that the schema has not.
    pub stale: Vec<Stale>,
    /// How many of them there are; only the first are listed.
    #[serde(rename = "staleCount")]
    pub stale_count: usize,
    /// The test files.
    pub files: Vec<TestFile>,
    /// Migrations that were left out.
    pub skipped: Vec<Skipped>,
}

/// Where a schema came from.
#[derive(Debug, Serialize, Deserialize)]
pub struct Source {
    /// `live`, `migrations` or `snapshot`.
    pub kind: String,
    /// The version of PostgreSQL.
    pub server: Option<String>,
}

/// How many objects there are, by state.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// All.
    pub total: u64,
    /// Those that an assertion is about.
    pub asserted: u64,
    /// Those that tests use and assert nothing about.
    pub exercised: u64,
    /// The others.
    pub untested: u64,
    /// 100 * asserted / total, to one decimal; 100 when there is none.
    pub percent: f64,
}

/// Counts by kind, in the order of the document.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Kinds(pub Vec<(String, Counts)>);

impl TryFrom<Map<String, Value>> for Kinds {
    type Error = serde_json::Error;

    fn try_from(map: Map<String, Value>) -> Result<Self, Self::Error> {
        let read = |(kind, counts)| Ok((kind, serde_json::from_value(counts)?));
        map.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for Kinds {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(kind, counts)| (kind, counts)))
    }
}

/// One schema.
#[derive(Debug, Serialize, Deserialize)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// Its objects.
    #[serde(flatten)]
    pub counts: Counts,
}

/// How far the tests are concerned with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// An assertion is about it.
    Asserted,
    /// Tests use it.
    Exercised,
    /// Neither.
    Untested,
}

impl State {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asserted => "asserted",
            Self::Exercised => "exercised",
            Self::Untested => "untested",
        }
    }
}

/// One object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Its kind, as `kinds` names it.
    pub kind: String,
    /// Its schema.
    pub schema: Option<String>,
    /// The relation that it belongs to.
    pub relation: Option<String>,
    /// Its own name.
    pub name: String,
    /// The argument types of a function.
    pub signature: Option<String>,
    /// The columns of a constraint.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Who has a privilege.
    pub role: Option<String>,
    /// Its name for people, unique within the kind.
    pub display: String,
    /// How far it is tested.
    pub state: State,
    /// The first assertions about it.
    pub assertions: Vec<Assertion>,
    /// How many there are.
    pub assertion_count: u64,
    /// The first files that exercise it.
    pub exercised_in: Vec<String>,
    /// The statement that makes it.
    pub origin: Option<Origin>,
    /// A pgTAP statement that would assert it.
    pub suggestion: Option<String>,
}

/// An assertion about an object.
#[derive(Debug, Serialize, Deserialize)]
pub struct Assertion {
    /// Its file, below the folder that was scanned.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// The pgTAP function.
    #[serde(rename = "type")]
    pub kind: String,
    /// How it was matched with the object.
    pub by: String,
}

/// A place in a migration.
#[derive(Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The file.
    pub file: String,
    /// The first line of the statement, from 1.
    pub line: u64,
}

/// An assertion about an object that is not there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stale {
    /// Its file, below the folder that was scanned.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// The pgTAP function.
    #[serde(rename = "type")]
    pub function: String,
    /// What it names.
    pub target: String,
    /// The kind of what it names.
    pub kind: String,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// The most similar name that is there.
    pub nearest: Option<String>,
}

/// A test file.
#[derive(Debug, Serialize, Deserialize)]
pub struct TestFile {
    /// Its path below the folder that was scanned.
    pub path: String,
    /// How many assertions it has.
    pub assertions: u64,
    /// The number in its plan.
    pub planned: Option<u64>,
    /// How many lines it has.
    pub lines: u64,
    /// How many objects it asserts.
    pub covers: u64,
}

/// A migration that was left out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Skipped {
    /// The file.
    pub file: String,
    /// The line of the statement that failed.
    pub line: Option<u64>,
    /// What PostgreSQL said.
    pub message: String,
}
