//! Single objects as they are shown, with what holds them.

use serde::Serialize;

use super::error::Result;
use super::load::Snapshot;
use super::lookup::ShownEdge;
use super::path::paths;
use super::watch::Watch;

/// Steps that are shown of a path; of a longer one the middle is left out.
const STEPS_SHOWN: usize = 40;

/// A node whose object is to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// Its number.
    pub node: u32,
    /// Its retained size, if it is known.
    pub retained: Option<u64>,
}

/// An object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownObject {
    /// The same in all snapshots of one process.
    pub id: u32,
    /// V8's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The beginning of its name; of a string, its text.
    pub name: String,
    /// The group that it belongs to.
    pub class_name: String,
    /// Bytes of the object alone.
    pub shallow_bytes: u64,
    /// Bytes that would be freed with it; `None` when dominators were not asked for.
    pub retained_bytes: Option<u64>,
    /// How many edges lead to it from the root; `None` when no path is known.
    pub depth: Option<u32>,
    /// A shortest path, from the root on.
    pub path: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// 1 for what the root holds; numbers are left out where the path is long.
    pub depth: u32,
    /// The edge from the step before.
    pub edge: ShownEdge,
    /// Id of the object that the edge leads to.
    pub id: u32,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// Depths and edges of a path's steps that are shown.
fn shown_steps(way: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    let left_out = if way.len() > STEPS_SHOWN {
        STEPS_SHOWN / 2..way.len() - STEPS_SHOWN / 2
    } else {
        0..0
    };
    let steps = way.iter().enumerate().filter(move |(i, _)| !left_out.contains(i));
    steps.map(|(i, &edge)| (i as u32 + 1, edge))
}

/// Shows objects, in the order given. Without edges there are no paths.
pub fn show(snapshot: &mut Snapshot, chosen: &[Chosen], watch: &Watch) -> Result<Vec<ShownObject>> {
    let wanted: Vec<u32> = chosen.iter().map(|chosen| chosen.node).collect();
    let ways = if snapshot.edges.is_empty() || wanted.is_empty() {
        vec![None; wanted.len()]
    } else {
        paths(&snapshot.nodes, &snapshot.edges, &wanted, snapshot.reader.path(), watch)?
    };
    let steps: Vec<(u32, u32)> = ways.iter().flatten().flat_map(|way| shown_steps(way)).collect();
    let targets = steps.iter().filter_map(|&(_, edge)| snapshot.edges.target(edge));
    let names = targets.chain(wanted).map(|node| snapshot.nodes.name(node)).collect();
    let names = snapshot.strings(names)?;
    let edges = snapshot.shown_edges(steps.iter().map(|&(_, edge)| edge).collect())?;

    let nodes = &snapshot.nodes;
    let name = |node: u32| names.get(&nodes.name(node)).cloned().unwrap_or_default();
    let kind = |node: u32| {
        let kind = snapshot.layout.node_types.get(usize::from(nodes.kind(node)));
        kind.cloned().unwrap_or_default()
    };
    let step = |(depth, edge): (u32, u32)| {
        let node = snapshot.edges.target(edge)?;
        Some(Step {
            depth,
            edge: edges.get(&edge)?.clone(),
            id: nodes.id(node),
            kind: kind(node),
            name: name(node),
        })
    };
    let object = |(&Chosen { node, retained }, way): (&Chosen, &Option<Vec<u32>>)| ShownObject {
        id: nodes.id(node),
        kind: kind(node),
        name: name(node),
        class_name: snapshot.classes.name(snapshot.classes.of(nodes, node)).to_owned(),
        shallow_bytes: nodes.sizes.of(node),
        retained_bytes: retained,
        depth: way.as_ref().map(|way| way.len() as u32),
        path: way.iter().flat_map(|way| shown_steps(way)).filter_map(step).collect(),
    };
    Ok(chosen.iter().zip(&ways).map(object).collect())
}
