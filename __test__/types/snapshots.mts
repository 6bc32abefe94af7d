// Uses what pgtap-scanner/memory/snapshots declares for reading. Only compiled, never run.
import { analyzeSnapshot, diffSnapshots } from 'pgtap-scanner/memory/snapshots';
import type {
  AnalyzeSnapshotOptions, DiffSnapshotsOptions, SnapshotAmount, SnapshotAnalysis, SnapshotClass, SnapshotClassDiff,
  SnapshotClassTotals, SnapshotDiff, SnapshotEdge, SnapshotObject, SnapshotPathStep, SnapshotProgress,
} from 'pgtap-scanner/memory/snapshots';

const onProgress = ({ file, phase, bytesRead, totalBytes }: SnapshotProgress): void =>
  console.log(file, phase === 'reading', bytesRead / totalBytes);
const options: AnalyzeSnapshotOptions = { topN: 5, dominators: false, signal: AbortSignal.timeout(1000), onProgress };
const heap: SnapshotAnalysis = await analyzeSnapshot('a.heapsnapshot', options);
const first: SnapshotClass | undefined = heap.classes[0];
const retained: number | null | undefined = first?.retainedBytes;
const largest: SnapshotObject | undefined = heap.largest[0];
const step: SnapshotPathStep | undefined = largest?.path[0];
const edge: SnapshotEdge | undefined = step?.edge;
const label: string | number | undefined = edge?.name;
const detached: SnapshotAmount | null = heap.detached;

const how: DiffSnapshotsOptions = { by: 'retained', topN: 5 };
const diff: SnapshotDiff = await diffSnapshots('a.heapsnapshot', 'b.heapsnapshot', how);
const grower: SnapshotClassDiff | undefined = diff.classes[0];
const grown: SnapshotClassTotals | undefined = grower?.grown;
console.log(retained, label, detached, grown, (await analyzeSnapshot('a.heapsnapshot')).nodeCount);

// @ts-expect-error misspelt option
await analyzeSnapshot('a.heapsnapshot', { top: 5 });
// @ts-expect-error no such order
await diffSnapshots('a', 'b', { by: 'size' });
// @ts-expect-error one file is no pair
await diffSnapshots('a');
