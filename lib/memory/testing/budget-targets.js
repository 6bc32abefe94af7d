'use strict';

/** Functions that are remembered; the oldest go first. */
const MOST_TARGETS = 1000;

const targets = new Map();

/** Makes a function known to `testMemoryBudget` under a name; a later one of that name replaces it. */
function registerBudgetTarget(name, fn) {
  targets.delete(name);
  targets.set(name, fn);
  if (targets.size > MOST_TARGETS) targets.delete(targets.keys().next().value);
}

/** The function of that name, if there is one. */
const budgetTarget = (name) => targets.get(name);

/** Names that are known, in order of registration. */
const budgetTargets = () => [...targets.keys()];

module.exports = { budgetTarget, budgetTargets, registerBudgetTarget };
