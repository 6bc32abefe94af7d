'use strict';

const { runInNewContext } = require('node:vm');
const { setFlagsFromString } = require('node:v8');

let collect;

/** V8's own function: there with --expose-gc, else made visible for a moment in a context of its own. */
function find() {
  if (typeof globalThis.gc === 'function') return globalThis.gc;
  setFlagsFromString('--expose-gc');
  const found = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return found;
}

/** Asks V8 for a full collection, with or without --expose-gc; whether one ran. */
function collectGarbage() {
  try {
    collect ??= find();
  } catch {
    // Where code may not be made from strings there is no context to find it in.
    return false;
  }
  collect();
  return true;
}

module.exports = { collectGarbage };
