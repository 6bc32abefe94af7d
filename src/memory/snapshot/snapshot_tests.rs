//! Against definitions taken literally, on graphs small enough for them.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::analysis::{Analysis, analyse};
use super::diff::{By, diff};
use super::error::SnapshotError;
use super::watch::{Progress, Watch};

const SMALL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/__test__/fixtures/snapshots/small.heapsnapshot"
);

const WATCH: Watch = Watch {
    goes_on: &|| true,
    progress: &|_| {},
};

/// A node of a test: its class, its own bytes, and its edges (type, target).
#[derive(Clone, Debug)]
struct Node {
    class: usize,
    id: u32,
    size: u64,
    edges: Vec<(usize, usize)>,
}

const CLASSES: [&str; 4] = ["", "A", "B", "C"];
const PROPERTY: usize = 0;
const WEAK: usize = 1;
const SHORTCUT: usize = 2;

/// Writes a snapshot; `order` are the fields of nodes as the file has them.
fn write(path: &Path, nodes: &[Node], order: &[&str]) {
    let edge_count: usize = nodes.iter().map(|node| node.edges.len()).sum();
    let fields = order
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(",");
    let types = order.iter().map(|name| {
        if *name == "type" {
            "[\"synthetic\",\"object\"]"
        } else {
            "\"number\""
        }
    });
    let types = types.collect::<Vec<_>>().join(",");
    let mut text = format!(
        r#"{{"snapshot":{{"meta":{{"node_fields":[{fields}],"node_types":[{types}],
        "edge_fields":["to_node","type","name_or_index"],"edge_types":["node",["property","weak","shortcut"],"string"]}},
        "node_count":{},"edge_count":{edge_count}}},"other":[{{"x":[1.5e3,null,"]"]}}],"nodes":["#,
        nodes.len()
    );
    for (i, node) in nodes.iter().enumerate() {
        let comma = if i > 0 { " ,\n" } else { "" };
        let value = |name: &&str| match *name {
            "type" => u64::from(i > 0),
            "name" => node.class as u64,
            "id" => u64::from(node.id),
            "self_size" => node.size,
            "edge_count" => node.edges.len() as u64,
            _ => 0,
        };
        let row: Vec<String> = order.iter().map(|name| value(name).to_string()).collect();
        write!(text, "{comma}{}", row.join(", ")).unwrap();
    }
    text.push_str("],\"edges\":[");
    for (i, (kind, to)) in nodes.iter().flat_map(|node| &node.edges).enumerate() {
        let comma = if i > 0 { "," } else { "" };
        write!(text, "{comma}{},{kind},{}", to * order.len(), i % 4).unwrap();
    }
    write!(text, "],\"strings\":{CLASSES:?}}}").unwrap();
    std::fs::write(path, text).unwrap();
}

const ORDER: [&str; 5] = ["type", "name", "id", "self_size", "edge_count"];

struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn written(nodes: &[Node]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.heapsnapshot");
    write(&path, nodes, &ORDER);
    Written { _folder: folder, path }
}

fn read(path: &Path) -> Analysis {
    analyse(path, 100, true, &WATCH).unwrap()
}

/// Nodes that hang on the root: reached by retaining edges, or taken to hang on it.
fn reached(nodes: &[Node], roots: &[usize], without: Option<usize>) -> Vec<bool> {
    let mut found = vec![false; nodes.len()];
    let mut stack: Vec<usize> = roots.iter().copied().filter(|&root| Some(root) != without).collect();
    while let Some(node) = stack.pop() {
        if !std::mem::replace(&mut found[node], true) {
            let retains = |&&(kind, _): &&(usize, usize)| kind == PROPERTY || (kind == SHORTCUT && node == 0);
            stack.extend(
                nodes[node]
                    .edges
                    .iter()
                    .filter(retains)
                    .map(|&(_, to)| to)
                    .filter(|&to| Some(to) != without),
            );
        }
    }
    found
}

