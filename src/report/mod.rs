//! Reports: one format a file. Knows neither Node.js nor the file system.
//!
//! Here are those of the coverage database, behind [`Format`]; [`schema`] has those of the coverage of a schema, and
//! [`lint`] those of findings.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::coverage::label::LabelId;
use crate::coverage::statistics::{label_text, total, type_name};
use crate::coverage::summary::View;
use crate::pgtap::area::{AREAS, Area};

mod columns;
mod csv;
mod gfm;
mod html;
mod json;
pub mod lint;
mod markdown;
mod sarif;
pub mod schema;
#[cfg(test)]
mod tests;
mod visible;
mod xml;

/// A way to write a report.
pub trait Format: Sync {
    /// Writes all of `report`.
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()>;
}

/// All formats by name; the first is the default.
pub const FORMATS: [(&str, &dyn Format); 4] = [
    ("json", &json::Json),
    ("csv", &csv::Csv),
    ("html", &html::Html),
    ("markdown", &markdown::Markdown),
];

/// The format called `name`.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|(n, _)| *n == name).map(|(_, format)| *format)
}

/// What a report shows.
pub struct Report<'r> {
    /// The database.
    pub view: &'r View<'r>,
    /// Gives the name of a file.
    pub file_name: &'r dyn Fn(u32) -> Cow<'r, str>,
    /// When the database was built, ISO 8601.
    pub built: &'r str,
    /// List the gaps, too.
    pub gaps: bool,
    /// List each object's assertions, too.
    pub details: bool,
    /// Only these kinds; `None` for all.
    pub only: Option<&'r [Area]>,
}

/// One object.
pub struct Row<'r> {
    /// Its number.
    pub id: LabelId,
    /// Its name.
    pub name: String,
    /// Assertions that cover it.
    pub count: usize,
    /// Their types, in first-seen order.
    pub types: Vec<&'r str>,
    /// Names of the files that they stand in; each once.
    pub files: Vec<Cow<'r, str>>,
    /// How far it is covered.
    pub percentage: f64,
}

/// One assertion of an object.
pub struct Detail<'r> {
    /// The assertion function.
    pub kind: &'r str,
    /// The name of its file.
    pub file: Cow<'r, str>,
    /// Its line.
    pub line: u32,
}

impl<'r> Report<'r> {
    fn wants(&self, area: Area) -> bool {
        self.only.is_none_or(|only| only.contains(&area))
    }

    /// Files and assertions.
    pub fn totals(&self) -> (usize, u64) {
        (self.view.order.len(), total(self.view.store, self.view.order))
    }

    /// The kinds to list: wanted, and with objects.
    pub fn areas(&self) -> impl Iterator<Item = Area> + '_ {
        let listed = |area: &Area| self.wants(*area) && !self.view.index.of(*area).is_empty();
        AREAS.iter().map(|(area, _)| *area).filter(listed)
    }

    /// The objects of a kind, in first-seen order.
    pub fn rows(&self, area: Area) -> impl Iterator<Item = Row<'r>> + '_ {
        self.view.index.of(area).iter().map(move |id| self.row(area, id))
    }

    fn row(&self, area: Area, id: LabelId) -> Row<'r> {
        let view = self.view;
        let mut files: Vec<Cow<str>> = Vec::new();
        for name in view.files(id).into_iter().map(self.file_name) {
            // Files of different folders may share a name.
            if !files.contains(&name) {
                files.push(name);
            }
        }
        let kinds = view.kinds(id).into_iter();
        Row {
            id,
            name: label_text(view.store, id),
            count: view.count(id),
            types: kinds.map(|kind| type_name(view.store, view.suite, kind)).collect(),
            files,
            percentage: view.percentage(area, id),
        }
    }

    /// The assertions of an object, in path order.
    pub fn detail(&self, id: LabelId) -> impl Iterator<Item = Detail<'r>> + '_ {
        let view = self.view;
        view.index.records(id).into_owned().into_iter().filter_map(move |at| {
            let record = view.store.records.get(at as usize)?;
            Some(Detail {
                kind: type_name(view.store, view.suite, record.kind),
                file: (self.file_name)(view.index.file_of(at)?),
                line: record.line,
            })
        })
    }

    /// Objects that the tests' SQL exercises and no assertion is about.
    pub fn uncovered(&self) -> Vec<(Area, String)> {
        let all = self.view.uncovered().into_iter();
        let named = all.map(|id| (self.view.uncovered_area(id), label_text(self.view.store, id)));
        named.filter(|(area, _)| self.wants(*area)).collect()
    }

    /// Objects with too few assertions.
    pub fn partial(&self) -> Vec<(Area, String)> {
        let wanted = self.view.partial().filter(|(area, _)| self.wants(*area));
        wanted
            .map(|(area, id)| (area, label_text(self.view.store, id)))
            .collect()
    }
}
