'use strict';

const { createHealthCheck } = require('./check.js');

/** The public names of pgtap-scanner/memory/health; documented in index.d.ts. Written out, so that an ES module can import each. */
module.exports = {
  createHealthCheck,
};