/// The root, and what is taken to hang on it: first what nothing holds, then the first of what only holds itself.
fn roots(nodes: &[Node]) -> Vec<usize> {
    let mut roots = vec![0];
    let held = |to: usize| {
        let by = |(from, node): (usize, &Node)| {
            let retains = |kind| kind == PROPERTY || (kind == SHORTCUT && from == 0);
            from != to && node.edges.iter().any(|&(kind, target)| target == to && retains(kind))
        };
        nodes.iter().enumerate().any(by)
    };
    for first in [true, false] {
        for node in 0..nodes.len() {
            if !(reached(nodes, &roots, None)[node] || first && held(node)) {
                roots.push(node);
            }
        }
    }
    roots
}

/// What would be freed with each node.
fn freed(nodes: &[Node]) -> Vec<Vec<bool>> {
    let roots = roots(nodes);
    let freed = |node| {
        reached(nodes, &roots, Some(node))
            .into_iter()
            .map(|found| !found)
            .collect()
    };
    (0..nodes.len()).map(freed).collect()
}

fn node_strategy(count: usize) -> impl Strategy<Value = Node> {
    let edge = (
        prop_oneof![8 => Just(PROPERTY), 1 => Just(WEAK), 1 => Just(SHORTCUT)],
        0..count,
    );
    (1..4usize, 0..100u64, proptest::collection::vec(edge, 0..4)).prop_map(|(class, size, edges)| Node {
        class,
        id: 0,
        size,
        edges,
    })
}

