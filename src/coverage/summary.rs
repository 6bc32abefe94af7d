//! The figures of the coverage database: counts, percentages, gaps.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value, json};

use crate::pgtap::area::{AREAS, Area};
use crate::pgtap::suite::Suite;

use super::index::Index;
use super::label::LabelId;
use super::statistics::{by_type, exercised, is_asserted, label_text, total};
use super::store::Store;

/// Recommendations beyond this many are left out; the gaps themselves are all counted.
const MOST_RECOMMENDED: usize = 100;

/// A store, what it was built from, and its index.
pub struct View<'s> {
    /// The records.
    pub store: &'s Store,
    /// What named the types.
    pub suite: &'s Suite,
    /// The files.
    pub order: &'s [u32],
    /// The objects.
    pub index: &'s Index,
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn share(count: usize, area: Area) -> f64 {
    (count as f64 / f64::from(area.expected()) * 100.0).min(100.0)
}

impl View<'_> {
    /// Assertions that cover the object.
    pub fn count(&self, id: LabelId) -> usize {
        self.index.count(id)
    }

    /// Distinct types among them, in first-seen order.
    pub fn kinds(&self, id: LabelId) -> Vec<u16> {
        let mut kinds = Vec::new();
        for record in self.index.records(id).iter() {
            if let Some(record) = self.store.records.get(*record as usize)
                && !kinds.contains(&record.kind)
            {
                kinds.push(record.kind);
            }
        }
        kinds
    }

    /// Distinct files among them, in order.
    pub fn files(&self, id: LabelId) -> Vec<u32> {
        let mut files: Vec<u32> = Vec::new();
        let mut seen = FxHashSet::default();
        for record in self.index.records(id).iter() {
            if let Some(file) = self.index.file_of(*record)
                && files.last() != Some(&file)
                && seen.insert(file)
            {
                files.push(file);
            }
        }
        files
    }

    /// How far the object is covered, in percent.
    pub fn percentage(&self, area: Area, id: LabelId) -> f64 {
        rounded(share(self.count(id), area))
    }

    /// Objects with too few assertions: area and label.
    pub fn partial(&self) -> impl Iterator<Item = (Area, LabelId)> + '_ {
        AREAS.iter().flat_map(move |(area, _)| {
            let few = move |id: &LabelId| self.count(*id) < area.sufficient() as usize;
            self.index.of(*area).iter().filter(few).map(move |id| (*area, id))
        })
    }

    /// What the SQL of the tests exercises and no assertion is about.
    pub fn uncovered(&self) -> Vec<LabelId> {
        exercised(self.store, self.order)
            .into_iter()
            .map(|(id, _)| id)
            .filter(|id| !is_asserted(self.store, self.index, *id))
            .collect()
    }

    /// The map an uncovered object would stand in.
    pub fn uncovered_area(&self, id: LabelId) -> Area {
        match self.store.labels.get(id).map(|l| l.area) {
            Some(Area::Functions) => Area::Functions,
            _ => Area::Tables,
        }
    }

    /// `getCoverageStatistics()`.
    pub fn statistics(&self, built: &str) -> Value {
        let types = by_type(self.store, self.suite, self.order);
        let objects = self.index.object_count();
        let covering: usize = self.all().map(|(_, id)| self.count(id)).sum();
        json!({
            "totalFiles": self.order.len(),
            "totalAssertions": total(self.store, self.order),
            "buildTimestamp": built,
            "objectCounts": self.per_area(|area| json!(self.index.of(area).len())),
            "assertionTypes": types.iter().map(|(t, n)| (t.clone(), json!(n))).collect::<Map<_, _>>(),
            "coveragePercentages": self.per_area(|area| json!(self.mean_percentage(area))),
            "quality": {
                "averageAssertionsPerObject": if objects == 0 { 0.0 } else { rounded(covering as f64 / objects as f64) },
                "filesWithHighCoverage": self.files_with(5),
                "objectsWithMultipleTests": self.all().filter(|(_, id)| self.kinds(*id).len() >= 3).count(),
                "assertionDiversity": types.len(),
            },
            "gaps": self.gaps(),
            "topTested": self.top(10),
        })
    }

    fn all(&self) -> impl Iterator<Item = (Area, LabelId)> + '_ {
        AREAS
            .iter()
            .flat_map(|(area, _)| self.index.of(*area).iter().map(|id| (*area, id)))
    }

    fn per_area(&self, value: impl Fn(Area) -> Value) -> Map<String, Value> {
        AREAS
            .iter()
            .map(|(area, name)| ((*name).to_owned(), value(*area)))
            .collect()
    }

    fn mean_percentage(&self, area: Area) -> f64 {
        let ids = self.index.of(area);
        if ids.is_empty() {
            return 0.0;
        }
        rounded(ids.iter().map(|id| share(self.count(id), area)).sum::<f64>() / ids.len() as f64)
    }

    fn files_with(&self, least: usize) -> usize {
        self.order
            .iter()
            .filter(|file| self.store.records_of(**file as usize).len() >= least)
            .count()
    }

    fn gaps(&self) -> Value {
        let uncovered = self.uncovered();
        let mut by_type = Map::new();
        for id in &uncovered {
            let slot = by_type.entry(self.uncovered_area(*id).as_str()).or_insert(json!(0));
            *slot = json!(slot.as_u64().unwrap_or(0) + 1);
        }
        let partial = self.partial().count();
        json!({
            "totalUncovered": uncovered.len(),
            "partialCoverage": partial,
            "uncoveredByType": by_type,
            "recommendedTests": self.recommended(&uncovered),
        })
    }

    fn recommended(&self, uncovered: &[LabelId]) -> Vec<Value> {
        let bare = uncovered.iter().map(|id| {
            let area = self.uncovered_area(*id);
            let name = label_text(self.store, *id);
            json!({
                "objectType": area.as_str(),
                "objectName": name,
                "assertionCount": 0,
                "reason": "exercised by the tests' SQL, but no assertion is about it",
            })
        });
        let few = self.partial().map(|(area, id)| {
            json!({
                "objectType": area.as_str(),
                "objectName": label_text(self.store, id),
                "assertionCount": self.count(id),
                "reason": format!("fewer than {} assertions", area.sufficient()),
            })
        });
        bare.chain(few).take(MOST_RECOMMENDED).collect()
    }

    /// The objects with the most assertions, first-seen first among equals.
    fn top(&self, most: usize) -> Vec<Value> {
        let mut best: Vec<(usize, Area, LabelId)> = Vec::with_capacity(most + 1);
        for (area, id) in self.all() {
            let count = self.count(id);
            let at = best.partition_point(|(other, ..)| *other >= count);
            if at < most {
                best.truncate(most - 1);
                best.insert(at, (count, area, id));
            }
        }
        let row = |(count, area, id): (usize, Area, LabelId)| json!({ "objectType": area.as_str(), "objectName": label_text(self.store, id), "assertionCount": count });
        best.into_iter().map(row).collect()
    }
}
