'use strict';

const { nameOf } = require('./script.js');

/** The coverage's names of kinds, by list and an object's kind or type; what is missing there has no rows. */
const KINDS = {
  schemas: () => 'schemas',
  relations: ({ kind }) => ({
    table: 'tables', partitioned_table: 'tables', view: 'views', materialized_view: 'materializedViews',
    foreign_table: 'foreignTables', sequence: 'sequences', composite: 'types',
  })[kind],
  functions: () => 'functions',
  triggers: () => 'triggers',
  policies: () => 'policies',
  indexes: () => 'indexes',
  constraints: ({ type }) => ({
    primary_key: 'primaryKeys', foreign_key: 'foreignKeys', unique: 'uniqueConstraints', check: 'checks',
  })[type],
  types: ({ kind }) => ({ domain: 'domains', enum: 'enums' })[kind] ?? 'types',
  rules: () => 'rules',
  extensions: () => 'extensions',
  roles: () => 'roles',
};

/** An extension's schema is not part of its name. */
const UNQUALIFIED = ['schemas', 'extensions', 'roles'];

const REPLACEABLE = { function: 'functions', procedure: 'functions', aggregate: 'functions', view: 'views' };

/** What `CREATE OR REPLACE …` names; null for other statements. */
function replacedBy(words) {
  if (words.slice(0, 3).join(' ') !== 'create or replace') return null;
  const at = words.findIndex((word) => Object.hasOwn(REPLACEABLE, word));
  if (at < 3) return null;
  const [first, dot, second] = words.slice(at + 1);
  const schema = dot === '.' ? nameOf(first) : null;
  return { kind: REPLACEABLE[words[at]], schema, name: nameOf(dot === '.' ? second : first) };
}

/** Remembers which statement made which object, by the ids that objects got. */
class Origins {
  #marks = [];
  #replaced = [];
  #found = [];
  #first;

  /** `first` is the mark before the first statement: older objects have no origin. */
  constructor(first) {
    this.#first = first;
  }

  /** Notes a statement that was run; `oid` is the mark behind it, `file` how the origin names its file. */
  add(oid, words, file, line) {
    const place = { order: this.#marks.length, file, line };
    this.#marks.push({ oid, place });
    const replaced = replacedBy(words);
    if (replaced) this.#replaced.push({ ...replaced, place });
  }

  /** Takes an object of the catalog. */
  found(list, object, oid) {
    const kind = KINDS[list]?.(object);
    const place = this.#placeOf(oid);
    if (kind === undefined || place === null) return;
    const { schema, relation = null, name, arguments: signature } = object;
    const origin = { kind, schema: UNQUALIFIED.includes(list) ? null : schema, relation, name };
    if (signature) origin.arguments = signature;
    this.#found.push({ origin, place });
    if (object.partitionOf) this.#found.push({ origin: { ...origin, kind: 'partitions' }, place });
  }

  /** The statement behind whose mark the id is the first smaller one. */
  #placeOf(oid) {
    if (oid < this.#first) return null;
    let [low, high] = [0, this.#marks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#marks[middle].oid > oid) high = middle;
      else low = middle + 1;
    }
    return this.#marks[low]?.place ?? null;
  }

  /** A replaced object keeps its id: where a name stands for one object only, the last statement counts. */
  #replace() {
    const replaceable = this.#found.filter(({ origin }) => Object.values(REPLACEABLE).includes(origin.kind));
    for (const { kind, schema, name, place } of this.#replaced) {
      const named = replaceable.filter(({ origin }) =>
        origin.kind === kind && origin.name === name && (schema === null || origin.schema === schema));
      if (named.length === 1 && named[0].place.order < place.order) named[0].place = place;
    }
  }

  /** The origins in the order of the catalog's lists. */
  list() {
    this.#replace();
    return this.#found.map(({ origin, place: { file, line } }) => ({ ...origin, file, line }));
  }
}

module.exports = { Origins };
