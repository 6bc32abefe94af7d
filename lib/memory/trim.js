'use strict';

const { performance } = require('node:perf_hooks');

const { trimNativeMemory: trim } = require('../native.js');

/** Gives freed memory outside V8's heap back to the system; documented in trim.d.ts. */
function trimNativeMemory() {
  const began = performance.now();
  const { ran, why, rssBeforeBytes, rssAfterBytes, allocator } = JSON.parse(trim());
  const durationMs = performance.now() - began;
  return { ran, ...(why !== null && { why }), rssBeforeBytes, rssAfterBytes, durationMs, allocator };
}

module.exports = { trimNativeMemory };
