//! What is known beyond one file: configured assertions, helpers, schemas.

use std::sync::Arc;

use regex::bytes::Regex;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::sql::token::{Kind, Token};

use super::area::Area;
use super::catalog::{self, FnId, Group};
use super::given::Given;
use super::routine::Parameter;
use super::walk::{Callee, Lookup};

/// Numbers of configured assertions begin here; the catalogue's are below.
pub const CONFIGURED: u32 = 1 << 16;
/// Numbers of helpers begin here.
pub const HELPERS: u32 = 1 << 24;

/// An assertion of the user's own.
#[derive(Clone, Debug)]
pub struct Configured {
    /// The name as the user gave it.
    pub name: String,
    /// What it tests.
    pub area: Area,
    /// The kind as the user gave it.
    pub kind: String,
    /// What its arguments are: `schema`, `table`, `name`, `desc` and so on, by position.
    pub roles: Vec<String>,
    /// Matched instead of the exact name.
    pub pattern: Option<Regex>,
}

/// A function of the scanned files whose body makes assertions.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Helper {
    /// Its schema, where it is created in a named one.
    pub schema: Option<Vec<u8>>,
    /// Its name.
    pub name: Vec<u8>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The assertions of its body, in order.
    pub body: Vec<BodyCall>,
    /// Each call makes exactly `body.len()` results: no branch, loop or computed row count.
    pub exact: bool,
    /// The line of CREATE FUNCTION.
    pub line: u32,
}

/// One assertion of a helper's body.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct BodyCall {
    /// The assertion's number.
    pub id: u32,
    /// Its arguments, parameters left open.
    pub given: Vec<Given<'static>>,
    /// Its arguments as text.
    pub texts: Vec<Vec<u8>>,
    /// It stands in a branch or loop.
    pub conditional: bool,
}

/// Knowledge shared by all files of a scan.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// Configured assertions; their number is the index above [`CONFIGURED`].
    pub configured: Vec<Configured>,
    exact: FxHashMap<Vec<u8>, usize>,
    /// Helpers; their number is the index above [`HELPERS`].
    pub helpers: Vec<Arc<Helper>>,
    by_name: FxHashMap<Vec<u8>, usize>,
    /// By schema and name, with no schema where none is named.
    by_full: FxHashMap<(Option<Vec<u8>>, Vec<u8>), usize>,
    /// Schemas that hold pgTAP.
    pub pgtap_schemas: FxHashSet<Vec<u8>>,
    /// Names known to be schemas.
    pub schemas: FxHashSet<Vec<u8>>,
}

/// Schemas that pgTAP is found in without being told.
pub const PGTAP_SCHEMAS: [&str; 4] = ["public", "extensions", "tap", "pgtap"];

/// Schemas that exist in most databases of this field.
const USUAL_SCHEMAS: [&str; 6] = [
    "public",
    "auth",
    "storage",
    "extensions",
    "pg_catalog",
    "information_schema",
];

impl Suite {
    /// A suite that knows the user's assertions beside pgTAP's.
    pub fn new(configured: Vec<Configured>) -> Self {
        let bytes = |names: &[&str]| names.iter().map(|n| n.as_bytes().to_vec()).collect();
        let exact = configured
            .iter()
            .enumerate()
            .filter(|(_, c)| c.pattern.is_none())
            .map(|(at, c)| (c.name.to_ascii_lowercase().into_bytes(), at))
            .collect();
        Self {
            configured,
            exact,
            pgtap_schemas: bytes(&PGTAP_SCHEMAS),
            schemas: bytes(&USUAL_SCHEMAS),
            ..Self::default()
        }
    }

    /// Adds a helper; of several with one name the call's schema decides, else the first.
    pub fn add_helper(&mut self, helper: Helper) {
        let at = self.helpers.len();
        let name = helper.name.to_ascii_lowercase();
        let schema = helper.schema.as_ref().map(|s| s.to_ascii_lowercase());
        self.by_name.entry(name.clone()).or_insert(at);
        self.by_full.entry((schema, name)).or_insert(at);
        self.helpers.push(Arc::new(helper));
    }

