// The analysis against an oracle that shares nothing with it, on heaps of three versions of Node.js.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { analyze, classOf, distances, freedBytes, readGraph } from '../oracle/snapshot.mjs';
import { unpacked } from './snapshot-files.mjs';

const require = createRequire(import.meta.url);
const { analyzeSnapshot, diffSnapshots } = require('../../lib/memory/snapshots/index.js');

const TOP = 10000;
/** Objects whose retained size is worked out by taking them out; the others by the oracle's dominators. */
const TAKEN_OUT = 150;

const byName = (a, b) => (a.name < b.name ? -1 : 1);
const FIELDS = { 'v20-after': 7, 'v24-after': 6, 'v26-after': 6 };

for (const [name, fields] of Object.entries(FIELDS)) {
  test(`${name}: counts, sizes, retained sizes, paths`, async () => {
    const file = unpacked(name);
    const text = readFileSync(file, 'utf8');
    assert.equal(JSON.parse(text).snapshot.meta.node_fields.length, fields);
    const graph = readGraph(text);
    const expected = analyze(graph);
    const found = await analyzeSnapshot(file, { topN: TOP });

    assert.equal(found.nodeCount, graph.length);
    assert.equal(found.edgeCount, graph.reduce((sum, { edges }) => sum + edges.length, 0));
    assert.equal(found.shallowBytes, graph.reduce((sum, { size }) => sum + size, 0));
    assert.equal(found.unreachable.count, expected.unreachable.length);
    const classes = [...expected.classes.values()].filter((item) => item.name !== '(synthetic)').sort(byName);
    assert.ok(classes.length > 100);
    assert.deepEqual(found.classes.toSorted(byName), classes);

    const numbers = new Map(graph.map(({ id }, number) => [id, number]));
    const steps = distances(expected.next);
    assert.equal(found.largest.length, TOP);
    found.largest.forEach((object, i) => {
      const number = numbers.get(object.id);
      assert.equal(object.retainedBytes, expected.retained[number], `object ${object.id}`);
      if (i % (TOP / TAKEN_OUT) < 1) assert.equal(object.retainedBytes, freedBytes(graph, expected, number), `object ${object.id}`);
      assert.equal(object.depth ?? -1, steps[number]);
      assert.equal(object.className, classOf(graph[number]));
      let at = 0;
      for (const step of object.path) {
        if (step.depth > 20 && object.depth > 40) break;
        const edge = graph[at].edges.find(({ type, name: label, to, retains }) =>
          retains && type === step.edge.type && label === step.edge.name && graph[to].id === step.id);
        assert.ok(edge, `step ${step.depth} to object ${object.id}`);
        assert.equal(step.name, graph[edge.to].name);
        at = edge.to;
      }
    });
    const least = found.largest.at(-1).retainedBytes;
    const larger = graph.filter(({ type }, number) => type !== 'synthetic' && expected.retained[number] > least);
    assert.ok(larger.length < TOP, 'no larger object is left out');
  });
}

test('what grew between two snapshots of one process', async () => {
  const files = ['v20-before', 'v20-after'].map(unpacked);
  const [before, after] = files.map((file) => readGraph(readFileSync(file, 'utf8')));
  const found = await diffSnapshots(...files, { by: 'retained', topN: TOP });
  const kept = new Map(before.map((node) => [node.id, classOf(node)]));
  const still = new Map(after.map((node) => [node.id, classOf(node)]));
  const news = after.filter((node) => kept.get(node.id) !== classOf(node));
  const gone = before.filter((node) => still.get(node.id) !== classOf(node));
  const bytes = (nodes) => ({ count: nodes.length, shallowBytes: nodes.reduce((sum, { size }) => sum + size, 0) });
  assert.deepEqual([found.new, found.gone], [bytes(news), bytes(gone)]);
  assert.equal(found.kept.count, after.length - news.length);

  const [totalsBefore, totalsAfter] = [before, after].map((graph) => analyze(graph).classes);
  const none = { count: 0, shallowBytes: 0, retainedBytes: 0 };
  let compared = 0;
  for (const item of found.classes) {
    const { name: left, ...was } = totalsBefore.get(item.name) ?? none;
    const { name: right, ...is } = totalsAfter.get(item.name) ?? none;
    assert.deepEqual([item.before, item.after], [was, is], item.name);
    assert.equal(item.grown.retainedBytes, is.retainedBytes - was.retainedBytes, item.name);
    assert.deepEqual(item.new, bytes(news.filter((node) => classOf(node) === item.name)), item.name);
    assert.deepEqual(item.gone, bytes(gone.filter((node) => classOf(node) === item.name)), item.name);
    compared += 1;
  }
  assert.ok(compared > 15, `${compared} classes`);
  const grown = (name) => found.classes.find((item) => item.name === name);
  assert.equal(grown('KnownNode').grown.count, 200);
  assert.equal(grown('KnownLeaf').grown.count, 400);
  assert.equal(grown('KnownOwner').grown.count, -1);
  const cache = grown('Map').example;
  assert.deepEqual(cache.path.map(({ edge }) => edge.name).slice(-2), ['knownHeap', 'cache'], 'the map that grew, not the largest');
});
