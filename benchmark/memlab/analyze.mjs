// One analysis by memlab in a fresh process: `node analyze.mjs FILE IDS`, IDS being a JSON list of objects to report on.
import { getFullHeapFromFile } from '@memlab/heap-analysis';

const [, , file, ids] = process.argv;
const started = performance.now();
const heap = await getFullHeapFromFile(file);
const workMs = performance.now() - started;
// The peak of the analysis itself: what follows is the benchmark's own.
const maxRssKb = process.resourceUsage().maxRSS;

const classes = {};
heap.nodes.forEach(({ type, name, self_size: size }) => {
  // memlab writes before the name what the file has in a field of its own.
  const named = name.replace(/^Detached /, '');
  const label = type === 'object' || type === 'native' ? named : { hidden: '(system)', code: '(compiled code)' }[type] ?? `(${type})`;
  const totals = classes[label] ??= { count: 0, shallowBytes: 0 };
  totals.count += 1;
  totals.shallowBytes += size;
});
const retained = JSON.parse(ids).map((id) => [id, heap.getNodeById(id)?.retainedSize ?? null]);
console.log(`\n${JSON.stringify({ workMs, maxRssKb, nodes: heap.nodes.length, classes, retained })}`);
