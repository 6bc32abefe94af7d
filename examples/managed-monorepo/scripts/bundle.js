// Bundles the program into one file, with a monitor of this process's memory while esbuild runs.
import { build } from 'esbuild';
import { formatMemoryUsage, memoryMonitorPlugin } from 'pgtap-scanner/memory';

await build({
  entryPoints: ['packages/cli/src/main.js'],
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  outfile: 'dist/managed-monorepo.js',
  plugins: [memoryMonitorPlugin({ intervalMs: 1000, autoGC: true, verbose: true, onWarning: console.warn, onCritical: console.error })],
});
console.log(`Bundled. Memory: ${formatMemoryUsage()}`);
