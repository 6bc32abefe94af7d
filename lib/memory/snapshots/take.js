'use strict';

const { Taker } = require('./taker.js');

// One heap belongs to one isolate, as this module does: worker threads have takers of their own.
const taker = new Taker();

/** Documented in take.d.ts. */
function takeSnapshot(options = {}) {
  return taker.take(options, takeSnapshot);
}

module.exports = { takeSnapshot };
