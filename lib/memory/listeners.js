'use strict';

const { inspect, types } = require('node:util');

/** Functions that failed before: each is reported once. */
const reported = new WeakSet();

/** Warns that a function of the program's failed, once for each function. */
function report(listener, what, error) {
  if (reported.has(listener)) return;
  reported.add(listener);
  // Anything can be thrown, also what cannot be made a string.
  const [message, detail] = types.isNativeError(error) ? [error.message, error.stack] : [inspect(error, { customInspect: false }), undefined];
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

/** Emits an event, each listener by itself: one that fails disturbs neither the others nor the emitter. */
function emitSafely(emitter, name, payload) {
  // Raw: what once() wrapped removes itself when it is called.
  for (const raw of emitter.rawListeners(name)) {
    guard(() => raw.call(emitter, payload), raw.listener ?? raw, `A listener of "${String(name)}"`);
  }
}

module.exports = { callSafely, emitSafely, report };
