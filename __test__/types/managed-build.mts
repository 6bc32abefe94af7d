// Managed builds as a program in TypeScript uses them.
import * as esbuild from 'esbuild';
import { memoryMonitorPlugin as same } from 'pgtap-scanner/memory';
import { memoryMonitorPlugin, runManagedBuild, workspaceSteps } from 'pgtap-scanner/memory/build';
import type { BuildStep, BuildStepReason, BuildStepResult, ManagedBuildOptions, ManagedBuildResult, MemoryMonitorPlugin } from 'pgtap-scanner/memory/build';

const steps: BuildStep[] = await workspaceSteps({ folder: '.', script: 'build' });
const options: ManagedBuildOptions = {
  steps: [...steps, 'npm run lint', { name: 'a', command: 'b', args: [], cwd: '.', env: { A: 'b' }, shell: true }],
  heapMB: 8192, sequential: false, concurrency: null, requiredMB: 0, intervalMs: 1000, autoGC: true, json: true, logger: console, signal: new AbortController().signal,
};
const result: ManagedBuildResult = await runManagedBuild(options);
const [step]: BuildStepResult[] = result.steps;
const reason: BuildStepReason | undefined = step?.reason;
const peak: number = step?.peakRssBytes ?? result.exitCode;
console.log(reason, peak, step?.explanation?.length, result.warnings.join());

const plugin: MemoryMonitorPlugin = memoryMonitorPlugin({ autoGC: true, verbose: true });
const asEsbuildTakesIt: esbuild.Plugin = same();
await esbuild.build({ entryPoints: [], plugins: [plugin, asEsbuildTakesIt] });

// @ts-expect-error a build needs steps
await runManagedBuild({ heapMB: 5 });
// @ts-expect-error a step needs a command
await runManagedBuild({ steps: [{ name: 'a' }] });
// @ts-expect-error no such reason
const wrong: BuildStepReason = 'oom';
console.log(wrong);
