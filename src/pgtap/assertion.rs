//! An assertion with all that callers see of it.

use serde::Serialize;

use super::catalog::{FnId, Function, Group, ObjectKind};
use super::found::{Context, Found, Sink};
use super::given::{Content, Given};
use super::metadata::{FunctionMetadata, PolicyMetadata, Roles, TableMetadata};
use super::reading::{Named, Reading};
use super::shape::{self, Pointer};
use super::site::function_of;
use super::suite::Suite;

/// An assertion as it crosses the border; absent fields do not apply.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    /// The function's name in lower case, without schema.
    #[serde(rename = "type")]
    pub kind: String,
    /// The label callers index by; empty for assertions about values.
    pub target: String,
    /// One text per argument.
    pub parameters: Vec<String>,
    /// The line of the function's name.
    pub line_number: u32,
    /// From SELECT, where it leads the call, through the closing parenthesis.
    pub raw_sql: String,
    /// The description, when the call has a constant one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What PostgreSQL tests; `null` where that cannot be told from the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Option<Object>>,
    /// `function` or `do`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<&'static str>,
    /// The function in whose body it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_function: Option<String>,
    /// It stands in a branch.
    #[serde(skip_serializing_if = "is_false")]
    pub conditional: bool,
    /// A FROM clause supplies arguments.
    #[serde(skip_serializing_if = "is_false")]
    pub row_driven: bool,
    /// The labels of all rows, where the FROM clause spells them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// A name is computed.
    #[serde(skip_serializing_if = "is_false")]
    pub dynamic: bool,
    /// The fixed part of a computed name; `*` stands for the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// It stands in a comment.
    #[serde(skip_serializing_if = "is_false")]
    pub commented: bool,
    /// The function whose argument it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrapper: Option<String>,
    /// `target` names another object than PostgreSQL tests.
    #[serde(skip_serializing_if = "is_false")]
    pub misread: bool,
    /// The helper whose call it was expanded from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub helper: Option<String>,
    /// For assertions about functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function_metadata: Option<FunctionMetadata>,
    /// For assertions about policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_metadata: Option<PolicyMetadata>,
    /// For assertions about tables.
    #[serde(flatten)]
    pub table: Option<TableMetadata>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What is tested, structured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Object {
    /// The catalogue's object kind.
    pub kind: &'static str,
    /// The schema, when the call names one.
    pub schema: Option<String>,
    /// The relation it is or belongs to.
    pub relation: Option<String>,
    /// Its own name.
    pub name: Option<String>,
    /// A function's argument types.
    pub signature: Option<String>,
    /// The columns of a constraint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The members of an exhaustive list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// Bytes as text; what is not UTF-8 becomes U+FFFD.
pub fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The label: its parts with dots between.
pub fn label(named: &Named) -> String {
    let parts: Vec<_> = named
        .parts
        .iter()
        .flatten()
        .map(|p| String::from_utf8_lossy(p))
        .collect();
    parts.join(".")
}

/// The name of the function with the number `id`.
pub fn type_name(suite: &Suite, id: u32) -> String {
    match function_of(id) {
        Some(function) => function.function().name.to_owned(),
        None => suite
            .configured(id)
            .map(|c| c.name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase())
            .unwrap_or_default(),
    }
}

/// Collects full assertions, sorted by line; ties stay in source order.
pub struct Listing<'s> {
    suite: &'s Suite,
    found: Vec<Assertion>,
}

impl<'s> Listing<'s> {
    /// An empty list.
    pub fn new(suite: &'s Suite) -> Self {
        Self {
            suite,
            found: Vec::new(),
        }
    }

    /// The list as the reader handed it out: comments and expansions behind what they belong to.
    pub fn into_emitted(self) -> Vec<Assertion> {
        self.found
    }

    /// The list.
    pub fn finish(mut self) -> Vec<Assertion> {
        self.found.sort_by_key(|a| a.line_number);
        self.found
    }
}

impl Sink for Listing<'_> {
    fn assertion(&mut self, found: &Found) {
        self.found.push(build(self.suite, found));
    }

    fn exercised(&mut self, _: bool, _: Option<&[u8]>, _: &[u8]) {}
}

