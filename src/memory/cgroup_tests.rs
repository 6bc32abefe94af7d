//! Trees of control groups, as hosts and containers show them.

use super::*;

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

#[test]
fn the_tightest_group_counts() {
    let base = std::env::temp_dir().join(format!("pgtap-cgroup-{}", std::process::id()));
    for (at, case) in CASES.iter().enumerate() {
        let root = base.join(at.to_string());
        write(&root, "proc/self/cgroup", case.groups);
        write(&root, "proc/self/mountinfo", case.mounts);
        case.files.iter().for_each(|(name, text)| write(&root, name, text));
        let found = tightest(&root).map(|container| (container.limit_bytes, container.used_bytes));
        assert_eq!(found, case.expected, "{}", case.name);
    }
    fs::remove_dir_all(base).unwrap();
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
fn without_proc_there_is_no_limit() {
    assert_eq!(tightest(Path::new("/nowhere/at/all")), None);
}
