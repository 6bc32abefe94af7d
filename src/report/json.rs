//! For programs. Objects are written one by one, so that no tree of the whole is made.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use crate::pgtap::area::Area;

use super::{Format, Report, Row};

/// Indented by 2.
pub struct Json;

impl Format for Json {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(out, report).map_err(io::Error::from)
    }
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut statistics = self.view.statistics(self.built);
        if let (false, Some(fields)) = (self.gaps, statistics.as_object_mut()) {
            fields.shift_remove("gaps");
        }
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("buildTimestamp", self.built)?;
        map.serialize_entry("statistics", &statistics)?;
        map.serialize_entry("objects", &Objects(self))?;
        if self.gaps {
            let keys = |found: Vec<(Area, String)>| -> Vec<String> {
                found
                    .iter()
                    .map(|(area, name)| format!("{}:{name}", area.as_str()))
                    .collect()
            };
            let gaps = json!({ "uncoveredObjects": keys(self.uncovered()), "partialCoverage": keys(self.partial()) });
            map.serialize_entry("gaps", &gaps)?;
        }
        map.end()
    }
}

/// By kind and name.
struct Objects<'a, 'r>(&'a Report<'r>);

impl Serialize for Objects<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.areas().map(|area| (area.as_str(), Rows(self.0, area))))
    }
}

struct Rows<'a, 'r>(&'a Report<'r>, Area);

impl Serialize for Rows<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for row in self.0.rows(self.1) {
            map.serialize_entry(&row.name, &Entry(self.0, &row))?;
        }
        map.end()
    }
}

struct Entry<'a, 'r>(&'a Report<'r>, &'a Row<'r>);

impl Serialize for Entry<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(report, row) = self;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("assertionCount", &row.count)?;
        map.serialize_entry("assertionTypes", &row.types)?;
        map.serialize_entry("testFiles", &row.files)?;
        map.serialize_entry("coveragePercentage", &row.percentage)?;
        if report.details {
            let all = report.detail(row.id);
            let rows = all.map(|d| json!({ "type": d.kind, "testFile": d.file, "lineNumber": d.line }));
            map.serialize_entry("assertions", &rows.collect::<Vec<_>>())?;
        }
        map.end()
    }
}
