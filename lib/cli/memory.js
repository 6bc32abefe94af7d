'use strict';

const { addSnapshot } = require('./memory-snapshot.js');

/** The group of commands about the memory of Node.js programs. */
function addMemory(program) {
  const memory = program.command('memory').description('look into the memory of Node.js programs');
  addSnapshot(memory);
}

module.exports = { addMemory };
