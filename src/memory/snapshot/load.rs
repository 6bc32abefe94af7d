//! Reads a file into columns.

use std::path::Path;

use super::classes::{Classes, KEPT_BYTES};
use super::columns::{Edges, NodeRow, Nodes};
use super::error::{Result, SnapshotError};
use super::layout::{Layout, MOST_FIELDS};
use super::marks::Marks;
use super::reader::Reader;
use super::watch::Watch;

/// Edges and strings between two marks: single ones are read again from the mark before them.
const EDGES_A_MARK: u32 = 1024;
const STRINGS_A_MARK: u32 = 64;
/// The longest key of the outer object that is compared.
const LONGEST_KEY: usize = 64;
/// The most bytes that the nodes of a heap may have together: what a double can count.
const MOST_BYTES: u64 = 1 << 53;
/// What V8 writes in `detachedness` of a detached object.
const DETACHED: u64 = 2;

/// A snapshot in memory. The strings stay in the file, save the names of classes.
pub struct Snapshot<'w> {
    /// The file, for what is read again.
    pub reader: Reader<'w>,
    /// How its rows are made.
    pub layout: Layout,
    /// Its nodes; at least one.
    pub nodes: Nodes,
    /// Its edges; none when they were not asked for.
    pub edges: Edges,
    /// How many edges the file has.
    pub edge_count: u32,
    /// The classes of its nodes.
    pub classes: Classes,
    /// Where edges lie.
    pub edge_marks: Marks,
    /// Where strings lie.
    pub string_marks: Marks,
}

/// Reads `path`; `with_edges` tells whether the edges are kept.
pub fn load<'w>(path: &Path, with_edges: bool, watch: &'w Watch<'w>) -> Result<Snapshot<'w>> {
    let reader = Reader::open(path, watch)?;
    let mut loading = Loading {
        reader,
        with_edges,
        layout: None,
        nodes: None,
        edges: None,
        strings: None,
        named: Named::default(),
        edge_marks: Marks::new(EDGES_A_MARK),
        string_marks: Marks::new(STRINGS_A_MARK),
    };
    loading.read()?;
    loading.finish()
}

/// What is known so far; the parts must come in this order.
struct Loading<'w> {
    reader: Reader<'w>,
    with_edges: bool,
    layout: Option<Layout>,
    nodes: Option<Nodes>,
    edges: Option<Edges>,
    strings: Option<Classes>,
    named: Named,
    edge_marks: Marks,
    string_marks: Marks,
}

/// Which strings nodes and edges name.
#[derive(Default)]
struct Named {
    /// The highest index, and where in the file it was.
    highest: Option<(u32, u64)>,
    /// A bit for each string that is the name of a class.
    classes: Vec<u64>,
}

impl Named {
    fn pass(&mut self, string: u32, offset: u64) {
        if self.highest.is_none_or(|(highest, _)| highest < string) {
            self.highest = Some((string, offset));
        }
    }

    fn mark_class(&mut self, string: u32) {
        let word = string as usize / 64;
        if word >= self.classes.len() {
            self.classes.resize(word + 1, 0);
        }
        if let Some(bits) = self.classes.get_mut(word) {
            *bits |= 1 << (string % 64);
        }
    }

    fn is_class(&self, string: u32) -> bool {
        let bits = self.classes.get(string as usize / 64);
        bits.is_some_and(|bits| bits >> (string % 64) & 1 == 1)
    }
}

impl<'w> Loading<'w> {
    fn read(&mut self) -> Result<()> {
        if !self.reader.begin(b'{', b'}', "'{'")? {
            return Ok(());
        }
        loop {
            self.reader.peek_token()?;
            let offset = self.reader.offset();
            let key = self.reader.text(LONGEST_KEY)?;
            self.reader.take(b':', "':'")?;
            self.value(&key, offset)?;
            if !self.reader.more(b'}')? {
                break;
            }
        }
        match self.reader.peek_token()? {
            None => Ok(()),
            Some(_) => Err(self.reader.unexpected("the end of the file")),
        }
    }

    fn value(&mut self, key: &str, offset: u64) -> Result<()> {
        let (before, there) = match key {
            "snapshot" => (None, self.layout.is_some()),
            "nodes" => (self.layout.is_none().then_some("snapshot"), self.nodes.is_some()),
            "edges" => (self.nodes.is_none().then_some("nodes"), self.edges.is_some()),
            "strings" => (self.edges.is_none().then_some("edges"), self.strings.is_some()),
            _ => return self.reader.skip_value(),
        };
        if there {
            return Err(self.reader.wrong(offset, "each key once", format!("\"{key}\" again")));
        }
        if let Some(before) = before {
            return Err(self
                .reader
                .wrong(offset, format!("\"{before}\" before \"{key}\""), format!("\"{key}\"")));
        }
        match key {
            "snapshot" => self.layout = Some(Layout::read(&mut self.reader)?),
            "nodes" => self.nodes()?,
            "edges" => self.edges()?,
            _ => self.strings()?,
        }
        Ok(())
    }

