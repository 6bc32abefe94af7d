//! Classes: the groups that Chrome's developer tools show.
//!
//! Objects and native ones are grouped by their constructor's name. Everything else is grouped by its type, in
//! parentheses: `(string)`, `(array)`, `(closure)`; V8's own objects are `(system)`, code is `(compiled code)`.

use rustc_hash::FxHashMap;

use super::columns::Nodes;

/// The number of a class.
pub type Class = u32;

/// The class of the file's own groups, such as the root. They are no objects, and hold all others: no list shows them.
pub const GROUPS: &str = "(synthetic)";

/// Bytes that are kept of a name. Names are for grouping and for display; a source text may be one, too.
pub const KEPT_BYTES: usize = 256;

/// How nodes of one type are grouped.
#[derive(Debug)]
enum Grouping {
    ByName,
    Fixed(Class),
}

/// The classes of a snapshot.
#[derive(Debug, Default)]
pub struct Classes {
    groupings: Vec<Grouping>,
    names: Vec<String>,
    by_name: FxHashMap<String, Class>,
    /// By the index of the name among the strings.
    by_string: FxHashMap<u32, Class>,
}

impl Classes {
    /// Before any string was read.
    pub fn new(node_types: &[String]) -> Self {
        let mut classes = Self::default();
        for name in node_types {
            let grouping = match name.as_str() {
                "object" | "native" => Grouping::ByName,
                "hidden" => Grouping::Fixed(classes.named("(system)".to_owned())),
                "code" => Grouping::Fixed(classes.named("(compiled code)".to_owned())),
                other => Grouping::Fixed(classes.named(format!("({other})"))),
            };
            classes.groupings.push(grouping);
        }
        classes
    }

    /// Whether nodes of this type are grouped by their names.
    pub fn by_name(&self, kind: u8) -> bool {
        matches!(self.groupings.get(usize::from(kind)), Some(Grouping::ByName))
    }

    fn named(&mut self, name: String) -> Class {
        let next = self.names.len() as Class;
        let class = *self.by_name.entry(name.clone()).or_insert(next);
        if class == next {
            self.names.push(name);
        }
        class
    }

    /// Notes the text of a string that is the name of a class.
    pub fn note(&mut self, string: u32, text: String) {
        let class = self.named(text);
        self.by_string.insert(string, class);
    }

    /// The class of a node.
    pub fn of(&self, nodes: &Nodes, node: u32) -> Class {
        match self.groupings.get(usize::from(nodes.kind(node))) {
            Some(Grouping::Fixed(class)) => *class,
            // Every name of a class was noted; reading fails otherwise.
            _ => self.by_string.get(&nodes.name(node)).copied().unwrap_or(0),
        }
    }

    /// How many classes there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a class.
    pub fn name(&self, class: Class) -> &str {
        self.names.get(class as usize).map_or("", String::as_str)
    }
}
