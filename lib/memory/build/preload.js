// Loaded before the program in every Node.js process of a managed build. Whatever version of Node.js that is: the syntax is
// old, and what fails is told and disturbs nothing.
'use strict';

var INTERVAL_MS = 1000;
/** The toolkit is loaded when the heap is so full: most processes of a build never get there. */
var LOAD_AT_PERCENT = 60;
/** Nobody waits for a build to answer: a full collection may take its time. */
var LONGEST_PAUSE_MS = 120000;

function heapPercent() {
  var heap = require('v8').getHeapStatistics();
  return (100 * heap.used_heap_size) / heap.heap_size_limit;
}

function write(line) {
  process.stderr.write('managed-build: process ' + process.pid + ': ' + line + '\n');
}

/** Levels and collections, each once; the line about every sample is for the build to write. */
function changes() {
  var last;
  return {
    log: function (line) {
      if (line === last || line.indexOf('Memory: ') === 0) return;
      last = line;
      write(line);
    },
  };
}

function collectWhenCritical() {
  var monitorFunctions = require('../monitor-functions.js').monitorFunctions;
  // A monitor of its own: the program may have one, too.
  monitorFunctions(require('../parts.js').PARTS).startMemoryMonitor({
    autoGC: true, verbose: true, intervalMs: INTERVAL_MS, maxGcPauseMs: LONGEST_PAUSE_MS, logger: changes(),
  });
}

function watch() {
  var timer = setInterval(function () {
    try {
      if (heapPercent() < LOAD_AT_PERCENT) return;
      clearInterval(timer);
      collectWhenCritical();
    } catch (error) {
      clearInterval(timer);
      write('garbage is not collected early: ' + error.message);
    }
  }, INTERVAL_MS);
  timer.unref();
}

try {
  // In a worker the percentage would be of its own heap, whose limit is another.
  if (require('worker_threads').isMainThread) watch();
} catch (error) {
  write('garbage is not collected early: ' + error.message);
}
