'use strict';

const { Failure } = require('./failure.js');
const { IDLE } = require('./progress.js');

const SIGNALS = { SIGINT: 130, SIGTERM: 143 };

/** The first signal runs `stop`, the second one ends the program. */
function onSignals(stop) {
  const listeners = Object.entries(SIGNALS).map(([name, exitCode]) => [name, () => stop(exitCode)]);
  for (const [name, listener] of listeners) process.once(name, listener);
  return () => listeners.forEach(([name, listener]) => process.off(name, listener));
}

/**
 * Runs `work` with an AbortSignal that Ctrl-C aborts, and answers what it answers.
 *
 * @param {(signal: AbortSignal) => Promise<unknown>} work
 * @param {{ stop: () => void }} [drawing] what is drawn meanwhile: the terminal is as it was before anything else is said
 */
async function interruptible(work, drawing = IDLE) {
  const controller = new AbortController();
  const { signal } = controller;
  const ignoreSignals = onSignals((exitCode) => {
    drawing.stop();
    controller.abort(new Failure('Interrupted.', exitCode));
  });
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    drawing.stop();
    ignoreSignals();
  }
}

module.exports = { interruptible };
