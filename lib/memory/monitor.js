'use strict';

const { monitorFunctions } = require('./monitor-functions.js');
const { PARTS } = require('./parts.js');

/** The monitor of this environment; documented in monitor.d.ts. */
module.exports = monitorFunctions(PARTS);
