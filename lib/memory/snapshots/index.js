'use strict';

const { analyzeSnapshot } = require('./analyze.js');
const { diffSnapshots } = require('./diff.js');
const { armNearHeapLimit } = require('./near-limit.js');
const { startAllocationSampling, topAllocators } = require('./sampling.js');
const { scheduleSnapshots } = require('./schedule.js');
const { takeSnapshot } = require('./take.js');

/** The public names; documented in index.d.ts. Written out, so that an ES module can import each. */
module.exports = { takeSnapshot, scheduleSnapshots, armNearHeapLimit, startAllocationSampling, topAllocators, analyzeSnapshot, diffSnapshots };
