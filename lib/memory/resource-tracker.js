'use strict';

const { invalid } = require('../errors.js');
const { BOOLEAN, readOptions } = require('../options.js');

/** Kinds, and sites of one kind, that are kept apart; the rest is counted together. */
const MOST_KINDS = 100;
const MOST_SITES = 100;
const LONGEST_KIND = 100;
const OTHERS = '(other)';
/** Lines of a stack that tell a site. */
const STACK_LINES = 4;

const OPTIONS = { stack: { default: false, ...BOOLEAN, meaning: 'count by the place that called, too' } };

/** Where a call came from: costs about 10 us. */
function siteOf(from) {
  const holder = {};
  Error.captureStackTrace(holder, from);
  return holder.stack.split('\n').slice(1, 1 + STACK_LINES).map((line) => line.trim()).join('\n');
}

/** The value under `key`, or under OTHERS when there are too many keys. */
function counted(map, key, most, make) {
  const name = map.has(key) || map.size < most ? key : OTHERS;
  if (!map.has(name)) map.set(name, make());
  return map.get(name);
}

const newKind = () => ({ tracked: 0, released: 0, collected: 0, sites: new Map() });
const newSite = () => ({ live: 0 });
const byName = (map, value) => Object.fromEntries([...map].map(([name, each]) => [name, value(each)]));

function shown({ tracked, released, collected, sites }) {
  return { live: tracked - released - collected, tracked, released, collected, sites: byName(sites, ({ live }) => live) };
}

/** Counts of things that must be let go; documented in resource-tracker.d.ts. */
class Resources {
  #kinds = new Map();
  /** Of each live object, what it is counted under. Holds no object alive. */
  #entries = new WeakMap();
  #collected = new FinalizationRegistry((entry) => leave(entry, 'collected'));

  track(kind, object, options) {
    const from = this.track;
    if (typeof kind !== 'string') throw invalid('a string', 'kind', kind, { from });
    if (kind.length === 0 || kind.length > LONGEST_KIND) throw invalid(`a string of 1 to ${LONGEST_KIND} characters`, 'kind', kind, { range: true, from });
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null) throw invalid('an object', 'object', object, { from });
    const { stack } = readOptions(options, from, OPTIONS);
    if (this.#entries.has(object)) return object;
    const counts = counted(this.#kinds, kind, MOST_KINDS, newKind);
    const site = stack ? counted(counts.sites, siteOf(from), MOST_SITES, newSite) : null;
    counts.tracked += 1;
    if (site) site.live += 1;
    const entry = { counts, site };
    this.#entries.set(object, entry);
    this.#collected.register(object, entry, object);
    return object;
  }

  release(object) {
    const entry = this.#entries.get(object);
    if (!entry) return false;
    this.#entries.delete(object);
    this.#collected.unregister(object);
    leave(entry, 'released');
    return true;
  }

  snapshot() {
    return { at: Date.now(), kinds: byName(this.#kinds, shown) };
  }

  diff(a, b) {
    for (const [name, snapshot] of [['a', a], ['b', b]]) {
      if (typeof snapshot?.kinds !== 'object' || snapshot.kinds === null) throw invalid('a snapshot', name, snapshot, { from: this.diff });
    }
    const kinds = {};
    for (const kind of new Set([...Object.keys(a.kinds), ...Object.keys(b.kinds)])) {
      kinds[kind] = difference(a.kinds[kind] ?? NONE, b.kinds[kind] ?? NONE);
    }
    return { elapsedMs: b.at - a.at, kinds };
  }
}

const NONE = { live: 0, tracked: 0, released: 0, collected: 0, sites: {} };
const COUNTS = ['live', 'tracked', 'released', 'collected'];

function difference(a, b) {
  const sites = {};
  for (const site of new Set([...Object.keys(a.sites), ...Object.keys(b.sites)])) {
    const change = (b.sites[site] ?? 0) - (a.sites[site] ?? 0);
    if (change !== 0) sites[site] = change;
  }
  return { ...Object.fromEntries(COUNTS.map((count) => [count, b[count] - a[count]])), sites };
}

function leave({ counts, site }, how) {
  counts[how] += 1;
  if (site) site.live -= 1;
}

const ResourceTracker = new Resources();

module.exports = { ResourceTracker };
