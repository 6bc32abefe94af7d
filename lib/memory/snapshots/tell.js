'use strict';

/** A listener's mistake is told once per emitter and event, and never reaches the caller. */
function report(told, name, error) {
  if (told.has(name)) return;
  told.add(name);
  process.emitWarning(`A listener of '${name}' failed: ${error?.stack ?? error}`, { code: 'PGTAP_MEMORY_LISTENER' });
}

/**
 * Calls the listeners of an event; what they throw or reject with goes no further.
 *
 * @param {import('node:events').EventEmitter} emitter
 * @param {Set<string>} told the events whose listeners have been reported
 * @returns {boolean} whether anybody listens
 */
function tell(emitter, told, name, payload) {
  const listeners = emitter.rawListeners(name);
  for (const listener of listeners) {
    try {
      const answer = listener.call(emitter, payload);
      if (typeof answer?.then === 'function') answer.then(undefined, (error) => report(told, name, error));
    } catch (error) {
      report(told, name, error);
    }
  }
  return listeners.length > 0;
}

module.exports = { tell };
