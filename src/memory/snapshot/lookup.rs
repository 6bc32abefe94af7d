//! Reads single edges and strings of a snapshot again, to show them.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::classes::KEPT_BYTES;
use super::error::Result;
use super::layout::MOST_FIELDS;
use super::load::Snapshot;

/// How an edge is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EdgeName {
    /// A property, a variable, or what V8 calls an internal field.
    Text(String),
    /// An element of an array, or a number of V8's own.
    Number(u64),
}

/// An edge as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownEdge {
    /// Its type, as the file calls it: `property`, `element`, `context`, `internal`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: EdgeName,
}

impl Snapshot<'_> {
    /// The texts of strings.
    pub fn strings(&mut self, mut wanted: Vec<u32>) -> Result<FxHashMap<u32, String>> {
        wanted.sort_unstable();
        wanted.dedup();
        let mut found = FxHashMap::default();
        // The string that the reader stands before.
        let mut at = None;
        for string in wanted {
            let Some((mark, offset)) = self.string_marks.before(string) else {
                continue;
            };
            let mut number = match at {
                Some(number) if (mark..=string).contains(&number) => number,
                _ => {
                    self.reader.seek(offset)?;
                    mark
                }
            };
            while number < string {
                self.reader.skip_text()?;
                self.reader.more(b']')?;
                number += 1;
            }
            found.insert(string, self.reader.text(KEPT_BYTES)?);
            self.reader.more(b']')?;
            at = Some(string + 1);
        }
        Ok(found)
    }

    /// Edges, with the names that they have in the file.
    pub fn shown_edges(&mut self, mut wanted: Vec<u32>) -> Result<FxHashMap<u32, ShownEdge>> {
        wanted.sort_unstable();
        wanted.dedup();
        let rows = self.edge_rows(&wanted)?;
        let named = |kind: u8| !self.layout.is_numbered(kind);
        let strings = rows.iter().filter(|row| named(row.1)).map(|row| row.2 as u32).collect();
        let numbered: Vec<bool> = rows.iter().map(|row| !named(row.1)).collect();
        let strings = self.strings(strings)?;
        let shown = |(kind, name, numbered): (u8, u64, bool)| ShownEdge {
            kind: self
                .layout
                .edge_types
                .get(usize::from(kind))
                .cloned()
                .unwrap_or_default(),
            name: if numbered {
                EdgeName::Number(name)
            } else {
                EdgeName::Text(strings.get(&(name as u32)).cloned().unwrap_or_default())
            },
        };
        let rows = rows.into_iter().zip(numbered);
        Ok(rows
            .map(|((edge, kind, name), numbered)| (edge, shown((kind, name, numbered))))
            .collect())
    }

    /// Edges, ascending, with their types and names.
    fn edge_rows(&mut self, wanted: &[u32]) -> Result<Vec<(u32, u8, u64)>> {
        let (fields, mut row) = (&self.layout.edge, [0; MOST_FIELDS]);
        let mut rows = Vec::new();
        // The edge that the reader stands before.
        let mut at = None;
        for &edge in wanted {
            let Some((mark, offset)) = self.edge_marks.before(edge) else {
                continue;
            };
            let mut number = match at {
                Some(number) if (mark..=edge).contains(&number) => number,
                _ => {
                    self.reader.seek(offset)?;
                    mark
                }
            };
            while number <= edge {
                // The stride was checked with the layout.
                self.reader.row(&mut row[..fields.stride])?;
                self.reader.more(b']')?;
                number += 1;
            }
            // A file that was written over meanwhile may have another type here.
            rows.push((
                edge,
                u8::try_from(row[fields.kind]).unwrap_or(u8::MAX),
                row[fields.name],
            ));
            at = Some(number);
        }
        Ok(rows)
    }
}
