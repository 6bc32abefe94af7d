'use strict';

/** The kinds that coverage of a schema is counted for, in the order of its reports. */
const KINDS = [
  'schemas', 'tables', 'columns', 'views', 'materializedViews', 'foreignTables', 'sequences', 'functions', 'triggers',
  'policies', 'rls', 'indexes', 'primaryKeys', 'foreignKeys', 'uniqueConstraints', 'checks', 'types', 'domains',
  'enums', 'rules', 'extensions', 'roles', 'privileges', 'partitions',
];

/** Stands beside the kinds for all of them together. */
const TOTAL = 'total';

module.exports = { KINDS, TOTAL };
