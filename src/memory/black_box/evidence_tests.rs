//! Runs and how they ended.

use super::super::record::empty;
use super::*;
use crate::memory::group_events::Events;

const MB: u64 = 1 << 20;

/// A run that left no trace of memory.
fn header() -> Header {
    Header {
        capacity: 10,
        interval_ms: 250,
        pid: 77,
        created_at: 0,
        started: Some(1),
        boot: Some([1; 16]),
        group: Some(5),
        events: kills(3),
        node_version: String::new(),
        name: String::new(),
    }
}

fn kills(count: u64) -> Events {
    Events {
        oom_kill: Some(count),
        ..Events::default()
    }
}

fn now() -> Identity {
    Identity {
        started: Some(9),
        boot: Some([1; 16]),
        group: Some(5),
        events: kills(3),
    }
}

fn sample(at: u64) -> Record {
    Record {
        resident: Some(100 * MB),
        ..empty(at)
    }
}

/// Megabytes on the heap, with a limit of 1048.
fn with_heap(at: u64, used: u64) -> Record {
    Record {
        heap: Some(Heap {
            used: used * MB,
            limit: 1048 * MB,
            ..Heap::default()
        }),
        ..sample(at)
    }
}

/// Megabytes of a container of 500.
fn in_container(at: u64, used: u64) -> Record {
    Record {
        container: Some(Container {
            used_bytes: used * MB,
            limit_bytes: 500 * MB,
        }),
        ..sample(at)
    }
}

fn blocked(at: u64, resident: u64) -> Record {
    Record {
        resident: Some(resident * MB),
        ..sample(at)
    }
}

fn resident(megabytes: u64, record: Record) -> Record {
    Record {
        resident: Some(megabytes * MB),
        ..record
    }
}

struct Case {
    name: &'static str,
    samples: Vec<Record>,
    header: Header,
    now: Identity,
    expected: Ended,
}

fn case(name: &'static str, expected: Ended, samples: &[Record]) -> Case {
    Case {
        name,
        samples: samples.to_vec(),
        header: header(),
        now: now(),
        expected,
    }
}

fn judged(case: &Case) -> (Ended, String) {
    judge(&Evidence {
        held: false,
        header: &case.header,
        closed: None,
        samples: &case.samples,
        now: &case.now,
    })
}

fn of_the_heap() -> Vec<Case> {
    use Ended::{HeapOutOfMemory, Killed};
    let small = Record {
        heap: Some(Heap {
            used: 48 * MB,
            limit: 112 * MB,
            ..Heap::default()
        }),
        ..sample(1)
    };
    vec![
        case(
            "heap at 75 % of what old objects may use",
            HeapOutOfMemory,
            &[with_heap(1, 750)],
        ),
        case("heap just below", Killed, &[with_heap(1, 749)]),
        case(
            "heap was full, then JavaScript did not answer",
            HeapOutOfMemory,
            &[with_heap(1, 1000), sample(6_000)],
        ),
        case(
            "heap was full, then emptied",
            Killed,
            &[with_heap(1, 1000), with_heap(2, 100)],
        ),
        case(
            "heap was full when it was last told",
            HeapOutOfMemory,
            &[with_heap(1, 1000), sample(4_000)],
        ),
        case("--max-old-space-size=64", HeapOutOfMemory, &[small]),
        case(
            "resident memory grew as a heap would while JavaScript was blocked",
            HeapOutOfMemory,
            &[with_heap(1, 50), blocked(60_000, 950)],
        ),
        case("it grew less", Killed, &[with_heap(1, 50), blocked(60_000, 949)]),
        case("it shrank", Killed, &[with_heap(1, 50), blocked(60_000, 10)]),
        case(
            "V8 was asked anew",
            Killed,
            &[with_heap(1, 50), resident(950, with_heap(60_000, 51))],
        ),
        case(
            "V8 was not asked anew",
            HeapOutOfMemory,
            &[with_heap(1, 50), resident(950, with_heap(400, 50))],
        ),
    ]
}

