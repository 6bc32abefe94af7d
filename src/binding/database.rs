//! Queries on the coverage database.

use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::coverage::aside::aside;
use crate::coverage::index::Pruned;
use crate::coverage::label::{LabelId, split};
use crate::coverage::statistics::{label_text, statistics, type_name};
use crate::coverage::summary::View;
use crate::pgtap::area::{AREAS, Area};
use crate::report::{FORMATS, Report, format};
use crate::session::{Database, SessionError};

use super::error::{Result, closed, error};
use super::json::text;

/// Objects of one answer of `entries`.
const PAGE_OBJECTS: usize = 64;
/// Assertions behind which it ends.
const PAGE_ASSERTIONS: usize = 4096;

/// An index over files. Files are numbered as in `NativeScanner.build`.
#[napi]
pub struct NativeDatabase {
    /// None once it was closed.
    database: Option<Database>,
}

impl NativeDatabase {
    /// Wraps what the session built.
    pub fn new(database: Database) -> Self {
        Self {
            database: Some(database),
        }
    }

    fn database(&self) -> Result<&Database> {
        self.database.as_ref().ok_or_else(closed)
    }

    fn page<T: serde::Serialize>(
        &self,
        area: &str,
        from: u32,
        to: u32,
        row: impl Fn(&View, LabelId) -> T,
    ) -> Result<String> {
        let view = self.database()?.view();
        let ids = Area::from_map(area).map(|area| view.index.of(area).slice(from as usize..to as usize));
        let rows = ids
            .unwrap_or_default()
            .iter()
            .map(|id| row(&view, *id))
            .collect::<Vec<_>>();
        self.answer(&rows)
    }

    /// The answer as JSON, unless what it is made of could not be read.
    fn answer(&self, value: &impl serde::Serialize) -> Result<String> {
        self.sound()?;
        text(value)
    }

    fn sound(&self) -> Result<()> {
        match self.database()?.failure() {
            Some(failure) => Err(SessionError::Spill(failure).into()),
            None => Ok(()),
        }
    }
}

fn find(view: &View, area: &str, name: &str) -> Option<(Area, LabelId)> {
    let area = Area::from_map(area)?;
    let id = view.store.find(area, split(name.as_bytes()))?;
    (view.index.count(id) > 0).then_some((area, id))
}

#[napi]
impl NativeDatabase {
    /// The areas in the order of their maps.
    #[napi(catch_unwind)]
    pub fn areas() -> Vec<String> {
        AREAS.iter().map(|(_, name)| (*name).to_owned()).collect()
    }

    /// How many objects an area has.
    #[napi(catch_unwind)]
    pub fn size(&self, area: String) -> Result<u32> {
        let view = self.database()?.view();
        Ok(Area::from_map(&area).map_or(0, |area| view.index.of(area).len() as u32))
    }

    /// Names of an area's objects, `from..to` in first-seen order.
    #[napi(catch_unwind)]
    pub fn keys(&self, area: String, from: u32, to: u32) -> Result<String> {
        self.page(&area, from, to, |view, id| label_text(view.store, id))
    }

    /// The same, each with how many assertions cover it.
    #[napi(catch_unwind)]
    pub fn counts(&self, area: String, from: u32, to: u32) -> Result<String> {
        self.page(&area, from, to, |view, id| (label_text(view.store, id), view.count(id)))
    }

    /// Whether the area has an object of this name.
    #[napi(catch_unwind)]
    pub fn has(&self, area: String, name: String) -> Result<bool> {
        let found = find(&self.database()?.view(), &area, &name).is_some();
        self.sound().map(|()| found)
    }

    /// An object: its assertions as `[file, position in the file, line, type]`, its percentage; `null` if unknown.
    #[napi(catch_unwind)]
    pub fn entry(&self, area: String, name: String) -> Result<String> {
        let view = self.database()?.view();
        self.answer(&find(&view, &area, &name).map(|(area, id)| entry(&view, area, id)))
    }

    /// Objects from the `from`th on with what `entry` says of them, `[name, entry]` each: one at least, and no more
    /// behind so many assertions.
    #[napi(catch_unwind)]
    pub fn entries(&self, area: String, from: u32) -> Result<String> {
        let view = self.database()?.view();
        let Some(area) = Area::from_map(&area) else {
            return Ok("[]".to_owned());
        };
        let from = from as usize;
        let mut left = PAGE_ASSERTIONS;
        let mut rows = Vec::new();
        for id in view.index.of(area).slice(from..from + PAGE_OBJECTS).iter() {
            rows.push((label_text(view.store, *id), entry(&view, area, *id)));
            left = left.saturating_sub(view.count(*id));
            if left == 0 {
                break;
            }
        }
        self.answer(&rows)
    }

    /// Assertions in all and by type, files.
    #[napi(catch_unwind)]
    pub fn totals(&self) -> Result<String> {
        let database = self.database()?;
        let types = &database.types;
        self.answer(&json!({
            "files": database.view().order.len(),
            "assertions": types.iter().map(|(_, n)| n).sum::<u64>(),
            "types": types,
        }))
    }

    /// Objects with partial coverage, and objects that are exercised but not asserted: `kind:name` each.
    #[napi(catch_unwind)]
    pub fn gaps(&self) -> Result<String> {
        let view = self.database()?.view();
        let name = |area: Area, id| format!("{}:{}", area.as_str(), label_text(view.store, id));
        let uncovered: Vec<String> = view
            .uncovered()
            .into_iter()
            .map(|id| name(view.uncovered_area(id), id))
            .collect();
        let partial: Vec<String> = view.partial().map(|(area, id)| name(area, id)).collect();
        self.answer(&json!({ "uncovered": uncovered, "partial": partial }))
    }

