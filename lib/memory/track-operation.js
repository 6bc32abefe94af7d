'use strict';

const { invalid } = require('../errors.js');
const { operations } = require('./operations.js');

function checkFunction(fn, from) {
  if (typeof fn !== 'function') throw invalid('a function', 'fn', fn, { from });
}

/** Runs `fn`, awaits what it answers, and records what that took; documented in track-operation.d.ts. */
function trackOperation(name, fn, context) {
  checkFunction(fn, trackOperation);
  return settled(operations.begin(name, context, trackOperation), fn);
}

async function settled(operation, fn) {
  try {
    return await operations.within(operation, fn);
  } finally {
    operations.end(operation);
  }
}

/** Runs `fn` and records what that took; documented in track-operation.d.ts. */
function trackOperationSync(name, fn, context) {
  checkFunction(fn, trackOperationSync);
  const operation = operations.begin(name, context, trackOperationSync);
  try {
    return operations.within(operation, fn);
  } finally {
    operations.end(operation);
  }
}

module.exports = { checkFunction, settled, trackOperation, trackOperationSync };
