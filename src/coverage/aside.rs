//! What stands beside coverage: absence assertions, computed names, what is exercised.

use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::pgtap::area::Area;

use super::batch::{Record, flag};
use super::label::LabelId;
use super::statistics::{exercised, label_text};
use super::summary::View;

/// `{ absences, patterns, relations, functions }`: pairs of name and number, or name and files.
pub fn aside(view: &View) -> Value {
    let (mut relations, mut functions) = (Vec::new(), Vec::new());
    for (id, files) in exercised(view.store, view.order) {
        let function = view.store.labels.get(id).is_some_and(|l| l.area == Area::Functions);
        let list = if function { &mut functions } else { &mut relations };
        list.push((label_text(view.store, id), files));
    }
    json!({
        "absences": flagged(view, flag::ABSENCE),
        "patterns": flagged(view, flag::DYNAMIC),
        "relations": relations,
        "functions": functions,
    })
}

/// Labels of the records with this flag, as `kind:name`, with how many there are, in first-seen order.
fn flagged(view: &View, flag: u16) -> Vec<(String, u64)> {
    let mut order: Vec<LabelId> = Vec::new();
    let mut counts: FxHashMap<LabelId, u64> = FxHashMap::default();
    for file in view.order {
        let records = view.store.records_of(*file as usize);
        let wanted = |r: &&Record| r.label != 0 && r.flags & flag != 0 && r.flags & self::flag::COMMENTED == 0;
        for label in records.iter().filter(wanted).map(|r| view.store.canonical(r.label)) {
            let count = counts.entry(label).or_default();
            if *count == 0 {
                order.push(label);
            }
            *count += 1;
        }
    }
    let area = |id: LabelId| view.store.labels.get(id).map_or("", |l| l.area.as_str());
    order
        .iter()
        .map(|id| (format!("{}:{}", area(*id), label_text(view.store, *id)), counts[id]))
        .collect()
}
