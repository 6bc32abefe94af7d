'use strict';

const { developmentTools } = require('./development.js');
const { MemoryManagerService } = require('./manager/service.js');
const { getMemoryStats } = require('./monitor.js');
const { PARTS } = require('./parts.js');

/** Tools for development; documented in memory-monitor-util.d.ts. */
const memoryMonitorUtil = developmentTools(PARTS, { stats: getMemoryStats, manager: () => MemoryManagerService.getInstance() });

module.exports = { memoryMonitorUtil };
