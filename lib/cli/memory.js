'use strict';

const { addDoctor } = require('./memory-doctor.js');
const { addSnapshot } = require('./memory-snapshot.js');

/** The group of commands about the memory of Node.js programs. */
function addMemory(program) {
  const memory = program.command('memory').description('look into the memory of Node.js programs');
  addDoctor(memory);
  addSnapshot(memory);
}

module.exports = { addMemory };
