'use strict';

const { invalid } = require('../errors.js');
const { dbMemoryMonitor } = require('./database-memory.js');

const METHODS = [
  'findMany', 'findFirst', 'findUnique', 'create', 'createMany', 'update', 'updateMany', 'upsert', 'delete', 'deleteMany',
  'count', 'aggregate', 'groupBy',
];
/** Raw queries have no model. */
const NO_MODEL = 'raw';

/** At most so many records are to be expected; Prisma reads backwards with a negative `take`. */
function expectedOf(args) {
  const take = args?.take;
  return Number.isSafeInteger(take) ? { expectedRecords: Math.abs(take) } : undefined;
}

function helperFor(method) {
  return function helper(model, fn, args) {
    if (typeof model !== 'string') throw invalid('a string', 'model', model, { from: helper });
    if (args !== undefined && (typeof args !== 'object' || args === null)) throw invalid('an object', 'args', args, { from: helper });
    return dbMemoryMonitor.monitorQuery(method, '', model, fn, expectedOf(args));
  };
}

/** One function per method of a Prisma model: `(model, fn, args?)`; documented in prisma-memory.d.ts. */
const PrismaMemoryHelpers = Object.freeze(Object.fromEntries(METHODS.map((method) => [method, helperFor(method)])));

/** An extension for `prisma.$extends()` that monitors every query; documented in prisma-memory.d.ts. */
function prismaMemoryExtension({ monitor = dbMemoryMonitor } = {}) {
  if (typeof monitor?.monitorQuery !== 'function') throw invalid('an object with a method monitorQuery()', 'option "monitor"', monitor, { from: prismaMemoryExtension });
  return {
    name: 'pgtap-scanner-memory',
    query: {
      $allOperations({ model, operation, args, query }) {
        return monitor.monitorQuery(operation, '', model ?? NO_MODEL, () => query(args), expectedOf(args));
      },
    },
  };
}

module.exports = { PrismaMemoryHelpers, prismaMemoryExtension };
