'use strict';

const CODE = 'PGTAP_MEMORY_LISTENER';
const reported = new WeakSet();

/** Why something failed, in words. */
const reasonOf = (error) => (error instanceof Error ? error.message : String(error));

/** Warns that `code`, a function of the user's, failed; once for each function. */
function reportFailure(code, what, error) {
  if (reported.has(code)) return;
  reported.add(code);
  process.emitWarning(`${what} failed, and further failures of it are not reported: ${reasonOf(error)}`, {
    code: CODE, detail: error instanceof Error ? error.stack : undefined,
  });
}

/**
 * Runs `call`, which calls `code`, a function of the user's. What that throws, or rejects with, is warned of and goes
 * no further.
 *
 * @param {Function} code
 * @param {string} what what it was called as: 'The callback onWarning'
 * @param {() => unknown} call
 */
function guard(code, what, call) {
  try {
    const answer = call();
    if (typeof answer?.then === 'function') answer.then(undefined, (error) => reportFailure(code, what, error));
  } catch (error) {
    reportFailure(code, what, error);
  }
}

/** Like `emitter.emit`, but a listener that fails stops neither the others nor the caller. */
function emitToUser(emitter, event, payload) {
  for (const listener of emitter.rawListeners(event)) {
    // What once() registers is a wrapper that removes itself; the user's function hangs on it.
    guard(listener.listener ?? listener, `A listener of "${event}"`, () => listener.call(emitter, payload));
  }
}

module.exports = { emitToUser, guard, reasonOf, reportFailure };
