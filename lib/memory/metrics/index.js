'use strict';

const { registerOpenTelemetry } = require('./open-telemetry.js');
const { registerPrometheus } = require('./prometheus.js');

/** The public names of pgtap-scanner/memory/metrics; documented in index.d.ts. Written out, so that an ES module can import each. */
module.exports = {
  registerPrometheus,
  registerOpenTelemetry,
};
