// What a heap snapshot says, worked out slowly and simply from the format's description: an oracle for src/memory/snapshot.
//
// Nothing is shared with the analysis that it checks: the file is parsed by JSON.parse, dominators are found by repeating
// the definition until nothing changes, and single retained sizes by taking the object out and looking what is left.

/** The graph of a snapshot: one entry for each node, with the numbers of the nodes that it retains. */
export function readGraph(text) {
  const { snapshot, nodes, edges, strings } = JSON.parse(text);
  const { node_fields: nodeFields, node_types: nodeTypes, edge_fields: edgeFields, edge_types: edgeTypes } = snapshot.meta;
  const field = (list, at, fields, name) => list[at + fields.indexOf(name)];
  const typesOf = (fields, types) => types[fields.indexOf('type')];
  const graph = [];
  let at = 0;
  for (let row = 0; row < nodes.length; row += nodeFields.length) {
    const value = (name) => field(nodes, row, nodeFields, name);
    const node = {
      id: value('id'),
      type: typesOf(nodeFields, nodeTypes)[value('type')],
      name: strings[value('name')],
      size: value('self_size'),
      edges: [],
    };
    for (let i = 0; i < value('edge_count'); i += 1, at += edgeFields.length) {
      const type = typesOf(edgeFields, edgeTypes)[field(edges, at, edgeFields, 'type')];
      const name = field(edges, at, edgeFields, 'name_or_index');
      const retains = type !== 'weak' && (type !== 'shortcut' || graph.length === 0);
      const to = field(edges, at, edgeFields, 'to_node') / nodeFields.length;
      node.edges.push({ type, name: type === 'element' || type === 'hidden' ? name : strings[name], to, retains });
    }
    graph.push(node);
  }
  return graph;
}

/** The name of the group that a node is counted in. */
export function classOf({ type, name }) {
  if (type === 'object' || type === 'native') return name;
  return { hidden: '(system)', code: '(compiled code)' }[type] ?? `(${type})`;
}

const targets = (node) => node.edges.filter(({ retains }) => retains).map(({ to }) => to);

/** Which nodes are reached from `roots` when `without` is taken out. */
export function reached(next, roots, without) {
  const found = new Uint8Array(next.length);
  const stack = roots.filter((root) => root !== without);
  for (const root of stack) found[root] = 1;
  while (stack.length > 0) {
    for (const to of next[stack.pop()]) {
      if (found[to] === 0 && to !== without) {
        found[to] = 1;
        stack.push(to);
      }
    }
  }
  return found;
}

/** The root, and what is taken to hang on it: first what nothing holds, then what only holds itself. */
function rootsOf(next) {
  const held = new Uint8Array(next.length);
  next.forEach((list, from) => list.forEach((to) => { if (to !== from) held[to] = 1; }));
  const roots = [0];
  for (const wanted of [(node) => !held[node], () => true]) {
    let found = reached(next, roots);
    for (let node = 0; node < next.length; node += 1) {
      if (found[node] || !wanted(node)) continue;
      roots.push(node);
      found = reached(next, roots);
    }
  }
  return roots;
}

/** Nodes so that each comes after at least one that holds it (reverse postorder), which lets the repetition end soon. */
function ordered(next, roots) {
  const seen = new Uint8Array(next.length);
  const done = [];
  for (const root of roots.toReversed()) {
    const stack = [[root, 0]];
    if (seen[root]) continue;
    seen[root] = 1;
    while (stack.length > 0) {
      const top = stack.at(-1);
      const to = next[top[0]][top[1]];
      top[1] += 1;
      if (to === undefined) done.push(stack.pop()[0]);
      else if (!seen[to]) {
        seen[to] = 1;
        stack.push([to, 0]);
      }
    }
  }
  return done.reverse();
}

/** The immediate dominator of each node: the nearest one that all who hold the node have in common, until it stays so. */
function dominators(next, roots) {
  const order = ordered(next, roots);
  const rank = new Uint32Array(next.length);
  order.forEach((node, i) => { rank[node] = i; });
  const holders = next.map(() => []);
  next.forEach((list, from) => list.forEach((to) => holders[to].push(from)));
  roots.forEach((root) => root !== 0 && holders[root].push(0));
  const found = new Int32Array(next.length).fill(-1);
  found[0] = 0;
  const common = (a, b) => {
    while (a !== b) {
      if (rank[a] > rank[b]) a = found[a];
      else b = found[b];
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const node of order) {
      if (node === 0) continue;
      const nearest = holders[node].filter((holder) => found[holder] !== -1).reduce(common);
      if (found[node] !== nearest) {
        found[node] = nearest;
        changed = true;
      }
    }
  }
  return { found, order };
}

/** Everything that the analysis tells of a snapshot, for all nodes and classes. */
export function analyze(graph) {
  const next = graph.map(targets);
  const roots = rootsOf(next);
  const { found: dominator, order } = dominators(next, roots);
  const retained = graph.map(({ size }) => size);
  for (const node of order.toReversed()) if (node !== 0) retained[dominator[node]] += retained[node];
  const classes = new Map();
  graph.forEach((node, number) => {
    const name = classOf(node);
    const totals = classes.get(name) ?? { name, count: 0, shallowBytes: 0, retainedBytes: 0 };
    classes.set(name, totals);
    totals.count += 1;
    totals.shallowBytes += node.size;
    let above = number;
    do above = above === 0 ? -1 : dominator[above]; while (above !== -1 && classOf(graph[above]) !== name);
    if (above === -1) totals.retainedBytes += retained[number];
  });
  const there = reached(next, [0]);
  const unreachable = graph.filter((_, node) => !there[node]);
  return { next, roots, retained, classes, unreachable };
}

/** What would be freed with a node: what is no longer reached without it. */
export function freedBytes(graph, { next, roots }, node) {
  const left = reached(next, roots, node);
  return graph.reduce((sum, { size }, i) => (left[i] ? sum : sum + size), 0);
}

/** Fewest steps from the root to each node; -1 where there is no way. */
export function distances(next) {
  const steps = new Int32Array(next.length).fill(-1);
  steps[0] = 0;
  let level = [0];
  while (level.length > 0) {
    const following = [];
    for (const node of level) {
      for (const to of next[node]) {
        if (steps[to] !== -1) continue;
        steps[to] = steps[node] + 1;
        following.push(to);
      }
    }
    level = following;
  }
  return steps;
}
