'use strict';

const { performance } = require('node:perf_hooks');

const { dbMemoryMonitor } = require('../database-memory.js');
const { MemoryManagerService } = require('../manager/service.js');
const { memoryTracker } = require('../memory-tracker.js');
const { PARTS } = require('../parts.js');
const { takeSnapshot } = require('../snapshots/take.js');
const { memorySpikeDetector } = require('../spike-detector.js');

/** Milliseconds that a client may take to send the body of an action. */
const BODY_TIMEOUT_MS = 10_000;

/** What routes answer from, and the clock; tests put others in their place. */
const SOURCES = {
  parts: PARTS,
  manager: MemoryManagerService.getInstance(),
  tracker: memoryTracker,
  spikes: memorySpikeDetector,
  database: dbMemoryMonitor,
  takeSnapshot,
  now: () => performance.now(),
  bodyTimeoutMs: BODY_TIMEOUT_MS,
};

module.exports = { SOURCES };
