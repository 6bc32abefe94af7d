//! How the rows of a file are made, as its own `meta` says.

use serde::Deserialize;
use serde_json::Value;

use super::error::Result;
use super::reader::Reader;

/// The most fields a row may have; V8 writes up to seven.
pub const MOST_FIELDS: usize = 32;
/// The most bytes of the part that describes the file; V8 writes about a thousand.
const LONGEST: usize = 1 << 20;

/// What the file says of itself.
#[derive(Debug)]
pub struct Layout {
    /// Fields of nodes.
    pub node: NodeFields,
    /// Names of the types of nodes; a node's type is an index.
    pub node_types: Vec<String>,
    /// Fields of edges.
    pub edge: EdgeFields,
    /// Names of the types of edges.
    pub edge_types: Vec<String>,
    /// How many nodes the file says it has.
    pub nodes: u64,
    /// How many edges the file says it has.
    pub edges: u64,
    /// Bytes that V8 knows of and no node stands for; `None` in files that do not tell.
    pub extra_native_bytes: Option<u64>,
}

/// Where the fields of a node lie in its row.
#[derive(Debug)]
pub struct NodeFields {
    /// Fields of a row.
    pub stride: usize,
    /// Index into the types.
    pub kind: usize,
    /// Index into the strings.
    pub name: usize,
    /// The same in all snapshots of one process.
    pub id: usize,
    /// Bytes of the object alone.
    pub self_size: usize,
    /// Edges that begin at the node.
    pub edge_count: usize,
    /// 2 for objects that are detached (as nodes of a document); not in all files.
    pub detachedness: Option<usize>,
}

/// Where the fields of an edge lie in its row.
#[derive(Debug)]
pub struct EdgeFields {
    /// Fields of a row.
    pub stride: usize,
    /// Index into the types.
    pub kind: usize,
    /// Index into the strings, or a number, by the type.
    pub name: usize,
    /// The target's place in the array of nodes: its number times their stride.
    pub to: usize,
}

#[derive(Deserialize)]
struct Description {
    meta: Meta,
    node_count: u64,
    edge_count: u64,
    extra_native_bytes: Option<u64>,
}

#[derive(Deserialize)]
struct Meta {
    node_fields: Vec<String>,
    node_types: Vec<Value>,
    edge_fields: Vec<String>,
    edge_types: Vec<Value>,
}

impl Layout {
    /// Reads the value of the key `snapshot`.
    pub fn read(reader: &mut Reader) -> Result<Self> {
        let text = reader.object(LONGEST)?;
        let begin = reader.offset() - text.len() as u64;
        let described = serde_json::from_slice(&text)
            .map_err(|cause| cause.to_string())
            .and_then(layout);
        described.map_err(|found| reader.wrong(begin, "the description of the snapshot's fields", found))
    }

    /// Whether the name of edges of this type is a number, not a string.
    pub fn is_numbered(&self, kind: u8) -> bool {
        let name = self.edge_types.get(usize::from(kind));
        name.is_some_and(|name| name == "element" || name == "hidden")
    }

    /// The number of a type of edges.
    pub fn edge_type(&self, name: &str) -> Option<u8> {
        let at = self.edge_types.iter().position(|known| known == name)?;
        u8::try_from(at).ok()
    }
}

fn layout(found: Description) -> std::result::Result<Layout, String> {
    let Description { meta, .. } = found;
    let node = |name: &str| required(&meta.node_fields, "node_fields", name);
    let edge = |name: &str| required(&meta.edge_fields, "edge_fields", name);
    Ok(Layout {
        node: NodeFields {
            stride: stride(&meta.node_fields)?,
            kind: node("type")?,
            name: node("name")?,
            id: node("id")?,
            self_size: node("self_size")?,
            edge_count: node("edge_count")?,
            detachedness: node("detachedness").ok(),
        },
        edge: EdgeFields {
            stride: stride(&meta.edge_fields)?,
            kind: edge("type")?,
            name: edge("name_or_index")?,
            to: edge("to_node")?,
        },
        node_types: types(&meta.node_types, node("type")?, "node_types")?,
        edge_types: types(&meta.edge_types, edge("type")?, "edge_types")?,
        nodes: found.node_count,
        edges: found.edge_count,
        extra_native_bytes: found.extra_native_bytes,
    })
}

fn required(fields: &[String], list: &str, name: &str) -> std::result::Result<usize, String> {
    let at = fields.iter().position(|field| field == name);
    at.ok_or_else(|| format!("{list} without \"{name}\""))
}

fn stride(fields: &[String]) -> std::result::Result<usize, String> {
    if fields.len() > MOST_FIELDS {
        return Err(format!("{} fields in a row", fields.len()));
    }
    Ok(fields.len())
}

/// The types of the field at `at`: the list that stands for it among the fields' types.
fn types(types: &[Value], at: usize, list: &str) -> std::result::Result<Vec<String>, String> {
    let names = types.get(at).and_then(Value::as_array);
    let names = names.ok_or_else(|| format!("{list} without a list of types"))?;
    if names.len() > usize::from(u8::MAX) {
        return Err(format!("{} types in {list}", names.len()));
    }
    let text = |name: &Value| name.as_str().map(str::to_owned);
    let names: Option<Vec<_>> = names.iter().map(text).collect();
    names.ok_or_else(|| format!("{list} with a type that is no text"))
}