    /// An error unless as many rows can follow as `count` says: a file that lies gets no memory.
    fn check_count(&self, what: &str, count: u64, stride: usize) -> Result<usize> {
        let offset = self.reader.offset();
        let rest = self.reader.length().saturating_sub(offset);
        // A field takes at least a digit and what follows it.
        if count > rest / (2 * stride as u64) {
            let found = format!("{rest} bytes");
            return Err(self
                .reader
                .wrong(offset, format!("{count} {what}, as the file says it has"), found));
        }
        match u32::try_from(count) {
            Ok(count) if count < u32::MAX => Ok(count as usize),
            _ => Err(self.too_large(format!("{count} {what}; at most {} can be numbered", u32::MAX - 1))),
        }
    }

    fn too_large(&self, what: String) -> SnapshotError {
        SnapshotError::TooLarge {
            path: self.reader.path().to_owned(),
            what,
        }
    }

    fn nodes(&mut self) -> Result<()> {
        let Some(layout) = &self.layout else { return Ok(()) };
        let count = self.check_count("nodes", layout.nodes, layout.node.stride)?;
        let classes = Classes::new(&layout.node_types);
        let mut nodes = Nodes::with_room(count, self.reader.path())?;
        let (mut row, mut total) = ([0; MOST_FIELDS], 0u64);
        let mut goes_on = self.reader.begin(b'[', b']', "'['")?;
        while goes_on {
            let offset = self.reader.offset();
            if nodes.len() as usize == count {
                return Err(self
                    .reader
                    .wrong(offset, format!("{count} nodes, as the file says it has"), "more"));
            }
            // The stride was checked with the layout.
            self.reader.row(&mut row[..layout.node.stride])?;
            let node = node_row(&row, layout, &self.reader, offset)?;
            total = total.saturating_add(node.self_size);
            if total > MOST_BYTES {
                let found = format!("{} for one", node.self_size);
                return Err(self.reader.wrong(offset, "nodes of at most 2^53 bytes together", found));
            }
            self.named.pass(node.name, offset);
            if classes.by_name(node.kind) {
                self.named.mark_class(node.name);
            }
            if !nodes.push(node) {
                return Err(self.too_large(format!("more than {} edges", u32::MAX - 1)));
            }
            goes_on = self.reader.more(b']')?;
        }
        self.check_nodes(&nodes, count)?;
        self.nodes = Some(nodes);
        Ok(())
    }

    fn check_nodes(&self, nodes: &Nodes, count: usize) -> Result<()> {
        let offset = self.reader.offset();
        let (found, edges) = (nodes.len(), u64::from(nodes.edge_count()));
        if found as usize != count || found == 0 {
            let expected = format!("{} nodes, as the file says it has", count.max(1));
            return Err(self.reader.wrong(offset, expected, found.to_string()));
        }
        let said = self.layout.as_ref().map_or(0, |layout| layout.edges);
        if said != edges {
            let expected = format!("nodes with {said} edges, as the file says it has");
            return Err(self.reader.wrong(offset, expected, edges.to_string()));
        }
        Ok(())
    }

    fn edges(&mut self) -> Result<()> {
        let (Some(layout), Some(nodes)) = (&self.layout, &self.nodes) else {
            return Ok(());
        };
        let count = self.check_count("edges", layout.edges, layout.edge.stride)?;
        let mut edges = Edges::with_room(if self.with_edges { count } else { 0 }, self.reader.path())?;
        let (weak, shortcut) = (layout.edge_type("weak"), layout.edge_type("shortcut"));
        let of_root = nodes.edges(0).end;
        let (mut row, mut number) = ([0; MOST_FIELDS], 0);
        let mut goes_on = self.reader.begin(b'[', b']', "'['")?;
        while goes_on {
            self.reader.peek_token()?;
            let offset = self.reader.offset();
            if number as usize == count {
                return Err(self
                    .reader
                    .wrong(offset, format!("{count} edges, as the file says it has"), "more"));
            }
            self.edge_marks.pass(number, offset);
            self.reader.row(&mut row[..layout.edge.stride])?;
            let edge = edge_row(&row, layout, nodes.len(), &self.reader, offset)?;
            if let Some(name) = edge.name {
                self.named.pass(name, offset);
            }
            if self.with_edges {
                let holds = Some(edge.kind) != weak && (Some(edge.kind) != shortcut || number < of_root);
                edges.push(holds.then_some(edge.to));
            }
            number += 1;
            goes_on = self.reader.more(b']')?;
        }
        if number as usize != count {
            let expected = format!("{count} edges, as the file says it has");
            return Err(self.reader.wrong(self.reader.offset(), expected, number.to_string()));
        }
        self.edges = Some(edges);
        Ok(())
    }

