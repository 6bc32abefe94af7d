'use strict';

const { inspect, types } = require('node:util');

/** Functions that failed before: each is reported once. */
const reported = new WeakSet();

/** Warns that a function of the program's failed, once for each function. */
function report(listener, what, error) {
  if (reported.has(listener)) return;
  reported.add(listener);
  // Anything can be thrown, also what cannot be made a string.
  const text = typeof error === 'string' ? error : inspect(error, { customInspect: false });
  const [message, detail] = types.isNativeError(error) ? [error.message, error.stack] : [text, undefined];
  process.emitWarning(`${what} failed: ${message}`, { type: 'PgTapMemoryWarning', code: 'PGTAP_MEMORY_LISTENER', detail });
}

function guard(call, listener, what) {
  try {
    const result = call();
    if (types.isPromise(result)) result.catch((error) => report(listener, what, error));
  } catch (error) {
    report(listener, what, error);
  }
}

/**
 * Calls a function of the program's. What it throws, or rejects with, is reported once as a process warning and goes
 * nowhere else.
 *
 * @param {Function} listener
 * @param {string} what what it is, for the report: 'onWarning'
 */
function callSafely(listener, what, ...values) {
  guard(() => listener(...values), listener, what);
}

/**
 * Emits an event, each listener by itself: one that fails disturbs neither the others nor the emitter.
 *
 * @returns {boolean} whether anybody listens
 */
function emitSafely(emitter, name, payload) {
  // Raw: what once() wrapped removes itself when it is called.
  const listeners = emitter.rawListeners(name);
  for (const raw of listeners) {
    guard(() => raw.call(emitter, payload), raw.listener ?? raw, `A listener of "${String(name)}"`);
  }
  return listeners.length > 0;
}

module.exports = { callSafely, emitSafely, report };
