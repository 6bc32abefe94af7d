//! Trees of control groups, as hosts and containers show them.

use std::fs;

use super::*;
use crate::memory::kept_file::value;

const V2: &str = "1 0 0:1 / /cg rw - cgroup2 cgroup2 rw\n";
const V1: &str = "1 0 0:1 / /cg/memory rw - cgroup cgroup rw,memory\n";

struct Case {
    name: &'static str,
    groups: &'static str,
    mounts: &'static str,
    files: &'static [(&'static str, &'static str)],
    expected: Option<(u64, u64)>,
}

const CASES: &[Case] = &[
    Case {
        name: "own group of version 2; inactive cache does not count",
        groups: "0::/a/b\n",
        mounts: V2,
        files: &[
            ("cg/a/b/memory.max", "1000\n"),
            ("cg/a/b/memory.current", "600\n"),
            (
                "cg/a/b/memory.stat",
                "anon 1\nworkingset_inactive_file 9\ninactive_file 200\nactive_file 100\n",
            ),
        ],
        expected: Some((1000, 400)),
    },
    Case {
        name: "a group above leaves less",
        groups: "0::/a/b\n",
        mounts: V2,
        files: &[
            ("cg/a/b/memory.max", "1000\n"),
            ("cg/a/b/memory.current", "100\n"),
            ("cg/a/memory.max", "2000\n"),
            ("cg/a/memory.current", "1900\n"),
        ],
        expected: Some((2000, 1900)),
    },
    Case {
        name: "high is a limit, too",
        groups: "0::/a\n",
        mounts: V2,
        files: &[
            ("cg/a/memory.max", "max\n"),
            ("cg/a/memory.high", "500\n"),
            ("cg/a/memory.current", "7\n"),
        ],
        expected: Some((500, 7)),
    },
    Case {
        name: "no limit in version 2",
        groups: "0::/a\n",
        mounts: V2,
        files: &[
            ("cg/a/memory.max", "max\n"),
            ("cg/a/memory.high", "max\n"),
            ("cg/a/memory.current", "7\n"),
        ],
        expected: None,
    },
    Case {
        name: "a group above in version 1, own one unlimited",
        groups: "5:cpu,cpuacct:/x\n4:memory:/a/b\n0::/\n",
        mounts: V1,
        files: &[
            ("cg/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n"),
            ("cg/memory/a/b/memory.usage_in_bytes", "5\n"),
            ("cg/memory/a/memory.limit_in_bytes", "1000\n"),
            ("cg/memory/a/memory.usage_in_bytes", "300\n"),
            ("cg/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 50\n"),
        ],
        expected: Some((1000, 250)),
    },
    Case {
        name: "no limit in version 1, with pages of 64 KiB",
        groups: "4:memory:/\n",
        mounts: V1,
        files: &[
            ("cg/memory/memory.limit_in_bytes", "9223372036854710272\n"),
            ("cg/memory/memory.usage_in_bytes", "5\n"),
        ],
        expected: None,
    },
    Case {
        name: "a hybrid host: version 1 has the controller",
        groups: "4:memory:/a\n0::/a\n",
        mounts: "1 0 0:1 / /cg/unified rw - cgroup2 cgroup2 rw\n1 0 0:1 / /cg/memory rw - cgroup cgroup rw,memory\n",
        files: &[
            ("cg/memory/a/memory.limit_in_bytes", "1000\n"),
            ("cg/memory/a/memory.usage_in_bytes", "3\n"),
        ],
        expected: Some((1000, 3)),
    },
    Case {
        name: "a container that sees its group's path on the host, mounted at that group",
        groups: "4:memory:/docker/ab/c\n",
        mounts: "1 0 0:1 /docker/ab /cg/memory rw - cgroup cgroup rw,memory\n",
        files: &[
            ("cg/memory/c/memory.limit_in_bytes", "1000\n"),
            ("cg/memory/c/memory.usage_in_bytes", "3\n"),
        ],
        expected: Some((1000, 3)),
    },
    Case {
        name: "a container whose group lies elsewhere than its mount",
        groups: "0::/../other\n",
        mounts: V2,
        files: &[
            ("cg/memory.max", "1000\n"),
            ("cg/memory.current", "3\n"),
            ("other/memory.max", "1\n"),
            ("other/memory.current", "1\n"),
        ],
        expected: Some((1000, 3)),
    },
    Case {
        name: "more used than allowed",
        groups: "0::/\n",
        mounts: V2,
        files: &[("cg/memory.max", "10\n"), ("cg/memory.current", "30\n")],
        expected: Some((10, 30)),
    },
    Case {
        name: "usage unknown",
        groups: "0::/\n",
        mounts: V2,
        files: &[("cg/memory.max", "10\n")],
        expected: None,
    },
    Case {
        name: "not mounted",
        groups: "0::/\n",
        mounts: "",
        files: &[("cg/memory.max", "10\n"), ("cg/memory.current", "3\n")],
        expected: None,
    },
    Case {
        name: "no group",
        groups: "",
        mounts: V2,
        files: &[("cg/memory.max", "10\n"), ("cg/memory.current", "3\n")],
        expected: None,
    },
];

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, text)| write(root.path(), name, text));
    root
}

