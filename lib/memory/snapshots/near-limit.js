'use strict';

const { armWith } = require('./near-limit-arming.js');

/** Documented in near-limit.d.ts. */
function armNearHeapLimit(options = {}) {
  return armWith(options, {}, armNearHeapLimit);
}

module.exports = { armNearHeapLimit };
