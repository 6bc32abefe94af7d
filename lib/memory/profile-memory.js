'use strict';

const { types } = require('node:util');

const { invalid } = require('../errors.js');
const { readOptions, rule } = require('../options.js');
const { LOG_OPTIONS, resultLog } = require('./log-result.js');
const { LONGEST_NAME, operations } = require('./operations.js');
const { profiledIterator } = require('./profiled-iterator.js');
const { offerProfiled } = require('./testing/budget-targets.js');

const NAME = rule(`a string of 1 to ${LONGEST_NAME} characters, or null`, (value) => {
  if (value === null) return undefined;
  if (typeof value !== 'string') return 'type';
  return value.length > 0 && value.length <= LONGEST_NAME ? undefined : 'range';
});

const PROFILE_OPTIONS = {
  ...LOG_OPTIONS,
  functionName: { default: null, ...NAME, meaning: 'name of the operation; null for Class.method' },
};

/** A generator's call alone does nothing that could be measured. */
const isMeasured = (fn) => !types.isGeneratorFunction(fn);

/** What has the method: `self`, or a prototype of it; `self` where that cannot be told. */
function ownerOf(self, key, method) {
  const has = (object) => {
    const found = Object.getOwnPropertyDescriptor(object, key);
    return found !== undefined && [found.value, found.get, found.set].includes(method);
  };
  let owner = Object(self);
  while (owner && !has(owner)) owner = Object.getPrototypeOf(owner);
  return owner ?? self;
}

/** `Class.method`, for a method that `owner` has: a class, a prototype or an object. */
function operationName({ functionName }, owner, key, prefix = '') {
  const named = typeof owner === 'function' ? owner : owner?.constructor;
  const ofClass = typeof named?.name === 'string' ? named.name : '';
  return functionName ?? [ofClass, `${prefix}${String(key)}`].filter(Boolean).join('.').slice(0, LONGEST_NAME);
}

/** The promise's own outcome; the operation ends before anybody learns of it. */
function endedBy(promise, operation) {
  const end = () => operations.end(operation);
  return Promise.prototype.then.call(
    promise,
    (value) => { end(); return value; },
    (error) => { end(); throw error; },
  );
}

function run(fn, self, args, name, onResult) {
  const operation = operations.begin(name);
  operation.onResult = onResult;
  let promised = false;
  try {
    const answer = operations.within(operation, () => Reflect.apply(fn, self, args));
    // Other thenables may begin their work when `then` is called, so they are left alone.
    promised = types.isPromise(answer) && Object.getPrototypeOf(answer) === Promise.prototype;
    return promised ? endedBy(answer, operation) : answer;
  } finally {
    if (!promised) operations.end(operation);
  }
}

/** A function that does what `fn` does, as an operation. */
function profiled(fn, options, key, prefix = '') {
  const measured = isMeasured(fn);
  let name;
  const onResult = resultLog(options);
  // A method, so that it is no constructor.
  const { method } = {
    method(...args) {
      if (name === undefined) {
        // A decorator of the standard does not know its class.
        name = operationName(options, ownerOf(this, key, method), key, prefix);
        if (measured) offerProfiled(name, fn, this);
      }
      if (measured) return run(fn, this, args, name, onResult);
      return profiledIterator(Reflect.apply(fn, this, args), name, onResult);
    },
  };
  Object.setPrototypeOf(method, Object.getPrototypeOf(fn));
  for (const own of ['name', 'length']) Object.defineProperty(method, own, { value: fn[own], configurable: true });
  return method;
}

const accessors = ({ get, set }, options, key) => ({
  ...(get && { get: profiled(get, options, key, 'get ') }),
  ...(set && { set: profiled(set, options, key, 'set ') }),
});

const WHAT = 'a method, getter, setter or accessor';

/** A method of the standard: a target of budgets when its class, if it is static, or an object of that is made. */
function standardMethod(fn, context, options) {
  const { name: key } = context;
  const method = profiled(fn, options, key);
  let name;
  if (isMeasured(fn)) {
    context.addInitializer(function offer() {
      name ??= operationName(options, ownerOf(this, key, method), key);
      offerProfiled(name, fn, this, typeof this === 'function' ? undefined : this.constructor);
    });
  }
  return method;
}

/** A method of `target`, which is a prototype, a class or an object of its own: a target of budgets from now on. */
function methodOf(target, key, fn, options) {
  if (isMeasured(fn)) {
    const isPrototype = typeof target.constructor === 'function' && target.constructor.prototype === target;
    offerProfiled(operationName(options, target, key), fn, isPrototype ? undefined : target, isPrototype ? target.constructor : undefined);
  }
  return profiled(fn, options, key);
}

/** A decorator of the standard: `(value, { kind, name })`. */
function standard(value, context, options) {
  const { kind, name } = context;
  if (kind === 'method') return standardMethod(value, context, options);
  if (kind === 'getter') return profiled(value, options, name, 'get ');
  if (kind === 'setter') return profiled(value, options, name, 'set ');
  if (kind === 'accessor') return accessors(value, options, name);
  throw invalid(WHAT, 'the decorated element', kind, { range: true });
}

/** A decorator of TypeScript's `experimentalDecorators`: `(target, key, descriptor)`. */
function legacy(target, key, descriptor, options) {
  if (typeof descriptor?.value === 'function') return { ...descriptor, value: methodOf(target, key, descriptor.value, options) };
  if (descriptor?.get || descriptor?.set) return { ...descriptor, ...accessors(descriptor, options, key) };
  throw invalid(WHAT, 'the decorated element', descriptor?.value);
}

/** A decorator that makes each call an operation; documented in profile-memory.d.ts. */
function ProfileMemory(options) {
  const read = readOptions(options, ProfileMemory, PROFILE_OPTIONS);
  return (target, context, descriptor) => (
    typeof context === 'object' && context !== null && 'kind' in context
      ? standard(target, context, read)
      : legacy(target, context, descriptor, read));
}

function descriptorOf(object, key) {
  for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
    const found = Object.getOwnPropertyDescriptor(owner, key);
    if (found) return { found, own: owner === object };
  }
  return { found: undefined, own: false };
}

/** Makes each call of `object[key]` an operation; documented in profile-memory.d.ts. */
function profileMethod(object, key, options) {
  const from = profileMethod;
  const read = readOptions(options, from, PROFILE_OPTIONS);
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) throw invalid('an object', 'object', object, { from });
  const { found, own } = descriptorOf(object, key);
  if (typeof found?.value !== 'function') throw invalid('the name of a method', 'key', key, { from });
  if (own && !found.configurable) throw invalid('the name of a method that can be replaced', 'key', key, { from });
  Object.defineProperty(object, key, { ...found, value: methodOf(object, key, found.value, read) });
  return () => {
    if (own) Object.defineProperty(object, key, found);
    else delete object[key];
  };
}

module.exports = { ProfileMemory, profileMethod };
