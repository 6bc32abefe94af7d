// Uses everything that the snapshot and testing sub-paths declare. Only compiled, never run.
import { EventEmitter } from 'node:events';
import { expectNoLeak, loadTestWithMemoryMonitoring, registerBudgetTarget, testMemoryBudget } from 'pgtap-scanner/memory/testing';
import type { LoadTestOptions, LoadTestResult, MemoryBudgetOptions, MemoryBudgetResult, NoLeakOptions, NoLeakResult, ServerMemory } from 'pgtap-scanner/memory/testing';
import { armNearHeapLimit, scheduleSnapshots, startAllocationSampling, takeSnapshot } from '../../lib/memory/snapshots/index.js';
import type {
  AllocationSampling, AllocationSamplingOptions, AllocationSummary, Allocator, NearHeapLimit, NearHeapLimitOptions, SnapshotInfo,
  SnapshotOptions, SnapshotRefused, SnapshotSchedule, SnapshotScheduleOptions,
} from '../../lib/memory/snapshots/index.js';

const how: SnapshotOptions = { dir: '/tmp', reason: 'x', force: true, maxPauseMs: Infinity, keep: 1, signal: new AbortController().signal };
const taken: SnapshotInfo | SnapshotRefused = await takeSnapshot(how);
if (taken.refused) console.log(taken.why === 'busy', taken.needBytes ?? 0, taken.haveBytes ?? 0, taken.pauseMs ?? 0, taken.message);
else console.log(taken.file, taken.bytes + taken.durationMs + taken.pauseMs + taken.heapUsedBytes, taken.at.getTime(), taken.removed.length, taken.reason);

const fine: AllocationSamplingOptions = { intervalBytes: 4096 };
const sampling: AllocationSampling = startAllocationSampling(fine);
const top: Allocator[] = sampling.topAllocators(3);
console.log(sampling.intervalBytes, top.map(({ functionName, url, line, column, selfBytes, stack }) => [functionName, url, line ?? 0, column ?? 0, selfBytes, stack.join()]));
sampling.stop();

const near: NearHeapLimitOptions = { mode: 'auto', dir: '.' };
const armed: NearHeapLimit = armNearHeapLimit(near);
console.log(armed.armed === 'none', armed.why, armed.dir, armed.message);

const scheduled: SnapshotScheduleOptions = { dir: '.', production: true, intervalMs: 5000, take: { keep: 2 }, spikes: new EventEmitter() };
const schedule: SnapshotSchedule = scheduleSnapshots(scheduled);
schedule.on('snapshot', (info) => info.file).on('refused', ({ why }) => why).on('failure', (error) => error.code);
schedule.on('summary', (summary: AllocationSummary) => summary.allocators[0]?.selfBytes);
scheduleSnapshots({ dir: '.', spikes: { onSpike: (callback) => { callback({ severity: 'critical' }); return () => {}; } } }).stop();

const budget: MemoryBudgetOptions<number[]> = { maxMemoryMB: 5, iterations: 3, warmup: 0, input: [1] };
const found: MemoryBudgetResult = await testMemoryBudget('sum', budget, (input) => input.length);
registerBudgetTarget('sum', (input: number[]) => input.length);
const none: NoLeakOptions = { cycles: 6, warmup: 1, maxGrowthMB: 2, classes: [Map, EventEmitter] };
const clean: NoLeakResult = await expectNoLeak(async () => 1, none);
const memory = async (): Promise<ServerMemory> => ({ heapUsed: 1, rss: 2 });
const load: LoadTestOptions = { endpoint: '/x', concurrent: 2, duration: 10, memoryThreshold: 5, headers: { a: 'b' }, body: 'x', memory };
const result: LoadTestResult = await loadTestWithMemoryMonitoring(load);
console.log(found.peakBytes, clean.floorsBytes.length, result.latencyMs.p99 ?? 0, result.leak.suspected, result.failures['timeout']);

// @ts-expect-error a path
takeSnapshot({ dir: 1 });
// @ts-expect-error not a mode
armNearHeapLimit({ mode: 'profiles' });
// @ts-expect-error maxMemoryMB is needed
testMemoryBudget('x', {});
