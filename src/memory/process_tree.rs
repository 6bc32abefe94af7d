//! A process, all that it started, and their memory: `/proc/PID/stat` and `/proc/PID/statm`.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::resident::page_bytes;

/// One process of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    pub pid: u32,
    #[serde(rename = "ppid")]
    pub parent: u32,
    /// The kernel's name of it, of up to 15 bytes.
    pub name: String,
    /// Memory of it that is in RAM, with what it shares with others.
    #[serde(rename = "rssBytes")]
    pub resident_bytes: u64,
    /// The part of that which stands for no file and no shared memory.
    pub anonymous_bytes: u64,
}

/// The processes of a tree, in the order of their numbers, and the sums of their memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessTree {
    pub processes: Vec<Process>,
    /// More than they take: pages that several of them share, such as those of one program, count for each.
    #[serde(rename = "rssBytes")]
    pub resident_bytes: u64,
    /// Less than they take: what they share counts for none.
    pub anonymous_bytes: u64,
}

/// What `/proc/PID/stat` tells of a process.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    pid: u32,
    name: String,
    parent: u32,
    group: u32,
    session: u32,
    resident_pages: u64,
}

/// The process `pid` and all that it started, straight or through others.
///
/// One whose parent has ended is the child of another process then. It still belongs to the tree when its process group
/// or its session was opened by a process of the tree, or by `pid` itself even if that has ended, unless its parent is
/// of the same session: such a group is a pipeline of a shell. Processes that wait for nothing but to be reaped are left
/// out. `None` where there is no `/proc`.
pub fn read(root: &Path, pid: u32) -> Option<ProcessTree> {
    let proc = root.join("proc");
    let numbers = fs::read_dir(&proc).ok()?.filter_map(|entry| number(&entry.ok()?));
    // A process may end between the listing and the reading: then it is no part of the tree.
    let all: Vec<Stat> = numbers.filter_map(|number| stat(&proc, number)).collect();
    if all.is_empty() {
        return None;
    }
    let members = members(&all, pid);
    let belong = all.into_iter().filter(|one| members.contains(&one.pid));
    let mut processes: Vec<Process> = belong.map(|one| process(&proc, one)).collect();
    processes.sort_unstable_by_key(|process| process.pid);
    let sum = |of: fn(&Process) -> u64| processes.iter().map(of).fold(0, u64::saturating_add);
    Some(ProcessTree {
        resident_bytes: sum(|process| process.resident_bytes),
        anonymous_bytes: sum(|process| process.anonymous_bytes),
        processes,
    })
}

fn number(entry: &fs::DirEntry) -> Option<u32> {
    entry.file_name().to_str()?.parse().ok()
}

/// The line has 52 fields of at most 20 digits; the kernel gives it whole to the first call.
const LONGEST_LINE: usize = 2048;

/// One call each to open, read and close: a machine has hundreds of processes.
fn stat(proc: &Path, number: u32) -> Option<Stat> {
    let mut line = [0; LONGEST_LINE];
    let mut file = File::open(proc.join(format!("{number}/stat"))).ok()?;
    let length = file.read(&mut line).ok()?;
    parse(line.get(..length)?)
}

/// `7 (name) S 1 7 7 …`: the name may contain anything, and is followed by the state. `None` for what has ended, too.
fn parse(stat: &[u8]) -> Option<Stat> {
    let (open, close) = (
        stat.iter().position(|byte| *byte == b'(')?,
        stat.iter().rposition(|byte| *byte == b')')?,
    );
    let pid = std::str::from_utf8(stat.get(..open)?).ok()?.trim().parse().ok()?;
    let name = String::from_utf8_lossy(stat.get(open + 1..close)?).into_owned();
    let mut fields = std::str::from_utf8(stat.get(close + 1..)?)
        .ok()?
        .split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X" | "x") {
        return None;
    }
    let mut id = || fields.next()?.parse().ok();
    let (parent, group, session) = (id()?, id()?, id()?);
    // It is field 24; the session is the sixth.
    let resident_pages = fields.nth(17)?.parse().ok()?;
    Some(Stat {
        pid,
        name,
        parent,
        group,
        session,
        resident_pages,
    })
}

fn members(all: &[Stat], pid: u32) -> FxHashSet<u32> {
    let sessions: FxHashMap<u32, u32> = all.iter().map(|one| (one.pid, one.session)).collect();
    let belongs = |one: &Stat, members: &FxHashSet<u32>| {
        let opened = members.contains(&one.group) || members.contains(&one.session);
        members.contains(&one.parent) || (opened && sessions.get(&one.parent) != Some(&one.session))
    };
    let mut members = FxHashSet::from_iter([pid]);
    loop {
        let before = members.len();
        for one in all {
            if !members.contains(&one.pid) && belongs(one, &members) {
                members.insert(one.pid);
            }
        }
        if members.len() == before {
            return members;
        }
    }
}

fn process(proc: &Path, one: Stat) -> Process {
    let statm = fs::read_to_string(proc.join(format!("{}/statm", one.pid))).unwrap_or_default();
    let bytes = |pages: u64| pages.saturating_mul(page_bytes());
    Process {
        pid: one.pid,
        parent: one.parent,
        name: one.name,
        resident_bytes: bytes(one.resident_pages),
        // It has just ended, and with it its memory.
        anonymous_bytes: bytes(anonymous_pages(&statm).unwrap_or(0)),
    }
}

/// `size resident shared …`, in pages.
fn anonymous_pages(statm: &str) -> Option<u64> {
    let mut pages = statm.split(' ').skip(1).map_while(|pages| pages.parse::<u64>().ok());
    let (resident, shared) = (pages.next()?, pages.next()?);
    Some(resident.saturating_sub(shared))
}

#[cfg(test)]
#[path = "process_tree_tests.rs"]
mod tests;
