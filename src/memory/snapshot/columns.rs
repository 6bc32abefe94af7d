//! Nodes and edges as columns: 17 bytes a node, 4 an edge.

use super::error::{Result, SnapshotError};
use std::path::Path;

/// Stands for "none" among numbers of nodes.
pub const NONE: u32 = u32::MAX;

/// Sizes of nodes. Nearly all fit 32 bits; the others lie aside.
#[derive(Debug, Default)]
pub struct Sizes {
    column: Vec<u32>,
    /// Numbers of nodes, ascending, and their sizes.
    large: Vec<(u32, u64)>,
}

impl Sizes {
    fn push(&mut self, size: u64) {
        let fits = u32::try_from(size).ok().filter(|&small| small != NONE);
        if fits.is_none() {
            self.large.push((self.column.len() as u32, size));
        }
        self.column.push(fits.unwrap_or(NONE));
    }

    /// The size of a node, in bytes.
    pub fn of(&self, node: u32) -> u64 {
        match self.column.get(node as usize) {
            Some(&NONE) => {
                let at = self.large.binary_search_by_key(&node, |&(number, _)| number);
                at.ok().and_then(|at| self.large.get(at)).map_or(0, |&(_, size)| size)
            }
            Some(&size) => u64::from(size),
            None => 0,
        }
    }
}

/// A node as its row tells it.
#[derive(Clone, Copy, Debug)]
pub struct NodeRow {
    /// Index into the types.
    pub kind: u8,
    /// Index into the strings.
    pub name: u32,
    /// The same in all snapshots of one process.
    pub id: u32,
    /// Bytes of the object alone.
    pub self_size: u64,
    /// Edges that begin at the node.
    pub edges: u32,
    /// Whether V8 calls it detached.
    pub detached: bool,
}

/// The nodes of a snapshot, numbered in the file's order. Node 0 is the root.
#[derive(Debug, Default)]
pub struct Nodes {
    kinds: Vec<u8>,
    names: Vec<u32>,
    ids: Vec<u32>,
    /// Bytes of each node alone.
    pub sizes: Sizes,
    /// The first edge of each node, and at last the number of edges.
    first_edges: Vec<u32>,
    /// Numbers of detached nodes.
    pub detached: Vec<u32>,
}

impl Nodes {
    /// Room for `count` nodes.
    pub fn with_room(count: usize, path: &Path) -> Result<Self> {
        let mut nodes = Self {
            kinds: room(count, path)?,
            names: room(count, path)?,
            ids: room(count, path)?,
            first_edges: room(count + 1, path)?,
            ..Self::default()
        };
        nodes.sizes.column = room(count, path)?;
        nodes.first_edges.push(0);
        Ok(nodes)
    }

    /// Adds a node; `false` when the number of edges passes what 32 bits can hold.
    #[must_use]
    pub fn push(&mut self, row: NodeRow) -> bool {
        let Some(end) = self.edge_count().checked_add(row.edges).filter(|&end| end != NONE) else {
            return false;
        };
        if row.detached {
            self.detached.push(self.kinds.len() as u32);
        }
        self.kinds.push(row.kind);
        self.names.push(row.name);
        self.ids.push(row.id);
        self.sizes.push(row.self_size);
        self.first_edges.push(end);
        true
    }

    /// How many nodes there are.
    pub fn len(&self) -> u32 {
        self.kinds.len() as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// How many edges begin at the nodes.
    pub fn edge_count(&self) -> u32 {
        self.first_edges.last().copied().unwrap_or(0)
    }

    /// The type of a node.
    pub fn kind(&self, node: u32) -> u8 {
        self.kinds.get(node as usize).copied().unwrap_or(u8::MAX)
    }

    /// The name of a node, as an index into the strings.
    pub fn name(&self, node: u32) -> u32 {
        self.names.get(node as usize).copied().unwrap_or(NONE)
    }

    /// The id of a node.
    pub fn id(&self, node: u32) -> u32 {
        self.ids.get(node as usize).copied().unwrap_or(0)
    }

    /// The numbers of the edges that begin at a node.
    pub fn edges(&self, node: u32) -> std::ops::Range<u32> {
        let at = |i: usize| self.first_edges.get(i).copied().unwrap_or(0);
        at(node as usize)..at(node as usize + 1)
    }

    /// The node where an edge begins.
    pub fn source(&self, edge: u32) -> u32 {
        (self.first_edges.partition_point(|&first| first <= edge) as u32).saturating_sub(1)
    }
}

/// The targets of the edges that retain: all but weak ones, and shortcuts that do not begin at the root.
#[derive(Debug, Default)]
pub struct Edges {
    targets: Vec<u32>,
}

impl Edges {
    /// Room for `count` edges.
    pub fn with_room(count: usize, path: &Path) -> Result<Self> {
        Ok(Self {
            targets: room(count, path)?,
        })
    }

    /// Adds an edge; `None` does not retain.
    pub fn push(&mut self, target: Option<u32>) {
        self.targets.push(target.unwrap_or(NONE));
    }

    /// How many edges there are.
    pub fn len(&self) -> u32 {
        self.targets.len() as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The target of an edge; `None` when it retains nothing.
    pub fn target(&self, edge: u32) -> Option<u32> {
        self.targets.get(edge as usize).copied().filter(|&to| to != NONE)
    }

    /// The targets of several edges, [`NONE`] among them.
    pub fn targets(&self, edges: std::ops::Range<u32>) -> &[u32] {
        self.targets
            .get(edges.start as usize..edges.end as usize)
            .unwrap_or_default()
    }
}

/// An empty list with room for exactly `count`, or the error that there is none.
pub fn room<T>(count: usize, path: &Path) -> Result<Vec<T>> {
    let mut list = Vec::new();
    list.try_reserve_exact(count).map_err(|_| SnapshotError::TooLarge {
        path: path.to_owned(),
        what: format!("no memory for {count} items of {} bytes", size_of::<T>()),
    })?;
    Ok(list)
}

/// A list of `count` times `value`, or the error that there is no memory for it.
pub fn filled<T: Clone>(value: T, count: usize, path: &Path) -> Result<Vec<T>> {
    let mut list = room(count, path)?;
    list.resize(count, value);
    Ok(list)
}
