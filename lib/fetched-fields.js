'use strict';

/**
 * A class whose constructor answers with the object it is given, so that private fields of its heirs are put on that:
 * what an object hides for its accessors. A WeakMap would cost 50 bytes more for each, and time in every collection.
 */
class Given {
  constructor(object) {
    return object;
  }
}

const keep = (object, name, value) => Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });

/** The descriptor of a property that is fetched when it is looked at, and assigned like any other. */
const fetched = (name, get) => ({
  enumerable: true,
  configurable: true,
  get() {
    return get(this);
  },
  set(value) {
    keep(this, name, value);
  },
});

/** The same, and the object keeps what was fetched: callers may change it. */
const fetchedOnce = (name, get) => fetched(name, (object) => {
  const value = get(object);
  keep(object, name, value);
  return value;
});

module.exports = { Given, fetched, fetchedOnce };