fn read(root: &Path) -> SystemSample {
    SystemReader::open(root).read(0)
}

#[test]
fn the_tightest_group_counts() {
    for case in CASES {
        let root = tree(case.files);
        write(root.path(), "proc/self/cgroup", case.groups);
        write(root.path(), "proc/self/mountinfo", case.mounts);
        let found = read(root.path()).container;
        let found = found.map(|container| (container.limit_bytes, container.used_bytes));
        assert_eq!(found, case.expected, "{}", case.name);
    }
}

#[test]
fn nothing_is_free_above_the_limit() {
    let container = Container {
        limit_bytes: 10,
        used_bytes: 30,
    };
    assert_eq!(container.free(), 0);
}

#[test]
fn without_proc_nothing_is_told() {
    assert_eq!(read(Path::new("/nowhere/at/all")), SystemSample::default());
    assert_eq!(SystemReader::open(Path::new("/nowhere/at/all")).group_id(), None);
}

#[test]
fn the_process_and_the_machine_are_read() {
    let files = [
        ("proc/self/statm", "900 25 3 1 0 5 0\n"),
        ("proc/self/status", "Name:\tnode\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\n"),
        ("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:   7 kB\n"),
    ];
    let root = tree(&files);
    let mut reader = SystemReader::open(root.path());
    reader.resident.page_bytes = 4096;
    let found = reader.read(0);
    assert_eq!(
        (found.resident, found.peak, found.available),
        (Some(102_400), Some(307_200), Some(7_168))
    );
    write(root.path(), "proc/self/statm", "900 100 3 1 0 5 0\n");
    let found = reader.read(1);
    assert_eq!(
        (found.resident, found.peak),
        (Some(409_600), Some(409_600)),
        "a peak that lags"
    );
    write(root.path(), "proc/self/statm", "900\n");
    write(root.path(), "proc/self/status", "VmHWM: -1 kB\n");
    write(root.path(), "proc/meminfo", "");
    assert_eq!(reader.read(2), SystemSample::default());
}

/// A process in a group of version 2 with a limit of 1000 bytes, of which it uses 300.
const GROUP: &[(&str, &str)] = &[
    ("proc/self/cgroup", "0::/a/b\n"),
    ("proc/self/mountinfo", V2),
    ("cg/a/b/memory.max", "1000\n"),
    ("cg/a/b/memory.current", "300\n"),
];

fn limits(reader: &mut SystemReader, now_ms: u64) -> Option<(u64, u64)> {
    let found = reader.read(now_ms).container;
    found.map(|container| (container.limit_bytes, container.used_bytes))
}

#[test]
fn usage_is_new_each_time_and_limits_every_30_seconds() {
    let root = tree(GROUP);
    let mut reader = SystemReader::open(root.path());
    assert_eq!(limits(&mut reader, 1_000), Some((1000, 300)));
    write(root.path(), "cg/a/b/memory.current", "400\n");
    write(root.path(), "cg/a/b/memory.max", "500\n");
    assert_eq!(limits(&mut reader, 30_999), Some((1000, 400)));
    assert_eq!(limits(&mut reader, 31_000), Some((500, 400)));
    write(root.path(), "cg/a/b/memory.max", "max\n");
    assert_eq!(
        limits(&mut reader, 2_000),
        Some((500, 400)),
        "a clock that was set back a little"
    );
    assert_eq!(limits(&mut reader, 1_000), None, "a clock that was set back");
}

#[test]
fn a_process_may_be_moved_to_another_group() {
    let root = tree(GROUP);
    let mut reader = SystemReader::open(root.path());
    assert_eq!(limits(&mut reader, 0), Some((1000, 300)));
    let first = reader.group_id();
    for (name, text) in [
        ("cg/c/memory.max", "77\n"),
        ("cg/c/memory.current", "7\n"),
        ("cg/c/memory.events", "max 1\n"),
        ("proc/self/cgroup", "0::/c\n"),
    ] {
        write(root.path(), name, text);
    }
    fs::remove_dir_all(root.path().join("cg/a")).unwrap();
    assert_eq!(limits(&mut reader, 30_000), Some((77, 7)));
    assert_eq!((first, reader.group_id().is_some()), (None, true));
}

#[test]
fn files_that_vanish_tell_nothing() {
    let root = tree(GROUP);
    let mut reader = SystemReader::open(root.path());
    assert!(reader.read(0).container.is_some());
    // An open file of a removed group reads as an error; an emptied one is the nearest that a folder of ours has.
    write(root.path(), "cg/a/b/memory.current", "");
    assert_eq!(reader.read(1).container, None);
    fs::remove_dir_all(root.path().join("cg")).unwrap();
    fs::remove_dir_all(root.path().join("proc")).unwrap();
    assert_eq!(reader.read(30_002), SystemSample::default());
}

