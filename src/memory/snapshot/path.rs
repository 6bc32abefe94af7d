//! What holds a node: a shortest path from the root.

use std::path::Path;

use super::columns::{Edges, NONE, Nodes, filled, room};
use super::error::Result;
use super::watch::Watch;

/// The edges of a shortest path from the root to each of `wanted`, from the root on, in the order of `wanted`; `None`
/// for a node that no retaining edges lead to.
pub fn paths(
    nodes: &Nodes,
    edges: &Edges,
    wanted: &[u32],
    path: &Path,
    watch: &Watch,
) -> Result<Vec<Option<Vec<u32>>>> {
    let incoming = search(nodes, edges, wanted, path, watch)?;
    Ok(wanted.iter().map(|&node| way(nodes, &incoming, node)).collect())
}

/// The edge by which each node was found first, until all of `wanted` were found.
fn search(nodes: &Nodes, edges: &Edges, wanted: &[u32], path: &Path, watch: &Watch) -> Result<Vec<u32>> {
    let count = nodes.len() as usize;
    let mut incoming = filled(NONE, count, path)?;
    let mut queue: Vec<u32> = room(count, path)?;
    let mut missing: rustc_hash::FxHashSet<u32> = wanted.iter().copied().filter(|&node| node != 0).collect();
    queue.push(0);
    let mut at = 0;
    while let Some(&node) = queue.get(at) {
        watch.step(at)?;
        at += 1;
        for edge in nodes.edges(node) {
            let Some(to) = edges.target(edge).filter(|&to| to != 0) else {
                continue;
            };
            let Some(by) = incoming.get_mut(to as usize).filter(|by| **by == NONE) else {
                continue;
            };
            *by = edge;
            queue.push(to);
            if missing.remove(&to) && missing.is_empty() {
                return Ok(incoming);
            }
        }
    }
    Ok(incoming)
}

fn way(nodes: &Nodes, incoming: &[u32], node: u32) -> Option<Vec<u32>> {
    let (mut way, mut at) = (Vec::new(), node);
    while at != 0 {
        let edge = incoming.get(at as usize).copied().filter(|&edge| edge != NONE)?;
        way.push(edge);
        at = nodes.source(edge);
    }
    way.reverse();
    Some(way)
}
