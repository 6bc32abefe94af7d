'use strict';

const {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
} = require('./monitor.js');
const { memoryMonitorPlugin } = require('./build/esbuild-plugin.js');
const { openBlackBox, readBlackBox } = require('./black-box.js');
const { determineOptimalChunkSize } = require('./chunk-size.js');
const { dbMemoryMonitor } = require('./database-memory.js');
const { openGcStatistics } = require('./gc-statistics.js');
const { MemoryManagerService } = require('./manager/service.js');
const { createMemoryBlock } = require('./memory-block.js');
const { memoryMonitorUtil } = require('./memory-monitor-util.js');
const { memoryProfiler } = require('./memory-profiler.js');
const { memoryTracker } = require('./memory-tracker.js');
const { operations } = require('./operations.js');
const { PrismaMemoryHelpers, prismaMemoryExtension } = require('./prisma-memory.js');
const { ProfileMemory, profileMethod } = require('./profile-memory.js');
const { ResourceTracker } = require('./resource-tracker.js');
const { MemorySpikeDetector, memorySpikeDetector } = require('./spike-detector.js');
const { trackOperation, trackOperationSync } = require('./track-operation.js');
const { trimNativeMemory } = require('./trim.js');

/** The public names of the memory toolkit; documented in index.d.ts. Written out, so that an ES module can import each. */
module.exports = {
  startMemoryMonitor, stopMemoryMonitor, getMemoryStats, checkMemoryUsage, formatMemoryUsage, triggerGarbageCollection, autoGarbageCollection,
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
};
