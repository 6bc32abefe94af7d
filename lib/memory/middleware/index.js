'use strict';

const { PARTS } = require('../parts.js');
const { memoryMonitoringOn } = require('./memory-monitoring.js');
const { withMemoryMonitoringOn } = require('./node-http.js');

const memoryMonitoring = memoryMonitoringOn(PARTS);
const withMemoryMonitoring = withMemoryMonitoringOn(PARTS);

/** The public names of the memory toolkit's middleware; documented in index.d.ts. */
module.exports = { memoryMonitoring, withMemoryMonitoring };
