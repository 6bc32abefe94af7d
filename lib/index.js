'use strict';

const { BatchProcessor } = require('./batch-processor.js');
const { MemoryMonitor } = require('./memory-monitor.js');
const PgTapScanner = require('./scanner.js');

// One class under two names: the second is the replaced class's own.
module.exports = { BatchProcessor, MemoryMonitor, PgTapScanner, pgTAPTestScanner: PgTapScanner };
