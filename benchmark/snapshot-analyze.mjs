// One analysis in a fresh process: `node snapshot-analyze.mjs FILE [quick]`; quick leaves dominators out.
import snapshots from '../lib/memory/snapshots/index.js';

/** More than the heap has classes. */
const TOP = 500;

const [, , file, quick] = process.argv;
const started = performance.now();
const { nodeCount, classes, largest } = await snapshots.analyzeSnapshot(file, { topN: TOP, dominators: !quick });
const workMs = performance.now() - started;
console.log(JSON.stringify({
  workMs,
  maxRssKb: process.resourceUsage().maxRSS,
  nodes: nodeCount,
  classes: Object.fromEntries(classes.map(({ name, count, shallowBytes }) => [name, { count, shallowBytes }])),
  retained: largest.map(({ id, retainedBytes }) => [id, retainedBytes]),
}));
