//! Trees of processes, as `/proc` shows them.

use super::*;

/// What a process has: its number, name, state, parent, group, session.
type Row<'row> = (u32, &'row str, char, u32, u32, u32);

const RESIDENT: u64 = 100;
const SHARED: u64 = 30;

fn line((pid, name, state, parent, group, session): Row) -> String {
    format!(
        "{pid} ({name}) {state} {parent} {group} {session} 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 555 {RESIDENT} 18 1\n"
    )
}

fn found(rows: &[Row], pid: u32) -> ProcessTree {
    let root = tempfile::tempdir().unwrap();
    for row in rows {
        let folder = root.path().join(format!("proc/{}", row.0));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("stat"), line(*row)).unwrap();
        fs::write(folder.join("statm"), format!("555 {RESIDENT} {SHARED} 1 0 1 0\n")).unwrap();
    }
    read(root.path(), pid).unwrap()
}

fn pids(rows: &[Row], pid: u32) -> Vec<u32> {
    found(rows, pid).processes.iter().map(|process| process.pid).collect()
}

/// A shell (10) that runs a pipeline of 20 and 21, all below a terminal (5).
const SHELL: [Row; 5] = [
    (1, "init", 'S', 0, 1, 1),
    (5, "terminal", 'S', 1, 5, 5),
    (10, "bash", 'S', 5, 10, 10),
    (20, "node", 'S', 10, 20, 10),
    (21, "tee", 'S', 10, 20, 10),
];

#[test]
fn descendants_belong_whatever_the_order() {
    let rows = [
        &SHELL[..],
        &[
            (9, "sh", 'S', 30, 20, 10),
            (30, "npm", 'R', 20, 20, 10),
            (8, "esbuild", 'D', 9, 8, 8),
        ],
    ]
    .concat();
    assert_eq!(pids(&rows, 20), [8, 9, 20, 30]);
    assert_eq!(pids(&rows, 30), [8, 9, 30]);
    assert_eq!(pids(&rows, 21), [21], "a neighbour of the pipeline is no child");
    assert_eq!(pids(&rows, 1).len(), rows.len());
}

#[test]
fn memory_is_told_in_bytes_and_summed() {
    let rows = [&SHELL[..], &[(30, "npm", 'R', 20, 20, 10)]].concat();
    let ProcessTree {
        processes,
        resident_bytes,
        anonymous_bytes,
    } = found(&rows, 20);
    let expected = Process {
        pid: 30,
        parent: 20,
        name: "npm".to_owned(),
        resident_bytes: 100 * page_bytes(),
        anonymous_bytes: 70 * page_bytes(),
    };
    assert_eq!(processes[1], expected);
    assert_eq!(
        (resident_bytes, anonymous_bytes),
        (200 * page_bytes(), 140 * page_bytes())
    );
}

#[test]
fn orphans_are_told_by_their_group_or_session() {
    // 30 led a group and a session of its own; 31 and 32 lost their parents to init.
    let orphans: [Row; 2] = [(31, "esbuild", 'S', 1, 30, 30), (32, "daemon", 'S', 1, 32, 30)];
    let alive = [&SHELL[..], &orphans, &[(30, "sh", 'S', 20, 30, 30)]].concat();
    assert_eq!(pids(&alive, 20), [20, 30, 31, 32]);
    let ended = [&SHELL[..], &orphans].concat();
    assert_eq!(pids(&ended, 30), [31, 32], "also when it has ended itself");
    assert_eq!(pids(&ended, 20), [20], "nothing tells that they were of this one");
    let below = [&ended[..], &[(33, "child", 'S', 31, 33, 33)]].concat();
    assert_eq!(pids(&below, 30), [31, 32, 33]);
}

#[test]
fn an_orphan_of_a_pipeline_is_told_from_its_neighbours() {
    let rows = [&SHELL[..], &[(22, "orphan", 'S', 1, 20, 10)]].concat();
    assert_eq!(pids(&rows, 20), [20, 22]);
}

#[test]
fn what_waits_to_be_reaped_is_left_out() {
    let rows = [&SHELL[..], &[(30, "sh", 'Z', 20, 20, 10), (31, "sh", 'X', 20, 20, 10)]].concat();
    assert_eq!(pids(&rows, 20), [20]);
}

#[test]
fn nothing_is_found_of_what_there_is_not() {
    assert_eq!(found(&SHELL, 999), ProcessTree::default());
    assert_eq!(read(Path::new("/nowhere/at/all"), 1), None);
    let empty = tempfile::tempdir().unwrap();
    fs::create_dir(empty.path().join("proc")).unwrap();
    assert_eq!(read(empty.path(), 1), None);
}

#[test]
fn processes_that_vanish_meanwhile_disturb_nothing() {
    let root = tempfile::tempdir().unwrap();
    for name in ["20", "21", "22", "self", "4294967296", "-3"] {
        fs::create_dir_all(root.path().join("proc").join(name)).unwrap();
    }
    let stat = |pid: u32, text: &[u8]| fs::write(root.path().join(format!("proc/{pid}/stat")), text).unwrap();
    stat(20, line((20, "node", 'S', 1, 20, 20)).as_bytes());
    stat(21, b"");
    let tree = read(root.path(), 20).unwrap();
    assert_eq!(tree.processes.len(), 1, "21 is empty, 22 has no file");
    assert_eq!(
        (tree.resident_bytes, tree.anonymous_bytes),
        (100 * page_bytes(), 0),
        "its statm is gone"
    );
}

#[test]
fn names_may_contain_anything() {
    for name in ["a) S 9 9 9 (b", ") ", "((", "", "two\nlines", "Web Content"] {
        let stat = parse(line((7, name, 'S', 3, 4, 5)).as_bytes()).unwrap();
        assert_eq!(
            (stat.pid, stat.name.as_str(), stat.parent, stat.group, stat.session),
            (7, name, 3, 4, 5)
        );
        assert_eq!(stat.resident_pages, RESIDENT);
    }
    let bytes = [b"7 (\xff\xfe) S 3 4 5", &line((7, "", 'S', 3, 4, 5)).as_bytes()[10..]].concat();
    assert_eq!(parse(&bytes).unwrap().name, "\u{fffd}\u{fffd}");
}

#[test]
fn broken_lines_are_no_processes() {
    let whole = line((7, "node", 'S', 3, 4, 5));
    let until_resident = whole.find(" 100 18").unwrap();
    for length in 0..=until_resident {
        assert_eq!(parse(&whole.as_bytes()[..length]), None, "{length} bytes");
    }
    for wrong in [
        "x (node) S 1 1 1",
        "7 (node) S -1 1 1",
        ")7( S 1 1 1",
        "7 (node) S 1 1 1 0",
    ] {
        assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn this_process_and_its_child_are_found() {
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let tree = read(Path::new("/"), std::process::id());
    child.kill().unwrap();
    child.wait().unwrap();
    let tree = tree.unwrap();
    let of = |pid: u32| tree.processes.iter().find(|process| process.pid == pid).unwrap();
    assert_eq!(of(child.id()).parent, std::process::id());
    let own = of(std::process::id());
    assert!(
        own.resident_bytes > own.anonymous_bytes && own.anonymous_bytes > 0,
        "{own:?}"
    );
}
