'use strict';

const {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
} = require('./monitor.js');

/** The public names of the memory toolkit; documented in index.d.ts. */
module.exports = {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
};

/** The other public names; a program that only monitors memory loads none of these modules. */
const LATER = [
  [() => require('./build/esbuild-plugin.js'), ['memoryMonitorPlugin']],
  [() => require('./manager/service.js'), ['MemoryManagerService']],
  [() => require('./memory-monitor-util.js'), ['memoryMonitorUtil']],
  [() => require('./track-operation.js'), ['trackOperation', 'trackOperationSync']],
  [() => require('./memory-block.js'), ['createMemoryBlock']],
  [() => require('./profile-memory.js'), ['ProfileMemory', 'profileMethod']],
  [() => require('./memory-profiler.js'), ['memoryProfiler']],
  [() => require('./memory-tracker.js'), ['memoryTracker']],
  [() => require('./operations.js'), ['operations']],
  [() => require('./gc-statistics.js'), ['openGcStatistics']],
  [() => require('./database-memory.js'), ['dbMemoryMonitor']],
  [() => require('./prisma-memory.js'), ['PrismaMemoryHelpers', 'prismaMemoryExtension']],
  [() => require('./resource-tracker.js'), ['ResourceTracker']],
  [() => require('./chunk-size.js'), ['determineOptimalChunkSize']],
  [() => require('./spike-detector.js'), ['MemorySpikeDetector', 'memorySpikeDetector']],
  [() => require('./black-box.js'), ['openBlackBox', 'readBlackBox']],
  [() => require('./trim.js'), ['trimNativeMemory']],
];

const define = (name, descriptor) => Object.defineProperty(module.exports, name, { ...descriptor, enumerable: true, configurable: true });
/** A value like any other, also where a test puts one of its own before anybody read it. */
const become = (name, value) => define(name, { value, writable: true });

function load(name, required) {
  const value = required()[name];
  become(name, value);
  return value;
}

for (const [required, names] of LATER) {
  for (const name of names) define(name, { get: () => load(name, required), set: (value) => become(name, value) });
}

// Never run: these names are written out so that an ES module can import each.
0 && (module.exports = {
  memoryMonitorPlugin,
  MemoryManagerService,
  memoryMonitorUtil,
  trackOperation,
  trackOperationSync,
  createMemoryBlock,
  ProfileMemory,
  profileMethod,
  memoryProfiler,
  memoryTracker,
  operations,
  openGcStatistics,
  dbMemoryMonitor,
  PrismaMemoryHelpers,
  prismaMemoryExtension,
  ResourceTracker,
  determineOptimalChunkSize,
  MemorySpikeDetector,
  memorySpikeDetector,
  openBlackBox,
  readBlackBox,
  trimNativeMemory,
});
