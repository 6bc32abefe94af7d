'use strict';

const { addDoctor } = require('./memory-doctor.js');
const { addGc } = require('./memory-gc.js');
const { addMonitor } = require('./memory-monitor.js');
const { addReport } = require('./memory-report.js');
const { addSimulate } = require('./memory-simulate.js');
const { addSnapshot } = require('./memory-snapshot.js');
const { addStatus } = require('./memory-status.js');
const { addTest } = require('./memory-test.js');

/** The group of commands about the memory of Node.js programs. */
function addMemory(program) {
  const memory = program.command('memory').description('look into the memory of Node.js programs');
  addStatus(memory);
  addGc(memory);
  addSimulate(memory);
  addMonitor(memory);
  addTest(memory);
  addReport(memory);
  addDoctor(memory);
  addSnapshot(memory);
}

module.exports = { addMemory };
