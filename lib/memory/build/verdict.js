'use strict';

const { constants } = require('node:os');

const SIGNAL_CODES = 128;
/** Shells answer 128 and the number of the signal that ended a program. */
const KILLED = SIGNAL_CODES + constants.signals.SIGKILL;
const ABORTED = SIGNAL_CODES + (constants.signals.SIGABRT ?? 6);
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
/** Node.js's own code for options that it does not take. */
const WRONG_OPTION = 9;

/** What V8 says when it gives up. */
const HEAP_LIMIT = /^FATAL ERROR: .*JavaScript heap out of memory/m;
const REFUSED_OPTION = /is not allowed in NODE_OPTIONS/;

/** How much a counter of the container rose; `null` where it is not counted. */
function risen({ before, after }, name) {
  const [then, now] = [before.events?.[name] ?? null, after.events?.[name] ?? null];
  return then === null || now === null ? null : now - then;
}

function killedBy(memory) {
  const kills = risen(memory, 'oomKill');
  if (kills === null) return 'killed-unknown';
  if (kills === 0) return 'killed';
  return memory.after.of === 'container' && risen(memory, 'max') !== 0 ? 'container-limit' : 'machine-memory';
}

/**
 * Why a step ended as it did; the words for each are in explanation.js.
 *
 * @param {object} ended what RunningStep.ended() tells
 * @returns {'completed' | 'not-started' | 'heap-limit' | 'aborted' | 'container-limit' | 'machine-memory' | 'killed' |
 *   'killed-unknown' | 'signal' | 'node-options' | 'failed'}
 */
function reasonOf({ exitCode, signal, error, memory, errors }) {
  if (error) return 'not-started';
  if (exitCode === 0) return 'completed';
  // A step that starts others may answer with any code for them; these two traces are left all the same.
  if (HEAP_LIMIT.test(errors)) return 'heap-limit';
  if (signal === 'SIGKILL' || exitCode === KILLED) return killedBy(memory);
  if (risen(memory, 'oomKill') > 0) return killedBy(memory);
  if (signal === 'SIGABRT' || exitCode === ABORTED) return 'aborted';
  if (signal !== null) return 'signal';
  return exitCode === WRONG_OPTION && REFUSED_OPTION.test(errors) ? 'node-options' : 'failed';
}

/** The code that the build ends with for this step: its own, or what a shell would answer. */
function exitCodeOf({ exitCode, signal, error }) {
  if (error) return error.code === 'EACCES' ? NOT_EXECUTABLE : NOT_FOUND;
  return signal === null ? exitCode : SIGNAL_CODES + constants.signals[signal];
}

module.exports = { exitCodeOf, reasonOf };
