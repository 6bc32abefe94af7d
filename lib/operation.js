'use strict';

const { PgTapError } = require('./errors.js');

/** The error that the native side describes: its fields are the error's. */
function nativeError({ code, message, ...fields }) {
  return Object.assign(new PgTapError(code, message), fields);
}

/**
 * Runs a native operation that answers through a callback: arrays of events, then one object with `done` or `error`.
 * A listener that throws stops the operation and rejects with what it threw.
 *
 * @param {(callback: (text: string) => void) => void} start
 * @param {{ signal?: AbortSignal, cancel?: () => void, onEvents?: (events: object[]) => void }} how
 */
function operate(start, { signal, cancel = () => {}, onEvents = () => {} }) {
  return new Promise((settle, reject) => {
    let thrown;
    const onAbort = () => cancel();
    const finish = ({ done, error }) => {
      signal?.removeEventListener('abort', onAbort);
      if (thrown) reject(thrown.error);
      else if (signal?.aborted) reject(signal.reason);
      else if (error) reject(nativeError(error));
      else settle(done);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    start((text) => {
      const message = JSON.parse(text);
      if (!Array.isArray(message)) return finish(message);
      if (thrown) return undefined;
      try {
        return onEvents(message);
      } catch (error) {
        thrown = { error };
        return cancel();
      }
    });
  });
}

module.exports = { operate };
