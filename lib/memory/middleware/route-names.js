'use strict';

const { LONGEST_NAME } = require('../operations.js');
const { report } = require('../listeners.js');

/** Names that are kept apart; what is asked for under more goes under one for each method. */
const MOST_NAMES = 300;

/** What Express and its like matched: a pattern, not what a client sent. */
function expressRoute({ route, baseUrl = '' }) {
  const path = route?.path;
  return path === undefined ? null : `${baseUrl}${Array.isArray(path) ? path[0] : path}`;
}

/** Names of requests, bounded however many paths clients ask for. */
class RouteNames {
  #known = new Set();
  #own;
  #routeOf;

  /**
   * @param {Function | null} own the program's: answers the name, or null
   * @param {(request: object) => string | null} [routeOf] the pattern that a request matched
   */
  constructor(own, routeOf = expressRoute) {
    this.#own = own;
    this.#routeOf = routeOf;
  }

  of(request) {
    const name = (this.#ownName(request) ?? this.#routeName(request)).slice(0, LONGEST_NAME);
    if (this.#known.has(name)) return name;
    if (this.#known.size >= MOST_NAMES) return `${request.method} (other)`;
    this.#known.add(name);
    return name;
  }

  #routeName(request) {
    return `${request.method} ${this.#routeOf(request) ?? '(no route)'}`;
  }

  #ownName(request) {
    if (this.#own === null) return null;
    try {
      const name = this.#own(request) ?? null;
      if (name === null || (typeof name === 'string' && name !== '')) return name;
      throw new TypeError(`it answered ${typeof name === 'string' ? 'an empty string' : `a ${typeof name}`} in place of a name or null`);
    } catch (error) {
      report(this.#own, 'name() of a request', error);
      return null;
    }
  }
}

module.exports = { RouteNames };