    /// Whether a helper has this (lower-case) name.
    pub fn has_helper(&self, name: &[u8]) -> bool {
        self.by_name.contains_key(name)
    }

    /// The configured assertion with the number `id`.
    pub fn configured(&self, id: u32) -> Option<&Configured> {
        self.configured.get(id.checked_sub(CONFIGURED)? as usize)
    }

    /// The helper with the number `id`.
    pub fn helper(&self, id: u32) -> Option<&Arc<Helper>> {
        self.helpers.get(id.checked_sub(HELPERS)? as usize)
    }

    fn configured_callee(&self, schema: Option<&[u8]>, name: &[u8]) -> Option<Callee> {
        if self.configured.is_empty() {
            return None;
        }
        let mut full = schema.map_or_else(Vec::new, |s| [s, b"."].concat());
        full.extend_from_slice(name);
        full.make_ascii_lowercase();
        let at = self.exact.get(full.as_slice()).copied().or_else(|| {
            self.configured
                .iter()
                .position(|c| c.pattern.as_ref().is_some_and(|p| p.is_match(&full)))
        })?;
        Some(Callee::Known {
            id: CONFIGURED + at as u32,
            assertion: true,
            wraps: false,
        })
    }

    fn helper_callee(&self, schema: Option<&[u8]>, name: &[u8]) -> Option<Callee> {
        if self.by_name.is_empty() {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let first = *self.by_name.get(&name)?;
        let at = match schema {
            None => first,
            Some(schema) => {
                let its = self.by_full.get(&(Some(schema.to_ascii_lowercase()), name.clone()));
                let any = self.by_full.get(&(None, name));
                *its.into_iter().chain(any).min()?
            }
        };
        Some(Callee::Known {
            id: HELPERS + at as u32,
            assertion: false,
            wraps: false,
        })
    }
}

/// The schemas of one file beside the suite's.
pub struct FileLookup<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// Schemas that this file says pgTAP is in.
    pub pgtap_schemas: &'a FxHashSet<Vec<u8>>,
}

impl Lookup for FileLookup<'_> {
    fn callee(&self, schema: Option<(&Token, &[u8])>, name: &Token, source: &[u8]) -> Callee {
        let text = unquoted(name, name.text(source));
        let folded =
            schema.is_none_or(|(token, text)| token.kind == Kind::Word || !text.iter().any(u8::is_ascii_uppercase));
        let schema = schema.map(|(token, text)| unquoted(token, text));
        // A quoted name is not folded: "Ok" is not pgTAP's ok.
        let exact = name.kind == Kind::Word || !text.iter().any(u8::is_ascii_uppercase);
        if exact
            && folded
            && let Some(id) = catalog::lookup(text)
            && schema.is_none_or(|s| self.holds_pgtap(s))
        {
            return known(id);
        }
        self.suite
            .configured_callee(schema, text)
            .or_else(|| self.suite.helper_callee(schema, text))
            .unwrap_or(Callee::Other)
    }
}

impl FileLookup<'_> {
    fn holds_pgtap(&self, schema: &[u8]) -> bool {
        let lower = schema.to_ascii_lowercase();
        self.suite.pgtap_schemas.contains(&lower) || self.pgtap_schemas.contains(&lower)
    }
}

fn unquoted<'a>(token: &Token, text: &'a [u8]) -> &'a [u8] {
    match token.kind {
        Kind::QuotedWord if text.len() >= 2 => &text[1..text.len() - 1],
        _ => text,
    }
}

fn known(id: FnId) -> Callee {
    let function = id.function();
    let assertion = function.group != Group::Control;
    let value = function.group == Group::Value;
    Callee::Known {
        id: id.index() as u32,
        assertion,
        wraps: value || matches!(function.name, "check_test" | "collect_tap"),
    }
}
