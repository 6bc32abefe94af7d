'use strict';

const { invalid } = require('../../errors.js');

/** The functions that testMemoryBudget finds by name; the last registration of a name holds. */
const targets = new Map();

/** Documented in budget.d.ts. */
function registerBudgetTarget(name, fn) {
  if (typeof name !== 'string' || name === '') {
    throw invalid('a string that is not empty', 'name', name, { range: name === '', from: registerBudgetTarget });
  }
  if (typeof fn !== 'function') throw invalid('a function', 'fn', fn, { from: registerBudgetTarget });
  targets.set(name, fn);
}

module.exports = { registerBudgetTarget, targets };
