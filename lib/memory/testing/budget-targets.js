'use strict';

const { FUNCTION, NAME, checkArgument } = require('../rules.js');

/** Methods of ProfileMemory that are kept; the oldest go first. */
const MOST_PROFILED = 1000;

/** The functions that were registered; the last registration of a name holds. */
const registered = new Map();
/** The methods that ProfileMemory and profileMethod profile, with an object to call them on, and their class. */
const profiled = new Map();

/** Documented in budget.d.ts. */
function registerBudgetTarget(name, fn) {
  checkArgument(NAME, name, 'name', registerBudgetTarget);
  checkArgument(FUNCTION, fn, 'fn', registerBudgetTarget);
  registered.set(name, fn);
}

const weakly = (value) => ((typeof value === 'object' && value !== null) || typeof value === 'function' ? new WeakRef(value) : undefined);

/**
 * Lets a profiled method be found by its name. Nothing is kept alive by that.
 *
 * @param {string} name
 * @param {Function} method
 * @param {unknown} self an object to call it on; the first one stays while it lives
 * @param {Function} [Class] makes one where none is known
 */
function offerProfiled(name, method, self, Class) {
  const known = profiled.get(name);
  const isSame = known?.method.deref() === method;
  if (isSame && known.self?.deref()) return;
  profiled.delete(name);
  profiled.set(name, { method: new WeakRef(method), self: weakly(self), Class: weakly(Class) ?? (isSame ? known.Class : undefined) });
  if (profiled.size > MOST_PROFILED) profiled.delete(profiled.keys().next().value);
}

/** An object of the class, if it is made from nothing. */
const made = (Class) => (Class?.length === 0 ? new Class() : undefined);

function profiledTarget(name) {
  const found = profiled.get(name);
  const method = found?.method.deref();
  const self = method && (found.self?.deref() ?? made(found.Class?.deref()));
  return self && ((input) => Reflect.apply(method, self, [input]));
}

/** The function of this name; what was registered goes before what was profiled. `undefined` when there is none. */
const targetOf = (name) => registered.get(name) ?? profiledTarget(name);

const targetNames = () => [...new Set([...registered.keys(), ...profiled.keys()])];

module.exports = { offerProfiled, registerBudgetTarget, targetNames, targetOf };
