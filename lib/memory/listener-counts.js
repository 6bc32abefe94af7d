'use strict';

const { EventEmitter, getEventListeners } = require('node:events');

/** Emitters and events that are remembered; more are not counted. */
const MOST = 1000;

/**
 * Where listeners pile up: emitters and targets of events that Node warned of (MaxListenersExceededWarning), with the
 * event. It warns once for each, so they are known from their eleventh listener on, or from the limit of their own.
 */
let known = [];
let users = 0;

function remember({ name, emitter, target, type }) {
  if (name !== 'MaxListenersExceededWarning' || known.length >= MOST) return;
  const object = emitter ?? (target instanceof EventTarget ? target : undefined);
  if (object === undefined) return;
  if (known.some((each) => each.object.deref() === object && each.type === type)) return;
  known.push({ object: new WeakRef(object), type });
}

/** Begins to listen to Node's warnings; each call needs one of `stopCounting`. */
function startCounting() {
  users += 1;
  if (users === 1) process.on('warning', remember);
}

function stopCounting() {
  users -= 1;
  if (users > 0) return;
  process.off('warning', remember);
  known = [];
}

const listenersOf = (object, type) => (
  object instanceof EventTarget ? getEventListeners(object, type).length : EventEmitter.prototype.listenerCount.call(object, type));

/** How many listeners there are where they pile up; `undefined` while nobody counts. */
function countListeners() {
  if (users === 0) return undefined;
  known = known.filter(({ object }) => object.deref() !== undefined);
  return known.reduce((sum, { object, type }) => sum + listenersOf(object.deref(), type), 0);
}

module.exports = { countListeners, startCounting, stopCounting };