fn of_the_container() -> Vec<Case> {
    use Ended::{HeapOutOfMemory, Killed, OomKill};
    vec![
        case("container at 90 %", OomKill, &[in_container(1, 450)]),
        case("container just below", Killed, &[in_container(1, 449)]),
        case(
            "container full within the last seconds",
            OomKill,
            &[in_container(1, 499), in_container(5_000, 100)],
        ),
        case(
            "container full before",
            Killed,
            &[in_container(1, 499), in_container(5_002, 100)],
        ),
        case(
            "container and heap full",
            HeapOutOfMemory,
            &[Record {
                heap: with_heap(0, 1000).heap,
                ..in_container(1, 499)
            }],
        ),
        case(
            "container full while JavaScript was blocked",
            OomKill,
            &[
                with_heap(1, 50),
                Record {
                    resident: Some(2000 * MB),
                    ..in_container(2, 499)
                },
            ],
        ),
    ]
}

fn counted_by_the_kernel() -> Vec<Case> {
    use Ended::{Killed, OomKill, Reboot};
    let one_more = |name, expected| Case {
        now: Identity {
            events: kills(4),
            ..now()
        },
        ..case(name, expected, &[sample(1)])
    };
    let told = |count| Record {
        oom_kill: Some(count),
        ..sample(1)
    };
    let other_boot = Identity {
        boot: Some([2; 16]),
        ..now()
    };
    vec![
        one_more("one more killed since it began", OomKill),
        Case {
            samples: vec![told(4)],
            ..one_more("killed before the last sample: another process", Killed)
        },
        Case {
            samples: vec![told(3), sample(2)],
            ..one_more("counted by an earlier sample", OomKill)
        },
        Case {
            header: Header {
                group: Some(6),
                ..header()
            },
            ..one_more("another group", Killed)
        },
        Case {
            header: Header {
                group: None,
                ..header()
            },
            now: Identity {
                group: None,
                events: kills(4),
                ..now()
            },
            ..one_more("no group", Killed)
        },
        Case {
            header: Header {
                events: Events::default(),
                ..header()
            },
            ..one_more("not counted then", Killed)
        },
        Case {
            now: Identity {
                events: Events::default(),
                ..now()
            },
            ..one_more("not counted now", Killed)
        },
        Case {
            now: Identity {
                events: kills(0),
                ..now()
            },
            ..one_more("a counter that went back", Killed)
        },
        Case {
            now: Identity {
                events: kills(4),
                ..other_boot
            },
            ..one_more("another boot", Reboot)
        },
        Case {
            now: other_boot,
            ..case("another boot, the container full", OomKill, &[in_container(1, 499)])
        },
        Case {
            now: Identity { boot: None, ..now() },
            ..case("boots are not told", Killed, &[])
        },
    ]
}

#[test]
fn samples_and_counters_tell_how_it_ended() {
    let cases: Vec<Case> = [of_the_heap(), of_the_container(), counted_by_the_kernel()]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(cases.len(), 28);
    for case in &cases {
        let (found, why) = judged(case);
        assert_eq!(found, case.expected, "{}: {why}", case.name);
    }
}

#[test]
fn a_run_that_goes_on_or_was_closed_is_not_judged() {
    let full = [with_heap(1, 1000)];
    let closed = Closed {
        at: 2,
        exit_code: Some(1),
        reason: "exit".into(),
    };
    let judged = |held, closed| {
        judge(&Evidence {
            held,
            header: &header(),
            closed,
            samples: &full,
            now: &now(),
        })
    };
    assert_eq!(
        judged(true, Some(&closed)),
        (Ended::Running, "process 77 still holds the file".into())
    );
    let why = "the program closed it (exit, exit code 1)";
    assert_eq!(judged(false, Some(&closed)), (Ended::Clean, why.into()));
    let without_code = Closed {
        exit_code: None,
        ..closed.clone()
    };
    assert_eq!(judged(false, Some(&without_code)).1, "the program closed it (exit)");
    let why = "V8's heap had 1000 MB of its limit of 1048 MB at the end";
    assert_eq!(judged(false, None), (Ended::HeapOutOfMemory, why.into()));
}