    fn strings(&mut self) -> Result<()> {
        let Some(layout) = &self.layout else { return Ok(()) };
        let mut classes = Classes::new(&layout.node_types);
        let mut number = 0u32;
        let mut goes_on = self.reader.begin(b'[', b']', "'['")?;
        while goes_on {
            self.reader.peek_token()?;
            self.string_marks.pass(number, self.reader.offset());
            if self.named.is_class(number) {
                classes.note(number, self.reader.text(KEPT_BYTES)?);
            } else {
                self.reader.skip_text()?;
            }
            let next = number.checked_add(1);
            number = next.ok_or_else(|| self.too_large(format!("more than {} strings", u32::MAX)))?;
            goes_on = self.reader.more(b']')?;
        }
        if let Some((highest, offset)) = self.named.highest
            && highest >= number
        {
            let expected = format!("the number of one of the {number} strings");
            return Err(self.reader.wrong(offset, expected, highest.to_string()));
        }
        self.strings = Some(classes);
        Ok(())
    }

    fn finish(mut self) -> Result<Snapshot<'w>> {
        match (self.layout, self.nodes, self.edges, self.strings) {
            (Some(layout), Some(nodes), Some(edges), Some(classes)) => Ok(Snapshot {
                edge_count: nodes.edge_count(),
                reader: self.reader,
                layout,
                nodes,
                edges,
                classes,
                edge_marks: self.edge_marks,
                string_marks: self.string_marks,
            }),
            (layout, nodes, edges, _) => {
                let there = [layout.is_some(), nodes.is_some(), edges.is_some()];
                let missing = ["snapshot", "nodes", "edges", "strings"]
                    .get(there.iter().filter(|&&there| there).count())
                    .unwrap_or(&"strings");
                Err(self.reader.unexpected(&format!("the key \"{missing}\"")))
            }
        }
    }
}

/// A field that must be below `limit`.
fn below(value: u64, limit: u64, what: &str, reader: &Reader, offset: u64) -> Result<u32> {
    match u32::try_from(value) {
        Ok(small) if value < limit => Ok(small),
        _ => Err(reader.wrong(offset, format!("{what} below {limit}"), value.to_string())),
    }
}

/// The index of a string. Each takes at least three bytes of the file, which bounds them before they are counted.
fn string_index(value: u64, reader: &Reader, offset: u64) -> Result<u32> {
    let limit = (reader.length() / 3).min(u64::from(u32::MAX));
    below(value, limit, "the number of a string", reader, offset)
}

fn node_row(row: &[u64; MOST_FIELDS], layout: &Layout, reader: &Reader, offset: u64) -> Result<NodeRow> {
    let fields = &layout.node;
    // Every position is below the stride, and the stride at most MOST_FIELDS.
    let kind = below(
        row[fields.kind],
        layout.node_types.len() as u64,
        "a node's type",
        reader,
        offset,
    )?;
    let ids = u64::from(u32::MAX) + 1;
    Ok(NodeRow {
        kind: kind as u8,
        name: string_index(row[fields.name], reader, offset)?,
        id: below(row[fields.id], ids, "a node's id", reader, offset)?,
        self_size: row[fields.self_size],
        edges: below(row[fields.edge_count], ids, "a number of edges", reader, offset)?,
        detached: fields.detachedness.is_some_and(|at| row[at] == DETACHED),
    })
}

struct EdgeRow {
    kind: u8,
    /// `None` when it is a number, not a string.
    name: Option<u32>,
    to: u32,
}

fn edge_row(row: &[u64; MOST_FIELDS], layout: &Layout, nodes: u32, reader: &Reader, offset: u64) -> Result<EdgeRow> {
    let fields = &layout.edge;
    let kind = below(
        row[fields.kind],
        layout.edge_types.len() as u64,
        "an edge's type",
        reader,
        offset,
    )? as u8;
    let name = row[fields.name];
    let (place, stride) = (row[fields.to], layout.node.stride as u64);
    let to = place / stride;
    if to * stride != place || to >= u64::from(nodes) {
        let expected = format!("the place of one of the {nodes} nodes");
        return Err(reader.wrong(offset, expected, place.to_string()));
    }
    let name = if layout.is_numbered(kind) {
        None
    } else {
        Some(string_index(name, reader, offset)?)
    };
    Ok(EdgeRow {
        kind,
        name,
        to: to as u32,
    })
}
