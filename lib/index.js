'use strict';

const { BatchProcessor } = require('./batch-processor.js');
const { MemoryMonitor } = require('./memory-monitor.js');
const { LINT_FORMATS, REPORT_FORMATS, renderLint, renderReport } = require('./reports.js');
const PgTapScanner = require('./scanner.js');
const { CoverageDatabase } = require('./coverage-log.js');
const { StreamingCoverageDatabase } = require('./streaming-coverage-database.js');

module.exports = {
  PgTapScanner,
  // The same class under the name of the one it replaces.
  pgTAPTestScanner: PgTapScanner,
  StreamingCoverageDatabase,
  CoverageDatabase,
  MemoryMonitor,
  BatchProcessor,
  renderReport,
  renderLint,
  REPORT_FORMATS,
  LINT_FORMATS,
};
