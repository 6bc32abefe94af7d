// Counts V8's collection profilers: `live` of them run, `made` were ever started. Loaded with --require.
'use strict';

const v8 = require('node:v8');

globalThis.live = 0;
globalThis.made = 0;
const { GCProfiler } = v8;
v8.GCProfiler = class extends GCProfiler {
  start() {
    globalThis.live += 1;
    globalThis.made += 1;
    super.start();
  }

  stop() {
    globalThis.live -= 1;
    return super.stop();
  }
};