    /// Absence assertions and computed names: `kind:name` and how often; what is exercised, with its files.
    #[napi(catch_unwind)]
    pub fn aside(&self) -> Result<String> {
        self.answer(&aside(&self.database()?.view()))
    }

    /// `getCoverageStatistics()`.
    #[napi(catch_unwind)]
    pub fn coverage_statistics(&self, built: String) -> Result<String> {
        self.answer(&self.database()?.view().statistics(&built))
    }

    /// `getStatistics()`; over a label index.
    #[napi(catch_unwind)]
    pub fn statistics(&self) -> Result<String> {
        let view = self.database()?.view();
        self.answer(&statistics(view.store, view.suite, view.order, view.index))
    }

    /// The coverage map: by area, name to types, and each name's files; over a label index.
    #[napi(catch_unwind)]
    pub fn coverage_map(&self) -> Result<String> {
        self.answer(&coverage_map(&self.database()?.view()))
    }

    /// The names of the report's formats; the first is the default.
    #[napi(catch_unwind)]
    pub fn report_formats() -> Vec<String> {
        FORMATS.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    /// A report as text. `options` is JSON; `names` a JSON array with the names of files of the caller's own.
    #[napi(catch_unwind)]
    pub fn report(&self, options: String, names: String) -> Result<String> {
        let shape = |e: serde_json::Error| error("ERR_PGTAP_INVALID_ARGUMENT", e.to_string());
        let options: ReportOptions = serde_json::from_str(&options).map_err(shape)?;
        let names: Vec<String> = serde_json::from_str(&names).map_err(shape)?;
        let text = report(self.database()?, &options, &names)?;
        self.sound().map(|()| text)
    }

    /// Kinds of which the oldest objects were dropped: `[kind, dropped, kept]` each.
    #[napi(catch_unwind)]
    pub fn pruned(&self) -> Result<String> {
        let row = |p: &Pruned| (p.area.as_str(), p.dropped, p.kept);
        text(&self.database()?.pruned.iter().map(row).collect::<Vec<_>>())
    }

    /// Forgets what was read back from disk; how many bytes that freed.
    #[napi(catch_unwind)]
    pub fn trim(&self) -> f64 {
        self.database.as_ref().map_or(0, Database::trim) as f64
    }

    /// Frees it; later questions are refused.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.database = None;
    }

    /// Bytes of native memory beside the scan's own.
    #[napi(catch_unwind)]
    pub fn heap_bytes(&self) -> f64 {
        self.database.as_ref().map_or(0, Database::heap_bytes) as f64
    }
}

/// As JavaScript has checked them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportOptions {
    format: String,
    include_gaps: bool,
    include_details: bool,
    object_types: Option<Vec<String>>,
    built: String,
}

fn report(database: &Database, options: &ReportOptions, names: &[String]) -> Result<String> {
    let format = format(&options.format).ok_or_else(|| {
        error(
            "ERR_PGTAP_INVALID_ARGUMENT",
            format!("unknown format '{}'", options.format),
        )
    })?;
    let types = options.object_types.as_deref();
    let only: Option<Vec<Area>> = types.map(|all| all.iter().filter_map(|name| Area::from_map(name)).collect());
    let mut out = Vec::new();
    let report = Report {
        view: &database.view(),
        file_name: &|number| database.file_name(number, names),
        built: &options.built,
        gaps: options.include_gaps,
        details: options.include_details,
        only: only.as_deref(),
    };
    let written = format.write(&report, &mut out).map(|()| String::from_utf8(out));
    match written {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(cause)) => Err(error("ERR_PGTAP_INTERNAL", cause.to_string())),
        Err(cause) => Err(error("ERR_PGTAP_INTERNAL", cause.to_string())),
    }
}

fn position(view: &View, record: u32) -> Option<(u32, u32)> {
    let file = view.index.file_of(record)?;
    let from = view.store.files.get(file as usize)?.records.from;
    Some((file, record - from))
}

fn entry(view: &View, area: Area, id: LabelId) -> Value {
    let row = |at: &u32| {
        let record = view.store.records.get(*at as usize)?;
        let (file, position) = position(view, *at)?;
        Some(json!([
            file,
            position,
            record.line,
            type_name(view.store, view.suite, record.kind)
        ]))
    };
    let rows: Vec<Value> = view.index.records(id).iter().filter_map(row).collect();
    json!({ "assertions": rows, "percentage": view.percentage(area, id) })
}

fn coverage_map(view: &View) -> Value {
    let mut areas = Map::new();
    let mut files: Vec<(String, Vec<u32>)> = Vec::new();
    for (area, name) in AREAS {
        let mut entries = Map::new();
        for id in view.index.of(area).iter() {
            let label = label_text(view.store, id);
            let types: Vec<&str> = view
                .kinds(id)
                .into_iter()
                .map(|k| type_name(view.store, view.suite, k))
                .collect();
            files.push((label.clone(), view.files(id)));
            entries.insert(label, json!(types));
        }
        areas.insert(name.to_owned(), Value::Object(entries));
    }
    json!({ "areas": areas, "files": files })
}
