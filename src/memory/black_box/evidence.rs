//! How a run ended, concluded from what its file holds.

use serde::Serialize;

use super::header::{Closed, Header};
use super::identity::Identity;
use super::record::Record;
use crate::memory::cgroup::Container;
use crate::memory::engine::sample::Heap;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// It goes on.
    Running,
    /// The program closed the file itself; its exit code may tell of a failure all the same.
    Clean,
    /// The kernel killed it for want of memory.
    OomKill,
    /// V8 gave up at its heap limit.
    HeapOutOfMemory,
    /// The machine started anew meanwhile, and nothing speaks of memory.
    Reboot,
    /// A signal or a crash, and nothing speaks of memory.
    Killed,
}

/// What there is to conclude from.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The process still holds its file.
    pub held: bool,
    pub header: &'a Header,
    pub closed: Option<&'a Closed>,
    pub samples: &'a [Record],
    /// The process that reads.
    pub now: &'a Identity,
}

/// That much of a limit is near it.
const NEAR: f64 = 0.9;
/// That much of what old objects may use is V8's end near: from 80 % on it gives up when collections free nothing, and the
/// last sample may be of a moment before.
const HEAP_NEAR: f64 = 0.75;
/// The last samples that count, in milliseconds before the last.
const LAST: u64 = 5_000;
/// What V8's limit has for young objects, which old ones cannot use: three semi-spaces of 16 MiB. At most half of the
/// limit, for small ones.
const YOUNG: u64 = 48 << 20;

/// How it ended, and the sentence that says why: hard evidence first, then what the last samples suggest.
pub fn judge(evidence: &Evidence) -> (Ended, String) {
    let hard = going_on(evidence)
        .or_else(|| closed(evidence))
        .or_else(|| counted(evidence));
    let suggested = || {
        heap(evidence)
            .or_else(|| container(evidence))
            .or_else(|| grown_heap(evidence))
            .or_else(|| reboot(evidence))
    };
    hard.or_else(suggested).unwrap_or_else(|| {
        let why = "it was not closed, and no sample is near a limit: a signal or a crash ended it";
        (Ended::Killed, why.to_owned())
    })
}

fn going_on(evidence: &Evidence) -> Option<(Ended, String)> {
    let why = || format!("process {} still holds the file", evidence.header.pid);
    evidence.held.then(|| (Ended::Running, why()))
}

fn closed(evidence: &Evidence) -> Option<(Ended, String)> {
    let Closed { exit_code, reason, .. } = evidence.closed?;
    let why = match exit_code {
        Some(code) => format!("the program closed it ({reason}, exit code {code})"),
        None => format!("the program closed it ({reason})"),
    };
    Some((Ended::Clean, why))
}

/// The kernel's own count for the group; it means something to processes of the same group and boot.
fn counted(evidence: &Evidence) -> Option<(Ended, String)> {
    let Evidence { header, now, .. } = evidence;
    let same = header.group.is_some() && header.group == now.group && header.boot == now.boot;
    let then = evidence.samples.iter().rev().find_map(|sample| sample.oom_kill);
    let then = then.or(header.events.oom_kill)?;
    let more = now
        .events
        .oom_kill?
        .checked_sub(then)
        .filter(|more| same && *more > 0)?;
    let why =
        format!("since the last sample the kernel counts {more} more killed for want of memory in this control group");
    Some((Ended::OomKill, why))
}

/// The last samples, the newest first.
fn last(samples: &[Record]) -> impl Iterator<Item = &Record> {
    let end = samples.last().map_or(0, |sample| sample.at);
    samples
        .iter()
        .rev()
        .take_while(move |sample| end.saturating_sub(sample.at) <= LAST)
}

fn heap(evidence: &Evidence) -> Option<(Ended, String)> {
    let near = |heap: &Heap| reaches(heap.used, heap.limit, HEAP_NEAR);
    let found = last(evidence.samples).find_map(|sample| sample.heap)?;
    let why = || {
        let Heap { used, limit, .. } = found;
        format!(
            "V8's heap had {} of its limit of {} at the end",
            megabytes(used),
            megabytes(limit)
        )
    };
    near(&found).then(|| (Ended::HeapOutOfMemory, why()))
}

/// V8 was last asked a while ago, most of all when JavaScript is blocked: resident memory tells by how much the heap grew
/// since.
fn grown_heap(evidence: &Evidence) -> Option<(Ended, String)> {
    let newest = evidence.samples.last()?;
    let last = || evidence.samples.iter().rev().skip_while(|sample| sample.heap.is_none());
    let told = last().next()?.heap;
    let since = last().take_while(|sample| sample.heap == told).last()?;
    let Heap { used, limit, .. } = told?;
    let grown = newest.resident?.checked_sub(since.resident?)?;
    let why = || {
        format!(
            "since V8 was last asked resident memory grew by {}; with the {} that its heap had then, that reaches the limit of {}",
            megabytes(grown),
            megabytes(used),
            megabytes(limit)
        )
    };
    reaches(used.saturating_add(grown), limit, NEAR).then(|| (Ended::HeapOutOfMemory, why()))
}

/// Whether a heap has that share of what old objects may use.
fn reaches(used: u64, limit: u64, share: f64) -> bool {
    let old = limit.saturating_sub(YOUNG).max(limit / 2);
    used as f64 >= old as f64 * share
}

fn container(evidence: &Evidence) -> Option<(Ended, String)> {
    let containers = last(evidence.samples).filter_map(|sample| sample.container);
    let fullest = containers.min_by_key(Container::free)?;
    let Container {
        limit_bytes,
        used_bytes,
    } = fullest;
    let near = used_bytes as f64 >= limit_bytes as f64 * NEAR;
    let why = || {
        let (used, limit) = (megabytes(used_bytes), megabytes(limit_bytes));
        format!("the container had used {used} of {limit} at the end; the kernel's count is not known to this process")
    };
    near.then(|| (Ended::OomKill, why()))
}

fn reboot(evidence: &Evidence) -> Option<(Ended, String)> {
    let (then, now) = (evidence.header.boot?, evidence.now.boot?);
    let why = "the machine was started anew since, or it was another machine".to_owned();
    (then != now).then_some((Ended::Reboot, why))
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes >> 20)
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
