//! Counts over a store and its index.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use crate::pgtap::area::Area;
use crate::pgtap::catalog::FnId;
use crate::pgtap::suite::Suite;

use super::batch::{CONFIGURED_TYPE, FOREIGN_TYPE, flag};
use super::index::Index;
use super::label::LabelId;
use super::store::Store;

/// The name of a record's type.
pub fn type_name<'s>(store: &'s Store, suite: &'s Suite, kind: u16) -> &'s str {
    if let Some(at) = kind.checked_sub(FOREIGN_TYPE) {
        return store.foreign_types.get(usize::from(at)).map_or("", String::as_str);
    }
    if let Some(at) = kind.checked_sub(CONFIGURED_TYPE) {
        return suite
            .configured
            .get(usize::from(at))
            .map_or("", |c| c.name.rsplit('.').next().unwrap_or_default());
    }
    FnId::from_index(usize::from(kind)).map_or("", |id| id.function().name)
}

/// How many assertions of each type the files `order` hold, most first, then by name. Comments do not count.
pub fn by_type(store: &Store, suite: &Suite, order: &[u32]) -> Vec<(String, u64)> {
    // Types are numbered from 0 in each of their ranges; nearly all are the catalogue's.
    let mut common = [0u64; 512];
    let mut others: FxHashMap<u16, u64> = FxHashMap::default();
    for file in order {
        for record in store
            .records_of(*file as usize)
            .iter()
            .filter(|r| r.flags & flag::COMMENTED == 0)
        {
            match common.get_mut(usize::from(record.kind)) {
                Some(count) => *count += 1,
                None => *others.entry(record.kind).or_default() += 1,
            }
        }
    }
    let common = common
        .iter()
        .enumerate()
        .filter(|(_, n)| **n > 0)
        .map(|(kind, n)| (kind as u16, *n));
    let mut named: Vec<(String, u64)> = common
        .chain(others)
        .map(|(k, n)| (type_name(store, suite, k).to_owned(), n))
        .collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named
}

/// All assertions of the files, comments left out.
pub fn total(store: &Store, order: &[u32]) -> u64 {
    let live = |file: &u32| {
        store
            .records_of(*file as usize)
            .iter()
            .filter(|r| r.flags & flag::COMMENTED == 0)
            .count()
    };
    order.iter().map(live).sum::<usize>() as u64
}

/// The label's text; what is no UTF-8 is replaced.
pub fn label_text(store: &Store, id: LabelId) -> String {
    String::from_utf8_lossy(&label_bytes(store, id)).into_owned()
}

/// The label as it was written.
pub fn label_bytes(store: &Store, id: LabelId) -> Vec<u8> {
    let Some(label) = store.labels.get(id) else {
        return Vec::new();
    };
    let used = label
        .parts
        .iter()
        .rposition(|part| *part != 0)
        .map_or(0, |last| last + 1);
    let texts: Vec<_> = label
        .parts
        .into_iter()
        .take(used)
        .map(|part| store.names.get(part))
        .collect();
    texts.join(&b'.')
}

/// Relations and functions that the files exercise, in first-seen order, each with its files.
pub fn exercised(store: &Store, order: &[u32]) -> Vec<(LabelId, Vec<u32>)> {
    let mut found: Vec<(LabelId, Vec<u32>)> = Vec::new();
    let mut at: FxHashMap<LabelId, usize> = FxHashMap::default();
    for file in order {
        for id in store.uses_of(*file as usize).iter() {
            let id = store.canonical(*id);
            let slot = *at.entry(id).or_insert_with(|| {
                found.push((id, Vec::new()));
                found.len() - 1
            });
            if let Some((_, files)) = found.get_mut(slot) {
                files.push(*file);
            }
        }
    }
    found
}

/// Areas whose objects are relations.
const RELATIONS: [Area; 7] = [
    Area::Tables,
    Area::Views,
    Area::MaterializedViews,
    Area::ForeignTables,
    Area::Sequences,
    Area::Partitions,
    Area::Relations,
];

/// Whether an object that is exercised is asserted, too.
pub fn is_asserted(store: &Store, index: &Index, id: LabelId) -> bool {
    let Some(label) = store.labels.get(id) else {
        return false;
    };
    if label.area == Area::Functions {
        return index.count(id) > 0;
    }
    RELATIONS.iter().any(|area| {
        let other = store.sibling(&label, *area);
        other.is_some_and(|other| index.count(other) > 0)
    })
}

/// `getStatistics()`: the drop-in class's fields, and what is exercised.
pub fn statistics(store: &Store, suite: &Suite, order: &[u32], labels: &Index) -> Value {
    let types: Map<String, Value> = by_type(store, suite, order)
        .into_iter()
        .map(|(t, n)| (t, json!(n)))
        .collect();
    let count = |area: Area| labels.of(area).len();
    let described = labels.of(Area::Tables).iter().filter(|id| {
        let described = |r: &u32| {
            store
                .records
                .get(*r as usize)
                .is_some_and(|r| r.flags & flag::DESCRIBED != 0)
        };
        labels.records(*id).iter().any(described)
    });
    let used = exercised(store, order);
    let functions = used
        .iter()
        .filter(|(id, _)| store.labels.get(*id).is_some_and(|l| l.area == Area::Functions))
        .count();
    json!({
        "filesScanned": order.len(),
        "totalAssertions": total(store, order),
        "assertionTypes": types,
        "coverageStats": {
            "schemasWithTests": count(Area::Schemas),
            "tablesWithTests": count(Area::Tables),
            "tablesWithDescriptions": described.count(),
            "columnsWithTests": count(Area::Columns),
            "functionsWithTests": count(Area::Functions),
            "policiesWithTests": count(Area::Policies),
            "indexesWithTests": count(Area::Indexes),
            "triggersWithTests": count(Area::Triggers),
            "uniqueTargets": store.texts(&|id| labels.count(id) > 0),
        },
        "exercised": { "relations": used.len() - functions, "functions": functions },
    })
}