fn graph_strategy() -> impl Strategy<Value = Vec<Node>> {
    (1..14usize).prop_flat_map(|count| {
        proptest::collection::vec(node_strategy(count), count).prop_map(|mut nodes| {
            for (i, node) in nodes.iter_mut().enumerate() {
                node.id = i as u32 * 2 + 1;
            }
            nodes
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn retained_sizes_are_what_removal_frees(nodes in graph_strategy()) {
        let file = written(&nodes);
        let analysis = read(&file.path);
        let freed = freed(&nodes);
        let size = |which: &[bool]| -> u64 { which.iter().zip(&nodes).filter(|(is, _)| **is).map(|(_, n)| n.size).sum() };
        prop_assert_eq!(analysis.largest.len(), nodes.len() - 1);
        for object in &analysis.largest {
            let at = nodes.iter().position(|node| node.id == object.id).unwrap();
            prop_assert_eq!(object.retained_bytes, Some(size(&freed[at])), "node {}", at);
        }
        for class in &analysis.classes {
            let of_class = |&at: &usize| at > 0 && CLASSES[nodes[at].class] == class.name;
            let members: Vec<usize> = (0..nodes.len()).filter(of_class).collect();
            let outer = |&&at: &&usize| !members.iter().any(|&other| other != at && freed[other][at]);
            let sum: u64 = members.iter().filter(outer).map(|&at| size(&freed[at])).sum();
            prop_assert_eq!((class.count as usize, class.retained_bytes), (members.len(), Some(sum)), "{}", class.name);
        }
        let there = reached(&nodes, &[0], None).iter().filter(|found| **found).count();
        prop_assert_eq!(analysis.unreachable.unwrap().count as usize, nodes.len() - there);
    }

    #[test]
    fn paths_are_shortest_and_real(nodes in graph_strategy()) {
        let file = written(&nodes);
        for object in read(&file.path).largest {
            let at = nodes.iter().position(|node| node.id == object.id).unwrap();
            let way: Vec<usize> = object.path.iter().map(|step| (step.id as usize - 1) / 2).collect();
            prop_assert_eq!(object.depth.map(|depth| depth as usize), distance(&nodes, at));
            if object.depth.is_some() {
                prop_assert_eq!(way.last(), Some(&at));
                let froms = std::iter::once(&0).chain(&way);
                for (&from, &to) in froms.zip(&way) {
                    prop_assert!(nodes[from].edges.iter().any(|&(kind, target)| target == to && kind != WEAK));
                }
            }
        }
    }
}

/// Fewest edges from the root.
fn distance(nodes: &[Node], wanted: usize) -> Option<usize> {
    let mut level = vec![false; nodes.len()];
    level[0] = true;
    for steps in 0..nodes.len() {
        if level[wanted] {
            return Some(steps);
        }
        let mut next = level.clone();
        for (from, node) in nodes.iter().enumerate().filter(|(from, _)| level[*from]) {
            for &(kind, to) in &node.edges {
                next[to] |= kind == PROPERTY || (kind == SHORTCUT && from == 0);
            }
        }
        level = next;
    }
    None
}

fn node(class: usize, id: u32, size: u64, edges: &[(usize, usize)]) -> Node {
    Node {
        class,
        id,
        size,
        edges: edges.to_vec(),
    }
}

#[test]
fn fields_may_come_in_any_order_with_unknown_ones_between() {
    let nodes = [
        node(0, 1, 0, &[(0, 1)]),
        node(1, 3, 10, &[(0, 2), (1, 0)]),
        node(2, 5, 7, &[]),
    ];
    let expected = serde_json::to_value(read(&written(&nodes).path)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.heapsnapshot");
    let orders: [&[&str]; 2] = [
        &["edge_count", "self_size", "new_field", "id", "name", "type"],
        &["id", "type", "x", "y", "z", "edge_count", "name", "self_size"],
    ];
    for order in orders {
        write(&path, &nodes, order);
        assert_eq!(serde_json::to_value(read(&path)).unwrap(), expected, "{order:?}");
    }
}

#[test]
fn a_long_chain_needs_no_stack() {
    let count = 300_000;
    let next = |i: usize| {
        if i + 1 < count {
            vec![(PROPERTY, i + 1)]
        } else {
            Vec::new()
        }
    };
    let nodes: Vec<Node> = (0..count).map(|i| node(1 + i % 2, i as u32, 1, &next(i))).collect();
    let file = written(&nodes);
    let analysis = analyse(&file.path, 2, true, &WATCH).unwrap();
    let first = &analysis.largest[0];
    assert_eq!(
        (first.id, first.retained_bytes, first.depth),
        (1, Some(count as u64 - 1), Some(1))
    );
    assert_eq!(analysis.classes[0].retained_bytes, Some(count as u64 - 1));
}

#[test]
fn a_long_path_is_shown_without_its_middle() {
    let next = |i: usize| if i < 100 { vec![(PROPERTY, i + 1)] } else { Vec::new() };
    let mut nodes: Vec<Node> = (0..=100).map(|i| node(1, i as u32, 0, &next(i))).collect();
    nodes[100].size = 50;
    let analysis = analyse(&written(&nodes).path, 1000, true, &WATCH).unwrap();
    let last = analysis.largest.iter().find(|object| object.id == 100).unwrap();
    let depths: Vec<u32> = last.path.iter().map(|step| step.depth).collect();
    assert_eq!(last.depth, Some(100));
    assert_eq!(depths, (1..=20).chain(81..=100).collect::<Vec<u32>>());
}

#[test]
fn sizes_beyond_32_bits_are_kept() {
    let large = 1u64 << 40;
    let nodes = [
        node(0, 1, 0, &[(0, 1), (0, 2)]),
        node(1, 3, large, &[]),
        node(2, 5, u64::from(u32::MAX), &[]),
    ];
    let analysis = read(&written(&nodes).path);
    let sizes: Vec<u64> = analysis.largest.iter().map(|object| object.shallow_bytes).collect();
    assert_eq!(sizes, [large, u64::from(u32::MAX)]);
    assert_eq!(analysis.shallow_bytes, large + u64::from(u32::MAX));
}

#[test]
fn what_grew_is_told_by_id() {
    let before = [
        node(0, 1, 0, &[(0, 1), (0, 2), (0, 3)]),
        node(1, 3, 10, &[]),
        node(1, 5, 10, &[]),
        node(2, 7, 1, &[]),
    ];
    // 3 is gone, 5 was kept and holds a new 9, 7 is of another class now: not the same.
    let after = [
        node(0, 1, 0, &[(0, 1), (0, 2)]),
        node(1, 5, 10, &[(0, 3)]),
        node(3, 7, 1, &[]),
        node(1, 9, 40, &[]),
    ];
    let (before, after) = (written(&before), written(&after));
    let found = diff(&before.path, &after.path, By::Retained, 10, &WATCH).unwrap();
    assert_eq!((found.new.count, found.gone.count, found.kept.count), (2, 2, 2));
    assert_eq!((found.new.shallow_bytes, found.gone.shallow_bytes), (41, 11));
    let classes: Vec<_> = found
        .classes
        .iter()
        .map(|class| (class.name.as_str(), class.grown.retained_bytes))
        .collect();
    assert_eq!(classes, [("A", Some(30)), ("C", Some(1)), ("B", Some(-1))]);
    let ids: Vec<_> = found
        .classes
        .iter()
        .map(|class| class.example.as_ref().map(|object| object.id))
        .collect();
    // Both 5 and 9 grew by 40; 5 retains more.
    assert_eq!(ids, [Some(5), Some(7), None]);
    let by_class = diff(&before.path, &after.path, By::Class, 10, &WATCH).unwrap();
    assert_eq!(by_class.classes[0].example.as_ref().map(|object| object.id), Some(9));
    assert_eq!(by_class.classes[0].after.retained_bytes, None);
}

#[test]
fn a_snapshot_does_not_differ_from_itself() {
    let found = diff(Path::new(SMALL), Path::new(SMALL), By::Retained, 10, &WATCH).unwrap();
    assert_eq!(
        (found.kept.count, found.new.count, found.gone.count, found.class_count),
        (600, 0, 0, 0)
    );
}

#[test]
fn every_question_may_end_it() {
    let asked = Cell::new(0i32);
    let count = Watch {
        goes_on: &|| {
            asked.set(asked.get() + 1);
            true
        },
        progress: &|_| {},
    };
    analyse(Path::new(SMALL), 5, true, &count).unwrap();
    assert!(asked.get() >= 5, "asked {} times", asked.get());
    for most in 0..asked.get() {
        let left = Cell::<i32>::new(most);
        let watch = Watch {
            goes_on: &|| left.replace(left.get() - 1) > 0,
            progress: &|_| {},
        };
        let answer = analyse(Path::new(SMALL), 5, true, &watch);
        assert!(matches!(answer, Err(SnapshotError::Aborted)), "after {most}");
    }
}

#[test]
fn progress_grows_to_the_end_of_the_file() {
    let told: RefCell<Vec<(u64, u64, bool)>> = RefCell::default();
    let watch = Watch {
        goes_on: &|| true,
        progress: &|Progress {
                        read_bytes,
                        total_bytes,
                        read,
                        ..
                    }| told.borrow_mut().push((read_bytes, total_bytes, read)),
    };
    analyse(Path::new(SMALL), 5, true, &watch).unwrap();
    let told = told.into_inner();
    let length = std::fs::metadata(SMALL).unwrap().len();
    assert!(told.is_sorted_by_key(|(read, ..)| *read));
    assert_eq!(told.last(), Some(&(length, length, true)));
    assert!(told.iter().any(|&(.., read)| !read));
}

#[test]
fn what_is_no_regular_file_is_not_read() {
    for path in ["/", "/nowhere/at/all", "/dev/null"] {
        let answer = analyse(Path::new(path), 5, true, &WATCH);
        assert!(matches!(answer, Err(SnapshotError::Io { .. })), "{path}: {answer:?}");
    }
}

#[test]
fn foreign_files_are_told_where_they_differ() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("foreign");
    let meta = r#""meta":{"node_fields":["type","name","id","self_size","edge_count"],"node_types":[["object"]],
        "edge_fields":["type","name_or_index","to_node"],"edge_types":[["weak"]]}"#;
    let cases = [
        (String::new(), 0, "'{'"),
        ("hello".into(), 0, "'{'"),
        ("{}".into(), 2, "\"snapshot\""),
        ("[1]".into(), 0, "'{'"),
        ("{\"a\":1 2}".into(), 7, "',' or '}'"),
        ("{\"nodes\":[]}".into(), 1, "\"snapshot\" before \"nodes\""),
        ("{\"snapshot\":3}".into(), 12, "'{'"),
        ("{\"snapshot\":{}}".into(), 12, "description"),
        (
            format!("{{\"snapshot\":{{{meta},\"node_count\":1,\"edge_count\":0}},\"nodes\":[0,0,1,2,x]}}"),
            0,
            "whole number",
        ),
    ];
    for (text, offset, expected) in cases {
        std::fs::write(&path, &text).unwrap();
        match analyse(&path, 5, true, &WATCH) {
            Err(SnapshotError::Format {
                offset: found,
                expected: words,
                ..
            }) => {
                assert!(words.contains(expected), "{text}: {words}");
                let offset = if offset == 0 && text.contains('x') {
                    text.rfind('x').unwrap() as u64
                } else {
                    offset
                };
                assert_eq!(found, offset, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}