fn build(suite: &Suite, found: &Found) -> Assertion {
    let (context, in_function) = match found.context {
        Context::Script => (None, None),
        Context::Do => (Some("do"), None),
        Context::Function(name) => (Some("function"), Some(name.to_owned())),
    };
    let mut built = Assertion {
        kind: type_name(suite, found.id),
        parameters: found.texts.iter().map(|t| lossy(t)).collect(),
        line_number: found.line,
        raw_sql: lossy(found.raw),
        context,
        in_function,
        conditional: found.conditional,
        row_driven: found.row_driven,
        commented: found.commented,
        wrapper: found.wrapper.map(|id| type_name(suite, id)),
        helper: found.helper.map(str::to_owned),
        ..Assertion::default()
    };
    if let Some(reading) = found.reading {
        describe(&mut built, found, reading);
    }
    built
}

fn describe(built: &mut Assertion, found: &Found, reading: &Reading) {
    built.misread = reading.misread;
    if let Some(named) = &reading.label {
        built.target = label(named);
        built.dynamic = reading.dynamic;
        built.pattern = reading.dynamic.then(|| built.target.clone());
        if !found.rows.is_empty() {
            built.targets = std::iter::once(built.target.clone())
                .chain(found.rows.iter().map(label))
                .collect();
        }
    }
    let Some(id) = function_of(found.id) else { return };
    let function = id.function();
    if function.group == Group::Object {
        built.object = Some(reading.chosen.and_then(|at| object(id, function, at, found.given)));
    }
    let Some(overload) = reading.labelled.and_then(|at| function.overloads.get(at)) else {
        return;
    };
    let roles = Roles::new(overload, found.given, found.texts);
    built.description = roles.text("desc");
    match function.kind {
        ObjectKind::Function => built.function_metadata = Some(FunctionMetadata::new(function.name, &roles)),
        ObjectKind::Policy => built.policy_metadata = Some(PolicyMetadata::new(&roles)),
        ObjectKind::Table if function.name == "is_rls_enabled" => {
            built.policy_metadata = Some(PolicyMetadata::new(&roles))
        }
        ObjectKind::Table => built.table = Some(TableMetadata::new(&roles)),
        _ => {}
    }
}

fn text(given: &[Given], at: Option<usize>) -> Option<String> {
    given.get(at?)?.content.text().map(lossy)
}

fn list(given: &[Given], at: Option<usize>) -> Vec<String> {
    match at.and_then(|at| given.get(at)).map(|g| &g.content) {
        Some(Content::List(items)) => items.iter().filter_map(Content::text).map(lossy).collect(),
        Some(other) => other.text().map(lossy).into_iter().collect(),
        None => Vec::new(),
    }
}

fn object(id: FnId, function: &Function, overload: usize, given: &[Given]) -> Option<Object> {
    let pointer = shape::of(id, overload)?.target;
    let mut built = Object {
        kind: function.kind.as_str(),
        schema: text(given, pointer.schema),
        ..Object::default()
    };
    name_object(&mut built, function, overload, &pointer, given);
    if pointer.signature.is_some() {
        built.signature = Some(list(given, pointer.signature).join(", "));
    }
    match pointer.list {
        Some(at) if shape::traits_of(id).list => built.members = list(given, Some(at)),
        Some(at) => built.columns = list(given, Some(at)),
        None => {}
    }
    Some(built)
}

fn name_object(built: &mut Object, function: &Function, overload: usize, pointer: &Pointer, given: &[Given]) {
    let first = text(given, pointer.names[0]);
    let second = text(given, pointer.names[1]);
    let role = pointer.names[0]
        .and_then(|at| function.overloads.get(overload)?.roles.get(at))
        .map_or("", |r| r.as_str());
    match function.kind {
        ObjectKind::Column | ObjectKind::Trigger | ObjectKind::Policy | ObjectKind::Rule => {
            (built.relation, built.name) = (first, second);
        }
        ObjectKind::Index if role == "index" => built.name = first,
        ObjectKind::Index => (built.relation, built.name) = (first, second),
        ObjectKind::PrimaryKey
        | ObjectKind::ForeignKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint => {
            built.relation = first;
            built.columns = second.into_iter().collect();
        }
        ObjectKind::Operator | ObjectKind::Cast => {
            let names: Vec<_> = pointer.names.iter().filter_map(|at| text(given, *at)).collect();
            built.name = Some(names.join(" "));
        }
        ObjectKind::Schema => built.name = built.schema.clone(),
        kind => {
            built.relation = is_relation(kind).then(|| first.clone()).flatten();
            built.name = first;
        }
    }
}

fn is_relation(kind: ObjectKind) -> bool {
    matches!(
        kind.as_str(),
        "table"
            | "view"
            | "materialized_view"
            | "foreign_table"
            | "sequence"
            | "relation"
            | "partition"
            | "inheritance"
    )
}
