'use strict';

const { determineOptimalChunkSize } = require('./chunk-size.js');
const { dbMemoryMonitor } = require('./database-memory.js');
const { openGcStatistics } = require('./gc-statistics.js');
const { createMemoryBlock } = require('./memory-block.js');
const { memoryProfiler } = require('./memory-profiler.js');
const { memoryTracker } = require('./memory-tracker.js');
const { operations } = require('./operations.js');
const { PrismaMemoryHelpers, prismaMemoryExtension } = require('./prisma-memory.js');
const { ProfileMemory, profileMethod } = require('./profile-memory.js');
const { ResourceTracker } = require('./resource-tracker.js');
const { trackOperation, trackOperationSync } = require('./track-operation.js');

module.exports = {
  PrismaMemoryHelpers,
  ProfileMemory,
  ResourceTracker,
  createMemoryBlock,
  dbMemoryMonitor,
  determineOptimalChunkSize,
  memoryProfiler,
  memoryTracker,
  openGcStatistics,
  operations,
  prismaMemoryExtension,
  profileMethod,
  trackOperation,
  trackOperationSync,
};
