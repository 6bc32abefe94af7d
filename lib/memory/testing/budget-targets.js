'use strict';

const { FUNCTION, NAME, checkArgument } = require('../rules.js');

/** Methods of ProfileMemory that are kept; the oldest go first. */
const MOST_PROFILED = 1000;

/** The functions that were registered; the last registration of a name holds. */
const registered = new Map();
/** The methods that ProfileMemory and profileMethod saw called, with the object of the first call. */
const profiled = new Map();

/** Documented in budget.d.ts. */
function registerBudgetTarget(name, fn) {
  checkArgument(NAME, name, 'name', registerBudgetTarget);
  checkArgument(FUNCTION, fn, 'fn', registerBudgetTarget);
  registered.set(name, fn);
}

/** Lets a profiled method be found by its name. Neither it nor its object is kept alive by that. */
function offerProfiled(name, method, self) {
  if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return;
  profiled.delete(name);
  profiled.set(name, { method: new WeakRef(method), self: new WeakRef(self) });
  if (profiled.size > MOST_PROFILED) profiled.delete(profiled.keys().next().value);
}

function profiledTarget(name) {
  const found = profiled.get(name);
  const [method, self] = [found?.method.deref(), found?.self.deref()];
  return method && self && ((input) => Reflect.apply(method, self, [input]));
}

/** The function of this name; what was registered goes before what was profiled. `undefined` when there is none. */
const targetOf = (name) => registered.get(name) ?? profiledTarget(name);

const targetNames = () => [...new Set([...registered.keys(), ...profiled.keys()])];

module.exports = { offerProfiled, registerBudgetTarget, targetNames, targetOf };
