'use strict';

// What a catalog consists of: each field with a check that names what is allowed. One table, used to read and to write.

const simple = (allowed, fits) => ({ allowed, fits });
const TEXT = simple('a string', (value) => typeof value === 'string');
const FLAG = simple('true or false', (value) => typeof value === 'boolean');
const COUNT = simple('an integer from 0', (value) => Number.isInteger(value) && value >= 0);
const oneOf = (...names) => simple(`one of ${names.join(', ')}`, (value) => names.includes(value));
const orNull = (rule) => ({ ...rule, allowed: `${rule.allowed ?? 'an object'}, or null`, nullable: true });
const listOf = (item) => ({ allowed: 'an array', item });
const object = (fields) => ({ allowed: 'an object', fields });
const optional = (rule) => ({ ...rule, optional: true });

const TEXTS = listOf(TEXT);
const NAMED = object({ schema: TEXT, name: TEXT });
const OF_RELATION = { schema: TEXT, relation: TEXT, name: TEXT };

const RELATION_KINDS = [
  'table', 'partitioned_table', 'view', 'materialized_view', 'foreign_table', 'sequence', 'composite',
];
const CONSTRAINT_TYPES = ['primary_key', 'foreign_key', 'unique', 'check', 'exclusion'];

const LISTS = {
  schemas: { name: TEXT, owner: TEXT },
  relations: {
    schema: TEXT, name: TEXT, kind: oneOf(...RELATION_KINDS), owner: TEXT, rowSecurity: FLAG, forceRowSecurity: FLAG,
    partitionOf: orNull(NAMED), inherits: listOf(NAMED),
    columns: listOf(object({ name: TEXT, type: TEXT, notNull: FLAG, default: orNull(TEXT) })),
  },
  functions: {
    schema: TEXT, name: TEXT, kind: oneOf('function', 'procedure', 'aggregate', 'window'), arguments: TEXTS,
    returns: orNull(TEXT), language: TEXT, owner: TEXT,
  },
  triggers: { ...OF_RELATION, function: NAMED, inherited: optional(FLAG) },
  policies: {
    ...OF_RELATION, command: oneOf('all', 'select', 'insert', 'update', 'delete'), roles: TEXTS, permissive: FLAG,
  },
  indexes: { ...OF_RELATION, columns: TEXTS, unique: FLAG, primary: FLAG, method: TEXT, inherited: optional(FLAG) },
  constraints: {
    ...OF_RELATION, type: oneOf(...CONSTRAINT_TYPES), columns: TEXTS,
    references: orNull(object({ schema: TEXT, relation: TEXT, columns: TEXTS })), inherited: optional(FLAG),
  },
  types: {
    schema: TEXT, name: TEXT, kind: oneOf('domain', 'enum', 'range', 'base'), owner: TEXT, labels: TEXTS, base: orNull(TEXT),
  },
  rules: { ...OF_RELATION, event: oneOf('select', 'insert', 'update', 'delete') },
  extensions: { name: TEXT, schema: TEXT, version: orNull(TEXT) },
  roles: { name: TEXT, superuser: FLAG, canLogin: FLAG, memberOf: TEXTS },
  privileges: {
    kind: oneOf('schema', 'table', 'sequence', 'function'), schema: TEXT, name: orNull(TEXT), arguments: orNull(TEXTS),
    role: TEXT, privileges: TEXTS,
  },
};

const ORIGIN = object({
  kind: TEXT, schema: orNull(TEXT), relation: orNull(TEXT), name: TEXT, arguments: optional(TEXTS), file: TEXT, line: COUNT,
});

const CATALOG = object({
  format: TEXT, version: COUNT, server: object({ version: COUNT, text: TEXT }), searchPath: TEXTS,
  pgtap: orNull(object({ version: TEXT, schema: TEXT })),
  ...Object.fromEntries(Object.entries(LISTS).map(([name, fields]) => [name, listOf(object(fields))])),
  origins: optional(listOf(ORIGIN)),
});

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function listFault({ allowed, item }, value, at) {
  if (!Array.isArray(value)) return { at, allowed, value };
  for (const [index, each] of value.entries()) {
    const fault = faultIn(item, each, `${at}[${index}]`);
    if (fault) return fault;
  }
  return null;
}

function objectFault({ allowed, fields }, value, at) {
  if (!isObject(value)) return { at, allowed, value };
  for (const [name, rule] of Object.entries(fields)) {
    const fault = faultIn(rule, value[name], at === '' ? name : `${at}.${name}`);
    if (fault) return fault;
  }
  return null;
}

/** The first place where `value` is not what the rule allows: `{ at, allowed, value }`; null when all is well. */
function faultIn(rule, value, at) {
  if ((rule.nullable && value === null) || (rule.optional && value === undefined)) return null;
  if (rule.item) return listFault(rule, value, at);
  if (rule.fields) return objectFault(rule, value, at);
  return rule.fits(value) ? null : { at, allowed: rule.allowed, value };
}

/** The first fault of a catalog, or null. Fields that the format does not have are no fault. */
const catalogFault = (catalog) => faultIn(CATALOG, catalog, '');

/** The catalog with the format's fields alone, in the format's order. */
function inOrder(rule, value) {
  if (value === null || value === undefined) return value;
  if (rule.item) return value.map((each) => inOrder(rule.item, each));
  if (!rule.fields) return value;
  const kept = Object.entries(rule.fields).filter(([name]) => value[name] !== undefined);
  return Object.fromEntries(kept.map(([name, each]) => [name, inOrder(each, value[name])]));
}

/** A catalog that has no fault, written: two spaces, the format's order, a newline at the end. */
const catalogText = (catalog) => `${JSON.stringify(inOrder(CATALOG, catalog), null, 2)}\n`;

module.exports = { catalogFault, catalogText };
