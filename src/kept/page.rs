//! Reading everything once, in the order it came.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::Arc;

use crate::spill::SpillError;

use super::block::value;
use super::objects::{GONE, Objects, Place};

/// A page ends behind so many objects, bytes of text, or bytes of blocks that had to be unpacked for it.
const OBJECTS: usize = 1024;
const TEXT: usize = 256 << 10;
const UNPACKED: usize = 4 << 20;

/// Some objects.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `["kind","name",value]`, with commas between them.
    pub text: Vec<u8>,
    /// Where the next page begins; `None` behind the last object.
    pub next: Option<u64>,
}

impl Objects {
    /// The objects whose numbers are `from` or more, as many as a page takes. It changes nothing in the order of use.
    pub fn page(&mut self, from: u64) -> Result<Page, SpillError> {
        let mut page = Page::default();
        let mut unpacked = Unpacked::default();
        let start = self.entries.partition_point(|entry| entry.number < from);
        let mut taken = 0;
        for id in start..self.entries.len() {
            let Some(number) = self
                .entries
                .get(id)
                .filter(|entry| entry.kind != GONE)
                .map(|entry| entry.number)
            else {
                continue;
            };
            if taken == OBJECTS || page.text.len() >= TEXT || unpacked.bytes >= UNPACKED {
                page.next = Some(number);
                break;
            }
            self.append(id, &mut unpacked, &mut page.text)?;
            taken += 1;
        }
        Ok(page)
    }

    fn append(&mut self, id: usize, unpacked: &mut Unpacked, text: &mut Vec<u8>) -> Result<(), SpillError> {
        let Some(entry) = self.entries.get(id) else {
            return Ok(());
        };
        if !text.is_empty() {
            text.push(b',');
        }
        text.push(b'[');
        push_string(text, self.kinds.get(entry.kind).map_or("", |kind| &kind.name));
        text.push(b',');
        push_string(text, &entry.name);
        text.push(b',');
        match &entry.place {
            Place::Loose(bytes) => text.extend_from_slice(bytes),
            Place::Block { block, at } => {
                let raw = match unpacked.blocks.entry(*block) {
                    Slot::Occupied(slot) => slot.into_mut(),
                    Slot::Vacant(slot) => {
                        let raw = self.blocks.raw(*block)?;
                        unpacked.bytes += raw.len();
                        slot.insert(raw)
                    }
                };
                let count = self.blocks.get(*block).map_or(0, |block| block.members.len());
                text.extend_from_slice(value(raw, count, *at as usize).unwrap_or_default());
            }
        }
        text.push(b']');
        Ok(())
    }
}

#[derive(Default)]
struct Unpacked {
    blocks: HashMap<u32, Arc<Vec<u8>>>,
    bytes: usize,
}

/// Appends a JSON string.
pub fn push_string(text: &mut Vec<u8>, string: &str) {
    // Writing to a vector does not fail.
    let _ = serde_json::to_writer(text, string);
}
