import type { MemoryMonitorConfig } from '../monitor.js';

/** What of esbuild's `PluginBuild` the plugin uses; esbuild itself is not needed for the types. */
export interface MemoryMonitorPluginBuild {
  onStart(callback: () => void): void;
  onEnd(callback: () => void): void;
  onDispose(callback: () => void): void;
}

/** A plugin as esbuild takes it. */
export interface MemoryMonitorPlugin {
  name: 'memory-monitor';
  setup(build: MemoryMonitorPluginBuild): void;
}

/**
 * A plugin for esbuild (0.17.19 and later) that monitors the memory of the building Node.js process while a build runs, also
 * each rebuild of `watch()` and of a context. It is no monitor of the esbuild program, which is a process of its own.
 *
 * The monitor is the plugin's own: `startMemoryMonitor` and `stopMemoryMonitor` of the program do not disturb it. Builds
 * that run at once with one plugin share it; it runs until the last of them ends, fails or is disposed.
 * @param config as for `startMemoryMonitor`
 * @throws `ERR_PGTAP_INVALID_OPTION`
 */
export function memoryMonitorPlugin(config?: MemoryMonitorConfig): MemoryMonitorPlugin;
