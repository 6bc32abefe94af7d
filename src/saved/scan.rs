//! A scan as saved files, and saved files as a scan.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::budget::Reservation;
use crate::coverage::label::LabelId;
use crate::coverage::statistics::{label_bytes, total, type_name};
use crate::coverage::store::Store;
use crate::pgtap::assertion::Assertion;
use crate::scan::options::Options;
use crate::scan::room::Room;
use crate::scan::run::{Scanned, now_ms};
use crate::session::SessionError;

use super::error::SavedError;
use super::file::{Place, SavedAssertion, SavedFile};
use super::name::Name;
use super::reader::{SavedReader, packed};
use super::writer::SavedWriter;

/// Gives the assertions of a file in the order of its records.
type Listed<'a> = &'a dyn Fn(u32) -> Result<Vec<Assertion>, SessionError>;

/// Saves the files `order` of `scanned` as `target`.
pub fn save(
    scanned: &Scanned,
    order: &[u32],
    listed: Listed,
    target: &Path,
    goes_on: &dyn Fn() -> bool,
) -> Result<(i64, i64), SessionError> {
    let name = |number: &u32| {
        Some((
            Name::below(&scanned.root, &scanned.paths.get(*number as usize)?),
            *number,
        ))
    };
    let mut sorted: Vec<(Name, u32)> = order.iter().filter_map(name).collect();
    sorted.sort();
    sorted.dedup();
    let mut writer = SavedWriter::new(target)?;
    for (path, number) in sorted {
        if !goes_on() {
            return Err(SavedError::Cancelled.into());
        }
        writer.add(&saved(scanned, number, path, listed)?)?;
    }
    if let Some(failure) = scanned.store.failure() {
        return Err(SessionError::Spill(failure));
    }
    Ok(writer.finish()?)
}

/// Saves the files `order` of an opened file once more, as `target`.
pub fn copy(
    opened: &Mutex<SavedReader>,
    order: &[u32],
    target: &Path,
    goes_on: &dyn Fn() -> bool,
) -> Result<(i64, i64), SavedError> {
    let reader = || opened.lock().unwrap_or_else(PoisonError::into_inner);
    // It may have been changed since it was opened.
    reader().check(goes_on)?;
    // They were opened in the order of their paths.
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut writer = SavedWriter::new(target)?;
    for number in sorted {
        if !goes_on() {
            return Err(SavedError::Cancelled);
        }
        let file = reader().file(i64::from(number) + 1)?;
        writer.add(&file)?;
    }
    writer.finish()
}

fn saved(scanned: &Scanned, number: u32, path: Name, listed: Listed) -> Result<SavedFile, SessionError> {
    let (store, at) = (&scanned.store, number as usize);
    let entry = store.files.get(at).ok_or(SessionError::UnknownFile(number))?;
    let all = listed(number)?;
    let records = store.records_of(at);
    if all.len() != records.len() {
        let why = "it holds another number of assertions than were scanned".to_owned();
        return Err(SessionError::Changed(path.to_path(), why));
    }
    let assertion = |(record, found): (&crate::coverage::batch::Record, &Assertion)| SavedAssertion {
        line: record.line,
        kind: type_name(store, &scanned.suite, record.kind).to_owned(),
        label: place(store, record.label),
        flags: record.flags,
        description: found.description.clone(),
    };
    let credits = store.credits_of(at);
    Ok(SavedFile {
        path,
        size: entry.size,
        lines: entry.lines,
        plan: entry.planned,
        bytes: entry.stamp.bytes,
        hash: entry.stamp.hash,
        includes: entry
            .includes
            .iter()
            .map(|i| (Name(i.path.clone()), i.relative, i.line))
            .collect(),
        assertions: records.iter().zip(&all).map(assertion).collect(),
        credits: credits
            .iter()
            .filter_map(|(record, label)| Some((record - entry.records.from, place(store, *label)?)))
            .collect(),
        uses: store
            .uses_of(at)
            .iter()
            .filter_map(|label| place(store, *label))
            .collect(),
        listing: packed(&serde_json::to_vec(&all).map_err(SessionError::Shape)?),
    })
}

fn place(store: &Store, label: LabelId) -> Option<Place> {
    let area = store.labels.get(label)?.area;
    Some((area.as_str().to_owned(), Name(label_bytes(store, label))))
}

/// Opens a saved file as the scan it was saved from. Paths are those below the scanned folder.
pub fn open(path: &Path, options: &Options, goes_on: &dyn Fn() -> bool) -> Result<Scanned, SessionError> {
    let reader = SavedReader::open(path)?;
    let mut scanned = Scanned::default();
    let mut held = Reservation::empty(&options.budget);
    let mut room = Room::new(&options.given, &options.budget);
    let mut spilled = Ok(());
    reader
        .each(&mut |file| {
            if !goes_on() || spilled.is_err() {
                return Err(SavedError::Cancelled);
            }
            let at = scanned.paths.len();
            scanned.paths.push(&file.path.to_path());
            scanned.order.push(at as u32);
            scanned.store.add_saved(at, &file);
            let beside = scanned.paths.heap_bytes();
            spilled = room.keep(&mut scanned.store, beside).map(drop);
            held.set((beside + scanned.store.heap_bytes()) as u64);
            Ok(())
        })
        .or_else(|error| if spilled.is_ok() { Err(error) } else { Ok(()) })?;
    spilled?;
    room.settle(&mut scanned.store, scanned.paths.heap_bytes())?;
    scanned.assertions = total(&scanned.store, &scanned.order);
    held.set(scanned.heap_bytes() as u64);
    scanned.held = Mutex::new(Some(held));
    scanned.finished_ms = now_ms();
    scanned.saved = Some(Arc::new(Mutex::new(reader)));
    Ok(scanned)
}