const OWN_PRESSURE: &str =
    "some avg10=1.00 avg60=2.00 avg300=0.00 total=3\nfull avg10=4.00 avg60=5.00 avg300=0.00 total=6\n";
const ALL_PRESSURE: &str =
    "some avg10=9.00 avg60=2.00 avg300=0.00 total=3\nfull avg10=4.00 avg60=5.00 avg300=0.00 total=6\n";

#[test]
fn the_groups_own_pressure_comes_first() {
    let root = tree(GROUP);
    let average = || read(root.path()).pressure.map(|pressure| pressure.averages.some_avg10);
    assert_eq!(average(), None);
    write(root.path(), "proc/pressure/memory", ALL_PRESSURE);
    assert_eq!(average(), Some(9.0));
    write(root.path(), "cg/a/memory.pressure", OWN_PRESSURE);
    assert_eq!(
        average(),
        Some(9.0),
        "that of a group above says little of this process"
    );
    write(root.path(), "cg/a/b/memory.pressure", OWN_PRESSURE);
    assert_eq!(average(), Some(1.0));
}

#[test]
fn events_are_those_of_the_own_group() {
    let root = tree(GROUP);
    write(root.path(), "cg/a/memory.events", "high 9\nmax 9\noom 9\noom_kill 9\n");
    assert_eq!(read(root.path()).events, None);
    write(
        root.path(),
        "cg/a/b/memory.events",
        "low 9\nhigh 1\nmax 2\noom 3\noom_kill 4\noom_group_kill 5\n",
    );
    let expected = Events {
        high: Some(1),
        max: Some(2),
        oom: Some(3),
        oom_kill: Some(4),
    };
    assert_eq!(read(root.path()).events, Some(expected));
    write(root.path(), "cg/a/b/memory.events", "high 1\n");
    let old = Events {
        high: Some(1),
        ..Events::default()
    };
    assert_eq!(read(root.path()).events, Some(old), "an older kernel counts less");
}

#[test]
fn events_of_version_1_on_a_hybrid_host() {
    let hybrid = format!("1 0 0:1 / /cg/unified rw - cgroup2 cgroup2 rw\n{V1}");
    let root = tree(&[
        ("proc/self/cgroup", "4:memory:/a\n0::/\n"),
        ("proc/self/mountinfo", &hybrid),
        ("cg/unified/memory.pressure", OWN_PRESSURE),
        ("cg/memory/a/memory.failcnt", "12\n"),
        (
            "cg/memory/a/memory.oom_control",
            "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
        ),
    ]);
    let found = read(root.path());
    let expected = Events {
        max: Some(12),
        oom_kill: Some(3),
        ..Events::default()
    };
    assert_eq!(found.events, Some(expected));
    assert_eq!(found.pressure.map(|pressure| pressure.averages.some_avg10), Some(1.0));
    fs::remove_file(root.path().join("cg/memory/a/memory.oom_control")).unwrap();
    let expected = Events {
        max: Some(12),
        ..Events::default()
    };
    assert_eq!(read(root.path()).events, Some(expected));
}

#[cfg(target_os = "linux")]
#[test]
fn this_process_has_memory() {
    let found = read(Path::new("/"));
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = kilobytes::value(&status, "VmRSS").unwrap();
    assert!(
        found.resident.unwrap().abs_diff(resident) < 32 << 20,
        "{found:?}, {resident}"
    );
    assert!(
        found.peak >= found.resident && found.available.unwrap() > 1 << 20,
        "{found:?}"
    );
}

/// Costs of single files, on this machine: `cargo test --release costs -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn costs() {
    let mut reader = SystemReader::open(Path::new("/"));
    let each = |name: &str, work: &mut dyn FnMut()| {
        let began = std::time::Instant::now();
        (0..20_000).for_each(|_| work());
        println!("{name}: {:.2} us", began.elapsed().as_secs_f64() * 50.0);
    };
    let mut buffer = [0; LONGEST];
    for name in ["self/statm", "self/status", "meminfo", "pressure/memory"] {
        let file = KeptFile::open(&Path::new("/proc").join(name)).unwrap();
        each(name, &mut || assert!(file.read(&mut buffer).is_some()));
    }
    for folder in &cgroup::hierarchies(Path::new("/"))[0].folders {
        let file = KeptFile::open(&folder.join("memory.stat")).unwrap();
        each("memory.stat", &mut || {
            assert!(value(file.read(&mut buffer).unwrap(), "total_inactive_file").is_some())
        });
    }
    each("all", &mut || assert!(reader.read(0).resident.is_some()));
}
