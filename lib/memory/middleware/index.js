'use strict';

const { PARTS } = require('../parts.js');
const { memoryMonitoringOn } = require('./memory-monitoring.js');
const { withMemoryMonitoringOn } = require('./node-http.js');

/** The public names of the memory toolkit's middleware; documented in index.d.ts. */
module.exports = {
  memoryMonitoring: memoryMonitoringOn(PARTS),
  withMemoryMonitoring: withMemoryMonitoringOn(PARTS),
};
